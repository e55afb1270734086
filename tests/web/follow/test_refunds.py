"""What was paid twice, month by month, and until when it can be claimed."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from dossiers import followed
from factories import MUNICH

from totalize import api
from totalize.kernel.errors import InputError
from totalize.web.follow.refunds import paid_twice

TODAY = date(2026, 6, 1)


def case(start="2024-03-01", end="2027-02-28", country="DE", **changes):
    found = deepcopy(MUNICH)
    found["work"][0].update(start=start, expected_end=end, country=country, **changes)
    return found


def found(document=None, until=date(2024, 12, 31), today=TODAY, **changes):
    given = {"earnings": Decimal(120000), "currency": "USD", **changes}
    return paid_twice(document or case(), "munich", until=until, today=today, **given)


def test_only_months_that_ended_by_the_day_count():
    assert [month.month for month in found(until=date(2024, 6, 15)).months] == [
        "2024-03",
        "2024-04",
        "2024-05",
    ]


def test_months_go_on_over_the_turn_of_the_year():
    months = [month.month for month in found(until=date(2025, 2, 28)).months]
    assert (months[0], months[-1], len(months)) == ("2024-03", "2025-02", 12)


def test_what_germany_took_is_what_the_library_says_the_certificate_lifts():
    answer = found()
    cost = api.cost(case(), earnings="120000", currency="USD", year=2024, as_of=date(2024, 12, 31))
    assert answer.refunds[0].amount == cost.refunds[0].amount
    assert [refund.system for refund in answer.refunds] == ["DE"]


def test_a_certificate_told_in_the_case_does_not_hide_what_was_paid_before_it_came():
    held = {"issued_by": "US", "from": "2024-03-01", "to": "2027-02-28"}
    assert found(case(certificate=held)).months == found().months


def inbound():
    document = case(country="US", sent_from="DE", employer={"country": "DE"}, residence="DE")
    document["worker"] = {"citizenships": ["DE"], "residence": "DE", "us_resident": False}
    return document


@pytest.mark.parametrize(
    ("today", "is_open"), [(date(2028, 4, 15), True), (date(2028, 4, 16), False)]
)
def test_the_last_day_to_claim_from_the_united_states_is_held_against_today(today, is_open):
    (refund,) = found(inbound(), today=today).refunds
    assert (refund.system, refund.last_day, refund.open) == ("US", date(2028, 4, 15), is_open)


def test_a_day_before_the_work_is_refused():
    with pytest.raises(InputError, match="until"):
        found(until=date(2024, 1, 31))


@pytest.mark.django_db
def test_the_page_reckons_and_gives_a_draft_of_each_claim(client, june):
    june.move_to("2026-06-01T12:00:00Z")
    dossier = followed(case(), first=date(2024, 3, 1), last=date(2027, 2, 28))
    client.force_login(dossier.worker)
    address = reverse("follow:refunds", args=[dossier.id])
    asked = {"work": "munich", "earnings": "120000", "currency": "USD", "until": "2024-12-31"}
    page = client.get(address, asked)
    assert page.status_code == 200
    assert "2024-12" in page.content.decode()
    claims = client.get(reverse("follow:claims", args=[dossier.id]), asked)
    assert claims["Content-Type"] == "application/zip"
    later = client.get(address, {**asked, "until": "2027-01-01"})
    assert later.status_code == 400
