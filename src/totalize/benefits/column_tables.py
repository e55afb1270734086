"""The law's figures as integer arrays: cents, dimes, thousandths. No floating point anywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from totalize.benefits.tables import Tables, published
from totalize.law.benefits import percent

Integers = NDArray[np.int64]
FIRST_YEAR = 1937
BASE_YEAR = 1951
_CENTS = 100
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Increase:
    """A cost-of-living increase: factor in thousandths, rounding, months of benefit."""

    month: int
    thousandths: int
    up: bool
    paid_from: int
    paid_before: int


@dataclass(frozen=True, slots=True)
class ColumnTables:
    """Arrays by year minus `FIRST_YEAR`; amounts in cents, bend points in dollars.

    Attributes:
        years: how many years the arrays hold.
        full_retirement: months by year of 62 (or 60) minus `FIRST_YEAR`, long enough for all.
        credit: delayed credit a month by year of 62, in parts of `parts`.
        parts: common denominator of all age factors of workers.
        first_reduction, further_reduction: reduction a month in parts of `parts`.
    """

    tables: Tables
    years: int
    wage: Integers
    maximum: Integers
    quarter: Integers
    special: Integers
    primary: Integers
    family: Integers
    increases: tuple[Increase, ...]
    full_retirement: Integers
    credit: Integers
    parts: int
    first_reduction: int
    further_reduction: int


@cache
def column_tables() -> ColumnTables:
    """Return the published figures as arrays."""
    return build(published())


def build(tables: Tables) -> ColumnTables:
    """Return figures as arrays.

    Raises:
        ValueError: a figure does not fit whole cents or thousandths.
    """
    years = tables.last_year - FIRST_YEAR + 1
    rules = tables.rules
    span = range(FIRST_YEAR, FIRST_YEAR + 400)
    credits_of = [tables.delayed_credit(year) for year in span]
    first, further = (
        percent(rules.reduction.first_percent),
        percent(rules.reduction.further_percent),
    )
    parts = math.lcm(*(part.denominator for part in {*credits_of, first, further}))
    return ColumnTables(
        tables=tables,
        years=years,
        wage=_by_year(tables.average_wage, years),
        maximum=_by_year(tables.maximum_earnings, years),
        quarter=_by_year(tables.quarter_amount, years),
        special=_by_year(tables.special_minimum_year, years),
        primary=_bends(tables.primary_bends, years, 2),
        family=_bends(tables.family_bends, years, 3),
        increases=tuple(
            Increase(
                item.month,
                _whole(item.factor * _THOUSAND),
                item.month < tables.months_up_before,
                item.paid_from,
                item.paid_before,
            )
            for item in tables.increases
        ),
        full_retirement=np.array([tables.full_retirement_months(y) for y in span], np.int64),
        credit=np.array([_parts(part, parts) for part in credits_of], np.int64),
        parts=parts,
        first_reduction=_parts(first, parts),
        further_reduction=_parts(further, parts),
    )


def _parts(fraction: Fraction, parts: int) -> int:
    return fraction.numerator * (parts // fraction.denominator)


def _whole(amount: Decimal) -> int:
    if amount != amount.to_integral_value():
        raise ValueError(f"not whole: {amount}")
    return int(amount)


def _by_year(values: dict[int, Decimal], years: int) -> Integers:
    found = np.zeros(years, np.int64)
    for year, value in values.items():
        if 0 <= year - FIRST_YEAR < years:
            found[year - FIRST_YEAR] = _whole(value * _CENTS)
    return found


def _bends(values: dict[int, list[int]], years: int, count: int) -> Integers:
    found = np.zeros((count, years), np.int64)
    for year, bends in values.items():
        if 0 <= year - FIRST_YEAR < years:
            found[:, year - FIRST_YEAR] = bends
    return found
