"""What must hold for every country, payer and pay."""

from datetime import date
from decimal import Decimal

import pytest
from cost_support import ALL, COUNTRIES, US_LAW, USING, held_rows, month_amounts, table_of
from hypothesis import given, settings
from hypothesis import strategies as st

from totalize.contributions.calendar import last_day
from totalize.contributions.formula import reckon
from totalize.contributions.united_states import figures_of, tax_profit, tax_wages

PAY = st.decimals(min_value=0, max_value=50_000_000, places=2)
DAY = date(2026, 9, 30)
# Rates that fall at a step upwards would break monotony; the law has none but this quota for the
# small wages of India, which ends above a limit.
ENDS_ABOVE = {("IN", "health")}


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=25)
@given(pay=PAY)
def test_no_contribution_is_negative_and_each_line_is_its_base_times_its_rate(country, pay):
    for held in held_rows(country, DAY):
        if held.row.formula is None:
            continue
        for part in reckon(held.row.formula, pay, Decimal(0), USING):
            assert part.amount >= 0
            if part.base is not None:
                assert part.base >= 0
                assert part.amount == part.base * part.rate


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=25)
@given(pay=PAY)
def test_no_contribution_exceeds_its_ceiling_times_its_rate(country, pay):
    for held in held_rows(country, DAY):
        formula = held.row.formula
        if formula is None or formula.ceiling is None or formula.rate is None:
            continue
        amount = sum(part.amount for part in reckon(formula, pay, Decimal(0), USING))
        assert amount <= formula.ceiling * formula.rate


def test_a_wage_smaller_than_what_is_taken_off_its_base_owes_nothing_rather_than_less():
    amounts = month_amounts(held_rows("DK", DAY), Decimal("0.01"))
    assert amounts["employee", "pension"] == 99
    assert amounts["employee", "am_contribution"] == 0


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=25)
@given(pay=PAY, more=PAY)
def test_a_contribution_never_falls_when_pay_rises(country, pay, more):
    rows = held_rows(country, DAY)
    less, greater = month_amounts(rows, pay), month_amounts(rows, pay + more)
    for key, amount in less.items():
        if (country, key[1]) not in ENDS_ABOVE:
            assert greater[key] >= amount


@settings(max_examples=200)
@given(
    year=st.integers(1937, 2026),
    earnings=st.decimals(min_value=0, max_value=2_000_000, places=2),
    more=st.decimals(min_value=0, max_value=100_000, places=2),
    status=st.sampled_from(sorted(US_LAW.additional_medicare.thresholds)),
)
def test_us_taxes_are_never_negative_and_never_fall(year, earnings, more, status):
    figures = figures_of(US_LAW, year, status)
    for tax in (
        lambda amount: tax_wages(figures, amount, USING),
        lambda amount: tax_profit(figures, amount, Decimal(0), USING),
    ):
        before = sum(part.amount for part in tax(earnings))
        after = sum(part.amount for part in tax(earnings + more))
        assert 0 <= before <= after


@settings(max_examples=100)
@given(
    profit=st.decimals(min_value=0, max_value=500_000, places=2),
    wages=st.decimals(min_value=0, max_value=500_000, places=2),
)
def test_wages_beside_a_profit_never_raise_its_social_security_tax(profit, wages):
    figures = figures_of(US_LAW, 2026, "single")

    def oasdi(beside):
        parts = tax_profit(figures, profit, beside, USING)
        return sum(part.amount for part in parts if part.scheme == "oasdi")

    assert oasdi(wages) <= oasdi(Decimal(0))


@pytest.mark.parametrize("country", COUNTRIES)
def test_one_person_never_pays_two_rows_that_exclude_each_other(country):
    table = table_of(country)
    rows = held_rows(country, DAY, ALL)
    keys = [(held.row.scheme.payer, held.row.scheme.scheme) for held in rows]
    assert len(keys) == len(set(keys))
    for held in rows:
        for group, option in held.row.scheme.choice.items():
            assert option == table.data.choices[group].default


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_option_of_every_choice_decides_something(country):
    table = table_of(country)
    for group, choice in table.data.choices.items():
        used = {scheme.choice[group] for scheme, _ in table.rows if group in scheme.choice}
        assert used
        assert used <= set(choice.options)


def test_a_month_is_counted_by_the_row_in_force_on_its_last_day():
    # The British rates change on 6 April: April pay follows the new ones.
    march = month_amounts(held_rows("GB", date(2025, 3, 1)), Decimal(3000))
    april = month_amounts(held_rows("GB", date(2025, 4, 1)), Decimal(3000))
    assert march["employer", "national_insurance"] == (3000 - 758) * Decimal("0.138")
    assert april["employer", "national_insurance"] == (3000 - 417) * Decimal("0.15")
    assert last_day(2024, 2) == date(2024, 2, 29)


@pytest.mark.parametrize("country", COUNTRIES)
def test_nothing_earned_owes_nothing_even_where_a_least_base_holds(country):
    amounts = month_amounts(held_rows(country, DAY), Decimal(0))
    assert set(amounts.values()) <= {Decimal(0)}


def test_a_limit_of_pay_still_holds_at_the_limit_itself():
    # ESI is due when the wage is at most 21,000 a month.
    at, above = Decimal(21_000), Decimal("21000.01")
    assert month_amounts(held_rows("IN", DAY), at)["employee", "health"] == at * Decimal("0.0075")
    assert month_amounts(held_rows("IN", DAY), above)["employee", "health"] == 0
    # Irish weekly pay of 352 owes nothing, a cent more owes on all of it.
    week = Decimal(52) / 12
    rows = held_rows("IE", DAY)
    assert month_amounts(rows, 352 * week)["employee", "prsi"] == 0
    just_above = Decimal("352.01") * week
    assert month_amounts(rows, just_above)["employee", "prsi"] == just_above * Decimal("0.042")
