"""Foreign coverage as calendar quarters, by the rule of its own agreement.

How many quarters a stretch gives (`Conversion.unit`, `per_quarter`, remainder, per period or per
calendar year) and where they may lie (`placement`) are data; no country is known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from totalize.benefits.credits import UsQuarters
from totalize.benefits.months import month_of, quarter_of
from totalize.benefits.record import ForeignCoverage, ForeignPeriod
from totalize.law.benefits import Basis, Conversion, Placement, Unit


@dataclass(frozen=True, slots=True)
class Group:
    """Quarters earned together and the calendar quarters they may be put into, in order."""

    count: int
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ForeignQuarters:
    """Foreign quarters that can be credited beside the US ones.

    Attributes:
        placed: the calendar quarters.
        from_dates: the number of units was counted from the dates because none was certified.
    """

    placed: frozenset[int]
    from_dates: bool

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.placed)

    def by_year(self) -> dict[int, int]:
        """Return how many lie in each year."""
        found: dict[int, int] = {}
        for quarter in sorted(self.placed):
            found[quarter // 4] = found.get(quarter // 4, 0) + 1
        return found


def convert(
    coverage: ForeignCoverage,
    rule: Conversion,
    us_quarters: UsQuarters,
    *,
    backwards: bool = False,
    through: int | None = None,
) -> ForeignQuarters:
    """Return the quarters a country's coverage gives beside the US ones.

    Never in a quarter that is a US one, never more than four a year together with those, nothing
    before the rule's first year. Where US quarters have no fixed place they make room as far as
    they can.

    Args:
        coverage: periods, or quarters by year.
        rule: the agreement's own rule.
        us_quarters: US quarters.
        backwards: place from the end of each period.
        through: last calendar quarter that may be used.

    Source: GN 01701.200 ff.; each agreement's section (see the data); RS 00301.230.
    """
    room = _Room(us_quarters)
    for group in _groups(coverage, rule):
        places = reversed(group.places) if backwards else iter(group.places)
        left = group.count
        for quarter in places:
            if not left:
                break
            if through is not None and quarter > through:
                continue
            if room.take(quarter):
                left -= 1
    certified = all(
        period.months is not None or period.weeks is not None or period.days is not None
        for period in coverage.periods
    )
    return ForeignQuarters(frozenset(room.taken), bool(coverage.periods) and not certified)


class _Room:
    """The calendar with the US quarters in it."""

    def __init__(self, us_quarters: UsQuarters) -> None:
        self._us = us_quarters
        self._left: dict[int, int] = {}
        self.taken: set[int] = set()

    def take(self, quarter: int) -> bool:
        year = quarter // 4
        if quarter in self.taken or quarter in self._us.placed.get(year, ()):
            return False
        left = self._left.setdefault(year, 4 - self._us.by_year.get(year, 0))
        if left <= 0:
            return False
        self._left[year] = left - 1
        self.taken.add(quarter)
        return True


def _groups(coverage: ForeignCoverage, rule: Conversion) -> Iterator[Group]:
    for year, count in sorted(coverage.quarters.items()):
        if year >= rule.first_year:
            yield Group(count, tuple(range(year * 4, year * 4 + 4)))
    periods = sorted(coverage.periods, key=lambda period: (period.start, period.end))
    if rule.basis is Basis.CALENDAR_YEAR:
        yield from _yearly(periods, rule)
        return
    for period in periods:
        start = max(period.start, date(rule.first_year, 1, 1))
        if start > period.end:
            continue
        units = _units(period, start, period.end, rule)
        touched = range(quarter_of(start), quarter_of(period.end) + 1)
        yield Group(_quarters_for(units, rule), tuple(touched))


def _yearly(periods: list[ForeignPeriod], rule: Conversion) -> Iterator[Group]:
    units: dict[int, int] = {}
    months: dict[int, set[int]] = {}
    touched: dict[int, set[int]] = {}
    for period in periods:
        for year in range(max(period.start.year, rule.first_year), period.end.year + 1):
            start = max(period.start, date(year, 1, 1))
            end = min(period.end, date(year, 12, 31))
            touched.setdefault(year, set()).update(range(quarter_of(start), quarter_of(end) + 1))
            months.setdefault(year, set()).update(range(month_of(start), month_of(end) + 1))
            units[year] = units.get(year, 0) + _units(period, start, end, rule)
    for year, counted in sorted(units.items()):
        # What two periods share counts once.
        shared = {
            Unit.MONTH: len(months[year]),
            Unit.QUARTER: len(touched[year]),
            Unit.YEAR: 1,
        }
        count = min(counted, shared.get(rule.unit, counted))
        anywhere = rule.placement is Placement.WITHIN_YEAR
        places = range(year * 4, year * 4 + 4) if anywhere else sorted(touched[year])
        yield Group(min(_quarters_for(count, rule), 4), tuple(places))


def _quarters_for(units: int, rule: Conversion) -> int:
    whole, rest = divmod(units, rule.per_quarter)
    return (whole + (1 if rest and rule.remainder_counts else 0)) * rule.quarters_each


def _units(period: ForeignPeriod, start: date, end: date, rule: Conversion) -> int:
    """Return the units between two days of a period, certified or counted from the dates.

    A certified number that is spread over several calendar years goes to each by its months.
    """
    certified = {
        Unit.MONTH: period.months,
        Unit.WEEK: period.weeks,
        Unit.DAY: period.days,
    }.get(rule.unit)
    months = month_of(end) - month_of(start) + 1
    if certified is not None:
        return _spread(certified, period, start, end)
    if rule.unit is Unit.MONTH:
        return months
    if rule.unit is Unit.QUARTER:
        return quarter_of(end) - quarter_of(start) + 1
    if rule.unit is Unit.YEAR:
        return end.year - start.year + 1
    days = (end - start).days + 1
    if rule.unit is Unit.WEEK:
        return -(-days // 7)
    return months * rule.units_a_month if rule.units_a_month else days


def _spread(certified: int, period: ForeignPeriod, start: date, end: date) -> int:
    if start == period.start and end == period.end:
        return certified
    whole = (period.end - period.start).days + 1
    before = (start - period.start).days
    through = (end - period.start).days + 1
    return _part(certified, through, whole) - _part(certified, before, whole)


def _part(certified: int, days: int, whole: int) -> int:
    """Return how many of the certified units lie in the first days, to the nearest."""
    return (2 * certified * days + whole) // (2 * whole)
