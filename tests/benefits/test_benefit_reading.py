"""A record that cannot be used is refused by its path, with what would be accepted."""

import contextlib
from typing import Any

import jsonschema
import pytest
from benefit_cases import oracle_cases, record_of
from hypothesis import given, settings
from hypothesis import strategies as st

import totalize
from totalize.api import schema as describe
from totalize.benefits import answer, read_record
from totalize.kernel.errors import InputError

GOOD: dict[str, Any] = {
    "contract": 1,
    "birth_date": "1960-05-15",
    "entitlement": "2026-06",
    "earnings": {"1990": 25000, 1991: "26000.50"},
}
PERIOD = {"from": "1984-02-01", "to": "1989-11-30"}


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"contract": 2}, "contract", "unknown_contract"),
        ({"wages": {}}, "wages", "unknown_field"),
        ({"birth_date": None}, "birth_date", "missing"),
        ({"birth_date": "1960-13-15"}, "birth_date", "bad_date"),
        ({"birth_date": 19600515}, "birth_date", "bad_date"),
        ({"benefit": "pension"}, "benefit", "bad_choice"),
        ({"entitlement": "2026-6"}, "entitlement", "bad_month"),
        ({"entitlement": "2021-06"}, "entitlement", "too_early"),
        ({"entitlement": None}, "entitlement", "missing"),
        ({"benefit_month": "2026-05"}, "benefit_month", "wrong_order"),
        ({"earnings": None}, "earnings", "missing"),
        ({"earnings": [1]}, "earnings", "bad_type"),
        ({"earnings": {"1990": -1}}, "earnings[1990]", "amount_out_of_range"),
        ({"earnings": {"1990": "many"}}, "earnings[1990]", "bad_amount"),
        ({"earnings": {"1990": True}}, "earnings[1990]", "bad_amount"),
        ({"earnings": {"1990": "1.005"}}, "earnings[1990]", "bad_amount"),
        ({"earnings": {"1936": 1}}, "earnings[1936]", "bad_number"),
        ({"earnings": {"x": 1}}, "earnings[x]", "bad_number"),
        ({"earnings": {"1990": 1, 1990: 2}}, "earnings[1990]", "repeated_key"),
        ({"earnings": {"2099": 1}}, "earnings[2099]", "figures_not_published"),
        ({"us_quarters": {"1976": 5}}, "us_quarters[1976]", "bad_number"),
        ({"us_quarters_placed": {"1970": [1, 1]}}, "us_quarters_placed[1970]", "repeated_value"),
        (
            {"us_quarters": {"1970": 3}, "us_quarters_placed": {"1970": [1]}},
            "us_quarters_placed[1970]",
            "contradiction",
        ),
        ({"foreign": [{"periods": [PERIOD]}]}, "foreign[0].country", "missing"),
        ({"foreign": [{"country": "UK"}]}, "foreign[0].country", "unknown_country"),
        ({"foreign": [{"country": "US"}]}, "foreign[0].country", "bad_choice"),
        ({"foreign": [{"country": "DE"}] * 2}, "foreign[1].country", "repeated_value"),
        (
            {"foreign": [{"country": "DE", "periods": [PERIOD], "quarters": {"1984": 1}}]},
            "foreign[0]",
            "contradiction",
        ),
        (
            {"foreign": [{"country": "DE", "periods": [PERIOD | {"to": "1984-01-31"}]}]},
            "foreign[0].periods[0].to",
            "wrong_order",
        ),
        (
            {"foreign": [{"country": "DE", "periods": [PERIOD | {"weeks": 3, "days": 3}]}]},
            "foreign[0].periods[0]",
            "contradiction",
        ),
        ({"plan": {"first_year": 2030, "last_year": 2029}}, "plan.last_year", "wrong_order"),
        ({"benefit": "disability"}, "onset", "missing"),
        ({"benefit": "disability", "onset": "1950-01-01"}, "onset", "wrong_order"),
        ({"benefit": "disability", "onset": "2027-05-20"}, "entitlement", "wrong_order"),
        (
            {"benefit": "disability", "onset": "2027-05-20", "entitlement": None},
            "onset",
            "too_late",
        ),
        ({"benefit": "survivor"}, "death_date", "missing"),
        ({"benefit": "survivor", "death_date": "2020-03-02"}, "survivor", "missing"),
        (
            {"benefit": "survivor", "death_date": "2020-03-02", "survivor": {}},
            "survivor.relation",
            "missing",
        ),
        (
            {"benefit": "survivor", "death_date": "2020-03-02", "survivor": {"relation": "widow"}},
            "survivor.birth_date",
            "missing",
        ),
        (
            {
                "benefit": "survivor",
                "death_date": "2020-03-02",
                "survivor": {"relation": "widow", "birth_date": "1990-01-01"},
            },
            "entitlement",
            "too_early",
        ),
    ],
)
def test_a_bad_record_is_refused_by_path(change: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        answer(GOOD | change)
    assert (caught.value.path, caught.value.code) == (path, code)


@pytest.mark.parametrize("document", [None, 3, "x", [], [1]])
def test_what_is_no_mapping_is_refused(document: Any) -> None:
    with pytest.raises(InputError):
        answer(document)


def test_a_good_record_is_read_and_read_again() -> None:
    record = read_record(GOOD)
    assert read_record(record) is record
    assert totalize.benefit(record).to_dict() == totalize.benefit(GOOD).to_dict()


def test_the_schema_accepts_the_records_and_refuses_strangers() -> None:
    schema = describe("benefit_record")
    validator = jsonschema.Draft202012Validator(schema)
    for case in oracle_cases()[::25]:
        validator.validate(record_of(case))
    assert not validator.is_valid(GOOD | {"wages": {}})
    assert not validator.is_valid({"earnings": {}})


def test_the_answer_has_the_contracts_fields_first() -> None:
    wanted = [
        "contract insured zone us_quarters foreign_quarters eligibility_year computation_years",
        "aime pia totalized months_of_reduction_or_credit age_factor benefit_unrounded",
        "monthly_benefit family_maximum steps foreign_side warnings",
    ]
    names = " ".join(wanted).split()
    assert list(totalize.benefit(GOOD).to_dict())[: len(names)] == names


def test_the_totalized_part_has_the_contracts_fields() -> None:
    case = next(case for case in oracle_cases() if case["totalization"])
    found = totalize.benefit(record_of(case)).to_dict()["totalized"]
    assert list(found)[:8] == [
        "country",
        "relative_earnings_position",
        "theoretical_aime",
        "theoretical_pia",
        "quarters",
        "denominator",
        "pro_rata_pia",
        "totalized_pia",
    ]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=300)
@given(name=st.sampled_from([*read_record(GOOD).__struct_encode_fields__, "other"]), value=ANYTHING)
def test_no_value_whatever_brings_anything_but_an_answer_or_a_refusal(
    name: str, value: Any
) -> None:
    with contextlib.suppress(InputError):
        assert answer(GOOD | {name: value}).contract == 1
