"""Days as integers: what calendar arithmetic says, 29 February and short months included."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from totalize.kernel.dates import FIRST_DAY, LAST_DAY, add_months, end_of_month, months_between
from totalize.logic.expressions import (
    DAYS_IN_A_STEP,
    OPEN,
    decode_day,
    encode_day,
    encode_day_after,
)

days = st.dates(FIRST_DAY, LAST_DAY)
months = st.integers(0, 240)


@given(days)
def test_a_day_comes_back_from_its_code(day: date) -> None:
    assert decode_day(encode_day(day)) == day
    assert decode_day(encode_day_after(day)) == day + timedelta(days=1)
    assert encode_day(day) < encode_day_after(day) <= encode_day(day + timedelta(days=1))


@given(days, days)
def test_codes_keep_the_order_of_days(one: date, other: date) -> None:
    assert (encode_day(one) < encode_day(other)) == (one < other)
    assert encode_day(one) < OPEN


@given(days, months)
def test_a_shifted_day_is_the_same_day_of_a_later_month_or_the_first_after_it(
    day: date, count: int
) -> None:
    found = decode_day(encode_day(day) + count * DAYS_IN_A_STEP)
    clipped = add_months(day, count)
    assert found == (clipped if clipped.day == day.day else clipped + timedelta(days=1))


@given(days, months)
def test_a_stay_of_whole_months_ends_within_its_months(start: date, count: int) -> None:
    """The longest stay within a limit: to the eve of the same day, or a whole short month."""
    limit = encode_day(start) + count * DAYS_IN_A_STEP
    last = decode_day(limit) - timedelta(days=1)
    assert encode_day_after(last) <= limit < encode_day_after(last + timedelta(days=1))


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        (date(2024, 2, 29), 60, date(2029, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 28)),
        (date(2023, 3, 1), 12, date(2024, 2, 29)),
        (date(2024, 3, 1), 60, date(2029, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 1, 1), 60, date(2030, 12, 31)),
        (date(2026, 1, 15), 36, date(2029, 1, 14)),
    ],
)
def test_the_last_day_of_a_stay_as_one_counts_on_a_calendar(
    start: date, count: int, last: date
) -> None:
    limit = encode_day(start) + count * DAYS_IN_A_STEP
    assert encode_day_after(last) <= limit < encode_day_after(last + timedelta(days=1))


@given(days, months)
def test_months_between_counts_what_add_months_adds(day: date, count: int) -> None:
    later = add_months(day, count)
    assert months_between(day, later) == count
    assert months_between(day, later - timedelta(days=1)) == count - 1
    assert end_of_month(later).month == later.month
    assert (end_of_month(later) + timedelta(days=1)).day == 1
