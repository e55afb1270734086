"""The certificates that are held for a person, whoever issued them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from totalize.kernel.countries import US
from totalize.web.certificates.models import Foreign, Issued, State

# Misfits of a certificate that proves less than was asked for, and yet what it says.
DAYS_ONLY = frozenset({"starts_late", "ends_early"})


@dataclass(frozen=True, slots=True)
class Proof:
    """A certificate that proves coverage between two days.

    Attributes:
        source: `issued` here, `foreign` when it was uploaded, `told` when only the case says so.
        id: of the row, None when told.
        shown_in: the country whose contributions it lifts, empty where that is not known.
    """

    issued_by: str
    first: date
    last: date | None
    source: str
    id: UUID | None
    shown_in: str = ""

    def is_for(self, issuer: str, shown_in: str) -> bool:
        """Tell whether it is a certificate of one country for another."""
        return self.issued_by == issuer and self.shown_in in {"", shown_in}


def proofs_of(people: Iterable[UUID]) -> dict[UUID, tuple[Proof, ...]]:
    """Return the proofs in force of each of these people, in two queries."""
    wanted = list(people)
    found: dict[UUID, list[Proof]] = defaultdict(list)
    issued = Issued.objects.filter(person_id__in=wanted, state=State.VALID)
    for row in issued.values("id", "person_id", "first_day", "last_day", "record"):
        said = row["record"]["certificate"]
        found[row["person_id"]].append(
            Proof(
                said["authority"]["country"],
                row["first_day"],
                row["last_day"],
                "issued",
                row["id"],
                said["exempt_in"],
            )
        )
    foreign = Foreign.objects.filter(person_id__in=wanted)
    named = ("id", "person_id", "first_day", "last_day", "issuer", "misfits")
    for held in foreign.values(*named, "application__partner"):
        if not {item["code"] for item in held["misfits"]} <= DAYS_ONLY:
            continue
        found[held["person_id"]].append(
            Proof(
                held["issuer"],
                held["first_day"],
                held["last_day"],
                "foreign",
                held["id"],
                other_side(held["issuer"], held["application__partner"]),
            )
        )
    return {person: tuple(proofs) for person, proofs in found.items()}


def other_side(issuer: str, partner: str) -> str:
    """Return where a certificate is shown, by whose it is and the agreement's country."""
    return partner if issuer == US else US
