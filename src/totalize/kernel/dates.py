"""Calendar arithmetic in whole months; periods closed in files, half-open inside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from totalize.kernel.errors import InputError

_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)


def add_months(day: date, months: int) -> date:
    """Return the day `months` later, or the last day of that month when it is shorter.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, _days_in(year, month + 1)))


def months_between(start: date, end: date) -> int:
    """Return the number of whole months from `start` up to but not including `end`.

    >>> months_between(date(2026, 3, 1), date(2029, 3, 1))
    36
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if end >= add_months(start, months) else months - 1


def end_of_month(day: date) -> date:
    """Return the last day of the month in which `day` falls."""
    return day.replace(day=_days_in(day.year, day.month))


def _days_in(year: int, month: int) -> int:
    # The calendar module knows too, and loads the locale for it.
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in {4, 6, 9, 11} else 31


def written_day(day: date) -> str:
    """Write a day as people do in English.

    >>> written_day(date(2026, 3, 1))
    '1 March 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


# Not by strftime, which follows the locale of the machine.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def parse_date(text: object, path: str) -> date:
    """Read an ISO 8601 calendar date between 1900 and 2199.

    Raises:
        InputError: the text is no date, an impossible one, or outside those years.
    """
    expected = "a date like 2026-03-01"
    if isinstance(text, date):
        day = text
    else:
        if not isinstance(text, str) or not _WRITTEN.fullmatch(text):
            raise InputError(path, "is not a date", value=text, expected=expected, code="bad_date")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise InputError(
                path,
                "is not a date of the calendar",
                value=text,
                expected=expected,
                code="bad_date",
            ) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(
            path,
            "is out of reach",
            value=day.isoformat(),
            expected=f"a date from {FIRST_DAY} to {LAST_DAY}",
            code="date_out_of_range",
        )
    return day


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of days, half-open: `start` belongs to it, `stop` no longer. None: no end."""

    start: date
    stop: date | None

    @classmethod
    def closed(cls, first: date, last: date | None) -> Period:
        """Build a period from its first and last day, as certificates are written."""
        return cls(first, None if last is None else last + timedelta(days=1))

    @property
    def last(self) -> date | None:
        """The last day that belongs to the period."""
        return None if self.stop is None else self.stop - timedelta(days=1)

    def overlaps(self, other: Period) -> bool:
        """Tell whether the two share at least one day."""
        return (other.stop is None or self.start < other.stop) and (
            self.stop is None or other.start < self.stop
        )

    def contains(self, other: Period) -> bool:
        """Tell whether every day of `other` lies in this period."""
        if other.start < self.start:
            return False
        return self.stop is None or (other.stop is not None and other.stop <= self.stop)
