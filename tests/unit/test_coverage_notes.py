"""What offices do and take is said where it can matter, and only there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from totalize.api import check

ABROAD, TO_US = "abroad", "to_us"


def _notes(country: str, way: str, **fields: Any) -> set[str]:
    """Return the codes of the warnings for a stay of eight years, or as told."""
    home = "US" if way == ABROAD else country
    work = {
        "activity": "employment",
        "country": country if way == ABROAD else "US",
        "start": "2026-01-01",
        "expected_end": "2033-12-31",
        "employer": {"country": home},
        "sent_from": home,
        "via": None,
        "employed_before_transfer": True,
        "insured_before": home,
        "also_in": [],
        **fields,
    }
    worker = {"citizenships": ["US", country], "us_resident": True, "residence": work["country"]}
    found = check({"worker": worker, "work": [work]}, date(2026, 1, 1))
    return {notice.code for notice in found.results[0].periods[0].warnings}


LOCAL = {"sent_from": None, "expected_end": None}
BUSINESS = {
    "activity": "self_employment",
    "expected_end": "2027-12-31",
    "business_before_transfer": True,
}


@pytest.mark.parametrize(
    ("country", "code", "way", "fields"),
    [
        ("AT", "airline_staff_without_limit", TO_US, {}),
        ("AT", "international_school", ABROAD, LOCAL),
        ("AU", "letter_for_self_employed", ABROAD, BUSINESS),
        ("BE", "contractors_of_us_forces", ABROAD, LOCAL),
        ("CA", "extension_by_letter", TO_US, {}),
        ("CZ", "health_insurance_follows", ABROAD, BUSINESS),
        ("FI", "finnish_year_abroad", TO_US, BUSINESS),
        ("IS", "icelandic_ground_staff", TO_US, {}),
        ("JP", "national_pension_joined_voluntarily", TO_US, BUSINESS),
        ("NO", "shelf_local_hire", ABROAD, LOCAL),
        ("SI", "longer_postings", TO_US, {}),
    ],
)
def test_a_note_that_speaks_of_one_way_is_not_shown_for_the_other(
    country: str, code: str, way: str, fields: dict[str, Any]
) -> None:
    other = TO_US if way == ABROAD else ABROAD
    assert code in _notes(country, way, **fields)
    assert code not in _notes(country, other, **fields)


def test_whoever_lives_in_neither_country_is_told_whom_to_ask() -> None:
    worker = {"citizenships": ["US"], "residence": "CH"}
    work = {
        "activity": "self_employment",
        "country": "AT",
        "start": "2026-01-01",
        "expected_end": "2026-12-31",
        "sent_from": None,
        "also_in": [],
    }
    [period] = check({"worker": worker, "work": [work]}, date(2026, 1, 1)).results[0].periods
    [notice] = [notice for notice in period.warnings if notice.code == "third_country_stay"]
    assert "Social Security Administration; Federal Ministry of Labour" in notice.text


def test_a_choice_still_open_cites_the_rule_on_choices() -> None:
    worker = {"citizenships": ["US", "IT"], "residence": "IT"}
    work = {
        "activity": "employment",
        "country": "IT",
        "start": "2026-10-01",
        "employer": {"country": "US"},
        "sent_from": "US",
    }
    [period] = check({"worker": worker, "work": [work]}, date(2026, 10, 1)).results[0].periods
    cited = {reason.code: reason.citation for reason in period.reasons}
    assert cited == {"elects_us": "Art. 7(4)", "elects_partner": "Art. 7(4)"}


def test_a_rule_that_asks_for_coverage_at_home_warns_of_none_that_it_creates() -> None:
    def codes(country: str) -> set[str]:
        case = {
            "worker": {"citizenships": ["IN"], "us_resident": False, "residence": "US"},
            "work": [
                {
                    "activity": "employment",
                    "country": country,
                    "start": "2026-03-01",
                    "expected_end": "2028-02-29",
                    "employer": {"country": "US"},
                    "sent_from": "US",
                    "via": None,
                    "employed_before_transfer": True,
                    "insured_before": "US",
                    "health_insurance": {"worker": True, "family": True},
                }
            ],
        }
        period = check(case, date(2026, 11, 28)).results[0].periods[0]
        assert period.covered_by == (country,)
        return {notice.code for notice in period.warnings}

    assert "agreement_may_create_us_coverage" not in codes("GB")
    assert "agreement_may_create_us_coverage" not in codes("NO")
    assert "agreement_may_create_us_coverage" in codes("FR")
