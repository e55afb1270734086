"""The law's figures in the shape in which they are looked up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from totalize.benefits.months import read_month
from totalize.law.benefits import (
    Figures,
    ForeignSide,
    Order,
    Rules,
    Sentences,
    load_figures,
    load_foreign_side,
    load_rules,
    load_sentences,
    percent,
)
from totalize.law.loading import DATA


@dataclass(frozen=True, slots=True)
class Increase:
    """A cost-of-living increase: the month, its factor, and the months of benefit it holds for."""

    month: int
    factor: Decimal
    paid_from: int
    paid_before: int


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything a computation looks up.

    Attributes:
        last_wage_year: last year with a published average wage.
        last_year: last year with published maximum earnings, quarter amount and bend points.
        last_month: last month of benefit before an increase that is not published yet.
        held: figures past the last published year repeat it, which makes every amount that
            uses them an estimate.
    """

    average_wage: dict[int, Decimal]
    maximum_earnings: dict[int, Decimal]
    quarter_amount: dict[int, Decimal]
    special_minimum_year: dict[int, Decimal]
    primary_bends: dict[int, list[int]]
    family_bends: dict[int, list[int]]
    increases: tuple[Increase, ...]
    rules: Rules
    sentences: Sentences
    first_wage_year: int
    last_wage_year: int
    last_year: int
    last_month: int
    held: bool
    months_up_before: int
    months_whole_dollars: int
    order: Order
    root: Path

    def full_retirement_months(self, year: int) -> int:
        """Return full retirement age in months for who reaches 62 (survivors: 60) in a year."""
        found = self.rules.ages.full_retirement[0]
        for step in self.rules.ages.full_retirement:
            if step.first_year <= year:
                found = step
        return found.years * 12 + found.months

    def delayed_credit(self, year_of_62: int) -> Fraction:
        """Return the delayed credit for one month as a fraction of one."""
        found = self.rules.delayed_credit.percent_by_year_of_62[0]
        for step in self.rules.delayed_credit.percent_by_year_of_62:
            if step.first_year <= year_of_62:
                found = step
        return percent(found.percent)

    def foreign_side(self, country: str) -> ForeignSide | None:
        """Return one agreement's rules on combined benefits, None without an agreement."""
        return load_foreign_side(country, self.root)


def build_tables(
    figures: Figures, rules: Rules, sentences: Sentences, order: Order, root: Path = DATA
) -> Tables:
    """Return the tables of published figures."""
    increases = []
    values = figures.increases.values
    for at, value in enumerate(values):
        later = values[at + 1] if at + 1 < len(values) else None
        corrected = later is not None and later.month == value.month and later.paid_from
        increases.append(
            Increase(
                read_month(value.month),
                1 + value.percent / 100,
                read_month(value.paid_from) if value.paid_from else 0,
                read_month(str(corrected)) if corrected else 10**6,
            )
        )
    return Tables(
        average_wage=figures.average_wage.values,
        maximum_earnings=figures.maximum_earnings.values,
        quarter_amount=figures.quarter_amount.values,
        special_minimum_year=figures.special_minimum_year.values,
        primary_bends=figures.primary_bends.values,
        family_bends=figures.family_bends.values,
        increases=tuple(increases),
        rules=rules,
        sentences=sentences,
        first_wage_year=min(figures.average_wage.values),
        last_wage_year=max(figures.average_wage.values),
        last_year=max(figures.primary_bends.values),
        # The next increase takes effect twelve months after the last one that is known.
        last_month=increases[-1].month + 11,
        held=False,
        months_up_before=read_month(rules.formula.increases_up_before),
        months_whole_dollars=read_month(rules.formula.payment_down_to_dollar_from),
        order=order,
        root=root,
    )


def hold_last(tables: Tables, through: int) -> Tables:
    """Return tables in which the last published figures repeat through a year.

    It answers "about how much, in today's wages and prices": no growth of wages and no increases
    are assumed.
    """

    def extend(values: dict[int, Decimal]) -> dict[int, Decimal]:
        last = max(values)
        return values | dict.fromkeys(range(last + 1, through + 1), values[last])

    def extend_bends(values: dict[int, list[int]]) -> dict[int, list[int]]:
        last = max(values)
        return values | dict.fromkeys(range(last + 1, through + 1), values[last])

    return replace(
        tables,
        average_wage=extend(tables.average_wage),
        maximum_earnings=extend(tables.maximum_earnings),
        quarter_amount=extend(tables.quarter_amount),
        special_minimum_year=extend(tables.special_minimum_year),
        primary_bends=extend_bends(tables.primary_bends),
        family_bends=extend_bends(tables.family_bends),
        held=True,
    )


@cache
def published(order: Order | None = None, root: Path = DATA) -> Tables:
    """Return the tables of published figures; `order` overrides the default policy."""
    rules = load_rules(root)
    chosen = order or rules.totalization.order.value
    return build_tables(load_figures(root), rules, load_sentences(root), chosen, root)


@cache
def held(through: int, order: Order | None = None, root: Path = DATA) -> Tables:
    """Return the tables with the last published figures held through a year."""
    return hold_last(published(order, root), through)
