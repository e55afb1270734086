"""Rates of exchange: the European Central Bank's daily reference rates, or rates given.

The rates ship with the library `currencyconverter`; nothing is fetched. Rates given by hand are
units of a currency for one US dollar, as they are published for the peso and the dirham.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from functools import cache
from typing import Any

from totalize.kernel.errors import InputError

SOURCE = "European Central Bank, euro foreign exchange reference rates"
GIVEN = "given by the user"
_PRECISION = Context(prec=8)
_ONE = Decimal(1)
_FURTHEST_BACK = 10


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of one currency for one unit of another, rounded to eight significant digits.

    Attributes:
        day: the day of the rate, the last day of a mean; None for a rate given.
        kind: `daily`, `mean`, `given`, or `same` for the same currency.
        stale: the data ends more than a few days before the day asked for.
    """

    rate: Decimal
    day: date | None
    kind: str
    source: str
    stale: bool = False


@cache
def _converter() -> Any:
    from currency_converter import CurrencyConverter  # noqa: PLC0415 - reads its data, 0.2 s

    return CurrencyConverter(decimal=True)


def known_currencies() -> frozenset[str]:
    """Return the currencies with daily rates."""
    return frozenset(_converter().currencies)


@cache
def _per_euro(currency: str, day: date) -> Decimal | None:
    """Return the units of a currency for one euro on a day, None on days without rates."""
    if currency == "EUR":
        return _ONE
    from currency_converter import RateNotFoundError  # noqa: PLC0415 - see _converter

    try:
        rate: Decimal = _converter().convert(_ONE, "EUR", currency, date=day)
    except (RateNotFoundError, ValueError):
        return None
    return rate


@cache
def last_day(currency: str) -> date:
    """Return the last day with a rate of a currency."""
    day: date = _converter().bounds["USD" if currency == "EUR" else currency].last_date
    return day


def find_rate(
    currency: str, into: str, day: date, given: Mapping[str, Decimal], *, mean_of: int | None = None
) -> Rate:
    """Return how many units of `into` one unit of `currency` is worth.

    Args:
        currency: the currency to convert.
        into: the currency of the result.
        day: the day asked for; without a rate that day the one of the last day before counts.
        given: units for one US dollar, by currency; they go before the daily rates.
        mean_of: take the mean of all daily rates of this year up to `day` instead.

    Raises:
        InputError: there is no rate and none was given.
    """
    if currency == into:
        return Rate(_ONE, None, "same", "")
    if currency in given or into in given:
        worth, first_day = _in_dollars(currency, day, given)
        cost, second_day = _in_dollars(into, day, given)
        known = first_day or second_day
        source = GIVEN if known is None else f"{GIVEN}; {SOURCE}"
        return Rate(_PRECISION.divide(worth, cost), known, "given", source)
    for code in (currency, into):
        _require(code)
    if mean_of is not None:
        return _mean(currency, into, mean_of, day)
    found, value = _on_or_before(currency, into, day)
    return Rate(value, found, "daily", SOURCE, stale=(day - found).days > _FURTHEST_BACK)


def _in_dollars(
    currency: str, day: date, given: Mapping[str, Decimal]
) -> tuple[Decimal, date | None]:
    if currency in given:
        return _ONE / given[currency], None
    if currency == "USD":
        return _ONE, None
    _require(currency)
    found, value = _on_or_before(currency, "USD", day)
    return value, found


def _on_or_before(currency: str, into: str, day: date) -> tuple[date, Decimal]:
    for code in (currency, into):
        _require_living(code, day)
    last = min(last_day(currency), last_day(into))
    asked = min(day, last)
    for back in range(_FURTHEST_BACK + 1):
        found = asked - timedelta(days=back)
        first, second = _per_euro(currency, found), _per_euro(into, found)
        if first is not None and second is not None:
            return found, _PRECISION.divide(second, first)
    raise InputError(
        f"rates.{currency}",
        f"there is no daily rate near {day}",
        expected=f"--rate {currency}=UNITS for one US dollar",
        code="exchange_rate_missing",
    )


def _require_living(currency: str, day: date) -> None:
    """Refuse a day after the bank gave a currency up, long before the data itself ends."""
    last = last_day(currency)
    given_up = (last_day("USD") - last).days > _FURTHEST_BACK
    if given_up and (day - last).days > _FURTHEST_BACK:
        raise InputError(
            f"rates.{currency}",
            f"has had no daily reference rate of the European Central Bank since {last}",
            expected=f"--rate {currency}=UNITS for one US dollar",
            code="exchange_rate_missing",
        )


def _mean(currency: str, into: str, year: int, until: date) -> Rate:
    day, stop = date(year, 1, 1), min(date(year, 12, 31), until)
    values, last = [], day
    while day <= stop:
        first, second = _per_euro(currency, day), _per_euro(into, day)
        if first is not None and second is not None:
            values.append(second / first)
            last = day
        day += timedelta(days=1)
    if not values:
        raise InputError(
            f"rates.{currency}",
            f"there is no daily rate in {year}",
            expected=f"--rate {currency}=UNITS for one US dollar",
            code="exchange_rate_missing",
        )
    mean = _PRECISION.divide(sum(values, Decimal(0)), Decimal(len(values)))
    return Rate(mean, last, "mean", f"{SOURCE}: mean of {len(values)} daily rates of {year}")


def _require(currency: str) -> None:
    if currency not in known_currencies():
        raise InputError(
            f"rates.{currency}",
            "has no daily reference rate of the European Central Bank",
            expected=f"--rate {currency}=UNITS for one US dollar",
            code="exchange_rate_missing",
        )
