"""What was paid to two countries for the same pay, by month, and the way back of it.

Every figure is the library's; here the years are put side by side, and each claim's last day is
held against today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from totalize import api
from totalize.contributions.results import OverlapMonth, Refund
from totalize.coverage.case import works_by_id
from totalize.kernel.errors import InputError


@dataclass(frozen=True, slots=True)
class Month:
    """A month in which both countries were paid.

    Attributes:
        paid: to each system, in the currency asked for; None where there are no figures.
        not_owed: of it what the agreement lifts.
    """

    month: str
    paid: tuple[Decimal | None, ...]
    not_owed: tuple[Decimal, ...]

    @property
    def pairs(self) -> list[tuple[Decimal | None, Decimal]]:
        """The same, by system."""
        return list(zip(self.paid, self.not_owed, strict=True))


@dataclass(frozen=True, slots=True)
class PaidTwice:
    """What was paid twice until a day.

    Attributes:
        systems: the columns.
        refunds: by system and year, `open` as of today.
        years_without_figures: years left out.
        warnings: what the reader must know of the figures.
    """

    currency: str
    systems: tuple[str, ...]
    months: tuple[Month, ...]
    refunds: tuple[Refund, ...]
    years_without_figures: tuple[int, ...]
    warnings: tuple[str, ...]


def paid_twice(
    case: Mapping[str, Any],
    work: str,
    *,
    earnings: Decimal,
    currency: str,
    until: date,
    today: date,
) -> PaidTwice:
    """Return the months for which both countries were paid, and how to get back what was not owed.

    Args:
        case: section 1 of the contract.
        work: id of the work.
        earnings: a year's pay, or net profit, in `currency`.
        currency: ISO 4217.
        until: last day for which both were paid; months that ended by then count.
        today: on which a claim is open or not.

    Raises:
        InputError: something given can't be used, or there are no figures.
    """
    document = _without_proof(case, work)
    determination = api.check(document, today)
    periods = determination.for_work(work).periods
    first = min(period.first for period in periods)
    if until < first:
        raise InputError(
            "until",
            "is before the work began",
            value=until.isoformat(),
            expected=f"{first} or later",
        )
    months: list[OverlapMonth] = []
    answer = None
    missing: list[int] = []
    ends = [period.last for period in periods if period.last is not None]
    last = min([until, *([max(ends)] if len(ends) == len(periods) else [])])
    for year in range(first.year, last.year + 1):
        try:
            cost = api.cost(
                document,
                earnings=str(earnings),
                currency=currency,
                year=year,
                work=work,
                as_of=until,
                determination=determination,
            )
        except InputError as error:
            if year == last.year and answer is None:
                raise
            if error.path != "year":
                raise
            missing.append(year)
            continue
        months += cost.overlap
        answer = cost
    if answer is None:
        raise InputError("year", "has no figures", value=first.year, code="no_figures")
    systems = tuple(dict.fromkeys(code for month in months for code in month.amounts))
    rows = tuple(
        Month(
            item.month,
            tuple(item.amounts.get(code) for code in systems),
            tuple(item.not_owed.get(code, Decimal(0)) for code in systems),
        )
        for item in months
    )
    left_out = [year for year in answer.assignment.years_without_figures if year <= last.year]
    return PaidTwice(
        currency=currency,
        systems=systems,
        months=rows,
        refunds=tuple(_as_of(item, today) for item in answer.refunds),
        years_without_figures=tuple(sorted({*missing, *left_out})),
        # What is said of the years still to come has no part in what was paid.
        warnings=tuple(
            notice.text for notice in answer.warnings if notice.code != "years_without_figures"
        ),
    )


def _as_of(refund: Refund, today: date) -> Refund:
    if refund.last_day is None:
        return refund
    return replace(refund, open=refund.last_day >= today)


def _without_proof(case: Mapping[str, Any], work: str) -> dict[str, Any]:
    """Return the case as it was before a certificate was held: then both were paid."""
    works = [
        {name: value for name, value in item.items() if name != "certificate"}
        if name_of_work == work
        else item
        for name_of_work, item in works_by_id(case).items()
    ]
    return {**case, "work": works}
