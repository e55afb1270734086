"""Adding to the log, in the same transaction as the act itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from totalize.web.audit.models import Entry, Head

SYSTEM = "system"


def record(act: str, *, actor: Any, subject: str, facts: Mapping[str, Any] | None = None) -> Entry:
    """Add an entry. Call it inside the transaction of the act, so that both stand or neither.

    Args:
        act: a code, like `application.submitted`.
        actor: the account, None for the system itself.
        subject: `kind:identifier` of what was acted upon.
        facts: codes, counts, identifiers; never a name or a number of a person.
    """
    with transaction.atomic():
        head, _ = Head.objects.select_for_update().get_or_create(id=1)
        at = timezone.now()
        who = SYSTEM if actor is None else f"user:{actor.pk}"
        leaf = {
            "sequence": head.size,
            "at": at.isoformat(timespec="microseconds"),
            "actor": who,
            "act": act,
            "subject": subject,
            "facts": dict(facts or {}),
        }
        entry = Entry.objects.create(
            sequence=head.size,
            at=at,
            actor=who,
            act=act,
            subject=subject,
            leaf=json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        )
        head.size += 1
        head.save(update_fields=["size"])
    return entry
