"""US quarters of coverage by year, and how they lie in the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from totalize.benefits.record import Record
from totalize.benefits.tables import Tables
from totalize.kernel.errors import InputError


@dataclass(frozen=True, slots=True)
class UsQuarters:
    """Quarters of coverage under the US system.

    Attributes:
        by_year: how many, only years with at least one.
        placed: where they lie in a year when that is known (quarter counts); in other years they
            are placed so that most foreign quarters fit beside them.
        unknown_years: years before 1978 with earnings and no quarters given.
    """

    by_year: Mapping[int, int]
    placed: Mapping[int, frozenset[int]]
    unknown_years: tuple[int, ...]

    @property
    def total(self) -> int:
        """All quarters on the record."""
        return sum(self.by_year.values())

    def through(self, quarter: int) -> int:
        """Return how many are credited through a calendar quarter.

        Source: 42 USC 413(a)(2)(B); RS 00301.230 (placed where they help most).
        """
        return self.between(0, quarter)

    def between(self, first: int, last: int, taken: frozenset[int] = frozenset()) -> int:
        """Return how many can lie from one calendar quarter through another.

        Args:
            first: the first quarter.
            last: the last quarter.
            taken: quarters held by foreign coverage.
        """
        total = 0
        for year, count in self.by_year.items():
            low, high = max(first, year * 4), min(last, year * 4 + 3)
            if high < low:
                continue
            if year in self.placed:
                total += sum(low <= quarter <= high for quarter in self.placed[year])
                continue
            room = high - low + 1
            if taken and room < 4:
                room -= sum(low <= quarter <= high for quarter in taken)
            total += min(count, room)
        return total


def count_us_quarters(record: Record, tables: Tables) -> UsQuarters:
    """Return the quarters of each year: given ones, else from 1978 by earnings.

    Raises:
        InputError: earnings stand in a year for which no amount is published.

    Source: 42 USC 413(d); 20 CFR 404.143.
    """
    last_given = tables.rules.insured_status.last_year_of_given_quarters
    most = tables.rules.insured_status.quarters_a_year
    by_year: dict[int, int] = {}
    unknown: list[int] = []
    for year, earnings in record.earnings.items():
        if year in record.us_quarters or year in record.us_quarters_placed:
            continue
        if year <= last_given:
            if earnings:
                unknown.append(year)
            continue
        amount = tables.quarter_amount.get(year)
        if amount is None:
            if earnings:
                raise not_published(f"earnings[{year}]", year, tables)
            continue
        count = min(most, int(earnings // amount))
        if count:
            by_year[year] = count
    by_year |= {year: count for year, count in record.us_quarters.items() if count}
    for year, places in record.us_quarters_placed.items():
        if places:
            by_year[year] = len(places)
    placed = {
        year: frozenset(year * 4 + place - 1 for place in places)
        for year, places in record.us_quarters_placed.items()
    }
    return UsQuarters(dict(sorted(by_year.items())), placed, tuple(sorted(unknown)))


def limit_earnings(record: Record, tables: Tables) -> dict[int, Decimal]:
    """Return the earnings of each year, not above the maximum that counts.

    Raises:
        InputError: earnings stand in a year for which no maximum is published.

    Source: 42 USC 430; 20 CFR 404.1047.
    """
    limited = {}
    for year, earnings in record.earnings.items():
        if not earnings:
            continue
        maximum = tables.maximum_earnings.get(year)
        if maximum is None:
            raise not_published(f"earnings[{year}]", year, tables)
        limited[year] = min(earnings, maximum)
    return limited


def not_published(path: str, year: int, tables: Tables) -> InputError:
    """Return the refusal of a year for which the law has no figures yet."""
    return InputError(
        path,
        "no figures are published for this year",
        value=year,
        expected=f"a year through {tables.last_year}",
        code="figures_not_published",
    )
