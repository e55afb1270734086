"""The other side confirms by a link that ends."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from drafts import DETAILS
from factories import MUNICH, make_organisation, make_user

from totalize.kernel.errors import InputError
from totalize.web.applications.models import Confirmation
from totalize.web.applications.readiness import assess
from totalize.web.applications.services import (
    ask_confirmation,
    confirm,
    decline,
    fill,
    find_confirmation,
    start,
)


@pytest.fixture
def own(worker):
    """The Munich case as the worker starts it."""
    made = start(by=worker, case=deepcopy(MUNICH), work="munich")
    return fill(made, {"details": DETAILS}, worker)


def lacks_confirmation(application):
    return "confirmation.employer" in [item.field for item in assess(application).missing]


def test_the_employer_confirms_and_becomes_a_party(own, worker, boss, employer):
    assert lacks_confirmation(own)
    kept, token = ask_confirmation(own, "employer", boss.email, worker)
    assert token not in str(Confirmation.objects.values())
    confirmed = confirm(token, boss)
    assert confirmed.employer == employer
    kept.refresh_from_db()
    assert kept.confirmed_by == boss
    assert "First day: 1 March 2027" in kept.words
    assert kept.words.endswith("I confirm for the employer that these facts are true.")
    assert not lacks_confirmation(confirmed)
    with pytest.raises(InputError, match="ended or was used"):
        confirm(token, boss)


def test_the_message_holds_the_link_and_the_database_does_not(
    own, worker, boss, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        _, token = ask_confirmation(own, "employer", boss.email, worker)
    assert f"/applications/confirm/{token}/" in mail.outbox[-1].body
    assert not re.search(r"\d{3}-\d{2}-\d{4}", mail.outbox[-1].body)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM applications_confirmation")
        assert token not in str(cursor.fetchall())


def test_a_link_ends_after_a_fortnight_and_when_a_newer_one_is_sent(own, worker, boss, clock):
    _, first = ask_confirmation(own, "employer", boss.email, worker)
    _, second = ask_confirmation(own, "employer", boss.email, worker)
    with pytest.raises(InputError):
        find_confirmation(first)
    clock.shift(timedelta(days=13))
    assert find_confirmation(second).party == "employer"
    clock.shift(timedelta(days=1))
    with pytest.raises(InputError):
        find_confirmation(second)


def test_whoever_asked_is_told_when_it_is_declined(
    own, worker, boss, django_capture_on_commit_callbacks
):
    _, token = ask_confirmation(own, "employer", boss.email, worker)
    with django_capture_on_commit_callbacks(execute=True):
        decline(token, boss, "She starts in April.")
    assert mail.outbox[-1].to == [worker.email]
    assert Confirmation.objects.get().words == "She starts in April."
    assert lacks_confirmation(own)


def test_changed_facts_have_to_be_confirmed_again(own, worker, boss, employer):
    _, token = ask_confirmation(own, "employer", boss.email, worker)
    confirmed = confirm(token, boss)
    changed = fill(confirmed, {"facts": {"work[0].expected_end": "2030-01-31"}}, worker)
    assert lacks_confirmation(changed)


def test_the_worker_cannot_be_the_employer_too(own, worker):
    make_organisation(worker)
    _, token = ask_confirmation(own, "employer", "boss@example.org", worker)
    with pytest.raises(InputError, match="by the worker"):
        confirm(token, worker)
    with pytest.raises(InputError, match="your own"):
        ask_confirmation(own, "employer", worker.email.upper(), worker)


@pytest.mark.parametrize("address", ["nonsense", "a@b", f"{'x' * 60}@{'y.' * 120}example.org"])
def test_an_address_that_cannot_be_written_to_is_refused(own, worker, address):
    with pytest.raises(InputError, match="no e-mail address"):
        ask_confirmation(own, "employer", address, worker)
    assert not Confirmation.objects.exists()


def test_somebody_of_no_employer_names_theirs_and_nobody_takes_anothers(own, worker, employer):
    newcomer = make_user()
    _, token = ask_confirmation(own, "employer", newcomer.email, worker)
    with pytest.raises(InputError, match="must be named"):
        confirm(token, newcomer)
    with pytest.raises(InputError, match="not yours"):
        confirm(token, newcomer, employer=employer)
    confirmed = confirm(token, newcomer, new_employer="Example Corp")
    assert confirmed.employer.name == "Example Corp"
    assert confirmed.employer != employer


def test_the_worker_confirms_what_the_employer_started(draft, boss, worker):
    _, token = ask_confirmation(draft, "worker", worker.email, boss)
    confirmed = confirm(token, worker)
    assert confirmed.worker == worker
    assert confirmed.person.account == worker
    _, again = ask_confirmation(confirmed, "worker", "eve@example.org", boss)
    with pytest.raises(InputError, match="somebody else"):
        confirm(again, make_user())
