"""Cases at the edges of rules that changes of the provisions would otherwise slip past."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from totalize.api import check
from totalize.coverage.determination import CoveragePeriod, Outcome, Rule

AS_OF = date(2026, 11, 22)


def _sent(start: str, expected_end: str, **fields: Any) -> dict[str, Any]:
    return {
        "activity": "employment",
        "country": "DE",
        "start": start,
        "expected_end": expected_end,
        "employer": {"name": "Acme", "country": "US", "affiliate_of": None},
        "sent_from": "US",
        "via": None,
        "employed_before_transfer": True,
        "insured_before": "US",
        **fields,
    }


def _alone(country: str, residence: str, **fields: Any) -> dict[str, Any]:
    return {
        "activity": "self_employment",
        "country": country,
        "start": "2026-03-01",
        "expected_end": "2027-02-28",
        "residence": residence,
        "sent_from": None,
        "also_in": [],
        "insured_before": None,
        **fields,
    }


def _last(*works: dict[str, Any], citizenships: tuple[str, ...] = ("US",)) -> list[CoveragePeriod]:
    case = {"worker": {"citizenships": list(citizenships)}, "work": list(works)}
    return list(check(case, AS_OF).results[-1].periods)


# The first of two stays begins on 1 January 2022; five years from there end with 2026.
FIRST = _sent("2022-01-01", "2023-12-31")


@pytest.mark.parametrize(
    ("expected_end", "covered_by"), [("2026-12-31", ("US",)), ("2027-01-01", ("DE",))]
)
def test_a_second_stay_has_to_end_within_five_years_of_the_first_start(
    expected_end: str, covered_by: tuple[str, ...]
) -> None:
    (period,) = _last(FIRST, _sent("2024-06-01", expected_end))
    assert period.covered_by == covered_by


def test_a_second_stay_that_lasts_longer_than_expected_ends_with_the_five_years() -> None:
    within, beyond = _last(FIRST, _sent("2024-06-01", "2026-12-31", end="2027-06-30"))
    assert (within.covered_by, within.last) == (("US",), date(2026, 12, 31))
    assert (beyond.covered_by, beyond.first) == (("DE",), date(2027, 1, 1))


def test_a_first_stay_that_lasts_longer_than_expected_ends_with_its_own_five_years() -> None:
    within, beyond = _last(_sent("2024-06-01", "2026-12-31", end="2029-12-31"))
    assert (within.covered_by, within.last) == (("US",), date(2029, 5, 31))
    assert beyond.covered_by == ("DE",)


def test_after_a_gap_of_a_year_the_five_years_begin_anew() -> None:
    (period,) = _last(FIRST, _sent("2025-01-01", "2029-12-31"))
    assert (period.covered_by, period.rule) == (("US",), Rule.DETACHED_WORKER)


@pytest.mark.parametrize(
    ("insured_before", "since", "outcome"),
    [
        ("US", "2025-09-01", Outcome.DETERMINED),
        ("US", "2025-09-02", Outcome.UNSETTLED),
        ("FR", "2020-01-01", Outcome.UNSETTLED),
        (None, "2020-01-01", Outcome.UNSETTLED),
    ],
)
def test_six_months_of_insurance_are_six_months_and_at_home(
    insured_before: str | None, since: str, outcome: Outcome
) -> None:
    """Japan's office asks for them, SSA's manual does not name them: without, it is unsettled."""
    work = _sent(
        "2026-03-01",
        "2028-02-29",
        country="JP",
        insured_before=insured_before,
        insured_before_since=since,
        health_insurance={"worker": True, "family": True},
        family_accompanies=False,
    )
    (period,) = _last(work)
    assert (period.rule, period.outcome) == (Rule.DETACHED_WORKER, outcome)


@pytest.mark.parametrize(
    ("sees_self_employment", "residence", "covered_by"),
    [("CH", "CH", ("CH",)), ("CH", "US", ("US",)), ("US", "US", ("US",)), ("US", "CH", ("CH",))],
)
def test_work_classed_differently_follows_residence_or_goes_to_the_other_country(
    sees_self_employment: str, residence: str, covered_by: tuple[str, ...]
) -> None:
    kinds = {"US": "employment", "CH": "employment"} | {sees_self_employment: "self_employment"}
    work = _sent(
        "2026-03-01", "2027-02-28", country="CH", residence=residence, activity_in=kinds, also_in=[]
    )
    (period,) = _last(work)
    assert period.covered_by == covered_by


@pytest.mark.parametrize(
    ("sees_self_employment", "residence", "rule", "covered_by"),
    [
        ("CL", "CL", Rule.SELF_EMPLOYED_RESIDENCE, ("CL",)),
        ("CL", "US", Rule.DETACHED_WORKER, ("US",)),
        ("US", "US", Rule.SELF_EMPLOYED_RESIDENCE, ("US",)),
        ("US", "CL", Rule.DETACHED_WORKER, ("US",)),
    ],
)
def test_work_classed_differently_follows_residence_or_the_rules_for_employees(
    sees_self_employment: str, residence: str, rule: Rule, covered_by: tuple[str, ...]
) -> None:
    kinds = {"US": "employment", "CL": "employment"} | {sees_self_employment: "self_employment"}
    work = _sent(
        "2026-03-01", "2027-02-28", country="CL", residence=residence, activity_in=kinds, also_in=[]
    )
    (period,) = _last(work)
    assert (period.rule, period.covered_by) == (rule, covered_by)


@pytest.mark.parametrize(
    ("kinds", "classed"),
    [
        ({"DE": "self_employment"}, True),
        ({"US": "self_employment", "DE": "employment"}, True),
        ({"US": "employment", "DE": "employment"}, False),
        ({}, False),
    ],
)
def test_how_the_other_country_classes_work_in_the_us_is_heard(
    kinds: dict[str, str], classed: bool
) -> None:
    work = _sent(
        "2026-03-01",
        "2027-02-28",
        country="US",
        employer={"country": "DE", "affiliate_of": None},
        sent_from="DE",
        insured_before="DE",
        residence="DE",
        also_in=[],
        activity_in=kinds,
    )
    (period,) = _last(work, citizenships=("DE",))
    assert (period.outcome is Outcome.UNSETTLED) == classed


def test_any_of_several_citizenships_may_be_the_partner_s() -> None:
    """A French and Italian, self-employed in the US, living in Italy: he may elect."""
    work = _alone("US", "IT", sent_from="FR", elects="IT")
    (period,) = _last(work, citizenships=("FR", "IT"))
    assert (period.rule, period.covered_by) == (Rule.ELECTION, ("IT",))


def test_a_second_country_is_one_in_which_the_self_employed_work_too() -> None:
    """Switzerland: in both countries at once, residence decides."""
    both = {"also_in": ["FR", "US"], "business_before_transfer": True}
    (period,) = _last(_alone("CH", "CH", **both))
    assert period.covered_by is not None
    (unknown,) = _last({**_alone("CH", "CH"), "residence": "JP"})
    assert unknown.covered_by != ("US",)


@pytest.mark.parametrize(
    ("employer", "agreement"), [({"country": "JP"}, "JP"), ({"country": "US"}, None)]
)
def test_a_head_office_names_no_country_for_those_who_are_no_crew(
    employer: dict[str, str], agreement: str | None
) -> None:
    work = _sent(
        "2026-03-01",
        "2027-02-28",
        country="US",
        employer=employer,
        sent_from=None,
        employer_headquarters="DE",
    )
    (period, *_) = _last(work, citizenships=("US", "JP"))
    assert period.agreement == agreement


def _failed(work: dict[str, Any], code: str) -> list[str]:
    (period,) = _last(work)
    found = [reason for reason in period.reasons if reason.code == code]
    assert [reason.result for reason in found] == [False]
    return [below.code for below in found[0].because]


def test_whoever_is_refused_reads_every_condition_that_is_not_met() -> None:
    refused = _sent(
        "2026-03-01",
        "2032-02-28",
        country="FR",
        employed_before_transfer=False,
        health_insurance={"worker": False},
        family_accompanies=False,
    )
    assert _failed(refused, "detached_worker") == [
        "employed_before_transfer",
        "private_health_insurance",
        "expected_within_limit",
    ]


def test_whoever_was_not_sent_reads_that_and_nothing_of_the_conditions_for_those_who_were() -> None:
    local = _sent("2026-03-01", "2032-02-28", sent_from=None, employed_before_transfer=False)
    assert _failed(local, "detached_worker") == ["sent_by_employer"]


def test_whoever_moved_a_business_for_too_long_reads_so() -> None:
    moved = _alone("DE", "DE", sent_from="US", expected_end=None, business_before_transfer=False)
    assert _failed(moved, "self_employed_transfer") == [
        "business_before_transfer",
        "expected_within_limit",
    ]
