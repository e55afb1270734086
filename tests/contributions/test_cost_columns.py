"""The column reader gives what the reader of one case gives, to the cent."""

import random
from decimal import Decimal

import polars as pl
import pytest
from cost_support import (
    COUNTRIES,
    EMPLOYMENT,
    SELF_EMPLOYMENT,
    US_LAW,
    USING,
    held_rows,
    month_amounts,
    table_of,
)

from totalize.contributions.calendar import last_day
from totalize.contributions.columns import ColumnRequest, foreign_columns, us_columns
from totalize.contributions.united_states import figures_of, tax_profit, tax_wages

CENT = Decimal("0.0101")


def people(seed, highest):
    chance = random.Random(seed)
    pay = [round(chance.uniform(0, highest), 2) for _ in range(40)] + [0.0, float(highest)]
    first = [chance.randint(1, 12) for _ in pay]
    return pl.DataFrame(
        {"pay": pay, "first": first, "last": [chance.randint(month, 12) for month in first]}
    )


def exact(country, year, payers, row):
    amounts = dict.fromkeys(payers, Decimal(0))
    for month in range(row["first"], row["last"] + 1):
        rows = held_rows(country, last_day(year, month), payers)
        for (payer, _), amount in month_amounts(rows, Decimal(str(row["pay"]))).items():
            amounts[payer] += amount
    return amounts


@pytest.mark.parametrize("payers", [EMPLOYMENT, SELF_EMPLOYMENT], ids=["employed", "self"])
@pytest.mark.parametrize("country", COUNTRIES)
def test_a_column_equals_the_cases(country, payers):
    year = 2026
    table = people(country, 40_000 if country not in {"KR", "JP", "CL", "HU"} else 4_000_000)
    expressions = foreign_columns(
        table_of(country),
        ColumnRequest(year, payers),
        pl.col("pay"),
        pl.col("first"),
        pl.col("last"),
    )
    for row in table.with_columns(**expressions).head(12).to_dicts():
        expected = exact(country, year, payers, row)
        for payer in payers:
            assert abs(Decimal(str(row[payer.value])) - expected[payer]) < CENT
            assert 0 <= row[f"{payer.value}.lifted"] <= row[payer.value] + 0.01


@pytest.mark.parametrize("year", [1955, 1984, 1992, 2011, 2026])
def test_the_united_states_in_columns_equal_the_cases(year):
    figures = figures_of(US_LAW, year, "single")
    table = people(year, 400_000)
    wages = table.with_columns(**us_columns(figures, EMPLOYMENT, pl.col("pay")))
    profit = table.with_columns(
        **us_columns(figures, SELF_EMPLOYMENT, pl.col("pay"), pl.lit(20_000.0))
    )
    for row, other in zip(wages.to_dicts(), profit.to_dicts(), strict=True):
        pay = Decimal(str(row["pay"]))
        parts = [*tax_wages(figures, pay, USING), *tax_profit(figures, pay, Decimal(20_000), USING)]
        for payer, found in (
            *((payer, row) for payer in EMPLOYMENT),
            (SELF_EMPLOYMENT[0], other),
        ):
            expected = sum((part.amount for part in parts if part.payer is payer), Decimal(0))
            assert abs(Decimal(str(found[payer.value])) - expected) < CENT
