"""Months and calendar quarters as plain counts, so that a distance is a subtraction.

A month is `year * 12 + month - 1`, a quarter `year * 4 + quarter - 1`.
"""

from __future__ import annotations

import re
from datetime import date

from totalize.kernel.errors import InputError

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def month_at(year: int, month: int) -> int:
    """Return the count of a month; `month` runs from 1 to 12."""
    return year * 12 + month - 1


def month_of(day: date) -> int:
    """Return the month in which a day falls."""
    return day.year * 12 + day.month - 1


def month_text(month: int) -> str:
    """Write a month as in files: `2026-11`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def read_month(text: str) -> int:
    """Read a month that is known to be well written."""
    return month_at(int(text[:4]), int(text[5:7]))


def parse_month(value: object, path: str) -> int:
    """Read a month like `2026-11`.

    Raises:
        InputError: it is no month between 1900 and 2199.
    """
    match = _MONTH.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InputError(
            path, "is not a month", value=value, expected="a month like 2026-11", code="bad_month"
        )
    year = int(match[1])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise InputError(
            path,
            "is out of reach",
            value=value,
            expected=f"a month from {_FIRST_YEAR}-01 to {_LAST_YEAR}-12",
            code="date_out_of_range",
        )
    return month_at(year, int(match[2]))


def quarter_of_month(month: int) -> int:
    """Return the calendar quarter of a month."""
    return month // 3


def quarter_of(day: date) -> int:
    """Return the calendar quarter of a day."""
    return month_of(day) // 3


def quarter_text(quarter: int) -> str:
    """Write a quarter for people: `1984 Q1`."""
    return f"{quarter // 4} Q{quarter % 4 + 1}"
