"""Adding to the log, in the same transaction as the act itself, and signing where it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from totalize.kernel.errors import TotalizeError
from totalize.web.audit import notes, published
from totalize.web.audit.models import Checkpoint, Entry, Head
from totalize.web.audit.tree import plant
from totalize.web.audit.verification import Report, verify

__all__ = ["SYSTEM", "BrokenLogError", "Report", "make_checkpoint", "record", "verify"]

SYSTEM = "system"


class BrokenLogError(TotalizeError):
    """The log is not what an earlier checkpoint says; nothing is signed over it."""

    code = "broken_log"


def record(
    act: str,
    *,
    actor: AbstractBaseUser | None,
    subject: str,
    facts: Mapping[str, Any] | None = None,
) -> Entry:
    """Add an entry. Call it inside the transaction of the act, so that both stand or neither.

    Args:
        act: a code, like `application.submitted`.
        actor: the account, None for the system itself.
        subject: `kind:identifier` of what was acted upon.
        facts: codes, counts, identifiers; never a name or a number of a person.
    """
    with transaction.atomic(savepoint=False):
        sequence = _next()
        at = timezone.now()
        who = SYSTEM if actor is None else f"user:{actor.pk}"
        leaf = leaf_text(
            sequence=sequence, at=at, actor=who, act=act, subject=subject, facts=facts or {}
        )
        return Entry.objects.create(
            sequence=sequence, at=at, actor=who, act=act, subject=subject, leaf=leaf
        )


def _next() -> int:
    """Take the next number; whoever comes meanwhile waits until this transaction has ended."""
    if not Head.objects.filter(id=1).update(size=F("size") + 1):
        Head.objects.get_or_create(id=1)
        Head.objects.filter(id=1).update(size=F("size") + 1)
    return Head.objects.values_list("size", flat=True).get(id=1) - 1


def leaf_text(
    *,
    sequence: int,
    at: datetime,
    actor: str,
    act: str,
    subject: str,
    facts: Mapping[str, Any],
) -> str:
    """Return the one text of an entry whose digest is a leaf of the tree."""
    leaf = {
        "sequence": sequence,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "act": act,
        "subject": subject,
        "facts": dict(facts),
    }
    return json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def make_checkpoint() -> Checkpoint | None:
    """Sign the tree over all entries and publish it; nothing when no entry came since the last.

    The file is written before the row: killed in between, a true file without a row is left,
    and the next call makes both for the entries there are then.

    Raises:
        BrokenLogError: entries are missing, or what the last checkpoint was made over has changed.
    """
    size = Head.objects.values_list("size", flat=True).first() or 0
    last = Checkpoint.objects.order_by("-size").first()
    if size == 0 or (last is not None and last.size == size):
        return None
    rows = Entry.objects.filter(sequence__lt=size).order_by("sequence")
    tree = plant(rows.values_list("leaf", flat=True).iterator(chunk_size=5000))
    if tree.get_size() != size:
        raise BrokenLogError("entries of the log are missing; run `totalize audit verify`")
    if last is not None and tree.get_root(min(last.size, size)).hex() != last.root:
        raise BrokenLogError("the log was changed; run `totalize audit verify`")
    root = tree.get_root()
    key = published.signing_key()
    said = notes.Checkpoint(published.origin(), size, root, timezone.now())
    note = notes.sign(said, key)
    published.write(published.file_of(size), note)
    made, _ = Checkpoint.objects.get_or_create(
        size=size, defaults={"root": root.hex(), "made_at": said.made_at, "note": note}
    )
    return made
