"""The rules of `primary` and `theoretical` over whole columns, in integers.

Tables of years are year-major (one row a year), so that each year is one division by one number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from totalize.benefits.binary import half_is_reached
from totalize.benefits.column_tables import BASE_YEAR, FIRST_YEAR, ColumnTables, Integers

_BASE = BASE_YEAR - FIRST_YEAR
_UNITS = 10**7
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BasisColumns:
    """Which years are averaged, a column each; see `primary.Basis`."""

    eligibility: Integers
    years: Integers
    last_base: Integers
    last_counted: Integers

    def take(self, rows: Integers | Flags) -> BasisColumns:
        """Return some rows."""
        return BasisColumns(
            self.eligibility[rows], self.years[rows], self.last_base[rows], self.last_counted[rows]
        )


def average(limited: Integers, basis: BasisColumns, tables: ColumnTables) -> Integers:
    """Return average indexed monthly earnings in whole dollars.

    Args:
        limited: cents by year (from 1937) and person, not above the yearly maximum.
        basis: the years to average.
        tables: figures.
    """
    people = limited.shape[1]
    base = np.zeros((people, tables.years - _BASE), np.int32)
    index_year = basis.eligibility - 2 - FIRST_YEAR
    level = 2 * tables.wage[index_year]
    last = np.minimum(basis.last_base, basis.last_counted) - FIRST_YEAR
    for at in range(_BASE, tables.years):
        row = limited[at]
        if not row.any():
            continue
        wage = int(tables.wage[at])
        value = row
        if wage:
            indexed = (row * level + wage) // (2 * wage)
            value = np.where(index_year > at, indexed, row)
        base[:, at - _BASE] = np.where(last >= at, value, 0)
    base.sort(axis=1)
    highest = np.zeros(people, np.int64)
    for years in np.unique(basis.years).tolist():
        rows = np.flatnonzero(basis.years == years)
        highest[rows] = base[rows, -years:].sum(axis=1, dtype=np.int64)
    return highest // (1200 * basis.years)


def apply_formula(aime: Integers, eligibility: Integers, tables: ColumnTables) -> Integers:
    """Return the amount at eligibility in dimes."""
    formula = tables.tables.rules.formula
    at = eligibility - FIRST_YEAR
    cents = _slices(aime, tables.primary[:, at], formula.percents)
    up = eligibility < formula.amounts_up_before_eligibility
    return np.where(up, -(-cents // 10), cents // 10)


def _slices(amount: Integers, bends: Integers, percents: list[int]) -> Integers:
    below = np.zeros_like(amount)
    total = np.zeros_like(amount)
    for at, share in enumerate(percents):
        top = np.minimum(amount, bends[at]) if at < len(bends) else amount
        total += np.maximum(top - below, 0) * share
        below = np.maximum(below, top)
    return total


def apply_increases(
    dimes: Integers, eligibility: Integers, month: Integers, tables: ColumnTables
) -> Integers:
    """Return amounts with the increases effective through each row's month.

    Args:
        dimes: one or more rows of amounts over the same people.
        eligibility: year from which increases count.
        month: month of benefit.
        tables: figures.
    """
    if not eligibility.size:
        return dimes
    first, last = int(eligibility.min()), int(month.max())
    found = dimes
    for item in tables.increases:
        if item.month // 12 < first or item.month > last:
            continue
        due = _due(item.month, item.paid_from, item.paid_before, eligibility, month)
        grown = found * item.thousandths
        rounded = -(-grown // 1000) if item.up else grown // 1000
        found = np.where(due, rounded, found)
    return found


def undo_increases(
    dimes: Integers, eligibility: Integers, month: Integers, tables: ColumnTables
) -> Integers:
    """Return the amounts at eligibility: each quotient up to the dime."""
    if not eligibility.size:
        return dimes
    first, last = int(eligibility.min()), int(month.max())
    found = dimes
    for item in reversed(tables.increases):
        if item.month // 12 < first or item.month > last:
            continue
        due = _due(item.month, item.paid_from, item.paid_before, eligibility, month)
        found = np.where(due, -(-(found * 1000) // item.thousandths), found)
    return found


def _due(
    item: int, paid_from: int, paid_before: int, eligibility: Integers, month: Integers
) -> Flags:
    due: Flags = (eligibility <= item // 12) & (month >= max(item, paid_from))
    return due & (month < paid_before) if paid_before < 10**6 else due


def family_maximum(initial: Integers, eligibility: Integers, tables: ColumnTables) -> Integers:
    """Return the family maximum at eligibility in dimes (old age and survivors)."""
    bends = 10 * tables.family[:, eligibility - FIRST_YEAR]
    return _slices(initial, bends, tables.tables.rules.family_maximum.percents) // 100


def disability_maximum(aime: Integers, initial: Integers, tables: ColumnTables) -> Integers:
    """Return the family maximum of a disabled worker at eligibility in dimes."""
    rule = tables.tables.rules.disability_maximum
    least = np.minimum(aime * (10 * rule.percent_of_aime), initial * rule.percent_of_pia)
    return np.maximum(least, initial * 100) // 100


def average_behind(initial: Integers, eligibility: Integers, tables: ColumnTables) -> Integers:
    """Return the average that the formula would turn into an amount, in whole dollars."""
    formula = tables.tables.rules.formula
    low, middle, high = formula.percents
    first, second = tables.primary[:, eligibility - FIRST_YEAR]
    # In hundredths of a dollar times one percent: dollars times percents, dimes times ten.
    reached = initial * 10
    at_first = low * first
    at_second = at_first + middle * (second - first)
    down = eligibility < formula.amounts_up_before_eligibility

    def divide(amount: Integers, by: int) -> Integers:
        return np.where(down, amount // by, -(-amount // by))

    return np.select(
        [reached <= at_first, reached <= at_second],
        [divide(reached, low), first + divide(reached - at_first, middle)],
        second + divide(reached - at_second, high),
    )


def position(
    earnings: Integers,
    quarters: NDArray[np.int8],
    last_base: Integers,
    last_wage: Integers,
    tables: ColumnTables,
) -> tuple[Integers, Integers]:
    """Return the relative earnings position in ten-millionths, and its US quarters."""
    people = earnings.shape[1]
    total = np.zeros(people, np.int64)
    counted = np.zeros(people, np.int64)
    kept: dict[int, Integers] = {}
    for at in range(tables.years):
        if not quarters[at].any():
            continue
        held = np.where(last_base - FIRST_YEAR >= at, quarters[at], 0).astype(np.int64)
        used = np.minimum(earnings[at], held * (int(tables.maximum[at]) // 4))
        ratio = _ratio(used, at, last_wage, tables)
        kept[at] = ratio
        total += ratio
        counted += held
    safe = np.maximum(counted, 1)
    whole, rest = np.divmod(4 * total, safe)
    value = whole + (2 * rest > safe)
    halves = np.flatnonzero((2 * rest == safe) & (rest > 0))
    if halves.size:
        ratios = np.stack([kept[at][halves] for at in sorted(kept)], axis=1).tolist()
        for row, own, held_by in zip(halves, ratios, counted[halves].tolist(), strict=True):
            value[row] += half_is_reached(own, _UNITS, held_by)
    return value, counted


def _ratio(used: Integers, at: int, last_wage: Integers, tables: ColumnTables) -> Integers:
    wage = int(tables.wage[at])
    scaled = used * (2 * _UNITS)
    found = (scaled + wage) // (2 * wage) if wage else np.zeros_like(used)
    later = np.flatnonzero((last_wage < at + FIRST_YEAR) & (used > 0))
    if later.size:
        wages = tables.wage[last_wage[later] - FIRST_YEAR]
        found[later] = (scaled[later] + wages) // (2 * wages)
    return found


def theoretical(
    value: Integers,
    quarters: NDArray[np.int8],
    window: tuple[Integers, Integers],
    last_wage: Integers,
    tables: ColumnTables,
) -> Integers:
    """Return the theoretical record in cents by year and person, before the yearly maximum.

    Args:
        value: relative earnings position in ten-millionths.
        quarters: US quarters by year and person.
        window: first year and first year no longer that are filled without a quarter.
        last_wage: last year whose average wage may be used.
        tables: figures.
    """
    first, stop = window
    record = np.zeros((tables.years, len(value)), np.int64)
    for at in range(_BASE, tables.years):
        year = at + FIRST_YEAR
        filled = ((first <= year) & (year < stop)) | (quarters[at] > 0)
        if not filled.any():
            continue
        wage = int(tables.wage[at])
        amount = (value * (2 * wage) + _UNITS) // (2 * _UNITS)
        later = np.flatnonzero(filled & (last_wage < year))
        if later.size:
            wages = tables.wage[last_wage[later] - FIRST_YEAR]
            amount[later] = (value[later] * (2 * wages) + _UNITS) // (2 * _UNITS)
        record[at] = np.where(filled, amount, 0)
    return record
