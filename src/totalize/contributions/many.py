"""What many works cost in a year: the formulas of a single case, over columns, exact to the cent.

Requests that have the same systems, year and currency are reckoned together. Whatever is out of
the ordinary (figures that are missing, an answer that no country asks for, an amount next to half
a cent) is reckoned one by one, with the words and the decimals of a single case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from totalize.contributions.answer import check_request, compute_year
from totalize.contributions.assembly import ExchangeChoice, gather
from totalize.contributions.calendar import MONTHS, last_day
from totalize.contributions.costing import CostLaw
from totalize.contributions.guarded import Cents, Flags, Floats, Ledger, Number
from totalize.contributions.reckoning import evaluate
from totalize.contributions.request import CostRequest
from totalize.contributions.results import total_of
from totalize.contributions.rows import Held, Table, check_choices, take_options
from totalize.contributions.united_states import figures_of, tax_profit, tax_wages
from totalize.kernel.countries import US
from totalize.kernel.errors import InputError
from totalize.law.contributions import Payer

Rows = npt.NDArray[np.int64]
Systems = tuple[str, ...]

OPEN_END: Final = 1 << 40  # a day after all others
NO_DAY: Final = -(1 << 40)
_CENT: Final = 100


@dataclass(frozen=True, slots=True)
class Lines:
    """The stretches of many works; several may belong to one request.

    Attributes:
        request: position of the request, rising.
        first, last: days since 1970, both included; `OPEN_END` for an open end.
        without, proven: position in `sets` of the systems that take contributions when no
            certificate is shown, and when the one that can be had is.
        sets: combinations of systems.
    """

    request: Rows
    first: Rows
    last: Rows
    without: Rows
    proven: Rows
    sets: tuple[Systems, ...]


@dataclass(frozen=True, slots=True)
class Requests:
    """What many costs are asked for.

    Attributes:
        monthly: earnings of a month.
        setting: position in `settings`.
        settings: what requests have in common; `year` in it is the year asked for.
        self_employed: all systems class the work so, otherwise none does.
        born: days since 1970, `NO_DAY` where unknown.
        citizen: position in `citizenships`.
        citizenships: combinations of citizenships.
        other_us_wages: in dollars.
        alone: requests that are to be reckoned one by one.
    """

    monthly: Floats
    setting: Rows
    settings: tuple[Setting, ...]
    self_employed: Flags
    born: Rows
    citizen: Rows
    citizenships: tuple[tuple[str, ...], ...]
    other_us_wages: Floats
    alone: Flags

    def __len__(self) -> int:
        return len(self.monthly)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a group of requests has in common."""

    currency: str
    year: int
    filing_status: str | None = None
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class YearAmounts:
    """What each work costs in its year, in cents; -1 where no cost can be given.

    Attributes:
        with_certificate: with the certificate that can be had.
        saved_up_to: saved when the certificate also lifts what no source settles.
        at_least: position in `bounds` of the systems of which the amounts are lower bounds.
        errors: requests that cannot be answered.
    """

    without: Cents
    with_certificate: Cents
    saved_up_to: Cents
    at_least: Rows
    bounds: list[Systems]
    errors: dict[int, InputError] = field(default_factory=dict)

    @classmethod
    def empty(cls, size: int) -> YearAmounts:
        """Return amounts of which none is known."""
        nothing = [np.full(size, -1, dtype=np.int64) for _ in range(3)]
        return cls(nothing[0], nothing[1], nothing[2], np.zeros(size, dtype=np.int64), [()])

    def bound(self, systems: Systems) -> int:
        """Return the position of a combination of systems, putting it in where it is new."""
        if systems not in self.bounds:
            self.bounds.append(systems)
        return self.bounds.index(systems)


def reckon_many(
    requests: Requests,
    lines: Lines,
    request_of: Callable[[int], CostRequest],
    exchange: ExchangeChoice,
) -> YearAmounts:
    """Return what each work costs in its year, as `totalize.cost` says it.

    Args:
        requests: what is asked; each has at least one line.
        lines: their stretches.
        request_of: returns the request at a position as a single case; may refuse it.
        exchange: the rates of exchange.
    """
    found = YearAmounts.empty(len(requests))
    alone = requests.alone.copy()
    all_systems, system_sets = _systems_of(lines, len(requests))
    alone |= ~_runs_in_its_year(requests, lines)
    key = (requests.setting * len(system_sets) + all_systems) * 2 + (requests.other_us_wages > 0)
    plain = np.flatnonzero(~alone)
    for code in np.unique(key[plain]).tolist():
        rows = plain[key[plain] == code]
        systems = system_sets[code // 2 % len(system_sets)]
        try:
            request = request_of(int(rows[0]))
            law = gather(request, exchange)
            check_choices(law.tables, request.choices)
            check_request(request, law)
            group = _Group(requests, lines, rows, request, law)
            again = group.reckon(systems, found)
        except InputError:
            # The single case knows which of them cannot be answered, and why.
            again = np.ones(len(rows), dtype=np.bool_)
        alone[rows[again]] = True
    for row in np.flatnonzero(alone).tolist():
        _reckon_one(row, request_of, exchange, found)
    return found


def _reckon_one(
    row: int,
    request_of: Callable[[int], CostRequest],
    exchange: ExchangeChoice,
    found: YearAmounts,
) -> None:
    try:
        request = request_of(row)
        cost = compute_year(request, gather(request, exchange)).cost
    except InputError as error:
        error.__traceback__ = error.__context__ = None
        found.errors[row] = error
        found.without[row] = found.with_certificate[row] = found.saved_up_to[row] = -1
        return
    found.without[row] = int(total_of(cost.without) * _CENT)
    found.with_certificate[row] = int(total_of(cost.with_certificate) * _CENT)
    found.saved_up_to[row] = int(cost.saved_up_to * _CENT)
    found.at_least[row] = found.bound(cost.at_least)


def _systems_of(lines: Lines, size: int) -> tuple[Rows, list[Systems]]:
    """Return for each request which systems take contributions at some time."""
    systems = sorted({system for one in lines.sets for system in one})
    place = {system: number for number, system in enumerate(systems)}
    # A work has the United States and one other country, seldom more: a word holds 62 systems.
    words = -(-max(len(systems), 1) // 62)
    mine = np.zeros((size, words), dtype=np.int64)
    for word in range(words):
        bits = np.array(
            [
                sum(1 << place[one] % 62 for one in systems_ if place[one] // 62 == word)
                for systems_ in lines.sets
            ],
            dtype=np.int64,
        )
        np.bitwise_or.at(mine[:, word], lines.request, bits[lines.without] | bits[lines.proven])
    different, which = np.unique(mine, axis=0, return_inverse=True)
    sets = [
        tuple(system for system in systems if row[place[system] // 62] >> place[system] % 62 & 1)
        for row in different.tolist()
    ]
    return which.reshape(-1), sets


def _runs_in_its_year(requests: Requests, lines: Lines) -> Flags:
    years = np.array([setting.year for setting in requests.settings], dtype=np.int64)
    year = years[requests.setting[lines.request]]
    inside = (_year_of(lines.first) <= year) & (
        (lines.last >= OPEN_END) | (_year_of(np.minimum(lines.last, 10**6)) >= year)
    )
    runs = np.zeros(len(requests), dtype=np.bool_)
    runs[lines.request[inside]] = True
    return runs


def _year_of(days: Rows) -> Rows:
    years: Rows = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return years


class _Group:
    """Requests with the same systems, year, currency and answers."""

    def __init__(
        self, requests: Requests, lines: Lines, rows: Rows, request: CostRequest, law: CostLaw
    ) -> None:
        self._requests = requests
        self._rows = rows
        self._request = request
        self._law = law
        self._size = len(rows)
        local = np.full(len(requests), -1, dtype=np.int64)
        local[rows] = np.arange(self._size)
        chosen = np.flatnonzero(local[lines.request] >= 0)
        self._local = local[lines.request[chosen]]
        self._lines = lines
        self._chosen = chosen
        self._shares = _shares(lines.first[chosen], lines.last[chosen], request.year)
        self._again: Flags = np.zeros(self._size, dtype=np.bool_)

    def reckon(self, systems: Systems, found: YearAmounts) -> Flags:
        """Fill in the amounts and return which requests are to be reckoned one by one."""
        totals = np.zeros((3, self._size), dtype=np.int64)
        bounds: list[tuple[str, Flags]] = []
        for system in self._request.systems:
            if system not in systems:
                continue
            weights = self._weights(system)
            for employed in (True, False):
                rows = np.flatnonzero(self._requests.self_employed[self._rows] != employed)
                if not len(rows):
                    continue
                part = _System(self, system, rows, weights[:, :, rows], self_employed=not employed)
                amounts, incomplete = part.reckon()
                totals[:, rows] += amounts
                self._again[rows] |= part.again
                flags = np.zeros(self._size, dtype=np.bool_)
                flags[rows] = incomplete
                bounds.append((system, flags))
        found.without[self._rows] = totals[0]
        found.with_certificate[self._rows] = totals[1]
        found.saved_up_to[self._rows] = totals[0] - totals[2]
        self._say_bounds(bounds, found)
        return self._again

    def _say_bounds(self, bounds: list[tuple[str, Flags]], found: YearAmounts) -> None:
        code = np.zeros(self._size, dtype=np.int64)
        names = list(dict.fromkeys(system for system, _ in bounds))
        for system, flags in bounds:
            code |= flags.astype(np.int64) << names.index(system)
        for one in np.unique(code).tolist():
            systems = tuple(name for bit, name in enumerate(names) if one >> bit & 1)
            found.at_least[self._rows[code == one]] = found.bound(systems)

    def _weights(self, system: str) -> Floats:
        """Return for each month and request how much of it counts: without, owed, lifted."""
        inside = np.array([system in one for one in self._lines.sets])
        without = inside[self._lines.without[self._chosen]]
        proven = inside[self._lines.proven[self._chosen]]
        found = np.zeros((3, 12, self._size))
        for kind, counts in enumerate((without, proven, without & ~proven)):
            if not counts.any():
                continue
            at = self._local[counts]
            for month in range(12):
                found[kind, month] = np.bincount(
                    at, self._shares[month][counts], minlength=self._size
                )
        return found

    @property
    def requests(self) -> Requests:
        """All requests."""
        return self._requests

    @property
    def rows(self) -> Rows:
        """The positions of this group's."""
        return self._rows

    @property
    def request(self) -> CostRequest:
        """One of them."""
        return self._request

    @property
    def law(self) -> CostLaw:
        """Law and rates."""
        return self._law


def _shares(first: Rows, last: Rows, year: int) -> list[Floats]:
    """Return for each month the part of it that each line fills."""
    shares = []
    epoch = date(1970, 1, 1).toordinal()
    for month in MONTHS:
        begin = date(year, month, 1).toordinal() - epoch
        end = last_day(year, month).toordinal() - epoch
        days = np.minimum(last, end) - np.maximum(first, begin) + 1
        shares.append(np.maximum(days, 0) / float(end - begin + 1))
    return shares


class _System:
    """One system in a group, for the employed or for the self-employed."""

    def __init__(
        self, group: _Group, system: str, rows: Rows, weights: Floats, *, self_employed: bool
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


def decimal_of(cents: int) -> Decimal:
    """Return cents as an amount."""
    return Decimal(cents) / _CENT
