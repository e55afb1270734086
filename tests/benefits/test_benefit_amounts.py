"""Survivors, age, special minimum, estimates and later events, with the arithmetic shown."""

from decimal import Decimal
from typing import Any

import pytest

from totalize.benefits import BenefitResult, Policy, answer
from totalize.benefits.result import Insured
from totalize.benefits.statement import render
from totalize.kernel.errors import InputError

CAREER = dict.fromkeys(range(1985, 2010), 40000)


def survivor(relation: str, **fields: Any) -> BenefitResult:
    record: dict[str, Any] = {
        "birth_date": "1955-03-10",
        "benefit": "survivor",
        "death_date": "2010-06-17",
        "survivor": {"relation": relation},
        "entitlement": "2010-06",
        "earnings": CAREER,
    }
    return answer(record | fields)


def codes(found: BenefitResult) -> set[str]:
    return {notice.code for notice in found.warnings}


def test_a_child_and_a_mother_have_75_percent() -> None:
    for relation in ("child", "mother", "father"):
        found = survivor(relation)
        assert found.pia is not None
        assert found.benefit_unrounded == (found.pia * 75 / 100).quantize(
            Decimal("0.1"), "ROUND_DOWN"
        )


def test_a_parent_has_82_and_a_half_percent_two_have_75_each() -> None:
    one, two = survivor("parent"), survivor("two_parents")
    assert one.pia is not None
    assert one.benefit_unrounded is not None
    assert two.benefit_unrounded is not None
    assert one.benefit_unrounded == (one.pia * 825 / 1000).quantize(Decimal("0.1"), "ROUND_DOWN")
    assert two.benefit_unrounded < one.benefit_unrounded


def child(born: str | None, **fields: Any) -> BenefitResult:
    person = {"relation": "child"} | ({"birth_date": born} if born else {})
    return survivor("child", survivor=person, **fields)


def test_a_childs_benefit_usually_ends_with_the_month_before_18() -> None:
    # Born on 10 August 1992: 18 in August 2010; the day before the birthday counts.
    assert "survivor_over_age" not in codes(child("1992-08-10", benefit_month="2010-07"))
    at_18 = child("1992-08-10", benefit_month="2010-08")
    assert "survivor_over_age" in codes(at_18)
    assert "2010-08" in next(w.text for w in at_18.warnings if w.code == "survivor_over_age")
    # A birth on the 1st reaches the age in the month before.
    assert "survivor_over_age" in codes(child("1992-08-01", benefit_month="2010-07"))


def test_a_child_whose_age_is_unknown_is_said_to_be_so() -> None:
    assert "survivor_age_unknown" in codes(child(None))
    assert "survivor_age_unknown" not in codes(survivor("mother"))


def test_a_parent_is_62_or_has_no_benefit_yet() -> None:
    with pytest.raises(InputError, match="is before the parent is 62") as caught:
        survivor("parent", survivor={"relation": "parent", "birth_date": "1950-06-10"})
    assert caught.value.expected == "2012-06 or later"
    assert survivor(
        "parent", survivor={"relation": "parent", "birth_date": "1948-06-10"}
    ).monthly_benefit


def test_a_widow_at_60_has_71_and_a_half_percent() -> None:
    found = survivor("widow", survivor={"relation": "widow", "birth_date": "1950-06-10"})
    # 28.5 percent off; at 60 the full reduction
    assert (found.age_factor, found.months_of_reduction_or_credit) == (Decimal("0.715000"), 72)


def test_a_widows_reduction_is_spread_evenly() -> None:
    born_1950 = {"relation": "widow", "birth_date": "1950-06-10"}
    found = survivor("widow", survivor=born_1950, entitlement="2013-06")
    # 36 of 72 months: half of 28.5 percent
    assert found.age_factor == Decimal("0.857500")


def test_a_child_needs_only_currently_insured_status() -> None:
    # Six quarters in the 13 that end with 2010 Q2, far from fully insured.
    found = survivor("child", earnings={2008: 30000, 2009: 30000})
    assert found.insured is Insured.REGULAR
    assert found.us_quarters.required == 33
    widow = survivor(
        "widow",
        earnings={2008: 30000, 2009: 30000},
        survivor={"relation": "widow", "birth_date": "1944-06-10"},
    )
    assert widow.insured is Insured.NOT_INSURED


def late_death(**fields: Any) -> BenefitResult:
    record: dict[str, Any] = {
        "birth_date": "1940-03-10",
        "benefit": "survivor",
        "death_date": "2008-06-17",
        "survivor": {"relation": "widow", "birth_date": "1938-01-10"},
        "entitlement": "2008-06",
        "earnings": dict.fromkeys(range(1980, 2005), 30000),
    }
    return answer(record | fields)


def test_whether_the_dead_worker_drew_a_benefit_is_asked_not_guessed() -> None:
    unknown = late_death()
    assert "worker_benefit_unknown" in codes(unknown)
    never = late_death(worker_entitlement=None)
    early = late_death(worker_entitlement="2002-04")
    assert unknown.benefit_unrounded is not None
    assert never.benefit_unrounded is not None
    assert early.benefit_unrounded is not None
    assert never.benefit_unrounded > unknown.benefit_unrounded > early.benefit_unrounded
    assert "widow_limit" in codes(early)
    # Never below 82.5 percent of the amount
    assert unknown.pia is not None
    assert early.benefit_unrounded >= (unknown.pia * 825 / 1000).quantize(
        Decimal("0.1"), "ROUND_DOWN"
    )


def retired(**fields: Any) -> BenefitResult:
    record: dict[str, Any] = {"birth_date": "1943-05-20", "earnings": CAREER}
    return answer(record | fields)


def test_credits_of_a_year_count_from_the_next_january() -> None:
    # Full age 66 in May 2009; from June 2010 on twelve months after it
    in_year = retired(entitlement="2010-06")
    next_year = retired(entitlement="2010-06", benefit_month="2011-01")
    # Through December 2009 there are 8 months: May to December
    assert in_year.months_of_reduction_or_credit == 8
    # 13 months from May 2009 to May 2010, at 2/3 of one percent
    assert next_year.months_of_reduction_or_credit == 13
    assert next_year.age_factor == Decimal("1.086667")


def test_no_credit_after_70_and_all_of_it_at_70() -> None:
    found = retired(entitlement="2014-06")
    assert (found.months_of_reduction_or_credit, found.age_factor) == (48, Decimal("1.320000"))


def test_credit_counts_only_months_of_insured_status() -> None:
    # 36 quarters at full age in May 2009, four more in 2010 and 2011.
    years = dict.fromkeys(range(1990, 1999), 40000) | {2010: 40000}
    found = retired(entitlement="2012-06", earnings=years)
    assert found.insured is Insured.REGULAR
    # From October 2010, when the fortieth is there, to December 2011: 15 months
    assert found.months_of_reduction_or_credit == 15


def test_many_years_of_low_earnings_get_the_special_minimum() -> None:
    thresholds = {y: a for y, a in _special().items() if 1968 <= y <= 2000}
    found = answer(
        {
            "birth_date": "1938-05-20",
            "entitlement": "2003-07",
            "earnings": thresholds,
            "us_quarters": dict.fromkeys(range(1968, 1978), 4),
        }
    )
    step = next(step for step in found.steps if step.code == "special_minimum")
    assert "33 years" in step.what
    # At most 20 of them: 20 x 11.50 = 230.00 in 1979, 625.60 with the increases to December 2002
    assert (found.pia_method, found.pia) == ("special_minimum", Decimal("625.6"))
    # 150 percent
    assert found.family_maximum == Decimal("938.4")
    plain = answer(
        {
            "birth_date": "1938-05-20",
            "entitlement": "2003-07",
            "earnings": {year: amount // 2 for year, amount in thresholds.items()},
            "us_quarters": dict.fromkeys(range(1968, 1978), 4),
        }
    )
    assert plain.pia_method == "wage_indexed"


def _special() -> dict[int, int]:
    from totalize.benefits.tables import published

    return {year: int(amount) for year, amount in published().special_minimum_year.items()}


def test_figures_not_published_leave_amounts_open() -> None:
    record = {"birth_date": "1966-04-10", "entitlement": "2028-05", "earnings": CAREER}
    found = answer(record)
    assert (found.pia, found.monthly_benefit, found.insured) == (None, None, Insured.REGULAR)
    assert "not_under_published_figures" in codes(found)
    estimate = answer(record, Policy(estimate=True))
    assert estimate.estimate
    assert estimate.monthly_benefit is not None
    assert "estimate" in codes(estimate)


def test_the_average_is_given_where_only_the_increases_are_not_announced() -> None:
    # 62 in 2022; every year that is averaged, through 2026, has its figures.
    record = {"birth_date": "1960-04-10", "earnings": CAREER}
    known = answer(record | {"entitlement": "2026-05"})
    later = answer(record | {"entitlement": "2027-05"})
    assert later.aime == known.aime
    assert later.pia_at_eligibility == known.pia_at_eligibility
    assert (later.pia, later.monthly_benefit, later.family_maximum) == (None, None, None)
    assert [s.code for s in later.steps][-2:] == ["aime", "pia_at_eligibility"]
    # Earnings of 2027 belong in the average of whoever claims in 2028, and nobody knows them.
    assert answer(record | {"entitlement": "2028-05"}).aime is None


def test_the_page_names_the_country_and_what_is_known_before_the_increases_are() -> None:
    page = render(
        answer(
            {
                "birth_date": "1960-04-10",
                "entitlement": "2027-05",
                "earnings": dict.fromkeys(range(1990, 1996), 30000),
                "foreign": [
                    {"country": "KR", "quarters": dict.fromkeys(range(2000, 2010), 4)},
                    {"country": "DE", "quarters": dict.fromkeys(range(2010, 2012), 4)},
                ],
            }
        )
    )
    assert "combined with those of South Korea.\n" in page
    assert "Primary insurance amount at eligibility (2022)" in page
    assert "Payment a month" not in page


def test_an_estimate_is_not_made_where_figures_are_published() -> None:
    record = {"birth_date": "1960-04-10", "entitlement": "2022-05", "earnings": CAREER}
    assert answer(record, Policy(estimate=True)) == answer(record)


def test_eligibility_before_1979_is_left_open() -> None:
    found = answer({"birth_date": "1916-04-10", "entitlement": "1980-05", "earnings": {}})
    assert found.pia is None
    assert "eligibility_before_1979" in codes(found)


def test_the_december_1999_increase_is_corrected_from_july_2001() -> None:
    record = {"birth_date": "1937-04-10", "entitlement": "1999-05", "earnings": CAREER}
    before, after = (answer(record | {"benefit_month": m}) for m in ("2001-06", "2001-07"))
    assert before.pia is not None
    assert after.pia is not None
    assert after.pia > before.pia


def test_a_past_month_with_foreign_work_warns_of_the_old_pension_rule() -> None:
    foreign = [{"country": "DE", "periods": [{"from": "1975-01-01", "to": "1980-12-31"}]}]
    record = {"birth_date": "1955-04-10", "earnings": CAREER, "foreign": foreign}
    old = answer(record | {"entitlement": "2021-04"})
    new = answer(record | {"entitlement": "2021-04", "benefit_month": "2024-01"})
    assert "pension_rule_before_2024" in codes(old)
    assert "pension_rule_before_2024" not in codes(new)
    assert "windfall_repealed" in codes(new)
    assert "windfall_repealed" not in codes(old)


def test_an_early_disability_entitlement_says_when_that_can_be() -> None:
    found = answer(
        {
            "birth_date": "1970-01-24",
            "benefit": "disability",
            "onset": "2019-08-14",
            "entitlement": "2019-10",
            "earnings": CAREER | dict.fromkeys(range(2010, 2019), 40000),
        }
    )
    assert "waiting_period" in codes(found)


def test_a_month_after_an_increase_that_is_not_announced_is_left_open() -> None:
    record = {"birth_date": "1960-04-10", "entitlement": "2022-05", "earnings": CAREER}
    known = answer(record | {"benefit_month": "2026-11"})
    later = answer(record | {"benefit_month": "2026-12"})
    assert known.monthly_benefit is not None
    assert (later.monthly_benefit, later.insured) == (None, Insured.REGULAR)
    assert "not_under_published_figures" in codes(later)
    estimate = answer(record | {"benefit_month": "2026-12"}, Policy(estimate=True))
    assert (estimate.estimate, estimate.monthly_benefit) == (True, known.monthly_benefit)
