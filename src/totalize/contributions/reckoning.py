"""What one system takes in one year, in its own currency, in every scenario at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from totalize.contributions.arithmetic import EXACT, Arithmetic
from totalize.contributions.calendar import MONTHS, last_day
from totalize.contributions.formula import Formula, Part, reckon
from totalize.contributions.rows import Held, Row, Table
from totalize.contributions.united_states import USPart, USYear, tax_profit, tax_wages
from totalize.law.contributions import Payer

ZERO = Decimal(0)
Months = tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """For each month, the part of it in which a system takes contributions.

    Attributes:
        without: when no certificate is shown.
        owed: when the certificate is shown and the system is due by law.
        lifted: when the certificate is shown and lifts what it can of the system.
    """

    without: Months
    owed: Months
    lifted: Months

    @property
    def any(self) -> bool:
        """Whether the system takes anything in any scenario."""
        return any(self.without) or any(self.owed)


@dataclass(frozen=True, slots=True)
class SystemLine:
    """A line in the system's own currency, unrounded."""

    scheme: str
    payer: Payer
    first: date
    last: date
    base: Decimal | None
    rate: Decimal | None
    amount: Decimal
    lifted: bool | None
    source: str
    source_date: str | None
    note: str | None
    projected: bool


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A row with its products for a month, in the arithmetic of the earnings."""

    row: Row
    parts: tuple[Part, ...]
    amount: Any


@dataclass(slots=True)
class Amounts:
    """What each payer owes in each scenario, unrounded: without, with, and settled only."""

    without: dict[Payer, Decimal]
    proven: dict[Payer, Decimal]
    settled: dict[Payer, Decimal]

    @classmethod
    def none(cls) -> Amounts:
        """Return amounts of nothing."""
        return cls({}, {}, {})


@dataclass(frozen=True, slots=True)
class SystemYear:
    """What one system takes in a year.

    Attributes:
        lines: gives the lines; only a year that is shown asks for them.
        missing: rows due whose size is not in the data.
        gaps: months without any row for the payers whose size is known.
        inexact: rows that do not hold exactly at this pay.
        monthly: gives, for each month, all payers together: without a certificate, and the part of
            it that a certificate would have lifted. Only money that was paid already asks for it.
        projected_from: the year the figures are of, where they are projected.
    """

    lines: Callable[[], tuple[SystemLine, ...]]
    amounts: Amounts
    missing: tuple[Held, ...]
    gaps: tuple[int, ...]
    inexact: tuple[Row, ...]
    monthly: Callable[[], tuple[tuple[Decimal, Decimal], ...]]
    projected_from: int | None

    @property
    def empty(self) -> bool:
        """Whether the data knows nothing of the year."""
        return bool(self.gaps) and not self.missing and not self.lines()


def reckon_foreign(
    table: Table,
    selected: Sequence[tuple[Held, ...]],
    earnings: Decimal,
    year: int,
    weights: Weights,
) -> SystemYear:
    """Return what a country takes in a year.

    Args:
        table: the country.
        selected: for each month, the rows that hold.
        earnings: of a whole month, in the country's currency.
        year: the year.
        weights: what part of each month counts in which scenario.
    """
    shown: list[tuple[Held, Evaluated, Decimal, tuple[date, date], bool]] = []
    amounts = Amounts.none()
    missing: dict[tuple[str, Payer], Held] = {}
    inexact: dict[tuple[str, Payer], Row] = {}
    monthly = [(ZERO, ZERO)] * 12
    gaps = [
        month
        for month in MONTHS
        if (weights.without[month - 1] or weights.owed[month - 1])
        and all(held.row.formula is None for held in selected[month - 1])
    ]
    projected_from = None
    for group in _groups(selected, weights):
        held = selected[group[0] - 1]
        for item in held:
            key = (item.row.scheme.scheme, item.row.scheme.payer)
            if item.row.formula is None:
                missing.setdefault(key, item)
            elif _is_inexact(item.row.formula, earnings):
                inexact.setdefault(key, item.row)
            if item.projected:
                projected_from = _year_of(item.row, table)
        full = evaluate([item.row for item in held], earnings)
        kept, certain = _rest(
            held, earnings, full, any(weights.lifted[month - 1] for month in group)
        )
        without, owed, lifted = (
            sum((each[month - 1] for month in group), ZERO)
            for each in (weights.without, weights.owed, weights.lifted)
        )
        _add(amounts.without, full, without)
        for target, rest in ((amounts.proven, kept), (amounts.settled, certain)):
            _add(target, full, owed)
            _add(target, rest, lifted)
        of_month, of_kept = _total(full), _total(kept)
        for month in group:
            part, free = weights.without[month - 1], weights.lifted[month - 1]
            monthly[month - 1] = (of_month * part, (of_month - of_kept) * free)
        span = (date(year, group[0], 1), last_day(year, group[-1]))
        by_row = {id(each.row): each for each in full}
        for item in held:
            if item.row.formula is not None:
                each = by_row[id(item.row)]
                shown.append((item, each, without or owed, span, bool(lifted)))
    return SystemYear(
        lines=cache(lambda: tuple([line for each in shown for line in _lines(*each)])),
        amounts=amounts,
        missing=tuple(missing.values()),
        gaps=tuple(gaps),
        inexact=tuple(inexact.values()),
        monthly=lambda: tuple(monthly),
        projected_from=projected_from,
    )


def evaluate(rows: Sequence[Row], earnings: Any, using: Arithmetic = EXACT) -> list[Evaluated]:
    """Return the parts of each row for a month; rows built upon others come after them."""
    zero = using.number(ZERO)
    dependent = [row for row in rows if row.scheme.base_plus or row.scheme.base_minus]
    plain = [row for row in rows if not (row.scheme.base_plus or row.scheme.base_minus)]
    totals: dict[tuple[Payer, str], Any] = {}
    found: list[Evaluated] = []
    for row in (*plain, *dependent):
        if row.formula is None:
            continue
        scheme = row.scheme
        added = sum((totals.get((scheme.payer, name), zero) for name in scheme.base_plus), zero)
        added -= sum((totals.get((scheme.payer, name), zero) for name in scheme.base_minus), zero)
        parts = reckon(row.formula, earnings, added, using)
        amount = sum((part.amount for part in parts), zero)
        key = (scheme.payer, scheme.scheme)
        totals[key] = totals.get(key, zero) + amount
        found.append(Evaluated(row, parts, amount))
    return found


@dataclass(frozen=True, slots=True)
class USEarnings:
    """What is earned under US law, in dollars.

    Attributes:
        monthly: wages, or net profit of the self-employed, of a whole month.
        self_employed: SECA on the profit instead of FICA on the wages.
        other_wages: other wages of the year under FICA; they fill the base before the profit.
    """

    monthly: Decimal
    self_employed: bool
    other_wages: Decimal


def reckon_us(figures: USYear, earnings: USEarnings, year: int, weights: Weights) -> SystemYear:
    """Return what the United States take in a year.

    Args:
        figures: of the year, or of the last one known when projected.
        earnings: what is earned.
        year: the year.
        weights: what part of each month counts in which scenario; nothing of these taxes stays
            due with a certificate (IRC 3101(c), 3111(c), 1401(c)).
    """

    def tax(months: Decimal) -> list[USPart]:
        earned = earnings.monthly * months
        if earnings.self_employed:
            return tax_profit(figures, earned, earnings.other_wages, EXACT)
        return tax_wages(figures, earned, EXACT)

    amounts = Amounts.none()
    without, owed = sum(weights.without, ZERO), sum(weights.owed, ZERO)
    parts = tax(without or owed)
    for part in parts if without else ():
        amounts.without[part.payer] = amounts.without.get(part.payer, ZERO) + part.amount
    for part in tax(owed) if owed else ():
        for target in (amounts.proven, amounts.settled):
            target[part.payer] = target.get(part.payer, ZERO) + part.amount
    return SystemYear(
        lines=cache(lambda: _us_lines(figures, parts, year, weights)),
        amounts=amounts,
        missing=(),
        gaps=(),
        inexact=(),
        monthly=cache(lambda: _by_month(tax, weights)),
        projected_from=figures.year if figures.year != year else None,
    )


def _us_lines(
    figures: USYear, parts: Sequence[USPart], year: int, weights: Weights
) -> tuple[SystemLine, ...]:
    active = [month for month in MONTHS if weights.without[month - 1] or weights.owed[month - 1]]
    return tuple(
        SystemLine(
            scheme=part.scheme,
            payer=part.payer,
            first=date(year, active[0], 1),
            last=last_day(year, active[-1]),
            base=part.base,
            rate=part.rate,
            amount=part.amount,
            lifted=any(weights.lifted),
            source=part.source,
            source_date=str(figures.year),
            note=None,
            projected=figures.year != year,
        )
        for part in parts
        if part.amount or part.scheme in ("oasdi", "medicare")
    )


def _by_month(
    tax: Callable[[Decimal], list[USPart]], weights: Weights
) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return what each month takes, and the part of it a certificate would have lifted."""
    monthly = []
    months, due, before, before_due = ZERO, ZERO, ZERO, ZERO
    differs = weights.without != weights.owed
    for without, owed in zip(weights.without, weights.owed, strict=True):
        months, due = months + without, due + owed
        now = sum((part.amount for part in tax(months)), ZERO) if months else ZERO
        now_due = now
        if differs:
            now_due = sum((part.amount for part in tax(due)), ZERO) if due else ZERO
        monthly.append((now - before, (now - before) - (now_due - before_due)))
        before, before_due = now, now_due
    return tuple(monthly)


def _groups(selected: Sequence[tuple[Held, ...]], weights: Weights) -> list[tuple[int, ...]]:
    """Return the months in groups in which the same rows hold and the same scenario applies."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for month in MONTHS:
        index = month - 1
        if not (weights.without[index] or weights.owed[index]):
            continue
        key = (
            tuple((id(held.row), held.projected) for held in selected[index]),
            bool(weights.lifted[index]),
        )
        groups.setdefault(key, []).append(month)
    return [tuple(months) for months in groups.values()]


def _lines(
    held: Held, evaluated: Evaluated, months: Decimal, span: tuple[date, date], lifted: bool
) -> list[SystemLine]:
    scheme, version = held.row.scheme, held.row.version
    # A rate of zero on some pay is worth showing; a row that counts no pay here is not.
    shown = [part for part in evaluated.parts if part.amount] or [
        part for part in evaluated.parts[:1] if part.base
    ]
    return [
        SystemLine(
            scheme=scheme.scheme,
            payer=scheme.payer,
            first=span[0],
            last=span[1],
            base=None if part.base is None else part.base * months,
            rate=part.rate,
            amount=part.amount * months,
            lifted=scheme.agreement_scope if lifted else False,
            source=version.source,
            source_date=version.source_date,
            note=version.note or scheme.note,
            projected=held.projected,
        )
        for part in shown
    ]


def _add(target: dict[Payer, Decimal], rows: Sequence[Evaluated], months: Decimal) -> None:
    if not months:
        return
    for evaluated in rows:
        payer = evaluated.row.scheme.payer
        target[payer] = target.get(payer, ZERO) + evaluated.amount * months


def _rest(
    held: Sequence[Held], earnings: Decimal, full: list[Evaluated], lifted: bool
) -> tuple[list[Evaluated], list[Evaluated]]:
    """Return what is left when a certificate lifts what it settles, and when it lifts all doubt."""
    if not lifted:
        return full, full
    rows = _rows(held)
    kept = [row for row in rows if row.scheme.agreement_scope is not True]
    certain = [row for row in kept if row.scheme.agreement_scope is False]
    return evaluate(kept, earnings), evaluate(certain, earnings)


def _rows(held: Sequence[Held]) -> list[Row]:
    return [item.row for item in held]


def _total(rows: Sequence[Evaluated]) -> Decimal:
    return sum((evaluated.amount for evaluated in rows), ZERO)


def _is_inexact(formula: Formula, earnings: Decimal) -> bool:
    counted = earnings * formula.share
    below, above = formula.inexact_below, formula.inexact_above
    return (below is not None and counted < below) or (above is not None and counted > above)


def _year_of(row: Row, table: Table) -> int:
    end = row.version.to
    return (table.data.known_until if end is None else end).year
