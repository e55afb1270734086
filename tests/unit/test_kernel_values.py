"""The kernel's small things: periods, dates, money, countries, errors, plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from totalize.kernel.countries import NAMES, country_name, in_sentence, parse_country
from totalize.kernel.dates import (
    FIRST_DAY,
    LAST_DAY,
    Period,
    add_months,
    end_of_month,
    months_between,
    parse_date,
)
from totalize.kernel.errors import InputError, LawError
from totalize.kernel.money import CENT, DIME, Money, down_to, parse_amount, to_nearest, up_to
from totalize.kernel.plain import to_plain


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 5, 15), 0, date(2026, 5, 15)),
    ],
)
def test_months_are_added_on_the_calendar(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 3, 1), date(2029, 3, 1), 36),
        (date(2026, 3, 1), date(2029, 2, 28), 35),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 3, 1), date(2026, 3, 1), 0),
        (date(2026, 3, 1), date(2026, 2, 1), -1),
    ],
)
def test_only_whole_months_count(start: date, end: date, months: int) -> None:
    assert months_between(start, end) == months


def test_a_month_ends_on_its_last_day() -> None:
    assert end_of_month(date(2024, 2, 3)) == date(2024, 2, 29)
    assert end_of_month(date(2026, 12, 31)) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-02-30", "bad_date"),
        ("2026-13-01", "bad_date"),
        ("26-01-01", "bad_date"),
        ("20260101", "bad_date"),
        ("2026-W01-1", "bad_date"),
        (20260101, "bad_date"),
        (None, "bad_date"),
        ("1899-12-31", "date_out_of_range"),
        ("2200-01-01", "date_out_of_range"),
        ("0001-01-01", "date_out_of_range"),
        (date(1, 1, 1), "date_out_of_range"),
    ],
)
def test_what_is_no_day_is_refused_by_its_path(text: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_date(text, "work[0].start")
    assert (caught.value.path, caught.value.code) == ("work[0].start", code)


def test_the_first_and_the_last_day_are_within_reach() -> None:
    assert parse_date("1900-01-01", "") == FIRST_DAY
    assert parse_date("2199-12-31", "") == LAST_DAY
    assert parse_date(date(2024, 2, 29), "") == date(2024, 2, 29)


def test_a_period_is_closed_in_files_and_half_open_inside() -> None:
    period = Period.closed(date(2026, 1, 1), date(2026, 1, 31))
    assert period == Period(date(2026, 1, 1), date(2026, 2, 1))
    assert period.last == date(2026, 1, 31)
    assert Period.closed(date(2026, 1, 1), None).last is None


def test_periods_overlap_when_they_share_a_day() -> None:
    january = Period.closed(date(2026, 1, 1), date(2026, 1, 31))
    assert not january.overlaps(Period(date(2026, 2, 1), None))
    assert not Period(date(2026, 2, 1), None).overlaps(january)
    assert january.overlaps(Period(date(2026, 1, 31), None))
    assert january.overlaps(Period.closed(date(2025, 1, 1), date(2026, 1, 1)))
    assert Period(date(2026, 1, 1), None).overlaps(Period(date(2030, 1, 1), None))


def test_a_period_contains_another_when_all_its_days_lie_in_it() -> None:
    year = Period.closed(date(2026, 1, 1), date(2026, 12, 31))
    assert year.contains(year)
    assert year.contains(Period.closed(date(2026, 5, 1), date(2026, 12, 31)))
    assert not year.contains(Period.closed(date(2026, 5, 1), date(2027, 1, 1)))
    assert not year.contains(Period(date(2026, 5, 1), None))
    assert not year.contains(Period.closed(date(2025, 12, 31), date(2026, 5, 1)))
    assert Period(date(2026, 1, 1), None).contains(Period(date(2026, 1, 1), None))


def test_amounts_are_rounded_as_each_law_says() -> None:
    assert to_nearest(Decimal("10.005"), CENT) == Decimal("10.01")
    assert to_nearest(Decimal("10.0049"), CENT) == Decimal("10.00")
    assert down_to(Decimal("1234.59"), DIME) == Decimal("1234.5")
    assert up_to(Decimal("1234.51"), DIME) == Decimal("1234.6")
    assert up_to(Decimal("1234.50"), DIME) == Decimal("1234.5")


def test_only_amounts_of_one_currency_add_up() -> None:
    assert Money(Decimal(1), "USD") + Money(Decimal("0.10"), "USD") == Money(Decimal("1.10"), "USD")
    with pytest.raises(ValueError, match="cannot add EUR to USD"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "EUR")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("12,5", "bad_amount"),
        ("", "bad_amount"),
        (True, "bad_amount"),
        (None, "bad_amount"),
        (["1"], "bad_amount"),
        ("-1", "amount_out_of_range"),
        ("NaN", "amount_out_of_range"),
        ("Infinity", "amount_out_of_range"),
        ("1e16", "amount_out_of_range"),
        (float("inf"), "amount_out_of_range"),
    ],
)
def test_what_is_no_amount_is_refused_by_its_path(value: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_amount(value, "earnings[1990]")
    assert (caught.value.path, caught.value.code) == ("earnings[1990]", code)


def test_an_amount_is_read_exactly() -> None:
    assert parse_amount("62000.50", "") == Decimal("62000.50")
    assert parse_amount(0.1, "") == Decimal("0.1")
    assert parse_amount(0, "") == 0
    assert parse_amount("1e15", "") == Decimal("1e15")


def test_countries_have_codes_and_names() -> None:
    assert parse_country("NO", "") == "NO"
    assert country_name("CH") == NAMES["CH"]
    assert in_sentence("US").startswith("the ")
    assert in_sentence("FR") == "France"


@pytest.mark.parametrize(
    ("value", "expected"), [("de", "DE"), ("UK", "GB"), ("XX", "ISO 3166-1"), (False, "ISO 3166-1")]
)
def test_a_wrong_country_comes_with_what_would_be_right(value: object, expected: str) -> None:
    with pytest.raises(InputError, match="not a country") as caught:
        parse_country(value, "work[0].country")
    assert expected in caught.value.expected
    assert caught.value.code == "unknown_country"


def test_an_error_says_where_what_and_what_would_do() -> None:
    error = InputError("work[0].start", "is not a date", value="soon", expected="a date")
    assert str(error) == "work[0].start: is not a date (found 'soon'); expected a date"
    assert str(InputError("", "the case is empty")) == "the case is empty"
    long = InputError("x", "is too long", value="y" * 500)
    assert long.value is not None
    assert len(long.value) == 60


@pytest.mark.parametrize(
    ("path", "whole"), [("start", "case.start"), ("[2].start", "case[2].start"), ("", "case")]
)
def test_an_error_can_be_placed_below_another_path(path: str, whole: str) -> None:
    error = InputError(path, "is wrong", value=3, expected="4", code="some_code").under("case")
    assert (error.path, error.value, error.expected, error.code) == (whole, "3", "4", "some_code")
    assert str(error) == f"{whole}: is wrong (found 3); expected 4"


def test_an_error_in_the_law_names_its_file() -> None:
    error = LawError("agreements/de/agreement.yaml", "leaves a gap")
    assert str(error) == "agreements/de/agreement.yaml: leaves a gap"
    assert error.code == "bad_law"


@dataclass(frozen=True)
class _Paper:
    first: date = field(metadata={"key": "from"})
    amount: Decimal
    tags: tuple[str, ...]
    inner: dict[int, Decimal]


def test_results_become_plain_values() -> None:
    paper = _Paper(date(2026, 1, 2), Decimal("10.50"), ("a",), {1: Decimal(3)})
    assert to_plain(paper) == {
        "from": "2026-01-02",
        "amount": 10.5,
        "tags": ["a"],
        "inner": {"1": 3},
    }
    assert isinstance(to_plain(Decimal("3.00")), int)
