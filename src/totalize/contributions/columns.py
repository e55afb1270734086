"""The same formulas over a table: what a system takes for every row, as Polars expressions.

The formula is the one of a single case (`formula`, `united_states`); only its arithmetic
differs. Amounts are binary floating point rounded to the cent at the end: they agree with the
exact ones of a case to the cent or to the next one, and are meant for tables and totals, not for
a payslip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from totalize.contributions.calendar import MONTHS, last_day
from totalize.contributions.formula import reckon
from totalize.contributions.rows import Held, Table
from totalize.contributions.united_states import USYear, tax_profit, tax_wages
from totalize.law.contributions import Payer

CENTS = 2


class Columns:
    """Polars expressions, all rows at once."""

    @staticmethod
    def number(value: Decimal) -> Any:
        """Return a constant for every row."""
        return pl.lit(float(value), dtype=pl.Float64)

    @staticmethod
    def least(first: Any, second: Any) -> Any:
        """Return the smaller of two in each row."""
        return pl.min_horizontal(first, second)

    @staticmethod
    def most(first: Any, second: Any) -> Any:
        """Return the larger of two in each row."""
        return pl.max_horizontal(first, second)

    @staticmethod
    def choose(condition: Any, yes: Any, no: Any) -> Any:
        """Return `yes` in the rows where the condition holds, `no` in the others."""
        return pl.when(condition).then(yes).otherwise(no)


COLUMNS = Columns()


@dataclass(frozen=True, slots=True)
class ColumnRequest:
    """What the table's rows have in common.

    Attributes:
        year: the year.
        payers: who pays.
        options: the option taken in each choice of the country; the defaults where left out.
        project: let the last known figures go on.
    """

    year: int
    payers: tuple[Payer, ...] = (Payer.EMPLOYEE, Payer.EMPLOYER)
    options: Mapping[str, str] | None = None
    project: bool = False


def foreign_columns(
    table: Table,
    request: ColumnRequest,
    earnings: pl.Expr,
    first_month: pl.Expr,
    last_month: pl.Expr,
) -> dict[str, pl.Expr]:
    """Return, for each payer, what a country takes of each row in a year.

    Args:
        table: the country.
        request: what the rows have in common. Rows that depend on age are left out but for those
            that hold for everybody else, as for a person of unknown age.
        earnings: of a whole month, in the country's currency.
        first_month: first month of the row's work in the year, 1 to 12.
        last_month: last month, `first_month` or later.

    Returns:
        Names `PAYER` for the amounts due without a certificate and `PAYER.lifted` for the part
        that a certificate lifts for certain, rounded to the cent.
    """
    options = {group: choice.default for group, choice in table.data.choices.items()}
    options |= request.options or {}
    spans = _spans(table, request, options)
    result: dict[str, pl.Expr] = {}
    for payer in request.payers:
        for name, rest in ((payer.value, False), (f"{payer.value}.lifted", True)):
            total = pl.lit(0.0)
            for held, months in spans:
                amount = _amount(held, payer, earnings)
                if rest:
                    amount = amount - _amount(_kept(held), payer, earnings)
                total = total + amount * _overlap(months, first_month, last_month)
            result[name] = total.round(CENTS)
    return result


def us_columns(
    figures: USYear, payers: Sequence[Payer], earnings: pl.Expr, other_wages: pl.Expr | None = None
) -> dict[str, pl.Expr]:
    """Return, for each payer, what the United States take of each row in a year.

    Args:
        figures: of the year.
        payers: `(SELF_EMPLOYED,)` for SECA, employee and employer for FICA.
        earnings: wages or net profit of the year, in dollars.
        other_wages: wages beside the profit, which fill the base first.
    """
    if tuple(payers) == (Payer.SELF_EMPLOYED,):
        parts = tax_profit(
            figures, earnings, pl.lit(0.0) if other_wages is None else other_wages, COLUMNS
        )
    else:
        parts = tax_wages(figures, earnings, COLUMNS)
    result = {}
    for payer in payers:
        amounts = [part.amount for part in parts if part.payer is payer]
        result[payer.value] = pl.sum_horizontal(amounts).round(CENTS)
    return result


def _spans(
    table: Table, request: ColumnRequest, options: Mapping[str, str]
) -> list[tuple[tuple[Held, ...], tuple[int, ...]]]:
    """Return the rows that hold, with the months in which they do."""
    spans: dict[tuple[int, ...], tuple[tuple[Held, ...], list[int]]] = {}
    for month in MONTHS:
        day: date = last_day(request.year, month)
        held = table.select(request.payers, options, day, None, request.project)
        key = tuple(id(item.row) for item in held)
        spans.setdefault(key, (held, []))[1].append(month)
    return [(held, tuple(months)) for held, months in spans.values()]


def _kept(held: tuple[Held, ...]) -> tuple[Held, ...]:
    return tuple(item for item in held if item.row.scheme.agreement_scope is not True)


def _amount(held: tuple[Held, ...], payer: Payer, earnings: pl.Expr) -> pl.Expr:
    """Return what one payer owes in a month; rows built upon others come after them."""
    rows = [item.row for item in held if item.row.scheme.payer is payer and item.row.formula]
    rows.sort(key=lambda row: bool(row.scheme.base_plus or row.scheme.base_minus))
    amounts: dict[str, pl.Expr] = {}
    zero = pl.lit(0.0)
    for row in rows:
        scheme = row.scheme
        added = sum((amounts.get(name, zero) for name in scheme.base_plus), zero)
        added = added - sum((amounts.get(name, zero) for name in scheme.base_minus), zero)
        if row.formula is None:
            continue
        parts = reckon(row.formula, earnings, added, COLUMNS)
        amount = sum((part.amount for part in parts), zero)
        amounts[scheme.scheme] = amounts.get(scheme.scheme, zero) + amount
    return sum(amounts.values(), zero)


def _overlap(months: tuple[int, ...], first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """Return how many of the months each row's work fills."""
    return pl.sum_horizontal(
        [((first <= month) & (last >= month)).cast(pl.Float64) for month in months]
    )
