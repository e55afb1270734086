"""The certificates that are held for a person, whoever issued them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from totalize.web.certificates.models import Foreign, Issued, State

# Misfits of a certificate that proves less than was asked for, and yet what it says.
DAYS_ONLY = frozenset({"starts_late", "ends_early"})


@dataclass(frozen=True, slots=True)
class Proof:
    """A certificate that proves coverage between two days.

    Attributes:
        source: `issued` here, `foreign` when it was uploaded, `told` when only the case says so.
        id: of the row, None when told.
    """

    issued_by: str
    first: date
    last: date | None
    source: str
    id: UUID | None


def proofs_of(people: Iterable[Any]) -> dict[Any, tuple[Proof, ...]]:
    """Return the proofs in force of each of these people, in two queries."""
    wanted = list(people)
    found: dict[Any, list[Proof]] = defaultdict(list)
    issued = Issued.objects.filter(person_id__in=wanted, state=State.VALID)
    for row in issued.values("id", "person_id", "first_day", "last_day", "record"):
        country = row["record"]["certificate"]["authority"]["country"]
        found[row["person_id"]].append(
            Proof(country, row["first_day"], row["last_day"], "issued", row["id"])
        )
    foreign = Foreign.objects.filter(person_id__in=wanted)
    for held in foreign.values("id", "person_id", "first_day", "last_day", "issuer", "misfits"):
        if not {item["code"] for item in held["misfits"]} <= DAYS_ONLY:
            continue
        found[held["person_id"]].append(
            Proof(held["issuer"], held["first_day"], held["last_day"], "foreign", held["id"])
        )
    return {person: tuple(proofs) for person, proofs in found.items()}
