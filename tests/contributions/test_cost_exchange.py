"""Rates of exchange: the previous business day, the mean, rates given, and no silent one."""

from datetime import date
from decimal import Decimal

import pytest

from totalize.kernel.errors import InputError
from totalize.law.exchange import GIVEN, find_rate

NONE: dict[str, Decimal] = {}


def test_a_sunday_takes_the_rate_of_friday_and_says_so():
    sunday = find_rate("EUR", "USD", date(2025, 3, 9), NONE)
    friday = find_rate("EUR", "USD", date(2025, 3, 7), NONE)
    assert sunday.day == date(2025, 3, 7)
    assert sunday.rate == friday.rate == Decimal("1.0857")
    assert not sunday.stale


def test_two_currencies_besides_the_euro_go_through_it():
    cross = find_rate("GBP", "USD", date(2025, 3, 7), NONE).rate
    dollar = find_rate("EUR", "USD", date(2025, 3, 7), NONE).rate
    pound = find_rate("EUR", "GBP", date(2025, 3, 7), NONE).rate
    assert abs(cross - dollar / pound) < Decimal("0.0000001")


def test_there_and_back_is_the_same_amount():
    there = find_rate("JPY", "USD", date(2025, 3, 7), NONE).rate
    back = find_rate("USD", "JPY", date(2025, 3, 7), NONE).rate
    assert abs(there * back - 1) < Decimal("0.0000001")


def test_the_mean_lies_among_the_daily_rates_and_is_labelled():
    mean = find_rate("EUR", "USD", date(2025, 12, 31), NONE, mean_of=2025)
    assert mean.kind == "mean"
    assert "mean of" in mean.source
    assert mean.day == date(2025, 12, 31)
    lowest = find_rate("EUR", "USD", date(2025, 1, 13), NONE).rate
    highest = find_rate("EUR", "USD", date(2025, 9, 17), NONE).rate
    assert lowest < mean.rate < highest


def test_a_rate_given_is_per_dollar_and_goes_before_the_daily_one():
    given = find_rate("CLP", "USD", date(2026, 1, 2), {"CLP": Decimal(950)})
    assert given.rate == Decimal("0.0010526316")
    assert (given.kind, given.day, given.source) == ("given", None, GIVEN)
    euro = find_rate("CLP", "EUR", date(2026, 1, 2), {"CLP": Decimal(950)})
    assert euro.day == date(2026, 1, 2)
    assert GIVEN in euro.source
    own = find_rate("EUR", "USD", date(2026, 1, 2), {"EUR": Decimal("0.8")})
    assert own.rate == Decimal("1.25")


@pytest.mark.parametrize("currency", ["CLP", "UYU", "AED"])
def test_a_currency_without_daily_rates_must_be_given(currency):
    with pytest.raises(InputError) as refused:
        find_rate(currency, "USD", date(2026, 1, 2), NONE)
    assert refused.value.path == f"rates.{currency}"
    assert refused.value.code == "exchange_rate_missing"


def test_a_day_after_the_data_takes_the_last_rate_and_calls_it_stale():
    late = find_rate("EUR", "USD", date(2199, 1, 1), NONE)
    assert late.stale
    assert late.day is not None


def test_a_day_before_the_euro_is_refused():
    with pytest.raises(InputError):
        find_rate("EUR", "USD", date(1998, 1, 1), NONE)


def test_the_same_currency_needs_no_rate():
    assert find_rate("CLP", "CLP", date(2026, 1, 1), NONE).rate == 1


@pytest.mark.parametrize(
    ("currency", "ended"), [("RUB", date(2022, 3, 1)), ("HRK", date(2022, 12, 30))]
)
def test_a_currency_that_the_bank_gave_up_has_no_rate_years_later(currency, ended):
    assert find_rate(currency, "USD", ended, NONE).day == ended
    assert find_rate(currency, "USD", date(ended.year, 2, 1), NONE).kind == "daily"
    for pair in ((currency, "USD"), ("USD", currency)):
        with pytest.raises(InputError, match=f"since {ended}") as caught:
            find_rate(*pair, date(2026, 11, 22), NONE)
        assert caught.value.path == f"rates.{currency}"
    given = find_rate(currency, "USD", date(2026, 11, 22), {currency: Decimal(80)})
    assert given.kind == "given"
