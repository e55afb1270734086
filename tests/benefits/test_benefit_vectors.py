"""Published figures: OACT's tables, POMS and CFR examples, another edition of the calculator.

Where a published figure rests on other data than the law of the month, the test says so.
"""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from benefit_cases import DATA

from totalize.benefits import answer
from totalize.benefits.ages import LegalBirth
from totalize.benefits.family import share_maximum
from totalize.benefits.framing import open_claim
from totalize.benefits.monthly import reduction, times
from totalize.benefits.months import read_month
from totalize.benefits.primary import (
    apply_formula,
    apply_increases,
    find_basis,
    index_earnings,
)
from totalize.benefits.reading import read_record
from totalize.benefits.tables import published
from totalize.benefits.theoretical import find_position


def vectors(name: str) -> list[dict[str, Any]]:
    with (DATA / f"{name}.json").open() as file:
        listed: list[dict[str, Any]] = json.load(file)["vectors"]
    return listed


def by_id(name: str, wanted: str) -> dict[str, Any]:
    return next(vector for vector in vectors(name) if vector["id"] == wanted)


def maximum_earner(birth_date: str, retirement: str) -> dict[str, Any]:
    year = LegalBirth.of(read_record({"birth_date": birth_date, "earnings": {}}).birth_date).year
    base = published().maximum_earnings
    years = range(max(1951, year + 22), int(retirement[:4]))
    # Four quarters a year before 1978 are given; the tables' earners worked all year.
    return {
        "birth_date": birth_date,
        "entitlement": retirement,
        "earnings": {y: str(base[y]) for y in years},
        "us_quarters": dict.fromkeys((y for y in years if y < 1978), 4),
    }


@pytest.mark.parametrize("vector", vectors("oact_maximum_earners"), ids=lambda v: str(v["id"]))
def test_workers_with_maximum_earnings(vector: dict[str, Any]) -> None:
    record = maximum_earner(vector["birth_date"], vector["retirement_month"])
    found = answer(record)
    expected = vector["expected"]
    assert found.pia is not None
    assert found.aime == expected["aime"]
    year = int(vector["retirement_month"][:4])
    if vector["age"] == 62:
        # The table's "age 62" is 62 years and one month, with the eligibility of that year.
        full = published().full_retirement_months(found.eligibility_year)
        months = full - 62 * 12 - 1
        amount = times(found.pia, 1 - reduction(months, published()))
    else:
        assert found.benefit_unrounded is not None
        amount = found.benefit_unrounded
    # Before July 2001 the December 1999 increase was paid at 2.4 percent; the table uses 2.5.
    slack = 2 if year in (2000, 2001) else 0
    assert 0 <= expected["initial_monthly_benefit"] - int(amount) <= slack


@pytest.mark.parametrize("vector", vectors("oact_2025_2026_maximum"), ids=lambda v: str(v["id"]))
def test_maximum_earners_of_2025_and_2026(vector: dict[str, Any]) -> None:
    record = maximum_earner(vector["birth_date"], vector["retirement_month"])
    found = answer(record)
    assert found.aime == vector["expected"]["aime"]
    assert found.pia_at_eligibility == Decimal(str(vector["expected"]["pia_at_eligibility"]))
    bends = published().primary_bends[found.eligibility_year]
    assert bends == vector["expected"]["bend_points"]


@pytest.mark.parametrize(
    "vector", vectors("anypia_published_totalization"), ids=lambda v: str(v["id"])
)
def test_published_totalized_amounts(vector: dict[str, Any]) -> None:
    years = vector["covered_earnings"]
    found = answer(
        {
            "birth_date": vector["birth_date"],
            "entitlement": vector["entitlement_month"],
            "benefit_month": vector["benefit_month"],
            "earnings": years,
            "us_quarters": {y: vector["quarters_per_year"] for y in years if int(y) < 1978},
            "foreign": [{"country": "FR", "periods": [{"from": "1975-01-01", "to": "1990-12-31"}]}],
        }
    )
    assert found.totalized is not None
    assert found.totalized.pro_rata_pia == Decimal(str(vector["expected"]["pro_rata_pia"]))


def test_pomss_staley_rounds_up_to_june_1981_and_down_from_june_1982() -> None:
    vector = by_id("regular_method", "poms-staley")
    tables = published()
    basis = find_basis(
        LegalBirth.of(read_record({"birth_date": vector["birth_date"], "earnings": {}}).birth_date),
        tables,
        vector["eligibility_year"],
        last_base_year=1981,
        disability=False,
        death_year=None,
    )
    assert basis.computation_years == vector["computation_years"]
    # 188,314.80 / 276 months = 682.30
    aime = int(Decimal(str(vector["indexed_total"])) / (12 * basis.computation_years))
    assert aime == vector["expected"]["aime"]
    initial = apply_formula(Decimal(aime), 1979, tables)
    assert initial == Decimal(str(vector["expected"]["pia_at_eligibility"]))
    for month, amount in vector["expected"]["after_cola"].items():
        found = apply_increases(initial, 1979, read_month(month), tables)
        assert found == Decimal(str(amount))


def test_cfrs_ms_a_has_her_index_factors_average_and_amount() -> None:
    vector = by_id("regular_method", "cfr-404-211-ms-a")
    expected = vector["expected"]
    record = read_record(
        {
            "birth_date": vector["birth_date"],
            "entitlement": vector["entitlement_month"],
            "earnings": vector["covered_earnings"],
            "us_quarters": dict.fromkeys(range(1951, 1963), 4),
        }
    )
    claim = open_claim(record, published())
    assert claim.basis.indexing_year == expected["indexing_year"]
    assert claim.basis.computation_years == expected["computation_years"]
    indexed = index_earnings(record.earnings, claim.basis, published())
    for year in (1951, 1960, 1975):
        factor = indexed[year] / record.earnings[year]
        assert abs(factor - Decimal(str(expected[f"index_factor_{year}"]))) < Decimal("0.00001")
    highest = sorted(indexed.values(), reverse=True)[: claim.basis.computation_years]
    # The regulation's own total uses factors of seven decimals; ours rounds each year once.
    assert abs(sum(highest) - Decimal(str(expected["indexed_total"]))) <= Decimal("0.05")
    found = answer(record)
    assert (found.aime, found.pia_at_eligibility) == (903, Decimal("393.4"))


def test_the_handbooks_clifford_has_40_elapsed_and_35_computation_years() -> None:
    # 62 in October 1995: years 1955 to 1994 are elapsed.
    found = answer({"birth_date": "1933-09-20", "entitlement": "1995-10", "earnings": {}})
    assert found.computation_years == 35
    step = next(step for step in found.steps if step.code == "computation_years")
    assert "40 elapsed less 5" in step.what


def test_the_quarter_amount_of_2009_is_1090() -> None:
    assert published().quarter_amount[2009] == 1090
    wages = published().average_wage
    # 250 x AWI(2007) / AWI(1976), to the nearest ten
    assert round(250 * wages[2007] / wages[1976] / 10) * 10 == 1090


def test_example_1_of_404_1918() -> None:
    vector = by_id("totalization", "cfr-404-1918-example-1")
    expected = vector["expected"]
    record = read_record(
        {
            "birth_date": "1920-01-15",
            "entitlement": "1982-02",
            "earnings": vector["covered_earnings"],
            "us_quarters": vector["us_quarters"],
            "foreign": [{"country": "DE", "periods": [{"from": "1940-01-01", "to": "1960-12-31"}]}],
        }
    )
    claim = open_claim(record, published())
    found = find_position(claim, 1980)
    percents = {str(year): ratio * 100 for year, ratio in found.ratios.items()}
    assert {y: float(p) for y, p in percents.items()} == expected["ratio_percent"]
    assert (found.quarters, found.value * 100) == (26, Decimal("95.85467"))
    result = answer(record)
    assert result.totalized is not None
    assert result.computation_years == expected["computation_years"]
    assert result.totalized.theoretical_aime == expected["theoretical_aime_anypia"]
    assert result.totalized.theoretical_pia == Decimal("453.1")
    # 453.10 x 26/104 = 113.275, up to the dime before June 1982
    assert result.totalized.pro_rata_pia == Decimal("113.3")


def test_example_1_for_july_1982_rounds_down() -> None:
    vector = by_id("totalization", "cfr-404-1918-example-1")
    result = answer(
        {
            "birth_date": "1920-01-15",
            "entitlement": "1982-02",
            "benefit_month": "1982-07",
            "earnings": vector["covered_earnings"],
            "us_quarters": vector["us_quarters"],
            "foreign": [{"country": "DE", "periods": [{"from": "1940-01-01", "to": "1960-12-31"}]}],
        }
    )
    assert result.totalized is not None
    # 486.60 x 26/104 = 121.65
    assert result.totalized.theoretical_pia == Decimal("486.6")
    assert result.totalized.pro_rata_pia == Decimal("121.6")


def test_two_quarters_of_1970_count_half_of_the_maximum() -> None:
    vector = by_id("totalization", "poms-quarter-cap-1970")
    record = read_record(
        {
            "birth_date": "1930-05-05",
            "entitlement": "1992-06",
            "earnings": {1970: vector["inputs"]["earnings"]},
            "us_quarters": {1970: vector["inputs"]["quarters"]},
        }
    )
    found = find_position(open_claim(record, published()), 1990)
    used = vector["expected"]["earnings_used"] / published().average_wage[1970]
    assert found.ratios[1970] == used.quantize(Decimal("0.0000001"))


def test_totalized_and_regular_benefits_share_the_regular_maximum() -> None:
    vector = by_id("totalization", "poms-mixed-family-maximum-1999")
    given, expected = vector["inputs"], vector["expected"]
    child, widow = share_maximum(
        [Decimal(str(given["child_benefit_before"])), Decimal(str(given["widow_benefit_before"]))],
        Decimal(str(given["non_totalization_maximum"])),
    )
    # 191.80 of 388.90 is 49.3 percent; of 383.70 that is 189.164
    assert child == Decimal(str(expected["child_benefit_computed"]))
    assert widow == Decimal(str(expected["widow_benefit_computed"]))


def test_benefits_below_the_maximum_are_left_alone() -> None:
    amounts = (Decimal("100.0"), Decimal("50.0"))
    assert share_maximum(amounts, Decimal("150.0")) == amounts


def test_times_is_exact_where_a_decimal_factor_is_not() -> None:
    # 5/9 of one percent for 36 months leaves 80 percent: 1,000.10 x 0.8 = 800.08
    assert times(Decimal("1000.1"), 1 - reduction(36, published())) == Decimal("800.0")
    assert 1 - reduction(59, published()) == Fraction(169, 240)
