"""The certificates that are held for a person, whoever issued them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
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


def goes_on(proof: Proof, others: Iterable[Proof]) -> bool:
    """Tell whether another proof for the same country covers the time after this one."""
    last = proof.last
    return last is not None and any(
        (other.issued_by, other.shown_in) == (proof.issued_by, proof.shown_in)
        and other.first.toordinal() <= last.toordinal() + 1
        and (other.last is None or other.last > last)
        for other in others
    )


def of_issued(identifier: UUID, first: date, last: date | None, record: Mapping[str, Any]) -> Proof:
    """Return what a certificate that was issued here proves, from its row.

    Args:
        identifier: of the row.
        first: first day.
        last: last day, None without an end.
        record: what was certified, as the register keeps it.
    """
    said = record["certificate"]
    issuer = said["authority"]["country"]
    return Proof(issuer, first, last, "issued", identifier, said["exempt_in"])


def of_foreign(
    identifier: UUID, first: date, last: date | None, *, issuer: str, partner: str
) -> Proof:
    """Return what the certificate of another office proves, from its row.

    Args:
        identifier: of the row.
        first: first day.
        last: last day, None without an end.
        issuer: the country whose office issued it.
        partner: the agreement's country.
    """
    return Proof(issuer, first, last, "foreign", identifier, other_side(issuer, partner))


def proofs_of(people: Iterable[UUID]) -> dict[UUID, tuple[Proof, ...]]:
    """Return the proofs in force of each of these people, in two queries.

    Those issued here stand before those of other offices, and of each the earliest first: where
    two prove the same day, that one is taken.
    """
    wanted = list(people)
    found: dict[UUID, list[Proof]] = defaultdict(list)
    valid = Issued.objects.filter(person_id__in=wanted, state=State.VALID)
    issued = valid.order_by("first_day", "id")
    for row in issued.values("id", "person_id", "first_day", "last_day", "record"):
        found[row["person_id"]].append(
            of_issued(row["id"], row["first_day"], row["last_day"], row["record"])
        )
    foreign = Foreign.objects.filter(person_id__in=wanted).order_by("first_day", "id")
    named = ("id", "person_id", "first_day", "last_day", "issuer", "misfits")
    for held in foreign.values(*named, "application__partner"):
        if not {item["code"] for item in held["misfits"]} <= DAYS_ONLY:
            continue
        found[held["person_id"]].append(
            of_foreign(
                held["id"],
                held["first_day"],
                held["last_day"],
                issuer=held["issuer"],
                partner=held["application__partner"],
            )
        )
    return {person: tuple(proofs) for person, proofs in found.items()}


def other_side(issuer: str, partner: str) -> str:
    """Return where a certificate is shown, by whose it is and the agreement's country."""
    return partner if issuer == US else US
