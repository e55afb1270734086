"""The totalized amount: relative earnings position, theoretical record, pro rata amount, limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from totalize.benefits.binary import half_is_reached
from totalize.benefits.claim import Claim
from totalize.benefits.primary import (
    Amount,
    apply_increases,
    find_amount,
    undo_increases,
)
from totalize.benefits.tables import Tables
from totalize.kernel.money import CENT, DIME, down_to, to_nearest, up_to
from totalize.law.benefits import Order

SEVENTH = Decimal("0.0000001")
_SCALE = 10**7


@dataclass(frozen=True, slots=True)
class Position:
    """The worker's earnings against the average wage, in the years with US quarters."""

    ratios: Mapping[int, Decimal]
    quarters: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class ProRata:
    """The totalized amount and its way.

    Attributes:
        earnings: the theoretical record, before the yearly maximum.
        quarters: US quarters in the fraction.
        denominator: four for each computation year.
        pro_rata: before the limit of 20 CFR 404.1918(a)(4).
        limit: the amount on the US record alone, which the pro rata amount may not exceed.
        pia: after the limit.
        raw: the pro rata amount at eligibility, without increases, after the limit.
    """

    position: Position
    earnings: Mapping[int, Decimal]
    theoretical: Amount
    quarters: int
    denominator: int
    pro_rata: Decimal
    limit: Decimal
    pia: Decimal
    raw: Decimal


def last_wage_used(claim: Claim) -> int:
    """Return the last year whose average wage a totalized computation may use.

    Two years before eligibility, entitlement or death; with earnings after entitlement, the year
    before the last of them.

    Source: GN 01701.200, GN 01701.255; behaviour of SSA's own calculator.
    """
    if claim.death_year is not None:
        last = claim.death_year - 2
    else:
        last = claim.eligibility_year - 2
        year = claim.entitled // 12
        if year > claim.eligibility_year:
            last = year - 2
        for later in range(year, claim.month // 12):
            if claim.record.earnings.get(later):
                last = later - 1
    return min(last, max(claim.tables.average_wage))


def find_position(claim: Claim, last_wage: int) -> Position:
    """Return the relative earnings position.

    For each year with US quarters: earnings, at most a quarter of the yearly maximum for each
    quarter, over the average wage, to seven decimals. Four times their sum over the quarters.

    Source: 20 CFR 404.1918(b); GN 01701.200 B.
    """
    tables = claim.tables
    ratios: dict[int, Decimal] = {}
    counted = 0
    for year, count in claim.us_quarters.by_year.items():
        if not tables.first_wage_year <= year <= claim.basis.last_base_year:
            continue
        counted += count
        ceiling = tables.maximum_earnings[year] * count / 4
        earnings = min(claim.record.earnings.get(year, Decimal(0)), ceiling)
        wage = tables.average_wage[min(year, last_wage)]
        ratios[year] = (earnings / wage).quantize(SEVENTH, ROUND_HALF_UP)
    return Position(ratios, counted, _average(ratios, counted))


def _average(ratios: Mapping[int, Decimal], quarters: int) -> Decimal:
    """Return four times the sum over the quarters, to the nearest seventh decimal.

    An exact half is decided as SSA's own calculator decides it; see `binary`.
    """
    if not quarters:
        return Decimal(0)
    units = [int(ratios[year].scaleb(7)) for year in sorted(ratios)]
    whole, rest = divmod(4 * sum(units), quarters)
    if 2 * rest > quarters or (2 * rest == quarters and half_is_reached(units, _SCALE, quarters)):
        whole += 1
    return Decimal(whole).scaleb(-7)


def theoretical_earnings(claim: Claim, position: Position, last_wage: int) -> dict[int, Decimal]:
    """Return the theoretical record, each year to the cent, before the yearly maximum.

    Every year from 22 to the year before eligibility has earnings at the worker's position; other
    years only with a US quarter. In the year of death: for the quarters through that of death.

    Source: 20 CFR 404.1918(c); GN 01701.200, GN 01701.255.
    """
    rule = claim.tables.rules.computation
    first = claim.birth.year + rule.age_of_first_elapsed_year
    # The year of death counts even when death is the eligibility.
    stop = claim.eligibility_year + (claim.death_year == claim.eligibility_year)
    record_of: dict[int, Decimal] = {}
    for year in sorted({*range(first, stop), *position.ratios}):
        if not rule.first_base_year <= year <= claim.basis.last_base_year:
            continue
        amount = position.value * claim.tables.average_wage[min(year, last_wage)]
        if year == claim.death_year:
            amount = amount * (claim.last_quarter % 4 + 1) / 4
        record_of[year] = to_nearest(amount, CENT)
    return record_of


def find_pro_rata(claim: Claim, regular: Decimal, *, limited: bool) -> ProRata:
    """Return the totalized primary insurance amount at the month of benefit.

    Args:
        claim: the claim.
        regular: the amount on the US record alone at that month, which is the limit.
        limited: apply the limit of 20 CFR 404.1918(a)(4).

    Source: 20 CFR 404.1918(a); GN 01701.200, GN 01701.210.
    """
    tables, basis = claim.tables, claim.basis
    last_wage = last_wage_used(claim)
    position = find_position(claim, last_wage)
    earnings = theoretical_earnings(claim, position, last_wage)
    counted = {
        year: min(amount, tables.maximum_earnings[year]) for year, amount in earnings.items()
    }
    theoretical = find_amount(counted, basis, tables, claim.month)
    denominator = 4 * basis.computation_years
    fraction = (position.quarters, denominator)
    pro_rata = _prorate(theoretical, fraction, claim.month, tables)
    pia = min(pro_rata, regular) if limited else pro_rata
    raw = undo_increases(pia, basis.eligibility_year, claim.month, tables)
    return ProRata(
        position=position,
        earnings=earnings,
        theoretical=theoretical,
        quarters=position.quarters,
        denominator=denominator,
        pro_rata=pro_rata,
        limit=regular,
        pia=pia,
        raw=raw,
    )


def _prorate(theoretical: Amount, fraction: tuple[int, int], month: int, tables: Tables) -> Decimal:
    quarters, denominator = fraction
    rounding = up_to if month < tables.months_up_before else down_to
    if tables.order is Order.PRORATE_THEN_INCREASE:
        first = rounding(theoretical.at_eligibility * quarters / denominator, DIME)
        return apply_increases(first, theoretical.basis.eligibility_year, month, tables)
    return rounding(theoretical.pia * quarters / denominator, DIME)
