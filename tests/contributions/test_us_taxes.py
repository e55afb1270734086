"""FICA and SECA: every year against a row reckoned apart, and the agency's own examples."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from cost_support import US_LAW, USING

from totalize.contributions.costing import to_cents
from totalize.contributions.united_states import figures_of, tax_profit, tax_wages
from totalize.kernel.errors import InputError
from totalize.law.contributions import Payer

DATA = Path(__file__).parent / "data"
ROWS = list(csv.DictReader((DATA / "us_years.csv").read_text(encoding="utf-8").splitlines()))
VECTORS = json.loads((DATA / "us_vectors.json").read_text(encoding="utf-8"))["vectors"]


def total(parts, payer):
    return sum((part.amount for part in parts if part.payer is payer), Decimal(0))


def on_wages(year, wages, status="single"):
    return tax_wages(figures_of(US_LAW, year, status), Decimal(wages), USING)


def on_profit(year, profit, wages=0, status="single"):
    return tax_profit(figures_of(US_LAW, year, status), Decimal(profit), Decimal(wages), USING)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['year']}-{row['earnings']}")
def test_a_year_equals_the_row_reckoned_apart(row):
    year, earnings = int(row["year"]), Decimal(row["earnings"])
    wages = on_wages(year, earnings)
    assert to_cents(total(wages, Payer.EMPLOYEE)) == Decimal(row["employee"])
    assert to_cents(total(wages, Payer.EMPLOYER)) == Decimal(row["employer"])
    profit = on_profit(year, earnings)
    assert to_cents(total(profit, Payer.SELF_EMPLOYED)) == Decimal(row["self_employed"])


def test_every_year_from_1937_to_2026_is_in_the_rows():
    assert sorted({int(row["year"]) for row in ROWS}) == list(range(1937, 2027))


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if "max-se-tax" in v["id"]], ids=lambda v: v["id"]
)
def test_the_most_self_employment_tax_of_a_year_is_that_of_the_agency(vector):
    year = vector["inputs"]["year"]
    tax = total(on_profit(year, 1_000_000), Payer.SELF_EMPLOYED)
    assert to_cents(tax) == Decimal(str(vector["expected"]["self_employment_tax"]))


def test_wages_fill_the_base_before_self_employment_income():
    # POMS RS 01801.001: base of 2000 76,200, wages 70,000, net earnings 10,000 -> 6,200 creditable.
    profit = Decimal(10_000) / Decimal("0.9235")
    oasdi = next(part for part in on_profit(2000, profit, 70_000) if part.scheme == "oasdi")
    assert to_cents(oasdi.base) == 6200
    medicare = next(part for part in on_profit(2000, profit, 70_000) if part.scheme == "medicare")
    assert to_cents(medicare.base) == 10_000


def test_net_earnings_below_400_dollars_owe_nothing_and_from_400_on_everything():
    below = Decimal("399.99") / Decimal("0.9235")
    assert total(on_profit(2025, below), Payer.SELF_EMPLOYED) == 0
    assert total(on_profit(2025, "433.14"), Payer.SELF_EMPLOYED) > 61
    # Before 1990 the whole profit counted.
    assert total(on_profit(1985, "399.99"), Payer.SELF_EMPLOYED) == 0
    assert total(on_profit(1985, 400), Payer.SELF_EMPLOYED) == 400 * Decimal("0.118")


def test_the_additional_medicare_tax_depends_on_the_filing_status():
    expected = {"single": 900, "married_joint": 450, "married_separate": 1575}
    for status, tax in expected.items():
        parts = on_wages(2025, 300_000, status)
        added = next(part for part in parts if part.scheme == "additional_medicare")
        assert added.payer is Payer.EMPLOYEE
        assert added.amount == tax


def test_wages_use_up_the_threshold_of_the_additional_medicare_tax():
    parts = on_profit(2025, 100_000, 150_000)
    added = next(part for part in parts if part.scheme == "additional_medicare")
    assert added.base == Decimal(92350) - 50_000


def test_medicare_had_its_own_base_from_1991_to_1993_and_has_none_since():
    bases = {1990: 51_300, 1991: 125_000, 1993: 135_000, 1994: 500_000}
    for year, base in bases.items():
        medicare = next(p for p in on_wages(year, 500_000) if p.scheme == "medicare")
        assert medicare.base == base


def test_the_credits_and_cuts_lower_the_workers_share_only():
    assert total(on_wages(1984, 10_000), Payer.EMPLOYEE) == 670
    assert total(on_wages(1984, 10_000), Payer.EMPLOYER) == 700
    assert total(on_wages(2011, 10_000), Payer.EMPLOYEE) == 565
    assert total(on_wages(2012, 10_000), Payer.EMPLOYER) == 765


def test_nobody_was_covered_by_self_employment_before_1951():
    assert total(on_profit(1950, 3000), Payer.SELF_EMPLOYED) == 0


@pytest.mark.parametrize("year", [1936, 2027])
def test_a_year_without_figures_is_refused_by_name(year):
    with pytest.raises(InputError) as refused:
        on_wages(year, 1000)
    assert refused.value.path == "year"
    assert refused.value.code == "year_without_figures"
    assert str(year) in str(refused.value)
