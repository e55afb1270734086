"""The amount on the US record alone, with every computation that may be the higher one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from totalize.benefits.claim import Claim
from totalize.benefits.insured import Combined, check_status
from totalize.benefits.months import quarter_of_month, read_month
from totalize.benefits.primary import (
    Amount,
    apply_increases,
    disability_family_maximum,
    family_maximum,
    find_amount,
    find_basis,
)
from totalize.benefits.record import Benefit
from totalize.benefits.tables import Tables
from totalize.kernel.money import DIME, down_to


@dataclass(frozen=True, slots=True)
class Regular:
    """The amount on the US record alone.

    Attributes:
        main: the computation by the year of eligibility.
        other: the computation without the disability freeze when it is higher.
        special_years: years of coverage behind the special minimum when that is the highest.
        pia: the highest.
        family_maximum: of the highest.
        method: which it is.
    """

    main: Amount
    other: Amount | None
    special_years: int | None
    pia: Decimal
    family_maximum: Decimal
    method: str


def base_years(earnings: Mapping[int, Decimal], claim: Claim) -> Mapping[int, Decimal]:
    """Return the earnings without the years wholly inside a disability.

    Source: 20 CFR 404.211(b)(3); 42 USC 415(b)(2)(B)(iii).
    """
    if claim.benefit is not Benefit.DISABILITY:
        return earnings
    last = claim.eligibility_year
    return {year: amount for year, amount in earnings.items() if year <= last}


def find_regular(claim: Claim, earnings: Mapping[int, Decimal]) -> Regular:
    """Return the highest amount on the US record alone at the month of benefit.

    Args:
        claim: the claim.
        earnings: by year, limited to the yearly maximum.

    Source: 20 CFR 404.204, 404.210; 42 USC 415(a).
    """
    tables = claim.tables
    main = find_amount(base_years(earnings, claim), claim.basis, tables, claim.month)
    other = _non_freeze(claim, earnings)
    best, method = main, "wage_indexed"
    if other is not None and other.pia > main.pia:
        best, method = other, "wage_indexed_non_freeze"
    else:
        other = None
    pia = best.pia
    maximum = _maximum(claim, best)
    years = years_of_coverage(claim)
    special = special_minimum(years, claim.month, tables)
    if special > pia:
        rule = tables.rules.special_minimum
        pia, method = special, "special_minimum"
        maximum = max(down_to(special * rule.family_maximum_percent / 100, DIME), maximum)
    counted = years if method == "special_minimum" else None
    return Regular(main, other, counted, pia, maximum, method)


def _maximum(claim: Claim, amount: Amount) -> Decimal:
    if claim.benefit is Benefit.DISABILITY:
        return disability_family_maximum(amount, claim.tables, claim.month)
    year = amount.basis.eligibility_year
    return family_maximum(amount.at_eligibility, year, claim.month, claim.tables)


def _non_freeze(claim: Claim, earnings: Mapping[int, Decimal]) -> Amount | None:
    """Return the computation that counts the disability from the waiting period on.

    It differs when the waiting period begins in a later year than the disability, and asks insured
    status at that later time.

    Source: 42 USC 415(a)(3)(B), 416(i); behaviour of SSA's own calculator.
    """
    if claim.benefit is not Benefit.DISABILITY or claim.waiting is None:
        return None
    year = min(claim.birth.year + 62, claim.waiting // 12)
    if year == claim.eligibility_year or year not in claim.tables.primary_bends:
        return None
    later = replace(claim, onset_year=year, onset_quarter=quarter_of_month(claim.waiting))
    if not check_status(later, Combined(claim.us_quarters)).met:
        return None
    basis = find_basis(
        claim.birth,
        claim.tables,
        year,
        last_base_year=claim.basis.last_base_year,
        disability=True,
        death_year=None,
    )
    return find_amount(earnings, basis, claim.tables, claim.month)


def years_of_coverage(claim: Claim) -> int:
    """Return the years with enough earnings for the special minimum.

    Source: 20 CFR 404.261.
    """
    needed = claim.tables.special_minimum_year
    last = claim.basis.last_base_year
    return sum(
        year in needed and year <= last and amount >= needed[year]
        for year, amount in claim.record.earnings.items()
    )


def special_minimum(years: int, month: int, tables: Tables) -> Decimal:
    """Return the special minimum amount at a month, 0 when there is none.

    Source: 20 CFR 404.260, 404.261; 42 USC 415(a)(1)(C).
    """
    rule = tables.rules.special_minimum
    counted = min(years - rule.years_not_counted, rule.most_years)
    start = read_month(rule.amount_of)
    if counted <= 0 or month < start:
        return Decimal(0)
    return apply_increases(rule.per_year * counted, start // 12, month, tables)
