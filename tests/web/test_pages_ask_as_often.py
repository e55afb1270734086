"""A page asks the database as often for fifty as for five."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from dossiers import NOW
from factories import MUNICH, make_organisation, make_person, make_user

from totalize.web.applications.services import start
from totalize.web.follow.models import Reminder
from totalize.web.follow.services import open_dossier

pytestmark = pytest.mark.django_db
FEW, MANY = 5, 50


@pytest.fixture
def manager(client):
    with time_machine.travel(NOW, tick=False):
        manager = make_user()
        manager.employer = make_organisation(manager)
        client.force_login(manager)
        yield manager


def statements_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in asked]


def follow(manager, numbers):
    """People whom somebody looks after, each with a certificate that ends and was reminded of."""
    for number in numbers:
        dossier = open_dossier(
            by=manager,
            person=make_person(full_name=f"Person {number}"),
            case=deepcopy(MUNICH),
            organisation=manager.employer,
            key=str(number),
        )
        dossier.owner = manager
        dossier.save()
        Reminder.objects.create(
            dossier=dossier,
            proof=dossier.id,
            ends_on=date(2028, 8, 1),
            stage=3,
            said_at=NOW,
        )


def apply(manager, numbers):
    """Drafts of an employer."""
    for _ in numbers:
        start(by=manager, case=deepcopy(MUNICH), work="munich", employer=manager.employer)


@pytest.mark.parametrize("make", [follow, apply], ids=["people", "applications"])
@pytest.mark.parametrize("page", ["follow:list", "applications:list", "pages:home"])
def test_a_list_asks_as_often_for_fifty_as_for_five(client, manager, page, make):
    address = reverse(page)
    make(manager, range(FEW))
    few = statements_of(client, address)
    make(manager, range(FEW, MANY))
    many = statements_of(client, address)
    assert len(many) == len(few), "\n".join(many)


def test_a_time_line_asks_as_often_for_many_works_as_for_one(client, manager, decided):
    def line(works):
        case = deepcopy(MUNICH)
        case["work"] = [
            {
                **MUNICH["work"][0],
                "id": f"stay-{number}",
                "start": f"{2008 + number}-03-01",
                "expected_end": f"{2008 + number}-12-31",
            }
            for number in range(works)
        ]
        found = open_dossier(
            by=manager,
            person=make_person(),
            case=case,
            organisation=manager.employer,
            key=str(works),
        )
        return reverse("follow:person", args=[found.id])

    one, twenty = line(1), line(20)
    few = statements_of(client, one)
    decided.clear()
    many = statements_of(client, twenty)
    assert len(many) == len(few), "\n".join(many)
    assert not decided, "what was decided is kept"
