"""Starting an application and filling it in."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from totalize.certificates.details import read_details
from totalize.coverage.changes import change_case
from totalize.coverage.door import read_case
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require, roles_in
from totalize.web.accounts.models import Organisation, User
from totalize.web.applications.facts import (
    NUMBERS,
    SECRETS,
    decide,
    keep_secrets,
    number_country,
    partner_of,
    secrets_of,
)
from totalize.web.applications.models import Application, Statement, Step
from totalize.web.applications.readiness import Readiness, assess, statements_for
from totalize.web.applications.services.moves import locked
from totalize.web.applications.states import Kind, State
from totalize.web.audit.services import record
from totalize.web.people.models import Person
from totalize.web.people.services import keep_number

CHANGES = frozenset({"case", "work", "facts", "details"})
BLANK = {"contract": 1, "worker": {}, "work": [{}]}


@transaction.atomic
def start(
    *,
    by: User,
    case: Mapping[str, Any] | None = None,
    work: str = "w1",
    kind: str = Kind.CERTIFICATE,
    employer: Organisation | None = None,
    person: Person | None = None,
    follows: Application | None = None,
    details: Mapping[str, Any] | None = None,
) -> Application:
    """Make a draft.

    Whoever starts it without an employer is its worker.

    Args:
        by: who starts it.
        case: section 1 of the contract; None begins with nothing.
        work: id of the work it is for.
        kind: what is asked for.
        employer: on whose behalf `by` starts it.
        person: whose work it is, when it is somebody known to `by`.
        follows: an earlier application whose facts are taken over.
        details: what is known beyond the case.

    Raises:
        InputError: the case can't be used, or something in it is not `by`'s to use.
    """
    document = copy.deepcopy(dict(case)) if case is not None else copy.deepcopy(BLANK)
    taken: dict[str, Any] = {}
    if follows is not None:
        require(by, "application.read", follows)
        if case is None:
            document, work = copy.deepcopy(follows.case), follows.work
        taken = copy.deepcopy(follows.details)
        person, employer = person or follows.person, employer or follows.employer
    if employer is not None and not roles_in(by, employer.id, manage=True):
        raise InputError("employer", "is not yours to act for", code="not_yours")
    for_other = employer is not None
    worker = follows.worker if follows is not None else (None if for_other else by)
    if person is not None and follows is None and person.account_id not in (by.id, None):
        raise InputError("person", "is not yours to apply for", code="not_yours")
    if person is None:
        person = _own_person(by) if worker == by else Person.objects.create(full_name="")
    application = Application.objects.create(
        kind=Kind(kind),
        person=person,
        worker=worker,
        employer=employer,
        started_by=by,
        work=work,
        details=taken,
        follows=follows,
    )
    if follows is not None and follows.sealed_details is not None and person == follows.person:
        keep_secrets(application, secrets_of(follows))
    _take_case(application, document)
    _take_details(application, dict(details or {}))
    application.save()
    now = timezone.now()
    Step.objects.create(
        application=application, move="start", state=State.DRAFT, by=by, at=now, note=""
    )
    record(
        "application.started",
        actor=by,
        subject=f"application:{application.id}",
        facts={"kind": application.kind, **({"follows": str(follows.id)} if follows else {})},
    )
    return application


@transaction.atomic
def fill(
    application: Application,
    changes: Mapping[str, Any],
    by: User,
    version: int | None = None,
) -> Application:
    """Change facts of a draft, or of one that the office asks facts of.

    Args:
        application: which.
        changes: any of `case` (a whole case in the place of the one before), `work` (id of the
            work), `facts` (values of the case by path, `work[0].start`; UNSET leaves one out) and
            `details` (values by key; None takes one away). Personal numbers are sealed at once.
        by: who changes them.
        version: the version that was looked at; None takes it as it is.

    Raises:
        InputError: a value can't be used, by path; then nothing is changed.
        ConflictError: it was changed since.
    """
    taken = locked(application.id, version)
    require(by, "application.fill", taken)
    if State(taken.state) not in (State.DRAFT, State.ASKED, State.PREPARED):
        raise InputError(
            "state", "does not allow changes of facts", value=taken.state, code="illegal_move"
        )
    unknown = sorted(set(changes) - CHANGES)
    if unknown:
        raise InputError(
            unknown[0],
            "can't be changed",
            expected=", ".join(sorted(CHANGES)),
            code="unknown_field",
        )
    if "work" in changes:
        taken.work = str(changes["work"])
    if "case" in changes:
        _take_case(taken, dict(changes["case"]))
    if changes.get("facts"):
        changed, _ = change_case(taken.case, changes["facts"])
        _take_case(taken, changed, strict="case" in changes or _is_complete(taken.case))
    _take_details(taken, dict(changes.get("details") or {}))
    taken.version += 1
    taken.save()
    record(
        "application.filled",
        actor=by,
        subject=f"application:{taken.id}",
        facts={"fields": sorted(_names(changes)), "version": taken.version},
    )
    return taken


@transaction.atomic
def tick(application: Application, codes: Iterable[str], by: User) -> Application:
    """Keep that somebody made statements, word for word.

    Raises:
        InputError: a statement isn't asked for here.
    """
    taken = locked(application.id)
    require(by, "application.fill", taken)
    found = assess(taken)
    if found.subject is None:
        raise InputError("statements", "are asked once the facts are there", code="too_early")
    asked = statements_for(taken, found.subject)
    for code in codes:
        if code not in asked:
            raise InputError(
                "statements",
                "has one that is not asked for",
                value=code,
                expected=", ".join(asked),
                code="unknown_statement",
            )
        _, made = Statement.objects.get_or_create(
            application=taken,
            code=code,
            defaults={"words": asked[code], "ticked_by": by, "ticked_at": timezone.now()},
        )
        if made:
            record(
                "application.stated",
                actor=by,
                subject=f"application:{taken.id}",
                facts={"code": code},
            )
    return taken


def readiness(application: Application) -> Readiness:
    """Say what an application still needs."""
    return assess(application)


def _own_person(user: User) -> Person:
    kept = user.people.order_by("created_at").first()
    return kept or Person.objects.create(account=user, full_name=user.full_name)


def _is_complete(case: Mapping[str, Any]) -> bool:
    try:
        read_case(case)
    except InputError:
        return False
    return True


def _take_case(
    application: Application, document: dict[str, Any], *, strict: bool | None = None
) -> None:
    """Put a case in place, its names moved to the details; a blank one may still be incomplete."""
    document.setdefault("contract", 1)
    document.setdefault("worker", {})
    document.setdefault("work", [{}])
    complete = _is_complete(document)
    if not complete and (strict if strict is not None else document != BLANK):
        read_case(document)
    application.case = document
    if not complete:
        return
    case = read_case(document)
    names = [case.work_id(position) for position in range(len(case.work))]
    if application.work not in names and len(names) == 1:
        application.work = names[0]
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
            person.birth_date = parse_date(born, "worker.birth_date")
        person.citizenships = document["worker"].get("citizenships", [])
        person.save()


def _take_details(application: Application, changes: dict[str, Any]) -> None:
    if not changes:
        return
    read_details({key: value for key, value in changes.items() if value is not None})
    person = application.person
    secrets = secrets_of(application)
    for key, value in changes.items():
        if key in NUMBERS:
            _take_number(application, key, value)
        elif key in SECRETS:
            secrets.pop(key, None)
            if value is not None:
                secrets[key] = value
        elif key == "full_name" and person is not None:
            person.full_name = value or ""
            person.save(update_fields=["full_name"])
        elif key == "birth_date" and person is not None:
            person.birth_date = None if value is None else parse_date(value, "details.birth_date")
            person.save(update_fields=["birth_date"])
        elif value is None:
            application.details.pop(key, None)
        else:
            application.details[key] = value
    if any(key in SECRETS for key in changes):
        keep_secrets(application, secrets)


def _take_number(application: Application, key: str, value: Any) -> None:
    country = number_country(key, application)
    if application.person is None or not country:
        raise InputError(
            f"details.{key}", "is asked for once the country of the work is known", code="too_early"
        )
    if value is None:
        application.person.numbers.filter(country=country).delete()
    else:
        keep_number(application.person, country, read_details({key: value}).text(key) or "")


def _names(changes: Mapping[str, Any]) -> set[str]:
    names = {name for name in ("case", "work") if name in changes}
    names |= set(changes.get("facts") or {})
    return names | {f"details.{key}" for key in changes.get("details") or {}}
