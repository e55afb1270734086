"""Sealed numbers: a new master key, forgetting a person, who read what and why."""

from __future__ import annotations

import pytest
from django.db import connection
from factories import make_person, make_user

from totalize.kernel.errors import InputError
from totalize.web.audit.models import Entry
from totalize.web.people import services, vault
from totalize.web.people.models import DataKey, PersonalNumber
from totalize.web.sealing import seal_secret, unseal_secret

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installation")]
NUMBER = "078-05-1120"


def test_a_new_master_key_opens_what_the_old_one_sealed_and_the_old_one_is_gone(installation):
    ada, bob = make_person(), make_person()
    services.keep_number(ada, "US", NUMBER)
    services.keep_number(bob, "DE", "12 010150 A 001")
    old = installation.kept("master")
    before = [bytes(kept.wrapped) for kept in DataKey.objects.all()]
    assert vault.rewrap() == 2
    assert vault.rewrap() == 2
    assert installation.kept("master") is None
    assert installation.kept("master-1") is None
    assert installation.kept("master-2") not in (None, old)
    assert services.number_for_document(ada, "US") == NUMBER
    assert services.number_for_document(bob, "DE") == "12 010150 A 001"
    assert services.known_people("US", NUMBER) == [ada]
    assert not {bytes(kept.wrapped) for kept in DataKey.objects.all()} & set(before)
    carl = make_person()
    services.keep_number(carl, "US", "219-09-9999")
    assert services.number_for_document(carl, "US") == "219-09-9999"


def test_a_rewrap_that_is_stopped_in_the_middle_leaves_everything_as_it_was(
    installation, monkeypatch
):
    people = [make_person() for _ in range(3)]
    for person in people:
        services.keep_number(person, "US", NUMBER)

    def stopped(*_args, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(DataKey.objects), "bulk_update", stopped)
        with pytest.raises(KeyboardInterrupt):
            vault.rewrap()
    assert [services.number_for_document(person, "US") for person in people] == [NUMBER] * 3
    assert vault.rewrap() == 3
    assert [services.number_for_document(person, "US") for person in people] == [NUMBER] * 3


def test_what_was_left_of_an_old_master_key_goes_with_the_next_one(installation):
    services.keep_number(make_person(), "US", NUMBER)
    vault.rewrap()
    installation.key("master")
    vault.rewrap()
    assert installation.kept("master") is None


def test_a_missing_master_key_is_said_and_none_is_made_in_its_place(installation):
    person = make_person()
    services.keep_number(person, "US", NUMBER)
    installation.drop_key("master")
    with pytest.raises(InputError, match="can't be opened"):
        services.number_for_document(person, "US")
    assert installation.kept("master") is None


def test_who_is_erased_leaves_nothing_that_can_be_read():
    person = make_person(full_name="Ada Example", account=make_user())
    services.keep_number(person, "US", NUMBER)
    upload = vault.seal(person, "upload:1", b"a document")
    told = []
    services.on_erasing.append(told.append)
    try:
        services.erase(person, by=None)
    finally:
        services.on_erasing.remove(told.append)
    person.refresh_from_db()
    assert told == [person]
    assert (person.full_name, person.birth_date, person.account) == (services.ERASED, None, None)
    assert not PersonalNumber.objects.exists()
    assert services.known_people("US", NUMBER) == []
    with pytest.raises(InputError, match="can't be opened"):
        vault.unseal(person, "upload:1", upload)
    # Sealing for them again makes another key: what was sealed before stays closed.
    vault.seal(person, "upload:2", b"x")
    with pytest.raises(InputError, match="can't be opened"):
        vault.unseal(person, "upload:1", upload)
    assert Entry.objects.get().act == "person.erased"


def test_why_a_number_was_read_is_kept_sealed_for_whoever_may_ask():
    person, officer = make_person(), make_user("caseworker")
    services.keep_number(person, "US", NUMBER)
    services.reveal(person, "US", by=officer, reason="compare with Ada's form")
    [(reading, reason)] = services.readings(person)
    assert (reading.by, reason) == (officer, "compare with Ada's form")
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM people_reading")
        assert b"Ada" not in bytes(cursor.fetchone()[0])


def test_a_secret_of_the_installation_opens_only_for_what_it_was_sealed():
    sealed = seal_secret("provider:1", "s3cret")
    assert "s3cret" not in sealed
    assert unseal_secret("provider:1", sealed) == "s3cret"
    for purpose, text in (("provider:2", sealed), ("provider:1", "zz"), ("provider:1", "00")):
        with pytest.raises(InputError, match="can't be opened"):
            unseal_secret(purpose, text)


@pytest.mark.parametrize("field", ["sealed", "wrapped"])
def test_a_sealed_value_that_was_changed_does_not_open(field):
    person = make_person()
    services.keep_number(person, "US", NUMBER)
    rows = PersonalNumber.objects if field == "sealed" else DataKey.objects
    raw = bytearray(rows.values_list(field, flat=True).get())
    raw[-1] ^= 1
    rows.update(**{field: bytes(raw)})
    with pytest.raises(InputError, match="can't be opened"):
        services.number_for_document(person, "US")
