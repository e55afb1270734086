"""A form that was sent after its sender's session had ended, kept until they are back.

It lies in the visit's own session, sealed, for half an hour, and only for the account whose session
ended in this browser. Nothing is done with it: whoever signs in again is asked whether to send it.
Why, and what is not kept: docs/adr/0103-a-form-that-came-too-late.md.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from totalize.kernel.errors import InputError
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.sealing import seal_secret, unseal_secret

SECONDS: Final = 30 * 60
LONGEST: Final = 100_000
_LEFT, _KEPT = "left", "kept_form"
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What was sent.

    Attributes:
        address: where it was sent to.
        back: the page that it was on, where that is known.
        fields: names and values, in order.
    """

    address: str
    back: str
    fields: tuple[tuple[str, str], ...]


def note_who_left(session: SessionBase, user_id: object) -> None:
    """Note in a fresh session whose session ended in this browser by itself."""
    session[_LEFT] = str(user_id)


def keep(request: HttpRequest) -> bool:
    """Keep a form that somebody signed out has sent; False where it can't be kept.

    Nothing is kept of whom the browser does not know, of files, of passwords, and of too much.
    """
    user_id = request.session.get(_LEFT)
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != _TOKEN and isinstance(value, str)
    ]
    secret = any("password" in name for name, _ in fields)
    if user_id is None or request.FILES or secret:
        return False
    plain = json.dumps({"back": came_from(request), "fields": fields})
    if len(plain) > LONGEST:
        return False
    address = request.get_full_path()
    request.session[_KEPT] = {
        "user": user_id,
        "at": int(time.time()),
        "address": address,
        "sealed": seal_secret(_purpose(user_id, address), plain),
    }
    return True


def kept_for(request: SignedInRequest) -> KeptForm | None:
    """Return what is kept for whoever is signed in now; what is another's or too old is dropped."""
    kept: dict[str, Any] | None = request.session.get(_KEPT)
    if kept is None:
        return None
    mine = kept["user"] == str(request.user.pk) and time.time() - kept["at"] <= SECONDS
    if mine:
        # A key that is gone opens nothing any more.
        with suppress(InputError):
            address: str = kept["address"]
            plain = json.loads(unseal_secret(_purpose(kept["user"], address), kept["sealed"]))
            return KeptForm(address, plain["back"], tuple(map(tuple, plain["fields"])))
    drop(request.session)
    return None


def drop(session: SessionBase) -> None:
    """Forget what is kept."""
    session.pop(_KEPT, None)


def drop_if_sent(request: SignedInRequest) -> None:
    """Forget what is kept once it is sent to where it was meant for."""
    kept = request.session.get(_KEPT)
    if kept is not None and kept["address"] == request.get_full_path():
        drop(request.session)


def came_from(request: HttpRequest) -> str:
    """Return the page of ours that a form was on; where that is not told, where it was sent to."""
    told = urlsplit(request.headers.get("Referer", ""))
    if told.path and told.netloc == request.get_host():
        return told.path + (f"?{told.query}" if told.query else "")
    return request.get_full_path()


def _purpose(user_id: str, address: str) -> str:
    return f"form of {user_id} to {address}"
