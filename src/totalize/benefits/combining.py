"""Insured status with each country's quarters, one country at a time."""

from __future__ import annotations

from dataclasses import dataclass

from totalize.benefits.claim import Claim
from totalize.benefits.conversion import ForeignQuarters, convert
from totalize.benefits.credits import UsQuarters
from totalize.benefits.insured import Combined, Status, check_status
from totalize.benefits.months import quarter_of_month
from totalize.benefits.record import Benefit, ForeignCoverage
from totalize.law.benefits import Conversion, ForeignSide


@dataclass(frozen=True, slots=True)
class CountryResult:
    """What one country's coverage does.

    Attributes:
        conversion: the agreement's rule.
        quarters: all that can be credited.
        used: the quarters the claim needs.
        status: insured status together with the US quarters.
    """

    country: str
    conversion: Conversion
    quarters: ForeignQuarters
    used: int
    status: Status
    insured: bool


def combine(
    claim: Claim, coverage: ForeignCoverage, side: ForeignSide, alone: Status
) -> CountryResult:
    """Return what a country's coverage adds.

    Retirement and survivors: only as many quarters as are needed are used; disability: all.
    Where the agreement lets quarters be placed backwards, that is tried when forwards fails.

    Source: GN 01703.100; 20 CFR 404.1908; each agreement's own section.
    """
    conversion = side.conversion
    if conversion is None:
        raise ValueError(f"no conversion for {side.country}")
    forwards = _placed(claim, coverage, side, conversion, backwards=False)
    result = forwards
    if not forwards.insured and claim.benefit.value in conversion.backwards_for:
        backwards = _placed(claim, coverage, side, conversion, backwards=True)
        result = backwards if backwards.insured else forwards
    if not result.insured or alone.met:
        return result
    used = _used(claim, result.quarters)
    return CountryResult(side.country, conversion, result.quarters, used, result.status, True)


def _placed(
    claim: Claim,
    coverage: ForeignCoverage,
    side: ForeignSide,
    conversion: Conversion,
    *,
    backwards: bool,
) -> CountryResult:
    us_quarters = claim.us_quarters
    quarters = convert(
        coverage, conversion, us_quarters, backwards=backwards, through=claim.last_quarter
    )
    status = check_status(claim, Combined(us_quarters, quarters.placed))
    # The six must be there when the claim is decided, not only some day later.
    enough = us_quarters.through(claim.last_quarter) >= (side.us_minimum_quarters or 0)
    return CountryResult(side.country, conversion, quarters, 0, status, status.met and enough)


def _used(claim: Claim, quarters: ForeignQuarters) -> int:
    if claim.benefit is Benefit.DISABILITY:
        return quarters.total
    # The latest quarters serve every test, so the fewest that suffice are found from the end.
    ordered = sorted(quarters.placed, reverse=True)
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        part = Combined(claim.us_quarters, frozenset(ordered[:middle]))
        if check_status(claim, part).met:
            high = middle
        else:
            low = middle + 1
    return low


def first_insured_month(
    us_quarters: UsQuarters, foreign: frozenset[int], required: int, earliest: int
) -> int | None:
    """Return the first month from one on in which enough quarters are credited, None if never.

    Source: 20 CFR 404.110; GN 01703.100 (an earlier month of entitlement).
    """
    combined = Combined(us_quarters, foreign)
    years = [*us_quarters.by_year, *(quarter // 4 for quarter in foreign)]
    start = quarter_of_month(earliest)
    last = max((max(years) + 1) * 4 if years else 0, start)
    for quarter in range(start, last + 1):
        if combined.between(0, quarter) >= required:
            return max(earliest, quarter * 3)
    return None
