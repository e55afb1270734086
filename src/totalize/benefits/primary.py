"""From yearly earnings to the average, the primary insurance amount, increases and maximums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from totalize.benefits.ages import LegalBirth
from totalize.benefits.tables import Tables
from totalize.kernel.money import CENT, DIME, UNIT, down_to, to_nearest, up_to

_HUNDRED = Decimal(100)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Basis:
    """Which years are averaged and how they are indexed.

    Attributes:
        eligibility_year: year of 62, of onset or of death, whichever is first.
        elapsed_years: years between 21 and eligibility, without years of disability.
        dropout_years: years left out.
        computation_years: years averaged.
        last_base_year: last year whose earnings count.
    """

    eligibility_year: int
    elapsed_years: int
    dropout_years: int
    computation_years: int
    last_base_year: int

    @property
    def indexing_year(self) -> int:
        """The year to whose wage level earlier earnings are brought."""
        return self.eligibility_year - 2


@dataclass(frozen=True, slots=True)
class Amount:
    """A primary insurance amount and what led to it."""

    basis: Basis
    indexed: Mapping[int, Decimal]
    total: Decimal
    aime: Decimal
    at_eligibility: Decimal
    pia: Decimal


def find_basis(
    birth: LegalBirth,
    tables: Tables,
    eligibility_year: int,
    *,
    last_base_year: int,
    disability: bool,
    death_year: int | None,
) -> Basis:
    """Return the years to average.

    Elapsed years run from the year after 1950 or age 21 through the year before eligibility
    (survivors: before death when that is earlier). Five are dropped; disability: one for each five
    elapsed, at most five. At least two remain.

    Source: 42 USC 415(b)(2); 20 CFR 404.211(e); RS 00605.017, RS 00605.230.
    """
    rule = tables.rules.computation
    after = max(birth.year + rule.age_of_first_elapsed_year - 1, rule.first_base_year - 1)
    last = eligibility_year - 1
    if death_year is not None:
        last = min(last, death_year - 1)
    elapsed = max(last - after, rule.fewest_computation_years)
    dropped = rule.dropout_years
    if disability:
        dropped = min(dropped, elapsed // rule.disability_elapsed_per_dropout)
    years = max(elapsed - dropped, rule.fewest_computation_years)
    return Basis(eligibility_year, elapsed, elapsed - years, years, last_base_year)


def find_amount(
    earnings: Mapping[int, Decimal], basis: Basis, tables: Tables, month: int
) -> Amount:
    """Return the primary insurance amount of a record at a month.

    Args:
        earnings: by year, already limited to the yearly maximum.
        basis: the years to average.
        tables: figures and rules.
        month: month of benefit.

    Source: 20 CFR 404.210 to 404.212; 42 USC 415(a) and (b).
    """
    indexed = index_earnings(earnings, basis, tables)
    highest = sorted(indexed.values(), reverse=True)[: basis.computation_years]
    total = sum(highest, Decimal(0))
    aime = down_to(total / (_MONTHS * basis.computation_years), UNIT)
    initial = apply_formula(aime, basis.eligibility_year, tables)
    pia = apply_increases(initial, basis.eligibility_year, month, tables)
    return Amount(basis, indexed, total, aime, initial, pia)


def index_earnings(
    earnings: Mapping[int, Decimal], basis: Basis, tables: Tables
) -> dict[int, Decimal]:
    """Return earnings brought to the wage level of the indexing year, each to the nearest cent.

    Source: 42 USC 415(b)(3); 20 CFR 404.211(d).
    """
    first = tables.rules.computation.first_base_year
    level = tables.average_wage[basis.indexing_year]
    wages = tables.average_wage
    indexed = {}
    for year, amount in earnings.items():
        if not first <= year <= basis.last_base_year:
            continue
        if year < basis.indexing_year:
            indexed[year] = to_nearest(amount * level / wages[year], CENT)
        else:
            indexed[year] = amount
    return indexed


def apply_formula(aime: Decimal, eligibility_year: int, tables: Tables) -> Decimal:
    """Return the primary insurance amount at eligibility.

    Down to the dime; up for eligibility before 1983.
    Source: 42 USC 415(a)(1); 20 CFR 404.212.
    """
    formula = tables.rules.formula
    amount = _slice(aime, tables.primary_bends[eligibility_year], formula.percents)
    if eligibility_year < formula.amounts_up_before_eligibility:
        return up_to(amount, DIME)
    return down_to(amount, DIME)


def apply_increases(amount: Decimal, eligibility_year: int, month: int, tables: Tables) -> Decimal:
    """Return an amount of the year of eligibility with the increases effective through a month.

    Each down to the dime; those before June 1982 up.
    Source: 42 USC 415(i)(2); 20 CFR 404.278.
    """
    turning = tables.months_up_before
    for increase in tables.increases:
        if increase.month // _MONTHS < eligibility_year or increase.month > month:
            continue
        if not increase.paid_from <= month < increase.paid_before:
            continue
        rounding = up_to if increase.month < turning else down_to
        amount = rounding(amount * increase.factor, DIME)
    return amount


def undo_increases(amount: Decimal, eligibility_year: int, month: int, tables: Tables) -> Decimal:
    """Return the amount at eligibility that leads to a given one: each quotient up to the dime.

    Source: GN 01701.210 (the raw pro rata amount).
    """
    for increase in reversed(tables.increases):
        if increase.month // _MONTHS < eligibility_year or increase.month > month:
            continue
        if not increase.paid_from <= month < increase.paid_before:
            continue
        amount = up_to(amount / increase.factor, DIME)
    return amount


def family_maximum(initial: Decimal, eligibility_year: int, month: int, tables: Tables) -> Decimal:
    """Return the most that a worker's family is paid together (old age and survivors).

    Source: 42 USC 403(a)(1); 20 CFR 404.403.
    """
    percents = tables.rules.family_maximum.percents
    amount = down_to(_slice(initial, tables.family_bends[eligibility_year], percents), DIME)
    return apply_increases(amount, eligibility_year, month, tables)


def disability_family_maximum(amount: Amount, tables: Tables, month: int) -> Decimal:
    """Return the most that a disabled worker's family is paid together.

    85 percent of the average, not above 150 percent of the amount, not below the amount itself.
    Source: 42 USC 403(a)(6); 20 CFR 404.403(d-1).
    """
    rule = tables.rules.disability_maximum
    by_average = amount.aime * rule.percent_of_aime / _HUNDRED
    by_amount = amount.at_eligibility * rule.percent_of_pia / _HUNDRED
    initial = down_to(max(min(by_average, by_amount), amount.at_eligibility), DIME)
    increased = apply_increases(initial, amount.basis.eligibility_year, month, tables)
    return max(increased, amount.pia)


def average_behind(initial: Decimal, eligibility_year: int, tables: Tables) -> Decimal:
    """Return the average that the formula would turn into a given amount, in whole dollars.

    Up to the dollar; down for eligibility before 1983.
    Source: GN 01701.210 (artificial average for the disability maximum).
    """
    formula = tables.rules.formula
    first, second = tables.primary_bends[eligibility_year]
    low, middle, high = (Decimal(percent) / _HUNDRED for percent in formula.percents)
    at_first = low * first
    at_second = at_first + middle * (second - first)
    if initial <= at_first:
        average = initial / low
    elif initial <= at_second:
        average = first + (initial - at_first) / middle
    else:
        average = second + (initial - at_second) / high
    if eligibility_year < formula.amounts_up_before_eligibility:
        return down_to(average, UNIT)
    return up_to(average, UNIT)


def _slice(amount: Decimal, bends: list[int], percents: list[int]) -> Decimal:
    """Return the sum of percentages of the slices that the bend points cut."""
    total = Decimal(0)
    below = Decimal(0)
    for at, percent in enumerate(percents):
        top = min(amount, Decimal(bends[at])) if at < len(bends) else amount
        if top > below:
            total += (top - below) * percent
            below = top
    return total / _HUNDRED
