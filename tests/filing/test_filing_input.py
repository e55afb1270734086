"""Bad input is refused by name, with what would do."""

from __future__ import annotations

from typing import Any

import pytest
from filing_support import facts_of

from totalize.api import filing
from totalize.filing.facts import read_facts
from totalize.kernel.errors import InputError

GOOD: dict[str, Any] = {"tax_year": 2025, "status": "single", "income": "30000"}
MARRIED = GOOD | {"status": "married_joint"}


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        (GOOD | {"status": "married"}, "status", "bad_status"),
        (GOOD | {"status": None}, "status", "missing"),
        (GOOD | {"tax_year": 2027}, "tax_year", "year_without_figures"),
        (GOOD | {"tax_year": "2022"}, "tax_year", "year_without_figures"),
        (GOOD | {"tax_year": "25"}, "tax_year", "bad_year"),
        (GOOD | {"tax_year": True}, "tax_year", "bad_year"),
        (GOOD | {"tax_year": "٢٠٢٥"}, "tax_year", "bad_year"),
        (GOOD | {"tax_year": None}, "tax_year", "missing"),
        (GOOD | {"income": "-1"}, "income", "amount_out_of_range"),
        (GOOD | {"income": "lots"}, "income", "bad_amount"),
        (GOOD | {"income": "NaN"}, "income", "amount_out_of_range"),
        (GOOD | {"income": None}, "income", "missing"),
        (GOOD | {"earned": "30000.01"}, "earned", "part_over_whole"),
        (GOOD | {"self_employment": "40000"}, "self_employment", "part_over_whole"),
        (GOOD | {"salary": "1"}, "salary", "unknown_field"),
        (GOOD | {"dependent": "perhaps"}, "dependent", "bad_truth"),
        (GOOD | {"spouse_itemizes": True}, "spouse_itemizes", "no_spouse"),
        (GOOD | {"spouse_birth_date": "1970-01-01"}, "spouse_birth_date", "no_spouse"),
        (MARRIED | {"spouse_birth_date": "1970-02-30"}, "spouse_birth_date", "bad_date"),
        (MARRIED | {"spouse_birth_date": "2026-01-01"}, "spouse_birth_date", "born_later"),
        (MARRIED | {"dependent": True}, "dependent", "joint_return"),
        (MARRIED | {"spouse_itemizes": True}, "spouse_itemizes", "joint_return"),
        (GOOD | {"special_items": ["bitcoin"]}, "special_items[0]", "unknown_item"),
        (GOOD | {"special_items": "none"}, "special_items", "bad_list"),
        (
            GOOD | {"foreign_assets_year_end": 5, "foreign_assets_highest": 4},
            "foreign_assets_highest",
            "highest_under_last",
        ),
        (GOOD | {"worker": {"birth_date": "2026-05-01"}}, "worker.birth_date", "born_later"),
        (GOOD | {"worker": {"residence": "XX"}}, "worker.residence", "unknown_country"),
    ],
)
def test_it_is_refused_by_its_name(given: dict[str, Any], path: str, code: str) -> None:
    work = {
        "activity": "employment",
        "country": "FR",
        "covered": [{"from": "2024-01-01", "to": None, "covered_by": ["FR"]}],
    }
    with pytest.raises(InputError) as caught:
        facts_of({"work": [work], **given})
    assert (caught.value.path, caught.value.code) == (path, code)


def test_a_year_without_figures_is_told_which_years_there_are() -> None:
    with pytest.raises(InputError, match="2023, 2024, 2025, 2026"):
        facts_of(GOOD | {"tax_year": 2030})


def test_a_determination_of_another_case_is_refused() -> None:
    case = {
        "worker": {"citizenships": ["US"]},
        "work": [{"activity": "employment", "country": "FR"}],
    }
    period = {"from": "2025-01-01", "to": None, "covered_by": ["FR"]}
    other = {"results": [{"work": "elsewhere", "periods": [period]}]}
    with pytest.raises(InputError) as caught:
        read_facts(case, other, GOOD)
    assert (caught.value.path, caught.value.code) == ("work[0].id", "not_determined")


@pytest.mark.parametrize(
    ("determination", "path"),
    [
        ({}, "determination.results"),
        ({"results": [3]}, "determination.results[0]"),
        ({"results": [{"work": "w1"}]}, "determination.results[0].periods"),
        (
            {"results": [{"work": "w1", "periods": [{"from": "soon"}]}]},
            "determination.results[0].periods[0].from",
        ),
        (
            {
                "results": [
                    {"work": "w1", "periods": [{"from": "2025-01-01", "covered_by": ["UK"]}]}
                ]
            },
            "determination.results[0].periods[0].covered_by[0]",
        ),
    ],
)
def test_a_broken_determination_is_refused_by_path(
    determination: dict[str, Any], path: str
) -> None:
    case = {
        "worker": {"citizenships": ["US"]},
        "work": [{"activity": "employment", "country": "FR"}],
    }
    with pytest.raises(InputError) as caught:
        read_facts(case, determination, GOOD)
    assert caught.value.path == path


def test_a_broken_case_is_refused_by_the_case_s_own_door() -> None:
    with pytest.raises(InputError) as caught:
        filing({"worker": {"citizenships": ["US"]}, "work": [], "wrok": []}, **GOOD)
    assert caught.value.path


@pytest.mark.parametrize("determination", [[1, 2], 3, "decided"])
def test_what_is_no_determination_at_all_is_refused(determination: Any) -> None:
    work = {"activity": "employment", "country": "FR", "start": "2025-01-01"}
    case = {"worker": {"citizenships": ["US"]}, "work": [work]}
    with pytest.raises(InputError) as caught:
        filing(case, determination=determination, **GOOD)
    assert caught.value.path == "determination"
