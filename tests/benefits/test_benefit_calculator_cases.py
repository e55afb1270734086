"""Every intermediate of the 350 cases of SSA's own calculator, through the public answer."""

from decimal import Decimal
from typing import Any

import pytest
from benefit_cases import oracle_cases, record_of

from totalize.benefits import Policy, answer

# The calculator does not apply 20 CFR 404.1918(a)(4); its payments are compared without the limit.
AS_CALCULATOR = Policy(limit=False)


def number(value: object) -> Decimal:
    return Decimal(str(value))


def expected_and_found(case: dict[str, Any], found: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    wanted = case["expected"]
    quarters = found["us_quarters"]
    pairs = {
        "eligibility_year": (wanted["eligibility_year"], found["eligibility_year"]),
        "computation_years": (wanted["computation_years"], found["computation_years"]),
        "required": (wanted["fully_insured_quarters_required"], quarters["required"]),
        "by_year": (case["us_quarters_of_coverage"], quarters["by_year"]),
        "family_maximum": (wanted["family_maximum"], found["family_maximum"]),
        "insured": ("totalized" if case["totalization"] else "regular", found["insured"]),
    }
    if "age_factor" in wanted:
        for name in ("age_factor", "months_of_reduction_or_credit"):
            pairs[name] = (wanted[name], found[name])
        for name in ("benefit_unrounded", "monthly_benefit"):
            pairs[name] = (wanted[name], found[name])
    else:
        pairs["benefit_unrounded"] = (wanted["widow_benefit_unrounded"], found["benefit_unrounded"])
        pairs["monthly_benefit"] = (wanted["widow_monthly_benefit"], found["monthly_benefit"])
    if not case["totalization"]:
        for name in ("aime", "pia", "pia_at_eligibility"):
            pairs[name] = (wanted[name], found[name])
        return pairs
    pairs["aime"] = (wanted["regular_aime_of_us_record_alone"], found["aime"])
    pairs["pia"] = (wanted["regular_pia_of_us_record_alone"], found["pia"])
    pairs["quarters"] = (wanted["quarters_in_pro_rata"], found["totalized"]["quarters"])
    for name in (
        "relative_earnings_position",
        "theoretical_aime",
        "theoretical_pia_at_eligibility",
        "theoretical_pia",
        "pro_rata_pia",
        "artificial_aime",
    ):
        pairs[name] = (wanted[name], found["totalized"][name])
    earnings = {year: amount for year, amount in wanted["theoretical_earnings"].items() if amount}
    given = found["totalized"]["theoretical_earnings"]
    pairs["theoretical_earnings"] = (earnings, {y: float(a) for y, a in given.items() if a})
    return pairs


@pytest.mark.parametrize("case", oracle_cases(), ids=lambda case: str(case["id"]))
def test_every_intermediate_equals_the_calculators(case: dict[str, Any]) -> None:
    found = answer(record_of(case), AS_CALCULATOR).to_dict()
    different = {
        name: pair
        for name, pair in expected_and_found(case, found).items()
        if pair[0] != pair[1]
        and (isinstance(pair[0], (dict, str)) or number(pair[0]) != number(pair[1]))
    }
    assert different == {}


def test_the_cases_are_all_there_with_the_one_that_is_not_frozen() -> None:
    methods = [case["expected"]["pia_method"] for case in oracle_cases()]
    assert (len(methods), methods.count("WAGE_INDEXED_NON_FREEZE")) == (350, 1)


def test_the_limit_bites_exactly_where_the_case_says() -> None:
    for case in oracle_cases():
        if not case["totalization"]:
            continue
        found = answer(record_of(case))
        assert found.totalized is not None
        assert found.pia is not None
        bites = case["expected"]["pro_rata_exceeds_regular_pia"]
        assert (found.totalized.totalized_pia < found.totalized.pro_rata_pia) == bites
        assert found.totalized.totalized_pia <= found.pia
        if bites:
            assert found.totalized.totalized_pia == found.pia
            assert found.monthly_benefit is not None
            assert found.monthly_benefit <= Decimal(str(case["expected"]["monthly_benefit"]))
