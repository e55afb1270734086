"""Taking facts into a draft: the case through its door, details by key, secrets into the vault."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import msgspec
from django.conf import settings
from django.utils import timezone

from totalize.certificates.details import read_details, read_text
from totalize.certificates.social_security_number import is_example
from totalize.coverage.door import read_case
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import Role, roles_towards
from totalize.web.accounts.models import User
from totalize.web.applications.facts import (
    NUMBERS,
    SECRETS,
    SSN,
    decide,
    keep_secrets,
    number_country,
    partner_of,
    person_of,
    position_of,
    secrets_of,
)
from totalize.web.applications.interview import GIVEN
from totalize.web.applications.models import Application
from totalize.web.audit.services import record
from totalize.web.people.models import LONGEST_NAME, Person
from totalize.web.people.services import keep_number, number_for_document


def take_case(application: Application, document: dict[str, Any]) -> None:
    """Put a case in place, its names moved to the details.

    A draft may lack facts that every case needs; what is there must be right. The application
    is saved by the caller.

    Raises:
        InputError: a fact can't be, or one is missing where a whole case was handed in.
    """
    # Days may come as dates.
    document = msgspec.to_builtins(document)
    document.setdefault("contract", 1)
    document.setdefault("worker", {})
    document.setdefault("work", [{}])
    try:
        read_case(document)
        complete = True
    except InputError as error:
        lacks = error.code == "missing_field" or (
            error.path == "worker.citizenships" and not document["worker"].get("citizenships")
        )
        if not lacks or GIVEN in application.answered:
            raise
        complete = False
    application.case = document
    if not complete:
        return
    case = read_case(document)
    names = [case.work_id(position) for position in range(len(case.work))]
    if application.work not in names and len(names) == 1:
        application.work = names[0]
    position_of(case, application.work)
    _move_names(application, document, names)
    determination = decide(application, timezone.localdate())
    application.partner = partner_of(determination, application.work)
    work = case.work[names.index(application.work)]
    application.first_day = work.start
    end = work.end if isinstance(work.end, date) else work.expected_end
    application.last_day = end if isinstance(end, date) else None


def _move_names(application: Application, document: dict[str, Any], names: list[str]) -> None:
    person = application.person
    for name, work in zip(names, document["work"], strict=True):
        employer = work.get("employer")
        called = employer.pop("name", None) if isinstance(employer, dict) else None
        if called and name == application.work and work.get("activity") == "employment":
            application.details.setdefault("employer_home", {"name": called})
    born = document["worker"].pop("birth_date", None)
    if person is not None:
        if born is not None:
            person.birth_date = _birth_date(born, "worker.birth_date")
        person.citizenships = document["worker"].get("citizenships", [])
        person.save()


def take_details(application: Application, changes: dict[str, Any], by: User) -> None:
    """Put details in place by key; None takes one away. The application is saved by the caller.

    Raises:
        InputError: a value can't be what its key asks, or isn't `by`'s to change.
    """
    if not changes:
        return
    changes = msgspec.to_builtins(changes)
    read_details({key: value for key, value in changes.items() if value is not None})
    secrets = secrets_of(application)
    for key, value in changes.items():
        if key in NUMBERS:
            _take_number(application, key, value, by)
        elif key in SECRETS:
            secrets.pop(key, None)
            if value is not None:
                secrets[key] = value
        elif key in ("full_name", "birth_date"):
            _take_of_person(application, key, value, by)
        elif value is None:
            application.details.pop(key, None)
        else:
            application.details[key] = value
    if any(key in SECRETS for key in changes):
        keep_secrets(application, secrets)


def _take_of_person(application: Application, key: str, value: object, by: User) -> None:
    person, path = person_of(application), f"details.{key}"
    before: date | str | None
    after: date | str | None
    _if_own_confirm(application, key, by)
    if key == "birth_date":
        before, after = person.birth_date, None if value is None else _birth_date(value, path)
    else:
        before, after = person.full_name, "" if value is None else _name(value, path)
    if before == after:
        return
    _must_be_open_to(by, application, key, given=bool(before))
    setattr(person, key, after)
    person.save(update_fields=[key])


def _birth_date(value: object, path: str) -> date:
    born = parse_date(value, path)
    if born > timezone.localdate():
        raise InputError(path, "is still to come", value=value, expected="a day that is past")
    return born


def _name(value: object, path: str) -> str:
    text = read_text(value, path)
    if len(text) > LONGEST_NAME:
        raise InputError(path, "is too long", expected=f"{LONGEST_NAME} characters at most")
    return text


def _must_be_open_to(by: User, application: Application, key: str, *, given: bool) -> None:
    """Let the employer's side give what is missing about a worker, and correct what it gave.

    What the worker gave or has confirmed is the worker's own, for the person's other applications
    say the same. Corrections are written into the log.
    """
    person = person_of(application)
    if is_own(person, by):
        return
    if not given:
        application.unconfirmed = sorted({*application.unconfirmed, key})
        return
    if key not in application.unconfirmed:
        raise InputError(f"details.{key}", "is the worker's own to change", code="not_yours")
    record(
        "application.corrected",
        actor=by,
        subject=f"application:{application.id}",
        facts={"fields": [key]},
    )


def is_own(person: Person, by: User) -> bool:
    """Tell whether somebody is the worker or acts for the worker; for who is nobody's, all do."""
    if person.account_id in (None, by.id):
        return True
    return Role.AGENT in roles_towards(by, Application(worker_id=person.account_id), manage=True)


def confirm_person(application: Application, keys: Collection[str] | None = None) -> None:
    """Keep that a worker stands by what is known about their person: nobody else corrects it.

    Args:
        application: the one in which it was looked at; it is saved by the caller.
        keys: what was looked at; None is all of it.
    """
    others = Application.objects.filter(person=application.person).exclude(id=application.id)
    for other_id, unconfirmed in others.values_list("id", "unconfirmed"):
        left = _without(unconfirmed, keys)
        if left != unconfirmed:
            others.filter(id=other_id).update(unconfirmed=left)
    application.unconfirmed = _without(application.unconfirmed, keys)


def _without(unconfirmed: list[str], keys: Collection[str] | None) -> list[str]:
    return [] if keys is None else [key for key in unconfirmed if key not in keys]


def _if_own_confirm(application: Application, key: str, by: User) -> None:
    person = person_of(application)
    if person.account_id is not None and is_own(person, by):
        confirm_person(application, [key])


def _must_not_be_example(number: str, path: str) -> None:
    """Let only made-up people have the numbers that are made for them."""
    if is_example(number) and not settings.INSTALLATION.demonstration:
        raise InputError(
            path,
            "is a number made for examples",
            expected="the worker's own number, as on the Social Security card",
            code="example_number",
        )


def _take_number(application: Application, key: str, value: object, by: User) -> None:
    country = number_country(key, application)
    person = person_of(application)
    path = f"details.{key}"
    if not country:
        raise InputError(
            path, "is asked for once the country of the work is known", code="too_early"
        )
    number = None if value is None else read_details({key: value}).text(key)
    if key == SSN and number is not None:
        _must_not_be_example(number, path)
    before = number_for_document(person, country)
    _if_own_confirm(application, key, by)
    if before == number:
        return
    _must_be_open_to(by, application, key, given=before is not None)
    if number is None:
        person.numbers.filter(country=country).delete()
    else:
        keep_number(person, country, number)
