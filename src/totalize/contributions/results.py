"""The answer: what is due to whom, with and without a certificate. Section 3 of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from totalize.law.contributions import Payer

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must know beside the amounts; the code does not change."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """The rate by which one currency was brought to that of the result.

    Attributes:
        rate: units of the result's currency for one unit of this currency.
        date: the day of the rate; the last day of the mean; None for a rate given.
        kind: `daily`, `mean` or `given`.
    """

    currency: str
    rate: Decimal
    date: date | None
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    """One contribution of the year, as it is due without a certificate.

    Attributes:
        first: first day of the months it covers; `last` is the last one.
        base: what was counted, in `currency`; None for a flat amount.
        rate: None for a flat amount.
        amount: base x rate, to the cent, in `currency`; negative for a credit.
        converted: the amount in the currency of the result, to the cent.
        lifted: whether the certificate lifts it; None when no source read settles that.
        projected: the figures are those of an earlier time.
    """

    system: str
    scheme: str
    title: str
    payer: Payer
    first: date = field(metadata={"key": "from"})
    last: date = field(metadata={"key": "to"})
    base: Decimal | None
    rate: Decimal | None
    amount: Decimal
    currency: str
    converted: Decimal
    lifted: bool | None
    source: str
    source_date: str | None
    sure: str
    note: str | None
    projected: bool


@dataclass(frozen=True, slots=True)
class MissingLine:
    """A contribution that is due but whose size is not in the data."""

    system: str
    scheme: str
    title: str
    payer: Payer
    lifted: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Shares:
    """What the three payers owe one system, in the currency of the result."""

    employee: Decimal = ZERO
    employer: Decimal = ZERO
    self_employed: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All three together."""
        return self.employee + self.employer + self.self_employed


@dataclass(frozen=True, slots=True)
class YearCost:
    """One year, by system.

    Attributes:
        year: the calendar year.
        months: months of the work in the year, parts of months as fractions.
        without: due when no certificate is shown.
        with_certificate: due when the certificate that can be had is shown; what no source
            settles is counted as still due.
        settled_only: the same, what no source settles counted as lifted.
        at_least: systems whose figures are incomplete, so that their totals are lower bounds.
        projected: figures of an earlier time were used.
    """

    year: int
    months: Decimal
    without: Mapping[str, Shares]
    with_certificate: Mapping[str, Shares]
    settled_only: Mapping[str, Shares]
    at_least: tuple[str, ...]
    projected: bool

    @property
    def saved(self) -> Decimal:
        """What the certificate saves for certain."""
        return total_of(self.without) - total_of(self.with_certificate)

    @property
    def saved_up_to(self) -> Decimal:
        """What it saves when it lifts also what no source settles."""
        return total_of(self.without) - total_of(self.settled_only)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The whole work, as far as there are figures.

    Attributes:
        years: the years counted.
        years_without_figures: those left out.
        last: last day of the work; None when open-ended, and then years after the one asked for
            are not counted.
    """

    first: date
    last: date | None
    years: tuple[YearCost, ...]
    years_without_figures: tuple[int, ...]

    @property
    def saved(self) -> Decimal:
        """What the certificate saves for certain in the years counted."""
        return sum((year.saved for year in self.years), ZERO)

    @property
    def saved_up_to(self) -> Decimal:
        """What it saves at most in the years counted."""
        return sum((year.saved_up_to for year in self.years), ZERO)


@dataclass(frozen=True, slots=True)
class OverlapMonth:
    """A month in which both systems took contributions if no certificate was shown."""

    month: str
    amounts: Mapping[str, Decimal]
    not_owed: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Refund:
    """The way back of what one system took in a year without being owed it.

    Attributes:
        amount: what was not owed, in `currency`, the system's own.
        converted: the same in the currency of the result, at the rate of the result.
        last_day: last safe day of a claim; None when no limit is in the data.
        open: whether that day is still ahead; None when it is not known.
    """

    system: str
    year: int
    amount: Decimal
    currency: str
    converted: Decimal
    last_day: date | None
    open: bool | None
    steps: tuple[str, ...]
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One side of a choice that the law leaves open."""

    system: str
    total: Decimal
    shares: Mapping[str, Shares]
    given_up: str


@dataclass(frozen=True, slots=True)
class Cost:
    """The whole answer. `detail` is the year asked for."""

    work: str
    currency: str
    detail: YearCost
    lines: tuple[Line, ...]
    missing: tuple[MissingLine, ...]
    exchange: tuple[Exchange, ...]
    assignment: Assignment
    overlap: tuple[OverlapMonth, ...]
    refunds: tuple[Refund, ...]
    alternatives: tuple[Alternative, ...]
    warnings: tuple[Notice, ...]
    contract: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of section 3 of the contract."""
        from totalize.contributions.document import to_json  # noqa: PLC0415 - it builds on this

        return to_json(self)


def total_of(shares: Mapping[str, Shares]) -> Decimal:
    """Return what all systems take together."""
    return sum((share.total for share in shares.values()), ZERO)
