"""What the reader of a cost must know: what is missing, old, assumed or unsettled."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from decimal import Decimal

from totalize.contributions.costing import CostLaw, YearDetail
from totalize.contributions.messages import listed, notice
from totalize.contributions.reckoning import SystemYear
from totalize.contributions.request import CostRequest, Stretch
from totalize.contributions.results import Line, Notice
from totalize.contributions.rows import take_options
from totalize.kernel.countries import NAMES, US
from totalize.kernel.dates import written_day
from totalize.law.sources import Sure

MONTH_NAMES = list(calendar.month_name)[1:]
ZERO = Decimal(0)


def warnings_of(
    request: CostRequest, law: CostLaw, detail: YearDetail, without_figures: tuple[int, ...]
) -> tuple[Notice, ...]:
    """Return every warning about a cost, the weightiest first."""
    found: list[Notice] = []
    found.extend(_about_coverage(request, detail))
    for system, year in detail.systems.items():
        if year is None:
            found.append(notice("no_figures_for_country", country=NAMES[system]))
            continue
        lines = [line for line in detail.lines() if line.system == system]
        found.extend(_about_completeness(request, law, detail, system, year))
        found.extend(_about_scope(detail, system, lines, request.currency))
        if system != US:
            found.extend(_about_sources(system, lines, detail.cost.year))
            found.extend(_about_choices(request, law, system))
        found.extend(_about_figures(detail, system, year))
    found.extend(_about_status(request, law, detail))
    found.extend(_about_exchange(law))
    if without_figures:
        years = listed([str(year) for year in without_figures])
        found.append(notice("years_without_figures", years=years))
    return tuple(found)


def _about_coverage(request: CostRequest, detail: YearDetail) -> Iterator[Notice]:
    if not detail.systems:
        yield notice("no_contributions", year=detail.cost.year)
    for stretch in request.stretches:
        if not stretch.settled:
            needs = f" (it turns on {listed(list(stretch.missing))})" if stretch.missing else ""
            yield notice("coverage_open", when=_when(stretch), needs=needs)
        elif len(stretch.proven) > 1:
            yield notice("no_certificate", when=_when(stretch))


def _when(stretch: Stretch) -> str:
    first = written_day(stretch.first)
    return (
        f"from {first} on"
        if stretch.last is None
        else f"from {first} to {written_day(stretch.last)}"
    )


def _about_completeness(
    request: CostRequest, law: CostLaw, detail: YearDetail, system: str, year: SystemYear
) -> Iterator[Notice]:
    country = NAMES[system]
    titles = [
        f"{line.title} ({line.payer.value.replace('_', '-')})"
        for line in detail.missing
        if line.system == system
    ]
    if titles:
        verb = "is" if len(set(titles)) == 1 else "are"
        yield notice("at_least", country=country, what=listed(titles), verb=verb)
    if year.gaps and year.lines():
        months = listed([MONTH_NAMES[month - 1] for month in year.gaps], limit=12)
        yield notice("months_without_figures", country=country, months=months)
    if system == US:
        return
    if request.birth_date is None:
        schemes = law.tables[system].ages_needed(request.payers(system), detail.cost.year)
        if schemes:
            what = listed([law.titles[scheme.scheme] for scheme in schemes])
            yield notice("age_unknown", country=country, what=what)
    for row in year.inexact:
        yield notice(
            "inexact_pay",
            country=country,
            what=law.titles[row.scheme.scheme],
            note=row.version.note or row.scheme.note or "",
        )
    yearly = any(
        limit is not None and limit.per.value == "year"
        for _, rows in law.tables[system].rows
        for row in rows
        if row.scheme.payer in request.payers(system)
        for limit in (row.version.ceiling, row.version.allowance)
    )
    if yearly and detail.cost.months < 12:
        yield notice("twelfths", country=country)


def _about_scope(
    detail: YearDetail, system: str, lines: list[Line], currency: str
) -> Iterator[Notice]:
    lifted = system in detail.cost.without and any(line.lifted is not False for line in lines)
    unsettled = [line.title for line in lines if line.lifted is None]
    if unsettled:
        amount = detail.cost.saved_up_to
        yield notice(
            "scope_unsettled",
            country=NAMES[system],
            what=listed(unsettled),
            amount=f"{amount:,.2f}",
            currency=currency,
        )
    if lifted:
        staying = [line.title for line in lines if line.lifted is False and line.amount]
        if staying:
            yield notice("stays_due", country=NAMES[system], what=listed(staying))


def _about_sources(system: str, lines: list[Line], year: int) -> Iterator[Notice]:
    country = NAMES[system]
    secondary = [line for line in lines if line.sure == Sure.SECONDARY.value]
    if secondary:
        dates = sorted(line.source_date for line in secondary if line.source_date is not None)
        yield notice(
            "not_confirmed_source",
            country=country,
            count=len(secondary),
            total=len(lines),
            newest=f"newest of {dates[-1]}" if dates else "none dated",
        )
    unread = [line.title for line in lines if line.sure == Sure.UNREAD.value]
    if unread:
        yield notice("no_source", country=country, what=listed(unread))
    undated = [line.title for line in lines if line.source_date is None]
    if undated:
        yield notice("undated_source", country=country, what=listed(undated))
    old: dict[str, list[str]] = {}
    for line in lines:
        if line.source_date is None or line.projected:
            continue
        if int(line.source_date[:4]) < year:
            old.setdefault(line.source_date, []).append(line.title)
    for day, titles in sorted(old.items()):
        yield notice("old_source", country=country, what=listed(titles), date=day, year=year)


def _about_choices(request: CostRequest, law: CostLaw, system: str) -> Iterator[Notice]:
    table = law.tables[system]
    options, assumed = take_options(table.data, request.choices, request.citizenships)
    payers = request.payers(system)
    asked = {
        group
        for scheme in table.data.schemes
        if scheme.payer in payers and not scheme.voluntary
        for group in scheme.choice
    }
    for group in assumed:
        if group not in asked:
            continue
        choice = table.data.choices[group]
        yield notice(
            "choice_assumed",
            country=NAMES[system],
            text=choice.text[0].lower() + choice.text[1:],
            option=choice.options[options[group]].text,
            path=f"{system}.{group}",
            options="|".join(choice.options),
        )


def _about_figures(detail: YearDetail, system: str, year: SystemYear) -> Iterator[Notice]:
    if year.projected_from is not None:
        yield notice(
            "projected", country=NAMES[system], of=year.projected_from, year=detail.cost.year
        )


def _about_status(request: CostRequest, law: CostLaw, detail: YearDetail) -> Iterator[Notice]:
    additional = law.us.additional_medicare
    if request.filing_status is not None or detail.systems.get(US) is None:
        return
    counted = sum(
        (line.base or ZERO)
        for line in detail.lines()
        if line.system == US and line.scheme == "medicare" and line.payer.value != "employer"
    )
    lowest = min(additional.thresholds.values())
    if detail.cost.year >= additional.first and counted + request.other_us_wages > lowest:
        yield notice("status_assumed", status=additional.assumed)


def _about_exchange(law: CostLaw) -> Iterator[Notice]:
    for currency, rate in law.rates.items():
        if rate.stale:
            yield notice("rate_old", currency=currency, date=rate.day)
        if rate.kind == "mean":
            yield notice("rate_mean", currency=currency, date=rate.day)
