"""The register completes what a case leaves open of an employer, and never overrules it."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from factories import MUNICH

from totalize import api
from totalize.web.employers.affiliates import Registered, fill

TODAY = date(2026, 11, 22)
ACME = Registered("Acme GmbH", "DE", Decimal(100), date(2020, 1, 1))


def posted(**employer):
    case = deepcopy(MUNICH)
    case["work"][0]["employer"] = employer
    return case


def answer(case):
    return api.check(case, TODAY).results[0].periods[0]


def test_with_an_agreement_the_affiliate_keeps_its_people_under_us_coverage():
    case, uncovered = fill(posted(name="acme  gmbh"), [ACME])
    assert uncovered == ()
    assert answer(case).covered_by == ("US",)


def test_without_an_agreement_the_posting_is_named_and_the_host_country_covers():
    without = Registered("Acme GmbH", "DE", Decimal(100), None)
    case, uncovered = fill(posted(name="Acme GmbH"), [without])
    assert [each.work for each in uncovered] == ["munich"]
    assert answer(case).covered_by == ("DE",)


@pytest.mark.parametrize(("since", "covered"), [("2027-03-01", True), ("2027-03-02", False)])
def test_an_agreement_counts_from_its_first_day(since, covered):
    held = Registered("Acme GmbH", "DE", Decimal(100), date.fromisoformat(since))
    case, _ = fill(posted(name="Acme GmbH"), [held])
    assert case["work"][0]["employer"]["section_3121l"] is covered


def test_what_the_case_says_is_not_overruled():
    case, uncovered = fill(posted(name="Acme GmbH", section_3121l=False), [ACME])
    assert case["work"][0]["employer"]["section_3121l"] is False
    assert len(uncovered) == 1


def test_a_company_of_the_same_name_elsewhere_is_another_one():
    given = posted(name="Acme GmbH", country="AT")
    assert fill(given, [ACME]) == (given, ())


def test_half_is_no_majority():
    half = Registered("Acme GmbH", "DE", Decimal(50), None)
    case, _ = fill(posted(name="Acme GmbH"), [half])
    assert case["work"][0]["employer"]["majority_owned"] is False
