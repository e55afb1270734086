"""The board counts what stands behind its numbers, in few queries, for one organisation alone."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from factories import MUNICH, make_organisation, make_person, make_user

from totalize.kernel.errors import InputError
from totalize.web.employers.board import (
    EXPORT,
    SOON,
    Filters,
    Standing,
    export,
    narrow,
    rows_of,
    spells_of,
    summary,
)
from totalize.web.employers.savings import reckon_savings
from totalize.web.follow.models import Spell
from totalize.web.follow.services import change_case, decide, open_dossier

pytestmark = pytest.mark.django_db
TODAY = date(2028, 6, 1)
UNKNOWN = "left out"


@pytest.fixture
def team():
    manager = make_user()
    return manager, make_organisation(manager)


def follow(team, key, until=None, **changes):
    case = deepcopy(MUNICH)
    case["work"][0].update(changes)
    case["work"][0] = {name: fact for name, fact in case["work"][0].items() if fact != UNKNOWN}
    if until is not None:
        held = {"issued_by": "US", "from": "2027-03-01", "to": until.isoformat()}
        case["work"][0]["certificate"] = held
    return open_dossier(
        by=team[0],
        person=make_person(full_name=f"Person {key}"),
        case=case,
        organisation=team[1],
        key=key,
    )


def standings(team):
    return {spell.dossier.key: spell.standing for spell in spells_of(team[1], TODAY)}


def test_each_stretch_has_the_standing_of_its_paper(team):
    follow(team, "none")
    follow(team, "lapsed", TODAY - timedelta(days=1))
    follow(team, "breaks", TODAY + SOON - timedelta(days=1))
    follow(team, "proven", TODAY + SOON)
    follow(team, "to the end", date(2028, 7, 1), expected_end="2028-07-01")
    follow(team, "undecided", employed_before_transfer=UNKNOWN)
    assert standings(team) == {
        "none": Standing.UNPROVEN,
        "lapsed": Standing.LAPSED,
        "breaks": Standing.BREAKS,
        "proven": Standing.PROVEN,
        "to the end": Standing.PROVEN,
        "undecided": Standing.UNDECIDED,
    }


def test_the_counts_are_those_of_the_rows(team):
    follow(team, "1")
    follow(team, "2", TODAY - timedelta(days=1))
    counted = summary(team[1], TODAY)
    assert counted.people == 2
    for standing, count in counted.counts.items():
        rows = narrow(spells_of(team[1], TODAY), Filters(standing=standing.value))
        assert rows.count() == count


def test_what_is_over_or_far_off_is_not_on_the_board(team):
    follow(team, "over", start="2020-03-01", expected_end="2021-02-28")
    follow(team, "far", start="2029-03-01", expected_end="2030-02-28")
    assert standings(team) == {}


def test_who_goes_later_is_counted_and_listed_apart(team):
    follow(team, "now")
    follow(team, "far", start="2029-03-01", expected_end="2030-02-28")
    now, later = summary(team[1], TODAY), summary(team[1], TODAY, later=True)
    assert (now.people, now.others) == (1, 1)
    assert (later.people, later.others) == (1, 1)
    rows = spells_of(team[1], TODAY, later=True)
    assert [row.dossier.key for row in rows] == ["far"]
    with pytest.raises(InputError, match="when"):
        Filters.read({"when": "some day"})


def test_filters_narrow_and_unknown_ones_are_refused(team):
    follow(team, "1")
    follow(team, "2", country="FR")
    rows = spells_of(team[1], TODAY)
    assert [row.dossier.key for row in narrow(rows, Filters(country="FR"))] == ["2"]
    assert [row.dossier.key for row in narrow(rows, Filters(text="person 1"))] == ["1"]
    assert narrow(rows, Filters(owner="nobody")).count() == 2
    with pytest.raises(InputError, match="order"):
        Filters.read({"order": "salary"})


def test_another_organisation_sees_nothing(team):
    follow(team, "1")
    other = make_organisation(make_user())
    assert summary(other, TODAY).people == 0


def test_every_stretch_stands_on_the_board_of_its_dossier(team):
    ours = follow(team, "1")
    own = open_dossier(by=team[0], person=make_person(account=team[0]), case=deepcopy(MUNICH))
    change_case(ours.id, {**MUNICH, "work": [{**MUNICH["work"][0], "country": "FR"}]}, by=team[0])
    decide([ours, own])
    assert {spell.organisation for spell in ours.spells.all()} == {team[1]}
    assert {spell.organisation for spell in own.spells.all()} == {None}


def test_an_older_installation_learns_whose_board_its_stretches_stand_on(team):
    ours = follow(team, "1")
    own = open_dossier(by=team[0], person=make_person(account=team[0]), case=deepcopy(MUNICH))
    Spell.objects.update(organisation=None)
    assert standings(team) == {}
    import_module("totalize.web.follow.migrations.0002_spell_organisation").repeat(apps, None)
    assert standings(team) == {"1": Standing.UNPROVEN}
    assert {spell.organisation for spell in ours.spells.all()} == {team[1]}
    assert {spell.organisation for spell in own.spells.all()} == {None}


@time_machine.travel("2028-06-01T09:00:00Z", tick=False)
def test_the_page_asks_the_database_as_often_for_five_people_as_for_fifty(
    team, client, django_assert_num_queries
):
    client.force_login(team[0])
    address = reverse("employers:board", args=[team[1].id])
    for number in range(5):
        follow(team, str(number))
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(5, 50):
        follow(team, str(number))
    with django_assert_num_queries(len(few)):
        assert client.get(address).content.count(b"<tr>") == 51


def test_the_number_of_queries_does_not_grow_with_people(team, django_assert_num_queries):
    for number in range(5):
        follow(team, str(number))
    with django_assert_num_queries(3):
        summary(team[1], TODAY)
    with django_assert_num_queries(1):
        assert len(list(export(narrow(spells_of(team[1], TODAY), Filters())))) == 6
    with django_assert_num_queries(2):
        _, rows = rows_of(narrow(spells_of(team[1], TODAY), Filters()), TODAY, None, 5)
        assert [row.dossier.person.full_name for row in rows] == [f"Person {n}" for n in range(5)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="others weigh how full a table is")
def test_what_is_counted_and_ordered_is_read_in_the_index_alone(team):
    follow(team, "1")
    with CaptureQueriesContext(connection) as asked:
        summary(team[1], TODAY)
        rows_of(narrow(spells_of(team[1], TODAY), Filters()), TODAY, None, 1)
    *counts, _ = [query["sql"] for query in asked]
    assert len(counts) == 4
    with connection.cursor() as cursor:
        for statement in counts:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            (found,) = [step for *_, step in cursor.fetchall() if "follow_spell" in step]
            assert "COVERING INDEX spell_as_a_board_counts" in found


def test_money_at_risk_is_what_the_certificate_would_lift_and_unknown_without_pay(team):
    paid, unpaid = follow(team, "1"), follow(team, "2")
    paid.yearly_pay, paid.currency = Decimal(145_000), "USD"
    paid.save()
    assert reckon_savings([paid, unpaid], TODAY) == 1
    counted = summary(team[1], TODAY)
    ((currency, total),) = counted.at_risk
    assert currency == "USD"
    assert total > 10_000
    assert counted.unknown_risk == 1


def test_the_export_has_a_row_for_each_stretch(team):
    follow(team, "1")
    header, row = export(narrow(spells_of(team[1], TODAY), Filters()))
    assert header == EXPORT
    assert dict(zip(header, row, strict=True))["standing"] == "no certificate"
