"""The days by which returns and reports are due, moved off weekends and holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from totalize.law.filing import FilingLaw

_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class DueDay:
    """A due date.

    Attributes:
        day: when it is due.
        written: the day that the law names, before it is moved.
        moved_by: why it is not that day (`Saturday`, `Sunday`, a holiday's name), in order.
    """

    day: date
    written: date
    moved_by: tuple[str, ...]


def due_date(law: FilingLaw, name: str, years_later: int = 1) -> DueDay:
    """Return a due date by its name in the law data, for the law's tax year.

    Source: IRC 6072(a), 7503.
    """
    rule = law.rules.due_dates[name]
    return next_business_day(law, date(law.year.tax_year + years_later, rule.month, rule.day))


def next_business_day(law: FilingLaw, day: date) -> DueDay:
    """Move a day that is no business day to the next one that is.

    Source: IRC 7503; Notice 2011-17.
    """
    holidays = observed_holidays(law, day.year)
    found, reasons = day, []
    while True:
        if found.weekday() in {_SATURDAY, _SUNDAY}:
            reasons.append("Saturday" if found.weekday() == _SATURDAY else "Sunday")
        elif found in holidays:
            reasons.append(holidays[found])
        else:
            return DueDay(found, day, tuple(reasons))
        found += timedelta(days=1)


def observed_holidays(law: FilingLaw, year: int) -> dict[date, str]:
    """Return the weekdays on which the listed holidays are kept: Friday before, Monday after."""
    kept = {}
    for holiday in law.rules.legal_holidays:
        day = date(year, holiday.month, holiday.day)
        shift = {_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0)
        kept[day + timedelta(days=shift)] = holiday.name
    return kept
