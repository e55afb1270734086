"""The JSON of a cost: section 3 of the contract and what is added to it, in its own shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from totalize.contributions.results import (
    Alternative,
    Assignment,
    Cost,
    Line,
    MissingLine,
    Notice,
    OverlapMonth,
    Refund,
    Shares,
    YearCost,
    total_of,
)
from totalize.kernel.plain import to_plain

HUNDREDTH = Decimal("0.01")
BySystem = dict[str, Shares | Decimal]


@dataclass(frozen=True, slots=True)
class ExchangeEntry:
    """The rate of one currency.

    Attributes:
        rate: units of the result's currency for one unit of this one.
        date: the day of the rate, the last of a mean; null for a rate given.
        kind: daily, mean or given.
    """

    rate: Decimal
    date: date | None
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class YearDocument:
    """One year of the work, by system.

    Attributes:
        with_certificate: due when the certificate that can be had is shown; by country, and
            `total` beside them.
        without: due when none is shown, in the same shape.
        saved: what the certificate saves for certain.
        saved_up_to: what it saves when it lifts also what no source settles.
        at_least: systems whose total is a lower bound.
        projected: figures of an earlier time were used.
        months: months of the work in the year.
    """

    year: int
    months: Decimal
    with_certificate: BySystem
    without: BySystem
    saved: Decimal
    saved_up_to: Decimal
    at_least: tuple[str, ...]
    projected: bool


@dataclass(frozen=True, slots=True)
class AssignmentDocument:
    """The whole work, as far as there are figures."""

    first: date = field(metadata={"key": "from"})
    last: date | None = field(metadata={"key": "to"})
    with_certificate: Decimal
    without: Decimal
    saved: Decimal
    saved_up_to: Decimal
    years: tuple[YearDocument, ...]
    years_without_figures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AlternativeDocument:
    """One side of a choice that the law leaves open, and what taking it gives up."""

    system: str
    total: Decimal
    by_system: BySystem
    given_up: str


@dataclass(frozen=True, slots=True)
class CostDocument:
    """What a work costs each system's payers in a year, with and without a certificate.

    Attributes:
        with_certificate: due when the certificate that can be had is shown; by country, and
            `total` beside them.
        without: due when none is shown, in the same shape.
        saved: what the certificate saves for certain.
        saved_up_to: what it saves when it lifts also what no source settles.
        at_least: systems whose total is a lower bound.
        projected: figures of an earlier time were used.
        months: months of the work in the year.
        lines: every contribution due without a certificate.
        missing: contributions that are due but whose size is not in the data.
        exchange: rates by currency.
        overlap: months in which both systems took contributions if no certificate was shown.
        refunds: what can be asked back, by system and year.
        alternatives: the sides of a choice that the law leaves open.
    """

    contract: int
    year: int
    currency: str
    work: str
    with_certificate: BySystem
    without: BySystem
    saved: Decimal
    saved_up_to: Decimal
    at_least: tuple[str, ...]
    projected: bool
    months: Decimal
    lines: tuple[Line, ...]
    missing: tuple[MissingLine, ...]
    exchange: dict[str, ExchangeEntry]
    assignment: AssignmentDocument
    overlap: tuple[OverlapMonth, ...]
    refunds: tuple[Refund, ...]
    alternatives: tuple[AlternativeDocument, ...]
    warnings: tuple[Notice, ...]


def to_document(cost: Cost) -> CostDocument:
    """Return a cost in the shape of its JSON."""
    year = _year(cost.detail)
    return CostDocument(
        contract=cost.contract,
        year=year.year,
        currency=cost.currency,
        work=cost.work,
        with_certificate=year.with_certificate,
        without=year.without,
        saved=year.saved,
        saved_up_to=year.saved_up_to,
        at_least=year.at_least,
        projected=year.projected,
        months=year.months,
        lines=cost.lines,
        missing=cost.missing,
        exchange={
            rate.currency: ExchangeEntry(rate.rate, rate.date, rate.kind, rate.source)
            for rate in cost.exchange
        },
        assignment=_assignment(cost.assignment),
        overlap=cost.overlap,
        refunds=cost.refunds,
        alternatives=tuple(_alternative(side) for side in cost.alternatives),
        warnings=cost.warnings,
    )


def to_json(cost: Cost) -> dict[str, Any]:
    """Return a cost as JSON-ready values."""
    plain: dict[str, Any] = to_plain(to_document(cost))
    return plain


def _by_system(shares: Mapping[str, Shares]) -> BySystem:
    return {**shares, "total": total_of(shares)}


def _year(year: YearCost) -> YearDocument:
    return YearDocument(
        year=year.year,
        months=year.months.quantize(HUNDREDTH),
        with_certificate=_by_system(year.with_certificate),
        without=_by_system(year.without),
        saved=year.saved,
        saved_up_to=year.saved_up_to,
        at_least=year.at_least,
        projected=year.projected,
    )


def _assignment(whole: Assignment) -> AssignmentDocument:
    zero = Decimal(0)
    return AssignmentDocument(
        first=whole.first,
        last=whole.last,
        with_certificate=sum((total_of(year.with_certificate) for year in whole.years), zero),
        without=sum((total_of(year.without) for year in whole.years), zero),
        saved=whole.saved,
        saved_up_to=whole.saved_up_to,
        years=tuple(_year(year) for year in whole.years),
        years_without_figures=whole.years_without_figures,
    )


def _alternative(side: Alternative) -> AlternativeDocument:
    return AlternativeDocument(side.system, side.total, _by_system(side.shares), side.given_up)
