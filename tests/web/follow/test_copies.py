"""Who must have a copy, and when a French client looks again."""

from __future__ import annotations

from datetime import date

import pytest

from totalize.web.follow.copies import Need, has_copy, needs_of, notice, rechecks

TODAY = date(2028, 6, 1)
FIRST, LAST = date(2026, 3, 1), date(2029, 2, 28)


def needs(**changes):
    given = {
        "issuer": "US",
        "shown_in": "DE",
        "activity": "employment",
        "first": FIRST,
        "last": LAST,
        "today": TODAY,
    }
    return needs_of(**{**given, **changes})


def roles(**changes):
    return [need.role for need in needs(**changes)]


def test_a_certificate_of_the_united_states_is_kept_at_home_and_shown_abroad():
    assert roles() == ["worker", "us_employer", "foreign_employer", "host_office"]


def test_a_foreign_certificate_of_an_employee_is_kept_by_the_us_employer():
    assert roles(issuer="DE", shown_in="US") == ["worker", "us_employer"]


def test_the_self_employed_attach_a_foreign_one_to_each_years_return():
    found = needs(issuer="DE", shown_in="US", activity="self_employment")
    assert [need.year for need in found if need.year] == [2026, 2027, 2028]


def test_years_that_have_not_begun_and_years_after_the_end_are_not_asked_for():
    ended = {"issuer": "DE", "shown_in": "US", "activity": "self_employment"}
    found = needs(**ended, last=date(2027, 6, 30))
    assert [need.year for need in found if need.year] == [2026, 2027]
    assert not [need for need in needs(**ended, first=date(2029, 1, 1)) if need.year]


def test_in_france_the_client_has_one_too():
    assert "client" in roles(shown_in="FR")


@pytest.mark.parametrize("shown_in", ["DE", "FR", "US"])
@pytest.mark.parametrize("activity", ["employment", "self_employment"])
def test_every_need_that_names_a_rule_finds_it_with_its_source(shown_in, activity):
    issuer = "DE" if shown_in == "US" else "US"
    for need in needs(issuer=issuer, shown_in=shown_in, activity=activity):
        assert not need.code or notice(need.code).cite


def test_a_return_of_one_year_is_no_copy_for_another():
    assert has_copy(Need("tax_return", "", 2027), [("tax_return:2027", "IRS")])
    assert not has_copy(Need("tax_return", "", 2028), [("tax_return:2027", "IRS")])


def test_the_client_looks_before_the_work_and_every_six_months_to_its_end():
    assert rechecks(date(2027, 8, 31), date(2029, 2, 27), TODAY) == (
        date(2027, 8, 31),
        date(2028, 2, 29),
        date(2028, 8, 31),
    )


def test_without_an_end_the_days_of_a_year_ahead_are_named():
    assert rechecks(date(2028, 1, 1), None, TODAY)[-1] == date(2029, 1, 1)
