"""Gather the law and the rates of exchange that a request needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from totalize.contributions.answer import compute_cost
from totalize.contributions.costing import CostLaw
from totalize.contributions.request import CostRequest
from totalize.contributions.results import Cost
from totalize.contributions.rows import Table
from totalize.kernel.countries import US
from totalize.kernel.errors import InputError
from totalize.law.contributions import countries, load_country, load_titles
from totalize.law.exchange import find_rate, known_currencies
from totalize.law.us_contributions import load_us


@dataclass(frozen=True, slots=True)
class ExchangeChoice:
    """Which rates of exchange to use.

    Attributes:
        given: units of a currency for one US dollar; they go before the daily rates.
        day: the day of the rate; None: the day of the question, at latest the year's last.
        mean: the mean of the year's daily rates instead.
    """

    given: Mapping[str, Decimal] = field(default_factory=dict)
    day: date | None = None
    mean: bool = False


# Whoever asks may give units values of their own: not everything that was ever given is kept.
@lru_cache(maxsize=256)
def _table(country: str, units: tuple[tuple[str, Decimal], ...]) -> Table:
    return Table(load_country(country), dict(units))


def gather(request: CostRequest, exchange: ExchangeChoice) -> CostLaw:
    """Return the law and the rates for a request.

    Raises:
        InputError: a currency has no rate and none was given, or a unit's value is needed.
    """
    check_currency(request.currency, exchange)
    tables = {
        system: _table(system, _units(system, request.units))
        for system in request.systems
        if system in countries()
    }
    _check_units(tables, request.units)
    currencies = [
        "USD" if system == US else tables[system].data.currency
        for system in request.systems
        if system == US or system in tables
    ]
    day = exchange.day or min(request.as_of, date(request.year, 12, 31))
    mean_of = request.year if exchange.mean else None
    rates = {
        code: find_rate(code, request.currency, day, exchange.given, mean_of=mean_of)
        for code in dict.fromkeys((*currencies, "USD"))
    }
    if "USD" not in currencies and not request.other_us_wages:
        del rates["USD"]
    return CostLaw(us=load_us(), tables=tables, titles=load_titles(), rates=rates)


def cost(request: CostRequest, exchange: ExchangeChoice) -> Cost:
    """Return what a work costs, with the law and the rates that come with the package.

    Raises:
        InputError: the request cannot be answered; it names the path.
    """
    return compute_cost(request, gather(request, exchange))


def check_currency(currency: str, exchange: ExchangeChoice) -> None:
    """Refuse a currency without any rate.

    Raises:
        InputError: naming what would do.
    """
    if len(currency) == 3 and currency.isascii() and currency.isupper():
        if currency in known_currencies() or currency in exchange.given:
            return
        hint = f"--rate {currency}=UNITS for one US dollar"
    else:
        hint = "a currency code of three capital letters, like USD or EUR (ISO 4217)"
    raise InputError(
        "currency", "has no rate of exchange", value=currency, expected=hint, code="no_currency"
    )


def _units(system: str, given: Mapping[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    units = load_country(system).units
    return tuple((name, given[name]) for name in sorted(given) if name in units)


def _check_units(tables: Mapping[str, Table], given: Mapping[str, Decimal]) -> None:
    known = {name for table in tables.values() for name in table.data.units}
    for name in given:
        if name not in known:
            raise InputError(
                f"units.{name}",
                "no country of this case counts in that unit",
                expected=" or ".join(sorted(known)) or "no unit at all",
                code="unknown_unit",
            )
