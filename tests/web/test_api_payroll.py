"""Payroll systems are told from which day FICA stops or starts, and strangers nothing."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from factories import MUNICH, make_organisation, make_person, make_user

from totalize.web.accounts.models import Membership
from totalize.web.api import limits, payroll, tokens
from totalize.web.follow.services import open_dossier

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    limits._HELD.clear()
    with time_machine.travel("2028-06-01T09:00:00Z", tick=False):
        yield


@pytest.fixture
def employer():
    owner = make_user()
    organisation = make_organisation(owner)
    for key in ("A1", "A2"):
        open_dossier(
            by=owner,
            person=make_person(full_name=f"Person {key}"),
            case=MUNICH,
            organisation=organisation,
            key=key,
        )
    return owner, organisation


def ask(user, organisation, scope="payroll:read", **query):
    _, secret = tokens.make(user, "test", [scope], 30)
    return Client().get(
        f"/api/v1/employers/{organisation.id}/payroll",
        query,
        headers={"Authorization": f"Bearer {secret}"},
    )


def test_flags_are_given_by_number_of_the_worker_and_without_names(employer):
    answer = ask(*employer)
    assert answer.json()["items"][0] == {
        "worker_id": "A1",
        "work": "munich",
        "from": "2027-03-01",
        "to": "2030-02-28",
        "flag": "withhold_fica",
        "reason": "us_covers",
        "proof": None,
    }
    assert "Person" not in answer.content.decode()


def test_pages_follow_one_another_and_end(employer, monkeypatch):
    monkeypatch.setattr(payroll, "PEOPLE", 1)
    first = ask(*employer).json()
    second = ask(*employer, page=first["next"]).json()
    assert [item["worker_id"] for item in first["items"] + second["items"]] == ["A1", "A2"]
    assert second["next"] is None
    assert ask(*employer, page=9).json()["items"] == []
    assert ask(*employer, page=0).status_code == 422


def test_a_viewer_may_read_it_and_a_stranger_learns_nothing(employer):
    viewer, stranger = make_user(), make_user()
    Membership.objects.create(user=viewer, organisation=employer[1], role="viewer")
    make_organisation(stranger)
    assert ask(viewer, employer[1]).status_code == 200
    assert ask(stranger, employer[1]).status_code == 404


def test_a_token_for_something_else_does_not_open_it(employer):
    assert ask(*employer, scope="applications:read").status_code in (401, 403)
