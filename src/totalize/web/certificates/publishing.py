"""The status list as a signed static file, made anew with every change of a state."""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from totalize.certificates.authority import NotAnAuthorityError
from totalize.certificates.service import publish_statuses
from totalize.certificates.statuslist import GOOD_FOR
from totalize.web.certificates.models import Publication
from totalize.web.certificates.office import office
from totalize.web.certificates.selectors import states

NAME = "status.jwt"
RENEW_BEFORE = GOOD_FOR / 2
EVERY = timedelta(minutes=1)


def count_change() -> None:
    """Note that a state changed; call it in the transaction of the change."""
    with transaction.atomic():
        row, _ = Publication.objects.select_for_update().get_or_create(id=1)
        row.changes += 1
        row.save(update_fields=["changes"])
        transaction.on_commit(publish.enqueue)


@task()
def publish() -> None:
    """Publish the list when it does not tell of every change, or ends soon."""
    status_list()


def status_list() -> str:
    """Return the list that tells of every change so far, made now if there is none yet.

    Whoever asks first after a change makes it, so that a worker that stands still keeps nobody
    from learning of a withdrawal.

    Raises:
        NotAnAuthorityError: this installation issues nothing.
    """
    path = settings.INSTALLATION.published / NAME
    row = Publication.objects.filter(id=1).first()
    text = _read(path)
    if row is not None and text is not None and _is_current(row, text):
        return text
    return _publish(path)


def _publish(path: Path) -> str:
    found = office()
    if found is None:
        raise NotAnAuthorityError(("no authority.yaml is in the data folder",))
    with transaction.atomic():
        row, _ = Publication.objects.select_for_update().get_or_create(id=1)
        text = _read(path)
        if text is not None and _is_current(row, text):
            return text
        now = timezone.now()
        text = publish_statuses(states(), found.setting, now)
        write_whole(path, text.encode())
        row.published = row.changes
        row.digest = digest_of(text)
        row.good_until = now + GOOD_FOR
        row.save()
    return text


def digest_of(text: str) -> str:
    """Return the digest by which a published list is recognised."""
    return hashlib.sha256(text.encode()).hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that whoever reads it finds the old or the new one, never a part."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _is_current(row: Publication, text: str) -> bool:
    return (
        row.published == row.changes
        and row.good_until is not None
        and row.good_until - timezone.now() > RENEW_BEFORE
        and row.digest == digest_of(text)
    )


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii")
    except OSError:
        return None
