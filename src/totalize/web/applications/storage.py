"""Encrypted files in a folder that no server shows."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from uuid import UUID

from django.conf import settings

from totalize.web.people.models import Person
from totalize.web.people.vault import seal, unseal


def keep(person: Person, upload_id: UUID, data: bytes) -> None:
    """Seal a file and put it in its place at once: a crash leaves either all of it or nothing."""
    path = _path(upload_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{secrets.token_hex(8)}")
    sealed = seal(person, f"upload:{upload_id}", data)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def fetch(person: Person, upload_id: UUID) -> bytes:
    """Open a file.

    Raises:
        InputError: it was changed, or belongs to somebody else.
        FileNotFoundError: it is gone.
    """
    return unseal(person, f"upload:{upload_id}", _path(upload_id).read_bytes())


def forget(upload_id: UUID) -> None:
    """Delete a file; nothing happens when it is gone already."""
    _path(upload_id).unlink(missing_ok=True)


def _path(upload_id: UUID) -> Path:
    name = str(upload_id)
    folder: Path = settings.INSTALLATION.uploads
    return folder / name[:2] / f"{name}.sealed"
