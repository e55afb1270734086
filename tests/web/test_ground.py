"""What every app stands on: sealing, the log, the moves of an application, who may do what."""

from __future__ import annotations

import pytest
from factories import make_application, make_organisation, make_person, make_user

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import Role, roles_towards
from totalize.web.applications.services import ConflictError, locked, move
from totalize.web.audit.models import Entry
from totalize.web.people.models import PersonalNumber
from totalize.web.people.services import keep_number, known_people, masked, reveal
from totalize.web.people.vault import seal, unseal

pytestmark = pytest.mark.django_db
NUMBER = "078-05-1120"


def test_a_number_is_kept_sealed_found_by_its_owner_and_shown_masked():
    person = make_person()
    keep_number(person, "US", NUMBER)
    kept = PersonalNumber.objects.get()
    assert b"1120" not in bytes(kept.sealed)
    assert known_people("US", "078051120") == [person]
    assert masked(person, "US") == "•••20"


def test_showing_a_number_needs_a_reason_and_leaves_an_entry():
    person, officer = make_person(), make_user("caseworker")
    keep_number(person, "US", NUMBER)
    with pytest.raises(InputError, match="reason"):
        reveal(person, "US", by=officer, reason="")
    assert reveal(person, "US", by=officer, reason="compare with the form") == NUMBER
    entry = Entry.objects.get(act="number.revealed")
    assert NUMBER not in entry.leaf


def test_a_sealed_value_cannot_be_moved_to_another_person():
    ada, bob = make_person(), make_person()
    sealed = seal(ada, "number:US", b"secret")
    seal(bob, "number:US", b"other")
    with pytest.raises(InputError, match="opened"):
        unseal(bob, "number:US", sealed)


def test_a_move_out_of_another_state_is_refused_and_one_that_is_allowed_leaves_its_trace(
    django_user_model,
):
    worker = make_user()
    application = make_application(worker)
    with pytest.raises(InputError, match="does not allow"):
        move(locked(application.id), "issue", by=make_user("caseworker"))
    move(locked(application.id), "submit", by=worker)
    assert application.steps.get().state == "submitted"
    assert Entry.objects.get(act="application.submit").subject == f"application:{application.id}"


def test_who_looked_at_an_older_version_is_told():
    application = make_application()
    seen = application.version
    move(locked(application.id), "submit", by=application.worker)
    with pytest.raises(ConflictError):
        locked(application.id, seen)


def test_what_somebody_is_follows_from_the_records():
    worker, manager, stranger = make_user(), make_user(), make_user()
    application = make_application(worker, employer=make_organisation(manager))
    assert Role.WORKER in roles_towards(worker, application)
    assert Role.EMPLOYER in roles_towards(manager, application)
    assert roles_towards(stranger, application) == {Role.ANYONE, Role.ACCOUNT}
