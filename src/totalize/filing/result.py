"""The answer: three boxes that are never mixed, each with its tests, steps and dates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from totalize.kernel.plain import to_plain


class Outcome(StrEnum):
    """What the tests say together. None of them says that nothing has to be filed."""

    REQUIRED = "required"
    NO_TEST_MET = "no_test_met"
    OPEN = "open"
    OTHER_RULES = "other_rules"


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read, when it was last compared, and how sure it is."""

    ref: str
    url: str | None
    checked_on: date
    sure: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FigureUsed:
    """A figure of the law with its source; `derived` says how it was reckoned if it was."""

    value: Decimal
    derived: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with a code that does not change, and what it rests on."""

    code: str
    text: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Test:
    """One test and its row.

    Attributes:
        met: true, false, or None when a fact is unknown.
        row: the row of the table that was read.
        amount: the person's own figure.
        missing: the facts that would settle it.
    """

    code: str
    text: str
    met: bool | None
    row: str | None
    threshold: FigureUsed | None
    amount: Decimal | None
    missing: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date; `day` is None where it depends on the person. `moved` says why it is not the 15th."""

    code: str
    day: date | None
    text: str
    moved: str | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomeTaxReturn:
    """Box one: the income tax return."""

    outcome: Outcome
    text: str
    tests: tuple[Test, ...]
    missing: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    exclusion_limit: FigureUsed
    notes: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written where for a foreign certificate.

    Attributes:
        proven: the certificate is there for every day it is needed; without it the words are not
            to be written yet.
    """

    words: str
    form: str
    line: str
    box: str | None
    proven: bool
    steps: tuple[Said, ...]
    notes: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class WorkPeriod:
    """What follows for one work in a stretch of the year."""

    work: str
    activity: str
    country: str
    first: date = field(metadata={"key": "from"})
    last: date = field(metadata={"key": "to"})
    covered_by: tuple[str, ...] | None
    certificate_from: str | None
    proven: bool | None
    findings: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a reckoning; `source` names the figure it was reckoned with."""

    text: str
    amount: Decimal
    source: str | None


@dataclass(frozen=True, slots=True)
class SelfEmploymentTax:
    """Self-employment tax on the year's net profit, reckoned to the cent.

    Attributes:
        additional_medicare: on top, on another form.
    """

    net_profit: Decimal
    net_earnings: Decimal
    total: Decimal
    additional_medicare: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SocialSecurityTax:
    """Box two: the social security tax, the only one that a certificate moves."""

    periods: tuple[WorkPeriod, ...]
    entry: Entry | None
    self_employment_tax: SelfEmploymentTax | None
    notes: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class AccountReport:
    """One report of box three: whether its limits are passed, and when it is due."""

    form: str
    met: bool | None
    tests: tuple[Test, ...]
    missing: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    notes: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Filing:
    """What still has to be filed for one tax year.

    Attributes:
        law: digest of the law data it was made with.
    """

    tax_year: int
    status: str
    income: Decimal
    law: str
    income_tax_return: IncomeTaxReturn
    social_security_tax: SocialSecurityTax
    account_reports: tuple[AccountReport, ...]
    contract: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values."""
        plain: dict[str, Any] = to_plain(self)
        return {"contract": plain.pop("contract"), **plain}
