"""Builders for the tests of the cost room."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

from totalize.contributions.arithmetic import EXACT
from totalize.contributions.calendar import last_day
from totalize.contributions.reckoning import evaluate
from totalize.contributions.request import CostRequest, Stretch
from totalize.contributions.rows import Held, Table, take_options
from totalize.law.contributions import Payer, countries, load_country
from totalize.law.us_contributions import load_us

EMPLOYMENT = (Payer.EMPLOYEE, Payer.EMPLOYER)
SELF_EMPLOYMENT = (Payer.SELF_EMPLOYED,)
ALL = tuple(Payer)
UNITS = {"UF": Decimal(39500)}
COUNTRIES = countries()
US_LAW = load_us()
USING = EXACT


@cache
def table_of(country: str) -> Table:
    """Return a country's rows, Chile's with a value for its unit."""
    data = load_country(country)
    return Table(data, {name: UNITS[name] for name in data.units if name in UNITS})


def held_rows(
    country: str,
    day: date,
    payers: tuple[Payer, ...] = ALL,
    choices: dict[str, str] | None = None,
    birth_date: date | None = None,
) -> tuple[Held, ...]:
    """Return the rows that hold on a day."""
    table = table_of(country)
    options, _ = take_options(table.data, choices or {}, ())
    return table.select(payers, options, last_day(day.year, day.month), birth_date, False)


def month_amounts(rows: tuple[Held, ...], earnings: Decimal) -> dict[tuple[str, str], Decimal]:
    """Return what each scheme takes from each payer in a month."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for each in evaluate([held.row for held in rows], earnings):
        key = (each.row.scheme.payer.value, each.row.scheme.scheme)
        amounts[key] = amounts.get(key, Decimal(0)) + each.amount
    return amounts


def stretch(first: str, last: str | None, without: str, proven: str, **more: bool) -> Stretch:
    """Build a stretch from two lists of systems in one word each, like `US DE`."""
    return Stretch(
        first=date.fromisoformat(first),
        last=None if last is None else date.fromisoformat(last),
        without=tuple(without.split()),
        proven=tuple(proven.split()),
        **more,
    )


def request_for(*stretches: Stretch, yearly: str = "120000", **more: object) -> CostRequest:
    """Build a request about an employee paid in dollars, asked at the end of 2026."""
    fields: dict[str, object] = {
        "work": "w1",
        "stretches": stretches,
        "monthly_earnings": Decimal(yearly) / 12,
        "currency": "USD",
        "year": 2026,
        "as_of": date(2026, 11, 22),
        **more,
    }
    return CostRequest(**fields)  # type: ignore[arg-type]  # fields are given by name in the tests
