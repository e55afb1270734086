"""What payroll is told: from which day FICA stops or starts for whom, and on which proof.

Entitled is not proven: without the certificate the United States may take FICA although the other
country covers the work, so nothing stops before the paper is there (IRC 3101(c), 3111(c)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from totalize.kernel.countries import US

DAY = timedelta(days=1)


class Flag(StrEnum):
    """What payroll does from a day on."""

    WITHHOLD = "withhold_fica"
    STOP = "stop_fica"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Covered:
    """A stretch of somebody's work, as payroll needs it.

    Attributes:
        covered_by: countries, empty while it is not settled.
        us_claims: the United States would take contributions without an agreement.
        issued_by: whose certificate proves it, empty where none is needed.
        proven_until: last day proven, `date.max` without an end, None when nothing is.
    """

    work: str
    first: date
    last: date | None
    covered_by: tuple[str, ...]
    us_claims: bool
    issued_by: str
    proven_until: date | None


@dataclass(frozen=True, slots=True)
class PayrollFlag:
    """From a day on, what to do with FICA, and why.

    Attributes:
        last: last day it holds, None while it goes on.
        proof: country whose certificate it rests on, empty when it rests on none.
        reason: `us_covers`, `proven`, `not_proven`, `no_us_claim` or `not_settled`.
    """

    work: str
    first: date
    last: date | None
    flag: Flag
    proof: str
    reason: str


def flags(stretches: Iterable[Covered]) -> tuple[PayrollFlag, ...]:
    """Return what payroll does with each stretch, cut where the proof ends."""
    found: list[PayrollFlag] = []
    for stretch in sorted(stretches, key=lambda each: (each.first, each.work)):
        found += _flags(stretch)
    return tuple(found)


def _flags(stretch: Covered) -> list[PayrollFlag]:
    def flag(kind: Flag, reason: str, first: date, last: date | None, proof: str) -> PayrollFlag:
        return PayrollFlag(stretch.work, first, last, kind, proof, reason)

    whole = (stretch.first, stretch.last)
    if not stretch.covered_by and stretch.us_claims:
        return [flag(Flag.ASK, "not_settled", *whole, "")]
    if US in stretch.covered_by:
        return [flag(Flag.WITHHOLD, "us_covers", *whole, "")]
    if not stretch.us_claims:
        return [flag(Flag.STOP, "no_us_claim", *whole, "")]
    until = stretch.proven_until
    if until is None:
        return [flag(Flag.WITHHOLD, "not_proven", *whole, "")]
    if until == date.max or (stretch.last is not None and until >= stretch.last):
        return [flag(Flag.STOP, "proven", *whole, stretch.issued_by)]
    return [
        flag(Flag.STOP, "proven", stretch.first, until, stretch.issued_by),
        flag(Flag.WITHHOLD, "not_proven", until + DAY, stretch.last, ""),
    ]
