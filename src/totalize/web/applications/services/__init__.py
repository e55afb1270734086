"""Every change of an application. States change through `move` on a `locked` application only."""

from totalize.web.applications.readiness import Missing, Readiness
from totalize.web.applications.services.confirming import (
    ask_confirmation,
    confirm,
    decline,
    find_confirmation,
)
from totalize.web.applications.services.drafts import (
    change_kind,
    fill,
    readiness,
    start,
    tick,
    untouched,
)
from totalize.web.applications.services.foreign import keep_foreign
from totalize.web.applications.services.moves import ConflictError, locked, move
from totalize.web.applications.services.submission import (
    answer,
    contest,
    prepare,
    prepare_pack,
    submit,
    take_back,
)
from totalize.web.applications.services.uploads import add_upload, read_upload, remove_upload

__all__ = [
    "ConflictError",
    "Missing",
    "Readiness",
    "add_upload",
    "answer",
    "ask_confirmation",
    "change_kind",
    "confirm",
    "contest",
    "decline",
    "fill",
    "find_confirmation",
    "keep_foreign",
    "locked",
    "move",
    "prepare",
    "prepare_pack",
    "read_upload",
    "readiness",
    "remove_upload",
    "start",
    "submit",
    "take_back",
    "tick",
    "untouched",
]
