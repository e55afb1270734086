"""What one system takes of many works that have the same law, over columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import numpy as np

from totalize.contributions.calendar import MONTHS, last_day
from totalize.contributions.column_numbers import Cents, Flags, Floats, Ledger, Number
from totalize.contributions.column_requests import NO_DAY, Requests, Rows
from totalize.contributions.costing import CostLaw
from totalize.contributions.reckoning import evaluate
from totalize.contributions.request import CostRequest
from totalize.contributions.rows import Held, Table, take_options
from totalize.contributions.united_states import figures_of, tax_profit, tax_wages
from totalize.kernel.countries import US
from totalize.law.contributions import Payer


@dataclass(frozen=True, slots=True)
class Group:
    """Requests with the same systems, year, currency and answers.

    Attributes:
        requests: all requests.
        rows: the positions of this group's.
        request: one of them, as a single case.
        law: law and rates.
    """

    requests: Requests
    rows: Rows
    request: CostRequest
    law: CostLaw


class SystemColumns:
    """One system in a group, for the employed or for the self-employed."""

    def __init__(
        self, group: Group, system: str, rows: Rows, weights: Floats, *, self_employed: bool
    ) -> None:
        self._group = group
        self._system = system
        self._rows = group.rows[rows]
        self._weights = weights
        self._payers = (Payer.SELF_EMPLOYED,) if self_employed else (Payer.EMPLOYEE, Payer.EMPLOYER)
        self._self_employed = self_employed
        self._size = len(rows)
        self.again: Flags = np.zeros(self._size, dtype=np.bool_)

    def reckon(self) -> tuple[Cents, Flags]:
        """Return the amounts (without, with, with all doubt lifted), and which are lower bounds."""
        if self._system == US:
            return self._reckon_us(), np.zeros(self._size, dtype=np.bool_)
        table = self._group.law.tables.get(self._system)
        if table is None:
            takes = _any_month(self._weights)
            return np.zeros((3, self._size), dtype=np.int64), takes
        return self._reckon_foreign(table)

    def _reckon_us(self) -> Cents:
        law, request = self._group.law, self._group.request
        known = min(request.year, law.us.last_year) if request.project else request.year
        status = request.filing_status or law.us.additional_medicare.assumed
        figures = figures_of(law.us, known, status)
        rate = law.rates["USD"].rate
        monthly = self._group.requests.monthly[self._rows] / float(rate)
        ledger = Ledger(monthly * 12)
        wages = ledger.of(self._group.requests.other_us_wages[self._rows])
        months = self._weights.sum(axis=1)

        def tax(part: Floats) -> Cents:
            earned = ledger.of(monthly * part)
            parts = (
                tax_profit(figures, earned, wages, ledger)
                if self._self_employed
                else tax_wages(figures, earned, ledger)
            )
            return self._cents(parts, ledger, float(rate))

        without, owed = tax(months[0]), tax(months[1])
        self.again |= ledger.doubtful & ((months[0] > 0) | (months[1] > 0))
        return np.stack([without, owed, owed])

    def _cents(self, parts: Sequence[Any], ledger: Ledger, rate: float) -> Cents:
        total = np.zeros(self._size, dtype=np.int64)
        for payer in self._payers:
            amount = np.zeros(self._size)
            for part in parts:
                if part.payer is payer:
                    amount = amount + part.amount.values
            total += ledger.cents(amount, rate)
        return total

    def _reckon_foreign(self, table: Table) -> tuple[Cents, Flags]:
        request, requests = self._group.request, self._group.requests
        totals = np.zeros((3, self._size), dtype=np.int64)
        incomplete: Flags = np.zeros(self._size, dtype=np.bool_)
        native = np.array([self._system in one for one in requests.citizenships], dtype=np.bool_)
        citizen = native[requests.citizen[self._rows]]
        ages = _ages(requests.born[self._rows], request.year)
        if not any(scheme.ages for scheme, _ in table.rows if scheme.payer in self._payers):
            ages = np.where(ages == _NO_AGE, _NO_AGE, _ANY_AGE)
        needs_age = bool(table.ages_needed(self._payers, request.year))
        different, which = np.unique(ages * 2 + citizen, return_inverse=True)
        by_spans: dict[Spans, list[int]] = {}
        for number, code in enumerate(different.tolist()):
            citizenships = (self._system,) if code & 1 else ()
            options, _ = take_options(table.data, request.choices, citizenships)
            spans = _spans(
                table, self._payers, tuple(options.items()), request.year, code >> 1,
                project=request.project,
            )  # fmt: skip
            by_spans.setdefault(spans, []).append(number)
        for spans, numbers in by_spans.items():
            rows = np.flatnonzero(np.isin(which, numbers))
            totals[:, rows], incomplete[rows] = self._reckon_spans(table, spans, rows)
        if needs_age:
            incomplete |= ages == _NO_AGE
        takes = _any_month(self._weights)
        bounds: Flags = incomplete & takes
        return totals, bounds

    def _reckon_spans(self, table: Table, spans: Spans, rows: Rows) -> tuple[Cents, Flags]:
        rate = float(self._group.law.rates[table.data.currency].rate)
        monthly = self._group.requests.monthly[self._rows[rows]] / rate
        ledger = Ledger(monthly * 12)
        earnings = ledger.of(monthly)
        amounts = {payer: np.zeros((3, len(rows))) for payer in self._payers}
        incomplete: Flags = np.zeros(len(rows), dtype=np.bool_)
        weights = self._weights[:, :, rows]
        takes = _any_month(weights)
        for held, months in spans.parts:
            chosen = weights[:, [month - 1 for month in months]]
            active = _any_month(chosen)
            if not active.any():
                continue
            if all(item.row.formula is None for item in held):
                self.again[rows[active]] = True
            if any(item.row.formula is None for item in held):
                incomplete |= active
            without, owed, lifted = chosen.sum(axis=1)
            kept = [item for item in held if item.row.scheme.agreement_scope is not True]
            certain = [item for item in kept if item.row.scheme.agreement_scope is False]
            full = _by_payer(held, earnings, ledger)
            rest = [full, full]
            if lifted.any():
                rest = [_by_payer(each, earnings, ledger) for each in (kept, certain)]
            for payer, column in amounts.items():
                amount = full.get(payer, 0.0)
                column[0] += amount * without
                for place, each in enumerate(rest, 1):
                    column[place] += amount * owed + each.get(payer, 0.0) * lifted
        totals = np.zeros((3, len(rows)), dtype=np.int64)
        for column in amounts.values():
            for place in range(3):
                totals[place] += ledger.cents(column[place], rate)
        self.again[rows] |= ledger.doubtful & takes
        return totals, incomplete


def _by_payer(held: Sequence[Held], earnings: Number, ledger: Ledger) -> Mapping[Payer, Any]:
    """Return what each payer owes in a month."""
    found: dict[Payer, Any] = {}
    for each in evaluate([item.row for item in held], earnings, ledger):
        payer = each.row.scheme.payer
        found[payer] = found.get(payer, 0.0) + each.amount.values
    return found


def _any_month(weights: Floats) -> Flags:
    """Tell for which requests the system takes anything in any month, in any scenario."""
    found: Flags = np.any(weights[:2] > 0, axis=(0, 1))
    return found


_NO_AGE: Final = 0
_ANY_AGE: Final = 1


def _ages(born: Rows, year: int) -> Rows:
    """Return a number for each birth that tells the age at the end of every month of a year."""
    known = born > NO_DAY
    days = np.where(known, born, 0).astype("datetime64[D]")
    month = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    # Who is born on 29 February is a year older on the last day of March in a common year.
    leap = (days - days.astype("datetime64[M]")).astype(np.int64) == 28
    late = leap & (month % 12 == 1) & (last_day(year, 2).day == 28)
    found: Rows = np.where(known, month + late + 2, _NO_AGE)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """The rows that hold in a year, with the months in which they do."""

    parts: tuple[tuple[tuple[Held, ...], tuple[int, ...]], ...]


@cache
def _spans(
    table: Table,
    payers: tuple[Payer, ...],
    options: tuple[tuple[str, str], ...],
    year: int,
    age: int,
    *,
    project: bool,
) -> Spans:
    """Return the rows that hold; the same object where they are the same ones."""
    birth_date = None
    if age > _ANY_AGE:
        # The first day of the month: an age is reached by its last day at latest.
        birth_date = date((age - 2) // 12, (age - 2) % 12 + 1, 1)
    elif age == _ANY_AGE:
        birth_date = date(year - 40, 1, 1)  # nothing here looks at it
    spans: dict[tuple[object, ...], tuple[tuple[Held, ...], list[int]]] = {}
    for month in MONTHS:
        held = table.select(payers, dict(options), last_day(year, month), birth_date, project)
        key = tuple((id(item.row), item.projected) for item in held)
        spans.setdefault(key, (held, []))[1].append(month)
    identity = tuple((key, tuple(months)) for key, (_, months) in spans.items())
    parts = tuple((held, tuple(months)) for held, months in spans.values())
    return _KNOWN_SPANS.setdefault(identity, Spans(parts))


# Rows live as long as their table, which the cache above keeps.
_KNOWN_SPANS: Final[dict[tuple[object, ...], Spans]] = {}
