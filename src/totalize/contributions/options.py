"""Read what somebody asks a cost with, refusing by name what cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from totalize.contributions.request import Stretch
from totalize.kernel.errors import InputError
from totalize.kernel.money import parse_amount

FIRST_YEAR, LAST_YEAR = 1937, 2199
DOLLAR = "USD"
ONE = Decimal(1)


def parse_earnings(value: object, per: str) -> Decimal:
    """Return the earnings of a month.

    Raises:
        InputError: they are no amount, or the period is neither a year nor a month.
    """
    months = {"year": 12, "month": 1}
    if per not in months:
        raise InputError("per", "is not a period", value=per, expected="year or month")
    return parse_amount(value, "earnings") / months[per]


def parse_positive(values: Mapping[str, object], path: str) -> dict[str, Decimal]:
    """Return positive numbers by name.

    Raises:
        InputError: one is not a positive number.
    """
    found = {}
    for name, value in values.items():
        amount = parse_amount(value, f"{path}.{name}")
        if amount == 0:
            raise InputError(
                f"{path}.{name}", "is zero", expected="a number above 0", code="bad_amount"
            )
        found[name] = amount
    return found


def parse_rates(values: Mapping[str, object]) -> dict[str, Decimal]:
    """Return rates of exchange: units of each currency for one US dollar.

    Raises:
        InputError: one is not a positive number, or the dollar is not worth one dollar.
    """
    rates = parse_positive(values, "rates")
    if rates.get(DOLLAR, ONE) != ONE:
        raise InputError(
            f"rates.{DOLLAR}",
            "the rates are for one US dollar, so that of the dollar itself is 1",
            value=str(rates[DOLLAR]),
            expected="another currency, like EUR=0.92",
            code="bad_amount",
        )
    return rates


def parse_year(value: object) -> int:
    """Return a calendar year.

    Raises:
        InputError: it is none, or lies outside the reach of the law.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        year = value
    elif isinstance(value, str) and len(value) == 4 and value.isdecimal():
        year = int(value)
    else:
        raise InputError("year", "is not a year", value=value, expected="a year like 2026")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(
            "year",
            "is out of reach",
            value=year,
            expected=f"a year from {FIRST_YEAR} to {LAST_YEAR}",
        )
    return year


def nearest_year(stretches: Sequence[Stretch], day: date) -> int:
    """Return the year of a day, or the year of the work that is nearest to it."""
    first = min(stretch.first for stretch in stretches).year
    ends = [stretch.last for stretch in stretches]
    last = day.year if None in ends else max(end.year for end in ends if end is not None)
    return min(max(day.year, first), max(last, first))


def choices_of(country: str, region: object, given: Mapping[str, str]) -> dict[str, str]:
    """Add to the answers given what the work itself says: work in Quebec is work in Quebec.

    Args:
        country: where the work is done.
        region: of that country, where it is a text.
        given: answers by `CC.question`; they go before.
    """
    if country == "CA" and isinstance(region, str):
        return {"CA.region": "quebec" if region == "QC" else "outside_quebec", **given}
    return dict(given)


def self_employed_in(activity: str, activity_in: object, systems: Sequence[str]) -> frozenset[str]:
    """Return the systems that class a work as self-employment; they may differ.

    Args:
        activity: of the work.
        activity_in: where countries class it otherwise, by country, if it is a mapping.
        systems: that take contributions.
    """
    classed = activity_in if isinstance(activity_in, Mapping) else {}
    return frozenset(
        system for system in systems if classed.get(system, activity) == "self_employment"
    )
