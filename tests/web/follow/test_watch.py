"""Who holds a certificate that ends is told at each stage, once, and told what to do next."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest
from django.core import mail
from factories import MUNICH, make_application, make_person, make_user

from totalize.web.certificates.models import Foreign
from totalize.web.follow.models import Reminder, Stage
from totalize.web.follow.services import open_dossier, tie_proofs
from totalize.web.follow.watch import next_step, remind, stage_on

pytestmark = pytest.mark.django_db
END = date(2028, 2, 29)


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2027, 2, 27), None),
        (date(2027, 2, 28), None),
        (date(2027, 3, 1), Stage.YEAR),
        (date(2027, 8, 29), Stage.HALF_YEAR),
        (date(2027, 11, 29), Stage.QUARTER),
        (date(2028, 1, 29), Stage.MONTH),
        (END, Stage.MONTH),
        (date(2028, 3, 1), Stage.PASSED),
        (date(2028, 5, 29), Stage.PASSED),
        (date(2028, 5, 30), None),
    ],
)
def test_each_day_has_its_stage(today, stage):
    assert stage_on(END, today) is stage


def held(last=END, case=None):
    """Open a worker's dossier and keep a certificate of the United States in it."""
    worker = make_user()
    person = make_person(account=worker)
    dossier = open_dossier(by=worker, person=person, case=case or MUNICH)
    Foreign.objects.create(
        application=make_application(worker, person=person),
        person=person,
        issuer="US",
        first_day=date(2027, 3, 1),
        last_day=last,
        fits=True,
        kept_by=worker,
        kept_at="2027-03-01T00:00:00Z",
    )
    tie_proofs(person.id)
    return dossier


def test_each_stage_is_said_once_however_often_the_clock_strikes():
    held()
    assert remind(date(2027, 3, 5)) == 1
    assert remind(date(2027, 3, 5)) == 0
    assert remind(date(2027, 9, 5)) == 1
    assert [message.subject for message in mail.outbox] == [
        "A certificate of coverage ends on 29 February 2028"
    ] * 2


def test_stages_that_were_slept_through_are_not_all_said_at_once():
    held()
    assert remind(date(2028, 2, 15)) == 1
    assert Reminder.objects.get().stage == Stage.MONTH


def test_nothing_is_said_while_another_certificate_goes_on_after_it():
    dossier = held()
    first = Foreign.objects.get()
    Foreign.objects.create(
        application=first.application,
        person=first.person,
        issuer="US",
        first_day=date(2028, 3, 1),
        last_day=date(2030, 2, 28),
        fits=True,
        kept_by=dossier.worker,
        kept_at="2027-03-01T00:00:00Z",
    )
    assert remind(date(2028, 2, 15)) == 0


def test_within_the_limit_a_longer_certificate_can_be_asked_for():
    step = next_step(held().spells.get(), END)
    assert (step.code, step.last_day) == ("extend_within", date(2032, 2, 29))


def test_at_the_limit_both_authorities_or_the_host_country_are_next():
    case = deepcopy(MUNICH)
    case["work"][0]["expected_end"] = "2032-02-29"
    spell = held(date(2032, 2, 29), case).spells.get()
    spell.last_day = None
    assert next_step(spell, date(2032, 2, 29)).code in {"ask_both", "host_country"}


def test_a_certificate_that_reaches_the_end_of_the_work_needs_nothing():
    spell = held(date(2030, 2, 28)).spells.get()
    assert next_step(spell, date(2030, 2, 28)).code == "done"


@pytest.mark.parametrize("rule", ["territorial", "self_employed_residence", "nationality"])
def test_under_a_rule_without_a_clock_the_same_office_is_asked_again(rule):
    spell = held().spells.get()
    spell.rule = rule
    assert next_step(spell, END).code == "goes_on"


def test_what_is_not_decided_gets_no_advice():
    spell = held().spells.get()
    spell.rule = ""
    assert next_step(spell, END) is None
