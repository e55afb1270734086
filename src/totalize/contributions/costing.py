"""The cost of a work: each system each year, brought to one currency, with what must be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from totalize.contributions.calendar import MONTHS, fill, last_day, shares_of_months, years_of
from totalize.contributions.reckoning import (
    SystemYear,
    USEarnings,
    Weights,
    reckon_foreign,
    reckon_us,
)
from totalize.contributions.request import CostRequest, Stretch
from totalize.contributions.results import Line, MissingLine, Shares, YearCost
from totalize.contributions.rows import Table, take_options
from totalize.contributions.united_states import figures_of
from totalize.kernel.countries import US, in_sentence
from totalize.kernel.errors import InputError
from totalize.kernel.money import CENT
from totalize.law.contributions import Payer
from totalize.law.exchange import Rate
from totalize.law.us_contributions import USContributions

ZERO = Decimal(0)
Filled = Sequence[tuple[Stretch, tuple[Decimal, ...]]]


@dataclass(frozen=True, slots=True)
class CostLaw:
    """The law and the rates a cost is reckoned with.

    Attributes:
        tables: rows of each foreign system of the case for which there is data.
        titles: names of the schemes.
        rates: from each system's currency into that of the result.
    """

    us: USContributions
    tables: Mapping[str, Table]
    titles: Mapping[str, str]
    rates: Mapping[str, Rate]

    def currency(self, system: str) -> str | None:
        """Return a system's currency, None where there is no data."""
        if system == US:
            return "USD"
        return self.tables[system].data.currency if system in self.tables else None


@dataclass(frozen=True, slots=True)
class YearDetail:
    """A year with everything that leads to it.

    Attributes:
        systems: what each system takes, in its own currency; None where there is no data.
        lines: gives those of every system, converted; only the year that is shown asks for them.
    """

    cost: YearCost
    systems: Mapping[str, SystemYear | None]
    lines: Callable[[], tuple[Line, ...]]
    missing: tuple[MissingLine, ...]


def to_cents(amount: Decimal) -> Decimal:
    """Round to the cent, a half away from zero, for display; no rounding of the law."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def weights_of(stretches: Filled, system: str) -> Weights:
    """Return in which months of a year a system counts, and how.

    Args:
        stretches: the stretches of the work, each with the part of each month that it fills.
        system: the system.
    """
    return Weights(
        without=fill(months for stretch, months in stretches if system in stretch.without),
        owed=fill(months for stretch, months in stretches if system in stretch.proven),
        lifted=fill(
            months
            for stretch, months in stretches
            if system in stretch.without and system not in stretch.proven
        ),
    )


def cost_of_year(request: CostRequest, law: CostLaw, year: int) -> YearDetail:
    """Return what a year costs.

    Raises:
        InputError: there are no figures for a system in that year, and no projection was asked.
    """
    filled = [(stretch, shares_of_months(stretch, year)) for stretch in request.stretches]
    weights = {system: weights_of(filled, system) for system in request.systems}
    systems = {
        system: _reckon(request, law, system, year, weights[system])
        for system in request.systems
        if weights[system].any
    }
    months = fill(shares for _, shares in filled)
    at_least = [
        system
        for system, found in systems.items()
        if is_incomplete(request, law, system, found, year)
    ]
    columns = {
        name: {system: _shares(law, system, found, name) for system, found in systems.items()}
        for name in ("without", "proven", "settled")
    }
    present = [
        system for system in systems if any(weights[system].owed) or any(weights[system].lifted)
    ]
    cost = YearCost(
        year=year,
        months=sum(months, ZERO),
        without=columns["without"],
        with_certificate={key: columns["proven"][key] for key in present},
        settled_only={key: columns["settled"][key] for key in present},
        at_least=tuple(at_least),
        projected=any(
            found is not None and found.projected_from is not None for found in systems.values()
        ),
    )
    return YearDetail(
        cost=cost,
        systems=systems,
        lines=cache(lambda: tuple(_convert_lines(law, systems))),
        missing=tuple(_missing_lines(law, systems, weights)),
    )


def _reckon(
    request: CostRequest, law: CostLaw, system: str, year: int, weights: Weights
) -> SystemYear | None:
    if system == US:
        return _reckon_us(request, law, year, weights)
    table = law.tables.get(system)
    if table is None:
        return None
    options, _ = take_options(table.data, request.choices, request.citizenships)
    payers = request.payers(system)
    selected = [
        table.select(payers, options, last_day(year, month), request.birth_date, request.project)
        if weights.without[month - 1] or weights.owed[month - 1]
        else ()
        for month in MONTHS
    ]
    earnings = request.monthly_earnings / law.rates[table.data.currency].rate
    found = reckon_foreign(table, selected, earnings, year, weights)
    if found.empty:
        raise InputError(
            "year",
            f"there are no figures for {in_sentence(system)} in {year}",
            value=year,
            expected=_years_known(table, request),
            code="year_without_figures",
        )
    return found


def _years_known(table: Table, request: CostRequest) -> str:
    first, last = table.first_day.year, table.last_day.year
    hint = "" if request.project else "; or project the last figures, labelled as such (--project)"
    return f"a year from {first} to {last}{hint}"


def _reckon_us(request: CostRequest, law: CostLaw, year: int, weights: Weights) -> SystemYear:
    last = law.us.last_year
    known = min(year, last) if request.project else year
    if known > last:
        raise InputError(
            "year",
            f"there are no figures for the United States in {year}",
            value=year,
            expected=f"a year to {last}; or project the last figures, labelled as such (--project)",
            code="year_without_figures",
        )
    status = request.filing_status or law.us.additional_medicare.assumed
    earnings = USEarnings(
        monthly=request.monthly_earnings / law.rates["USD"].rate,
        self_employed=US in request.self_employed_in,
        other_wages=request.other_us_wages,
    )
    return reckon_us(figures_of(law.us, known, status), earnings, year, weights)


def is_incomplete(
    request: CostRequest, law: CostLaw, system: str, found: SystemYear | None, year: int
) -> bool:
    """Tell whether a system's total is only a lower bound."""
    if found is None or found.missing or found.gaps:
        return True
    if system == US or request.birth_date is not None:
        return False
    return bool(law.tables[system].ages_needed(request.payers(system), year))


def _shares(law: CostLaw, system: str, found: SystemYear | None, scenario: str) -> Shares:
    if found is None:
        return Shares()
    rate = law.rates[law.currency(system) or ""].rate
    amounts: Mapping[Payer, Decimal] = getattr(found.amounts, scenario)
    return Shares(**{payer.value: to_cents(amount * rate) for payer, amount in amounts.items()})


def _convert_lines(law: CostLaw, systems: Mapping[str, SystemYear | None]) -> list[Line]:
    lines = []
    for system, found in systems.items():
        if found is None:
            continue
        currency = law.currency(system) or ""
        rate = law.rates[currency].rate
        sources = law.us.sources if system == US else law.tables[system].data.sources
        for line in found.lines():
            citation = sources[line.source]
            lines.append(
                Line(
                    system=system,
                    scheme=line.scheme,
                    title=law.titles[line.scheme],
                    payer=line.payer,
                    first=line.first,
                    last=line.last,
                    base=None if line.base is None else to_cents(line.base),
                    rate=line.rate,
                    amount=to_cents(line.amount),
                    currency=currency,
                    converted=to_cents(line.amount * rate),
                    lifted=line.lifted,
                    source=citation.ref
                    if citation.url is None
                    else f"{citation.ref}, {citation.url}",
                    source_date=line.source_date,
                    sure=citation.sure.value,
                    note=line.note,
                    projected=line.projected,
                )
            )
    order = list(Payer)
    return sorted(lines, key=lambda line: (line.system != US, line.system, order.index(line.payer)))


def _missing_lines(
    law: CostLaw, systems: Mapping[str, SystemYear | None], weights: Mapping[str, Weights]
) -> list[MissingLine]:
    lines = []
    for system, found in systems.items():
        lifted = any(weights[system].lifted)
        for held in found.missing if found is not None else ():
            scheme = held.row.scheme
            lines.append(
                MissingLine(
                    system=system,
                    scheme=scheme.scheme,
                    title=law.titles[scheme.scheme],
                    payer=scheme.payer,
                    lifted=scheme.agreement_scope if lifted else False,
                    text=held.row.version.unknown or "",
                )
            )
    return lines


def cost_of_years(
    request: CostRequest, law: CostLaw, detail: YearDetail, horizon: int
) -> tuple[tuple[YearDetail, ...], tuple[int, ...]]:
    """Return every year of the work with figures, `detail` among them, and the years without."""
    found, without_figures = [], []
    for year in years_of(request.stretches, horizon):
        try:
            same = year == detail.cost.year
            found.append(detail if same else cost_of_year(request, law, year))
        except InputError as error:
            if error.code != "year_without_figures":
                raise
            without_figures.append(year)
    return tuple(found), tuple(without_figures)


def only(request: CostRequest, system: str) -> CostRequest:
    """Return the same request as if one system alone covered the stretches with a choice."""
    return replace(
        request,
        stretches=tuple(
            replace(
                stretch,
                without=tuple(dict.fromkeys((*stretch.without, system))),
                proven=(system,),
            )
            if stretch.choice
            else stretch
            for stretch in request.stretches
        ),
    )


def first_day(request: CostRequest) -> date:
    """Return the first day of the work."""
    return min(stretch.first for stretch in request.stretches)
