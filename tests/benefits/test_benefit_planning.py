"""A plan: what each system does to the coming years, and what 40 quarters change."""

from typing import Any

import pytest

from totalize.api import benefit_plan
from totalize.benefits.planning import Choice
from totalize.benefits.planning_report import describe, describe_forty, render
from totalize.benefits.result import Insured
from totalize.kernel.errors import InputError

SEOUL: dict[str, Any] = {
    "birth_date": "1965-03-20",
    "earnings": {
        1992: 18000,
        1993: 26000,
        1994: 28000,
        2019: 71000,
        2020: 74000,
        2021: 80000,
        2022: 12000,
    },
    "foreign": [{"country": "KR", "periods": [{"from": "1995-03-01", "to": "2014-02-28"}]}],
    "plan": {"first_year": 2027, "last_year": 2030},
}


def test_28_quarters_and_three_years_make_40() -> None:
    found = benefit_plan(SEOUL)
    # 7 x 4 = 28; 28 + 3 x 4 = 40
    assert [point.us_quarters for point in found.curve] == [28, 32, 36, 40, 44]
    assert [point.insured for point in found.curve] == [Insured.TOTALIZED] * 3 + [
        Insured.REGULAR
    ] * 2
    assert (found.forty_quarters.missing, found.forty_quarters.us_years) == (12, 3)
    assert found.forty_quarters.after == found.curve[3].monthly_benefit
    assert found.forty_quarters.before == found.curve[2].monthly_benefit


def test_each_choice_is_shown_at_62_full_age_and_70() -> None:
    found = benefit_plan(SEOUL)
    assert [(row.choice, row.claimed_at) for row in found.rows] == [
        (choice, age)
        for choice in (Choice.NEITHER, Choice.FOREIGN, Choice.US)
        for age in ("62", "full_retirement_age", "70")
    ]
    # Born 20 March 1965: 62 throughout April 2027, 67 in March 2032, 70 in March 2035
    assert [row.entitlement for row in found.rows[:3]] == ["2027-04", "2032-03", "2035-03"]


def test_us_years_never_lower_the_amount() -> None:
    amounts = [point.monthly_benefit or 0 for point in benefit_plan(SEOUL).curve]
    assert amounts == sorted(amounts)


def test_the_assumed_earnings_are_said_and_can_be_given() -> None:
    # The best of the last three years worked, 74,000, 80,000 and 12,000
    assert benefit_plan(SEOUL).us_earnings == 80000
    given = benefit_plan(SEOUL | {"plan": SEOUL["plan"] | {"us_earnings": "30000"}})
    assert given.us_earnings == 30000
    assert "30,000.00" in given.warnings[0].text


def test_with_40_quarters_nothing_is_missing() -> None:
    earnings = dict.fromkeys(range(1990, 2003), 30000)
    found = benefit_plan({"birth_date": "1968-03-20", "earnings": earnings, "plan": {}})
    assert (found.forty_quarters.missing, found.country) == (0, None)
    assert "already" in describe_forty(found)
    assert {row.choice for row in found.rows} == {Choice.NEITHER, Choice.US}


def test_a_plan_that_does_not_reach_40_says_so() -> None:
    found = benefit_plan(SEOUL | {"plan": {"first_year": 2027, "last_year": 2027}})
    assert (found.forty_quarters.missing, found.forty_quarters.us_years) == (12, None)
    assert "do not reach" in describe_forty(found)


def test_quarters_by_year_are_continued_as_quarters() -> None:
    foreign = [{"country": "FR", "quarters": {1996: 4, 1997: 4}}]
    found = benefit_plan(SEOUL | {"foreign": foreign})
    row = next(r for r in found.rows if r.choice is Choice.FOREIGN and r.claimed_at == "70")
    # 8 quarters and four years more
    assert row.foreign_quarters == 24


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"benefit": "disability", "onset": "2019-01-01"}, "benefit"),
        ({"earnings": {}, "foreign": [], "plan": {}}, "plan.first_year"),
        ({"earnings": {}}, "plan.us_earnings"),
        ({"plan": {"first_year": 2027, "last_year": 2099}}, "plan.last_year"),
    ],
)
def test_too_little_to_plan_with_is_refused(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InputError) as caught:
        benefit_plan(SEOUL | change)
    assert caught.value.path == path


def test_the_repeal_of_the_pension_rule_names_its_months() -> None:
    text = benefit_plan(SEOUL).windfall
    assert "2024-01" in text
    assert "1995-01" in text


def test_the_report_fits_and_the_picture_has_words() -> None:
    found = benefit_plan(SEOUL)
    assert max(map(len, render(found).splitlines())) <= 80
    assert describe(found).count("US years") == 5
