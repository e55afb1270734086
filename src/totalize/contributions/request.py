"""What a cost is asked for: whose earnings, which systems when, under which assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from totalize.kernel.countries import US
from totalize.kernel.errors import InputError
from totalize.law.contributions import Payer


class DeterminedPeriod(Protocol):
    """The part of a determination that a cost needs."""

    @property
    def first(self) -> date:
        """First day."""

    @property
    def last(self) -> date | None:
        """Last day, None when open-ended."""

    @property
    def outcome(self) -> str:
        """What could be said."""

    @property
    def covered_by(self) -> tuple[str, ...] | None:
        """Systems due by law."""

    @property
    def otherwise(self) -> tuple[str, ...] | None:
        """Systems due without an agreement."""

    @property
    def rule(self) -> str | None:
        """The rule that decided."""

    @property
    def proof(self) -> str | None:
        """The state of the paper."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Facts that would settle it."""

    @property
    def warnings(self) -> tuple[HasCode, ...]:
        """What the reader must know besides."""


class HasCode(Protocol):
    """A warning of the determination."""

    @property
    def code(self) -> str:
        """Its stable code."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in which the same systems claim.

    Attributes:
        first: first day.
        last: last day, None when open-ended.
        without: systems that take contributions when no certificate is shown.
        proven: systems that take them when the certificate that can be had is shown; the same as
            `without` where none can.
        settled: False where the determination left open which system covers the work.
        held: a certificate is held.
        choice: the law leaves a choice between systems (an election, a special exception).
        missing: facts that would settle it, where it is not settled.
    """

    first: date
    last: date | None
    without: tuple[str, ...]
    proven: tuple[str, ...]
    settled: bool = True
    held: bool = False
    choice: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CostRequest:
    """Everything a cost depends on besides the law and the rates of exchange.

    Attributes:
        work: id of the work.
        stretches: in order of time.
        monthly_earnings: gross wage or net profit of a month, in `currency`.
        currency: ISO 4217; also the currency of the result.
        year: the year shown in detail.
        as_of: the day on which the question is asked; months after it were not yet paid twice.
        self_employed_in: systems that class the work as self-employment.
        filing_status: for the Additional Medicare Tax; None: unknown.
        birth_date: for rows that depend on age; None: unknown.
        citizenships: of the worker.
        choices: answers to the choices of a country, by `CC.group`.
        other_us_wages: other wages under FICA in the year, in dollars; they fill the US base first.
        units: values given for indexed units, in the country's currency.
        project: use the last known figures for months without figures, and say so.
    """

    work: str
    stretches: tuple[Stretch, ...]
    monthly_earnings: Decimal
    currency: str
    year: int
    as_of: date
    self_employed_in: frozenset[str] = frozenset()
    filing_status: str | None = None
    birth_date: date | None = None
    citizenships: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    other_us_wages: Decimal = Decimal(0)
    units: Mapping[str, Decimal] = field(default_factory=dict)
    project: bool = False

    @property
    def systems(self) -> tuple[str, ...]:
        """Every system that takes contributions at some time, the United States first."""
        return systems_of(self.stretches)

    def payers(self, system: str) -> tuple[Payer, ...]:
        """Return who pays in a system for this work."""
        if system in self.self_employed_in:
            return (Payer.SELF_EMPLOYED,)
        return (Payer.EMPLOYEE, Payer.EMPLOYER)


def systems_of(stretches: Iterable[Stretch]) -> tuple[str, ...]:
    """Return every system that takes contributions at some time, the United States first."""
    found = {system for each in stretches for system in (*each.without, *each.proven)}
    return tuple(sorted(found, key=lambda code: (code != US, code)))


def stretches_of(periods: Iterable[DeterminedPeriod], path: str) -> tuple[Stretch, ...]:
    """Read the systems due from the periods of a determined work.

    Where the determination is open, the systems that would claim without an agreement stand on
    both sides: nothing is saved on a right that is not established.

    Raises:
        InputError: it is not even known which systems would claim.
    """
    stretches = []
    for period in periods:
        if period.covered_by is None and period.otherwise is None:
            needs = ", ".join(period.missing)
            raise InputError(
                path,
                f"which system covers it from {period.first} is open, so no cost can be given",
                expected=f"the facts {needs}" if needs else "a case that can be determined",
                code="coverage_unknown",
            )
        without = period.otherwise if period.otherwise is not None else period.covered_by
        proven = period.covered_by if period.covered_by is not None else without
        # A system may cover the work through the agreement alone: it takes only with the paper.
        stretches.append(
            Stretch(
                first=period.first,
                last=period.last,
                without=tuple(without or ()),
                proven=tuple(proven or ()),
                settled=period.covered_by is not None,
                held=period.proof == "held",
                choice=_has_choice(period),
                missing=period.missing if period.covered_by is None else (),
            )
        )
    return tuple(stretches)


def _has_choice(period: DeterminedPeriod) -> bool:
    possible = any(warning.code == "exception_possible" for warning in period.warnings)
    asked = any(path.endswith(".elects") for path in period.missing)
    several = len(set(period.otherwise or ()) | set(period.covered_by or ())) > 1
    open_choice = period.rule == "election" or period.outcome == "needs_consent"
    return several and (possible or asked or open_choice)
