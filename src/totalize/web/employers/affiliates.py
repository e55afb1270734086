"""The register of affiliates: what it says of an employer that a case leaves open.

What a case says itself is never overruled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from totalize.coverage.case import works_by_id
from totalize.kernel.countries import US

MAJORITY = Decimal(50)


@dataclass(frozen=True, slots=True)
class Registered:
    """An affiliate as the register has it.

    Attributes:
        share: percent held by the American employer.
        covered_from: since when a section 3121(l) agreement covers it, None when none does.
    """

    name: str
    country: str
    share: Decimal
    covered_from: date | None


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A posting to an affiliate that no section 3121(l) agreement covers on its first day."""

    work: str
    affiliate: str
    country: str


def fill(
    case: Mapping[str, Any], register: Iterable[Registered]
) -> tuple[dict[str, Any], tuple[Uncovered, ...]]:
    """Complete the employers of a case from the register.

    A work is for an affiliate when its employer bears the affiliate's name and is in its country,
    or says no country.

    Args:
        case: section 1 of the contract.
        register: the organisation's affiliates.

    Returns:
        The completed case, and the works for affiliates without an agreement.
    """
    by_name = {_key(each.name): each for each in register}
    filled = deepcopy(dict(case))
    uncovered = []
    for name, work in works_by_id(filled).items():
        employer = work.get("employer")
        if not isinstance(employer, dict):
            continue
        affiliate = by_name.get(_key(str(employer.get("name", ""))))
        if affiliate is None or employer.get("country", affiliate.country) != affiliate.country:
            continue
        start = date.fromisoformat(str(work["start"]))
        covered = affiliate.covered_from is not None and affiliate.covered_from <= start
        for fact, value in (
            ("country", affiliate.country),
            ("affiliate_of", US),
            ("majority_owned", affiliate.share > MAJORITY),
            ("section_3121l", covered),
        ):
            employer.setdefault(fact, value)
        if employer["section_3121l"] is False and employer["affiliate_of"] == US:
            uncovered.append(Uncovered(name, affiliate.name, affiliate.country))
    return filled, tuple(uncovered)


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
