"""What an application knows, put together for the engine and for documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from totalize import api
from totalize.certificates.details import Details, read_details
from totalize.certificates.draft import Subject, choose
from totalize.certificates.exceptions import choose_exception, may_ask
from totalize.certificates.pack.facts import Asked, asked_of
from totalize.coverage.case import Case
from totalize.coverage.determination import Determination, WorkResult
from totalize.coverage.door import read_case
from totalize.kernel.countries import US
from totalize.kernel.errors import InputError
from totalize.web.applications.models import Application
from totalize.web.applications.states import Kind
from totalize.web.people.models import Person
from totalize.web.people.services import number_for_document
from totalize.web.people.vault import seal, unseal


def person_of(application: Application) -> Person:
    """Return whose work an application is about.

    Raises:
        InputError: it is not known yet.
    """
    if application.person is None:
        raise InputError("person", "is not known yet", code="missing")
    return application.person


SSN = "social_security_number"
FOREIGN_NUMBER = "foreign_insurance_number"
# Details that are kept with the person, one of each country.
NUMBERS = (SSN, FOREIGN_NUMBER)
# Details that are secrets, or hold some, and belong to the application.
SECRETS = ("national_identity_number", "tax_number", "family_members")


def read_application_case(application: Application) -> Case:
    """Return the case, checked.

    Raises:
        InputError: it isn't complete enough to be one yet.
    """
    return read_case(application.case)


def position_of(case: Case, work: str) -> int:
    """Return where the work stands in its case.

    Raises:
        InputError: it isn't there.
    """
    names = [case.work_id(position) for position in range(len(case.work))]
    if work not in names:
        raise InputError(
            "work", "is not in the case", value=work, expected=" or ".join(names), code="no_work"
        )
    return names.index(work)


def partner_of(determination: Determination, work: str) -> str:
    """Return the partner country that a determination reads the agreement of, or nothing."""
    for period in determination.for_work(work).periods:
        if period.agreement is not None:
            return period.agreement
        need = period.certificate
        if need is not None:
            return need.presented_in if need.issued_by == US else need.issued_by
    return ""


def number_country(key: str, application: Application) -> str:
    """Return the country whose number a detail is; nothing while the partner is not known."""
    return US if key == SSN else application.partner


def secrets_of(application: Application) -> dict[str, Any]:
    """Open the sealed details."""
    if application.sealed_details is None or application.person is None:
        return {}
    opened = unseal(application.person, _purpose(application), bytes(application.sealed_details))
    found: dict[str, Any] = json.loads(opened)
    return found


def keep_secrets(application: Application, secrets: Mapping[str, Any]) -> None:
    """Seal the secret details; the application is saved by the caller."""
    application.sealed_details = seal(
        person_of(application), _purpose(application), json.dumps(dict(secrets)).encode()
    )


def _purpose(application: Application) -> str:
    return f"details:{application.id}"


def known_numbers(application: Application) -> frozenset[str]:
    """Return which of the numbers are kept, without opening any."""
    if application.person is None:
        return frozenset()
    countries = set(application.person.numbers.values_list("country", flat=True))
    return frozenset(key for key in NUMBERS if number_country(key, application) in countries)


def details_of(application: Application, *, numbers: bool = False) -> Details:
    """Return the details that were given.

    Args:
        application: whose.
        numbers: open the personal numbers, for a document that must carry them.
    """
    plain = dict(application.details)
    person = application.person
    if person is not None:
        if person.full_name:
            plain["full_name"] = person.full_name
        if person.birth_date is not None:
            plain["birth_date"] = person.birth_date.isoformat()
        plain |= secrets_of(application)
        if numbers:
            for key in NUMBERS:
                country = number_country(key, application)
                plain[key] = number_for_document(person, country) if country else None
    return read_details(plain)


def subject_of(
    application: Application, determination: Determination, *, numbers: bool = False
) -> Subject:
    """Return what a document about this application is made from.

    Raises:
        InputError: the work has no certificate to ask for, and why.
    """
    case = read_application_case(application)
    details = details_of(application, numbers=numbers)
    if application.kind in (Kind.EXCEPTION, Kind.EXTENSION):
        try:
            return choose_exception(case, determination, application.work, details)
        except InputError as error:
            if error.code != "no_exception":
                raise
    return choose(case, determination, application.work, details)


def decide(application: Application, day: date) -> Determination:
    """Let the engine decide the case as of a day.

    Raises:
        InputError: the case isn't complete enough to be decided.
    """
    case = read_application_case(application)
    position_of(case, application.work)
    return api.check(case, day)


def result_of(determination: Determination, application: Application) -> WorkResult:
    """Return the answer for the work that is applied for."""
    return determination.for_work(application.work)


def asked_items(application: Application, subject: Subject) -> list[tuple[Asked, bool]]:
    """Return what the request must say, and whether it is there."""
    known = known_numbers(application)
    return [(item, not item.missing or item.key in known) for item in asked_of(subject)]


def exception_possible(application: Application, determination: Determination) -> bool:
    """Tell whether both authorities may agree to more than the rules give."""
    return any(may_ask(period) for period in result_of(determination, application).periods)
