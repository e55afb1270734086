"""The months of a year, and how much of each a stretch of days fills."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from totalize.contributions.request import Stretch

ZERO = Decimal(0)
ONE = Decimal(1)
MONTHS = range(1, 13)
NEVER = (ZERO,) * len(MONTHS)


@lru_cache(4096)
def last_day(year: int, month: int) -> date:
    """Return the last day of a month, when its wages are usually paid."""
    return date(year, month, calendar.monthrange(year, month)[1])


def share_of_month(stretch: Stretch, year: int, month: int) -> Decimal:
    """Return the part of a month that a stretch fills, by days."""
    first, end = date(year, month, 1), last_day(year, month)
    start = max(first, stretch.first)
    stop = end if stretch.last is None else min(end, stretch.last)
    days = (stop - start).days + 1
    if days <= 0:
        return ZERO
    return ONE if days == end.day else Decimal(days) / end.day


def shares_of_months(stretch: Stretch, year: int) -> tuple[Decimal, ...]:
    """Return the part of each month of a year that a stretch fills, by days."""
    return tuple([share_of_month(stretch, year, month) for month in MONTHS])


def fill(shares: Iterable[tuple[Decimal, ...]]) -> tuple[Decimal, ...]:
    """Return, for each month, the part of it that some stretches fill together."""
    chosen = list(shares)
    if len(chosen) == 1:
        return chosen[0]
    return tuple([sum(month, ZERO) for month in zip(*chosen, strict=True)]) or NEVER


def years_of(stretches: Sequence[Stretch], horizon: int) -> range:
    """Return the calendar years of the work; an open end counts up to `horizon`."""
    first = min(stretch.first for stretch in stretches).year
    ends = [horizon if stretch.last is None else stretch.last.year for stretch in stretches]
    return (
        range(first, max(*ends, first) + 1)
        if len(ends) > 1
        else range(first, max(ends[0], first) + 1)
    )
