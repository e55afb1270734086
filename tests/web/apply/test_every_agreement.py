"""Whatever an agreement asks has a page on which it is given, and is there once it was given."""

from __future__ import annotations

from copy import deepcopy

import pytest
from factories import MUNICH

from totalize.law.agreements import countries
from totalize.web.applications.forms import DetailsForm
from totalize.web.applications.readiness import assess
from totalize.web.applications.sections import detail_sections
from totalize.web.applications.services import start
from totalize.web.applications.views.common import pages_of

SELF_EMPLOYED = {
    "contract": 1,
    "worker": {"citizenships": ["US"], "residence": "US"},
    "work": [
        {
            "id": "work",
            "activity": "self_employment",
            "start": "2027-03-01",
            "expected_end": "2028-02-29",
            "sent_from": "US",
            "business_before_transfer": True,
            "also_in": [],
            "health_insurance": {"worker": True, "family": True},
            "family_accompanies": True,
        }
    ],
}


# Signed, not in force: there is no certificate to ask for.
NOT_IN_FORCE = ("MX", "RO")


def sent(to, since="US"):
    case = deepcopy(MUNICH)
    case["worker"]["citizenships"] = [since]
    case["worker"]["residence"] = since
    case["work"][0] |= {
        "country": to,
        "employer": {"country": since},
        "sent_from": since,
        "insured_before": since,
        "insured_before_since": "2015-01-01",
        "expected_end": "2028-02-29",
        "health_insurance": {"worker": True, "family": True},
        "family_accompanies": True,
    }
    return case


def moved(to):
    case = deepcopy(SELF_EMPLOYED)
    case["work"][0]["country"] = to
    return case


@pytest.mark.parametrize("country", countries())
def test_everything_that_is_asked_has_its_page_and_its_field(country, worker):
    cases = [(sent(country), "munich"), (sent("US", country), "munich"), (moved(country), "work")]
    asked = 0
    for case, work in cases:
        found = assess(draft := start(by=worker, case=case, work=work))
        asked += len(found.asked)
        slugs = {section.slug for section in pages_of(draft, found)}
        assert {item.page for item in found.missing} <= slugs
        for section in detail_sections(found.asked):
            form = DetailsForm(section.items, {}, {})
            assert form.is_valid()
            assert set(form.changes()["details"]) <= {item.key for item in section.items}
    assert bool(asked) is (country not in NOT_IN_FORCE)
