"""Documents that somebody gives: looked at, sealed, kept outside of what a server shows."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import PurePosixPath

from django.db import transaction
from django.utils import timezone

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require
from totalize.web.accounts.models import User
from totalize.web.applications import storage
from totalize.web.applications.facts import person_of
from totalize.web.applications.models import Application, Purpose, Upload
from totalize.web.applications.services.moves import locked
from totalize.web.applications.sniffing import look_at
from totalize.web.applications.states import State
from totalize.web.audit.services import record

MOST = 40
_CLOSED = frozenset({State.WITHDRAWN})
_ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}


def add_upload(
    application: Application,
    name: str,
    data: bytes,
    by: User,
    purpose: str = Purpose.EVIDENCE,
) -> Upload:
    """Keep a document. The same content twice is kept once.

    Raises:
        InputError: the file can't be taken (`sniffing.look_at`), or there are too many.
    """
    require(by, "application.upload", application)
    media_type, pages = look_at(data)
    digest = hashlib.sha256(data).hexdigest()
    upload_id = uuid.uuid4()
    try:
        with transaction.atomic():
            taken = locked(application.id)
            if State(taken.state) in _CLOSED:
                raise InputError(
                    "state", "does not allow documents", value=taken.state, code="illegal_move"
                )
            same = taken.uploads.filter(digest=digest, purpose=purpose).first()
            if same is not None:
                return same
            if taken.uploads.count() >= MOST:
                raise InputError("file", "is one too many", expected=f"{MOST}", code="too_many")
            # The file is in its place before the row that names it.
            storage.keep(person_of(taken), upload_id, data)
            upload = Upload.objects.create(
                id=upload_id,
                application=taken,
                purpose=purpose,
                name=_clean(name, media_type),
                media_type=media_type,
                size=len(data),
                pages=pages,
                digest=digest,
                by=by,
                at=timezone.now(),
            )
            record(
                "upload.added",
                actor=by,
                subject=f"application:{taken.id}",
                facts={"upload": str(upload.id), "type": media_type, "size": upload.size},
            )
    except BaseException:
        storage.forget(upload_id)
        raise
    return upload


def read_upload(upload: Upload, by: User) -> bytes:
    """Open a document; that somebody of the office did is on record."""
    require(by, "application.read", upload.application)
    data = storage.fetch(person_of(upload.application), upload.id)
    record(
        "upload.read",
        actor=by,
        subject=f"application:{upload.application_id}",
        facts={"upload": str(upload.id)},
    )
    return data


def remove_upload(upload: Upload, by: User) -> None:
    """Take a document back, while the application is a draft.

    Raises:
        InputError: the application was sent; its documents stay.
    """
    with transaction.atomic():
        taken = locked(upload.application_id)
        require(by, "application.upload", taken)
        if State(taken.state) is not State.DRAFT:
            raise InputError("state", "keeps its documents", value=taken.state, code="illegal_move")
        identifier = upload.id
        upload.delete()
        record(
            "upload.removed",
            actor=by,
            subject=f"application:{taken.id}",
            facts={"upload": str(identifier)},
        )
        transaction.on_commit(lambda: storage.forget(identifier))


def _clean(name: str, media_type: str) -> str:
    """Return a name that is one, with the ending that belongs to the content."""
    base = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(letter for letter in base if letter.isprintable()).strip(" .")
    stem = printable.rpartition(".")[0] or printable or "document"
    return f"{stem[:150]}{_ENDINGS[media_type]}"
