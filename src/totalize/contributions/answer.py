"""The whole answer about a work: the year, the assignment, money paid twice, and choices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from totalize.contributions.calendar import MONTHS, last_day
from totalize.contributions.costing import (
    CostLaw,
    YearDetail,
    cost_of_year,
    cost_of_years,
    first_day,
    only,
    to_cents,
)
from totalize.contributions.messages import given_up, refund_step
from totalize.contributions.request import CostRequest
from totalize.contributions.results import (
    Alternative,
    Assignment,
    Cost,
    Exchange,
    OverlapMonth,
    Refund,
    total_of,
)
from totalize.contributions.rows import check_choices
from totalize.contributions.warnings import warnings_of
from totalize.kernel.countries import US, in_sentence
from totalize.kernel.errors import InputError

ZERO = Decimal(0)


def compute_cost(request: CostRequest, law: CostLaw) -> Cost:
    """Return what a work costs, with and without a certificate.

    Raises:
        InputError: the year lies outside the work or has no figures, an answer to a choice is
            unknown, or an option does not fit the case.
    """
    detail = compute_year(request, law)
    horizon = max(request.year, request.as_of.year)
    years, without_figures = cost_of_years(request, law, detail, horizon)
    last = [stretch.last for stretch in request.stretches]
    ends = [day for day in last if day is not None]
    return Cost(
        work=request.work,
        currency=request.currency,
        detail=detail.cost,
        lines=detail.lines(),
        missing=detail.missing,
        exchange=tuple(
            Exchange(code, rate.rate, rate.day, rate.kind, rate.source)
            for code, rate in law.rates.items()
            if rate.kind != "same"
        ),
        assignment=Assignment(
            first=first_day(request),
            last=None if len(ends) < len(last) else max(ends),
            years=tuple(year.cost for year in years),
            years_without_figures=without_figures,
        ),
        overlap=tuple(_overlap(request, law, detail)),
        refunds=tuple(_refunds(request, law, years)),
        alternatives=tuple(_alternatives(request, law)),
        warnings=warnings_of(request, law, detail, without_figures),
    )


def compute_year(request: CostRequest, law: CostLaw) -> YearDetail:
    """Return what a work costs in the year asked for, without what surrounds it.

    Raises:
        InputError: as for `compute_cost`.
    """
    check_choices(law.tables, request.choices)
    check_request(request, law)
    return cost_of_year(request, law, request.year)


def check_request(request: CostRequest, law: CostLaw) -> None:
    """Refuse what does not fit the work.

    Raises:
        InputError: a filing status that there is none of, wages that nothing counts, a year
            outside of the work.
    """
    statuses = law.us.additional_medicare.thresholds
    if request.filing_status is not None and request.filing_status not in statuses:
        raise InputError(
            "filing_status",
            "is not a filing status",
            value=request.filing_status,
            expected=" or ".join(statuses),
            code="unknown_filing_status",
        )
    if request.other_us_wages and US not in request.self_employed_in:
        raise InputError(
            "other_us_wages",
            "counts only beside self-employment, whose base it fills first",
            value=str(request.other_us_wages),
            code="does_not_apply",
        )
    inside = any(
        stretch.first.year <= request.year
        and (stretch.last is None or request.year <= stretch.last.year)
        for stretch in request.stretches
    )
    if not inside:
        ends = [stretch.last for stretch in request.stretches]
        last = None if None in ends else max(day.year for day in ends if day is not None)
        raise InputError(
            "year",
            f"the work does not run in {request.year}",
            value=request.year,
            expected=f"a year from {first_day(request).year}" + (f" to {last}" if last else ""),
            code="year_outside_work",
        )


def _passed(request: CostRequest, year: int, month: int) -> bool:
    return last_day(year, month) <= request.as_of


def _unproven(request: CostRequest, year: int, month: int) -> bool:
    """Tell whether a month holds days for which a certificate is due but not held."""
    day, end = date(year, month, 1), last_day(year, month)
    return any(
        stretch.first <= end
        and (stretch.last is None or stretch.last >= day)
        and stretch.settled
        and not stretch.held
        and set(stretch.without) - set(stretch.proven)
        for stretch in request.stretches
    )


def _overlap(request: CostRequest, law: CostLaw, detail: YearDetail) -> list[OverlapMonth]:
    year = detail.cost.year
    months = []
    for month in MONTHS:
        if not (_passed(request, year, month) and _unproven(request, year, month)):
            continue
        amounts, not_owed = {}, {}
        for system, found in detail.systems.items():
            if found is None:
                continue
            rate = law.rates[law.currency(system) or ""].rate
            taken, free = found.monthly()[month - 1]
            amounts[system] = to_cents(taken * rate)
            if free:
                not_owed[system] = to_cents(free * rate)
        if len(amounts) > 1:
            months.append(OverlapMonth(f"{year}-{month:02d}", amounts, not_owed))
    return months


def _refunds(request: CostRequest, law: CostLaw, years: tuple[YearDetail, ...]) -> list[Refund]:
    refunds = []
    for detail in years:
        year = detail.cost.year
        months = [
            month
            for month in MONTHS
            if _passed(request, year, month) and _unproven(request, year, month)
        ]
        for system, found in detail.systems.items() if months else ():
            if found is None:
                continue
            monthly = found.monthly()
            amount = sum((monthly[month - 1][1] for month in months), ZERO)
            if amount:
                refunds.append(_refund(request, law, system, year, amount))
    return refunds


def _refund(request: CostRequest, law: CostLaw, system: str, year: int, amount: Decimal) -> Refund:
    """Say how to get back an amount, in the system's own currency, that was not owed.

    Source: IRC 6511(a), 6513(a) and (c): a return filed early counts as filed on 15 April of the
    next year; a claim is open for three years from there. A return filed late, or a payment in the
    last two years, keeps it open longer, so the day named is the safe one.
    """
    rules = law.us.refund
    currency = law.currency(system) or ""
    paid = (to_cents(amount), currency, to_cents(amount * law.rates[currency].rate))
    if system != US:
        return Refund(
            system=system,
            year=year,
            amount=paid[0],
            currency=paid[1],
            converted=paid[2],
            last_day=None,
            open=None,
            steps=(refund_step(in_sentence(system)),),
            citations=(),
        )
    last = date(year + 1 + rules.years, rules.deemed_month, rules.deemed_day)
    self_employed = US in request.self_employed_in
    keys = (rules.period_source, rules.forms_source, rules.proof_source, law.us.exemption_source)
    return Refund(
        system=system,
        year=year,
        amount=paid[0],
        currency=paid[1],
        converted=paid[2],
        last_day=last,
        open=last >= request.as_of,
        steps=rules.self_employment if self_employed else rules.employment,
        citations=tuple(law.us.sources[key].ref for key in keys),
    )


def _alternatives(request: CostRequest, law: CostLaw) -> list[Alternative]:
    sides = sorted(
        {
            system
            for stretch in request.stretches
            if stretch.choice
            for system in (*stretch.without, *stretch.proven)
        },
        key=lambda code: (code != US, code),
    )
    alternatives = []
    for system in sides:
        try:
            year = cost_of_year(only(request, system), law, request.year).cost
        except InputError as error:
            if error.code != "year_without_figures":
                raise
            # A side without figures cannot be weighed; what is asked for stands without it.
            return []
        others = [in_sentence(other) for other in sides if other != system]
        alternatives.append(
            Alternative(
                system=system,
                total=total_of(year.with_certificate),
                shares=year.with_certificate,
                given_up=given_up(system, name=in_sentence(system), other=" and ".join(others)),
            )
        )
    return alternatives
