"""Reading the log: pages of entries, and the proof that one of them is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from totalize.kernel.errors import InputError
from totalize.web.audit.models import Checkpoint, Entry
from totalize.web.audit.tree import plant


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are looked for; what is empty narrows nothing.

    Attributes:
        act: how the act's code begins, like `application.`.
        subject: part of what was acted upon.
        actor: part of who did it.
        first: the first day (UTC).
        last: the last day (UTC).
    """

    act: str = ""
    subject: str = ""
    actor: str = ""
    first: date | None = None
    last: date | None = None


def entries(filters: Filters) -> QuerySet[Entry]:
    """Return the entries that fit, newest first."""
    rows = Entry.objects.order_by("-sequence")
    if filters.act:
        rows = rows.filter(act__startswith=filters.act)
    if filters.subject:
        rows = rows.filter(subject__contains=filters.subject)
    if filters.actor:
        rows = rows.filter(actor__contains=filters.actor)
    if filters.first is not None:
        rows = rows.filter(at__date__gte=filters.first)
    if filters.last is not None:
        rows = rows.filter(at__date__lte=filters.last)
    return rows


def latest_checkpoint() -> Checkpoint | None:
    """Return the last signed checkpoint."""
    return Checkpoint.objects.order_by("-size").first()


def prove(sequence: int) -> dict[str, Any]:
    """Return an entry with what somebody needs to check that a checkpoint covers it.

    Raises:
        InputError: there is no such entry, or no checkpoint covers it yet.

    Source: RFC 9162, section 2.1.3.
    """
    entry = Entry.objects.filter(sequence=sequence).first()
    if entry is None:
        raise InputError("sequence", "is no entry of the log", value=sequence, code="unknown")
    checkpoint = Checkpoint.objects.filter(size__gt=sequence).order_by("size").first()
    if checkpoint is None:
        raise InputError(
            "sequence", "is not under a checkpoint yet", value=sequence, code="not_covered"
        )
    rows = Entry.objects.filter(sequence__lt=checkpoint.size).order_by("sequence")
    tree = plant(rows.values_list("leaf", flat=True).iterator(chunk_size=5000))
    return {
        "leaf": entry.leaf,
        "entry": json.loads(entry.leaf),
        "index": sequence,
        "size": checkpoint.size,
        "path": [digest.hex() for digest in tree.path(sequence, checkpoint.size)],
        "checkpoint": checkpoint.note,
        "hash": "RFC 9162, SHA-256",
    }
