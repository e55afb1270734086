"""Dossiers come into being from applications, and follow certificates and the law."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest
from django.http import Http404
from django.utils import timezone
from dossiers import followed
from factories import MUNICH, make_application, make_organisation, make_person, make_user

from totalize import api
from totalize.web.applications.services import locked, move, start
from totalize.web.certificates.models import Foreign
from totalize.web.follow import shares
from totalize.web.follow.gathering import decide_again, merge
from totalize.web.follow.models import Dossier
from totalize.web.follow.services import open_dossier
from totalize.web.people.services import erase

pytestmark = pytest.mark.django_db


def case(**changes):
    found = deepcopy(MUNICH)
    found["work"][0].update(changes)
    return found


def test_an_application_that_is_sent_opens_the_workers_dossier():
    application = make_application()
    move(locked(application.id), "prepare", by=application.worker)
    dossier = Dossier.objects.get(worker=application.worker)
    assert dossier.person == application.person
    assert dossier.spells.get().covered_by == "US"


def test_a_draft_opens_none():
    make_application()
    assert not Dossier.objects.exists()


def test_a_second_application_adds_its_work_and_opens_no_second_dossier():
    first = make_application()
    move(locked(first.id), "prepare", by=first.worker)
    other = case(country="FR", start="2031-01-01", expected_end="2031-12-31")
    second = make_application(first.worker, person=first.person, case=other)
    move(locked(second.id), "prepare", by=first.worker)
    dossier = Dossier.objects.get()
    assert [work["id"] for work in dossier.case["work"]] == ["munich", "munich-2"]
    assert {spell.country for spell in dossier.spells.all()} == {"DE", "FR"}


def test_the_same_work_takes_the_newer_facts_and_keeps_its_name():
    newer = case(id="other", end="2031-02-28")
    merged = merge(MUNICH, newer)
    (work,) = merged["work"]
    assert (work["id"], work["end"]) == ("munich", "2031-02-28")


def test_works_are_kept_in_order_of_their_start():
    earlier = case(id="early", country="FR", start="2020-01-01", expected_end="2020-12-31")
    assert [work["id"] for work in merge(MUNICH, earlier)["work"]] == ["early", "munich"]


def test_a_case_that_cannot_be_used_does_not_stop_the_application():
    application = make_application()
    move(locked(application.id), "prepare", by=application.worker)
    Dossier.objects.update(case=case(country="XX"))
    again = make_application(application.worker, person=application.person)
    move(locked(again.id), "prepare", by=application.worker)
    assert Dossier.objects.get().case["work"][0]["country"] == "XX"


def test_a_certificate_that_comes_back_proves_the_work_at_once():
    application = make_application(partner="DE")
    taken = locked(application.id)
    move(taken, "prepare", by=application.worker)
    Foreign.objects.create(
        application=application,
        person=application.person,
        issuer="US",
        first_day=date(2027, 3, 1),
        last_day=date(2029, 2, 28),
        fits=False,
        misfits=[{"code": "ends_early", "words": ""}],
        kept_by=application.worker,
        kept_at="2027-03-01T00:00:00Z",
    )
    move(taken, "keep", by=application.worker)
    assert Dossier.objects.get().spells.get().proven_until == date(2029, 2, 28)


@pytest.mark.parametrize("code", ["person", "issuer"])
def test_somebody_elses_certificate_proves_nothing(code):
    dossier = followed()
    Foreign.objects.update(fits=False, misfits=[{"code": code, "words": ""}])
    Dossier.objects.update(law="another")
    decide_again()
    assert dossier.spells.get().proven_until is None


def test_dossiers_are_decided_anew_only_when_the_law_is_another():
    dossier = followed()
    assert decide_again() == 0
    Dossier.objects.update(law="an older state")
    dossier.spells.update(covered_by="DE")
    assert decide_again() == 1
    dossier.refresh_from_db()
    assert dossier.law == api.law().version
    assert dossier.spells.get().covered_by == "US"
    assert decide_again() == 0


def test_who_follows_a_person_may_apply_for_them():
    manager = make_user()
    organisation = make_organisation(manager)
    person = make_person()
    open_dossier(by=manager, person=person, case=MUNICH, organisation=organisation, key="1")
    made = start(by=manager, case=MUNICH, work="munich", employer=organisation, person=person)
    assert made.person == person


def test_a_stranger_may_not_apply_for_them():
    dossier = followed()
    with pytest.raises(Exception, match="not yours to apply for"):
        start(by=make_user(), case=MUNICH, work="munich", person=dossier.person)


def test_of_a_person_who_is_erased_nothing_is_left_in_clear_and_no_link_opens():
    named = deepcopy(MUNICH)
    named["worker"]["birth_date"] = "1985-04-02"
    named["work"][0]["employer"]["name"] = "Example Corp"
    dossier = followed(named)
    share, token = shares.make(
        dossier, Foreign.objects.get(), for_whom="Bo", role="client", days=7, by=dossier.worker
    )
    Dossier.objects.update(note="call Ada", yearly_pay=1)
    erase(dossier.person, by=None)
    dossier.refresh_from_db()
    share.refresh_from_db()
    assert "birth_date" not in dossier.case["worker"]
    assert "name" not in dossier.case["work"][0]["employer"]
    assert (dossier.note, dossier.yearly_pay, share.for_whom) == ("", None, "(erased)")
    with pytest.raises(Http404):
        shares.open_link(token, "page", timezone.now())
