"""Credits and insured status over whole columns, in integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from totalize.benefits.column_tables import FIRST_YEAR, ColumnTables, Integers

Flags = NDArray[np.bool_]
Small = NDArray[np.int8]
UNKNOWN = -1

# How many quarters a set of four holds, and its first k members.
_COUNT = np.array([mask.bit_count() for mask in range(16)], np.int8)


def _first(mask: int, keep: int) -> int:
    kept = 0
    for bit in range(4):
        if mask >> bit & 1 and keep > 0:
            kept |= 1 << bit
            keep -= 1
    return kept


_FIRST = np.array([[_first(mask, keep) for keep in range(5)] for mask in range(16)], np.int8)


def count_us(earnings: Integers, given: Small, tables: ColumnTables) -> Small:
    """Return US quarters by year and person: given ones, else from 1978 by earnings."""
    found = np.where(given == UNKNOWN, 0, given).astype(np.int8)
    last_given = tables.tables.rules.insured_status.last_year_of_given_quarters - FIRST_YEAR
    for at in range(last_given + 1, tables.years):
        row = earnings[at]
        if not row.any():
            continue
        made = np.minimum(row // int(tables.quarter[at]), 4).astype(np.int8)
        found[at] = np.where(given[at] == UNKNOWN, made, given[at])
    return found


def fit_foreign(masks: Small, us_quarters: Small) -> Small:
    """Return foreign quarters, as sets of four by year and person, beside the US ones."""
    fitted = masks.copy()
    for at, row in enumerate(masks):
        shared = np.flatnonzero((row != 0) & (us_quarters[at] != 0))
        if shared.size:
            own = row[shared]
            room = np.minimum(4 - us_quarters[at, shared], _COUNT[own])
            fitted[at, shared] = _FIRST[own, room]
    return fitted


@dataclass(frozen=True, slots=True)
class CreditColumns:
    """US and foreign quarters with running totals."""

    us: Small
    foreign: Small
    us_total: Integers
    foreign_total: Integers

    @classmethod
    def of(cls, us_quarters: Small, foreign: Small) -> CreditColumns:
        """Return credits with their running totals over the years."""
        held = np.zeros_like(foreign)
        for at, row in enumerate(foreign):
            if row.any():
                held[at] = _COUNT[row]
        return cls(us_quarters, foreign, _running(us_quarters), _running(held))

    def between(
        self, people: Integers, first: Integers, last: Integers, *, combined: bool
    ) -> Integers:
        """Return how many quarters some people have from one calendar quarter through another.

        Args:
            people: which people.
            first: the first quarter of each.
            last: the last quarter of each.
            combined: count foreign quarters too.
        """
        low = np.maximum(first, FIRST_YEAR * 4)
        years = self.us.shape[0]
        high = np.minimum(last, (FIRST_YEAR + years) * 4 - 1)
        start = np.clip(low // 4 - FIRST_YEAR, 0, years - 1)
        end = np.clip(high // 4 - FIRST_YEAR, 0, years - 1)
        same = start == end
        after = np.minimum(start + 1, end)
        inner = self.us_total[end, people] - self.us_total[after, people]
        if combined:
            inner += self.foreign_total[end, people] - self.foreign_total[after, people]
        left = self._part(people, start, (low % 4, np.where(same, high % 4, 3)), combined)
        right = self._part(people, end, (np.zeros_like(end), high % 4), combined)
        total = np.where(same, left, left + inner + right)
        return np.where(high < low, 0, total)

    def _part(
        self, people: Integers, at: Integers, window: tuple[Integers, Integers], combined: bool
    ) -> Integers:
        """Return the quarters of one year from one of its quarters through another."""
        low, high = window
        room = high - low + 1
        us_quarters: Integers = self.us[at, people].astype(np.int64)
        if not combined:
            alone: Integers = np.minimum(us_quarters, room)
            return alone
        inside = (1 << (high + 1)) - (1 << low)
        own = _COUNT[self.foreign[at, people] & inside].astype(np.int64)
        left = np.where(room < 4, room - own, room)
        found: Integers = own + np.minimum(us_quarters, left)
        return found


def _running(counts: Small) -> Integers:
    """Return totals of the years before each year, one row more than there are years."""
    total = np.zeros((counts.shape[0] + 1, counts.shape[1]), np.int64)
    for at, row in enumerate(counts):
        np.add(total[at], row, out=total[at + 1])
    return total


def required(birth_year: Integers, end: Integers, tables: ColumnTables) -> Integers:
    """Return quarters needed; `end` is the first of year of 62, onset, death."""
    rule = tables.tables.rules.insured_status
    after = np.maximum(birth_year + 21, rule.first_year_after)
    found: Integers = np.clip(end - 1 - after, rule.fewest, rule.most)
    return found


def used_quarters(
    credit: CreditColumns, last: Integers, needed: Integers, own: Integers
) -> Integers:
    """Return how many foreign quarters, the latest first, make up what is needed.

    Args:
        credit: credits, foreign ones only through `last`.
        last: last calendar quarter that counts.
        needed: quarters needed.
        own: US quarters through `last`.
    """
    people = np.arange(len(last))
    years = credit.us.shape[0]
    at = np.minimum(last // 4 - FIRST_YEAR, years - 1)
    room = np.where(last // 4 - FIRST_YEAR < years, last % 4 + 1, 4)
    here = _COUNT[credit.foreign[at, people]].astype(np.int64)
    us_here = credit.us[at, people].astype(np.int64)
    # In a year that is not over, foreign quarters may take the place of US ones.
    gain = np.where(room < 4, np.minimum(here, room - np.minimum(us_here, room)), here)
    lacking = np.maximum(needed - own, 0)
    used: Integers = np.where(lacking <= gain, lacking, here + lacking - gain)
    return used
