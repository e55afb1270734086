"""Starting an application and filling it in."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from totalize.certificates.details import known_keys, read_details, read_text
from totalize.coverage.changes import change_case
from totalize.coverage.door import read_case
from totalize.coverage.interview import EARLIER
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import Role, may, require, roles_in, roles_towards
from totalize.web.accounts.models import Organisation, User
from totalize.web.applications.facts import (
    NUMBERS,
    SECRETS,
    decide,
    keep_secrets,
    number_country,
    partner_of,
    position_of,
    secrets_of,
)
from totalize.web.applications.hooks import acquaintances
from totalize.web.applications.interview import GIVEN, with_earlier_stays
from totalize.web.applications.models import Application, Statement, Step
from totalize.web.applications.readiness import Readiness, assess, statements_for
from totalize.web.applications.services.moves import locked
from totalize.web.applications.states import Kind, State
from totalize.web.audit.services import record
from totalize.web.people.models import Person
from totalize.web.people.services import keep_number, number_for_document

CHANGES = frozenset({"case", "work", "facts", "earlier", "details"})
BLANK = {"contract": 1, "worker": {}, "work": [{"id": "work"}]}


@transaction.atomic
def start(
    *,
    by: User,
    case: Mapping[str, Any] | None = None,
    work: str = "work",
    kind: str = Kind.CERTIFICATE,
    employer: Organisation | None = None,
    worker: User | None = None,
    person: Person | None = None,
    follows: Application | None = None,
    details: Mapping[str, Any] | None = None,
) -> Application:
    """Make a draft.

    Whoever starts it on nobody's behalf is its worker.

    Args:
        by: who starts it.
        case: section 1 of the contract; None begins with nothing.
        work: id of the work it is for; the only work of a case need not be named.
        kind: what is asked for.
        employer: on whose behalf `by` starts it.
        worker: for whom `by` starts it, holding a mandate.
        person: whose work it is, when it is somebody known to `by`.
        follows: an earlier application whose facts are taken over.
        details: what is known beyond the case.

    Raises:
        InputError: the case can't be used, or something in it is not `by`'s to use.
    """
    document = copy.deepcopy(dict(case)) if case is not None else copy.deepcopy(BLANK)
    taken: dict[str, Any] = {}
    answered = [GIVEN] if case is not None else []
    if follows is not None:
        require(by, "application.fill", follows)
        if case is None:
            document, work = copy.deepcopy(follows.case), follows.work
            answered = list(follows.answered)
        taken = copy.deepcopy(follows.details)
        person = person or follows.person
        employer, worker = employer or follows.employer, worker or follows.worker
    elif worker is None and employer is None:
        worker = by
    _must_act_for(by, employer, worker, follows)
    if person is not None and (follows is None or person != follows.person):
        _must_know(by, person)
    if person is None:
        person = Person.objects.create() if worker is None else _own_person(worker)
    application = Application.objects.create(
        kind=Kind(kind),
        person=person,
        worker=worker,
        employer=employer,
        started_by=by,
        work=work,
        details=taken,
        answered=answered,
        follows=follows,
    )
    if follows is not None and follows.sealed_details is not None and person == follows.person:
        keep_secrets(application, secrets_of(follows))
    _take_case(application, document)
    _take_details(application, dict(details or {}), by)
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
            work), `facts` (values of the case by path, `work[0].start`; UNSET leaves one out),
            `earlier` (first and last days of earlier stays) and `details` (values by key; None
            takes one away). Personal numbers are sealed at once.
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
        _take_case(taken, changed)
    if "earlier" in changes:
        _take_case(taken, with_earlier_stays(taken, changes["earlier"]))
        taken.answered = [*dict.fromkeys([*taken.answered, EARLIER])]
    _take_details(taken, dict(changes.get("details") or {}), by)
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
def change_kind(application: Application, kind: str, by: User) -> Application:
    """Ask for something else with the same facts: an exception instead of a certificate.

    Raises:
        InputError: the application was sent.
    """
    taken = locked(application.id)
    require(by, "application.fill", taken)
    if State(taken.state) is not State.DRAFT:
        raise InputError("state", "was sent", value=taken.state, code="illegal_move")
    if taken.follows_id is not None and kind == Kind.EXCEPTION:
        kind = Kind.EXTENSION
    taken.kind = Kind(kind)
    taken.version += 1
    taken.save()
    record(
        "application.kind_changed",
        actor=by,
        subject=f"application:{taken.id}",
        facts={"kind": taken.kind},
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
            _state(taken, code)
            record(
                "application.stated",
                actor=by,
                subject=f"application:{taken.id}",
                facts={"code": code},
            )
    return taken


def _state(application: Application, code: str) -> None:
    """Take a statement that the agreement asks for as the answer it is."""
    if code in known_keys() and application.details.get(code) is not True:
        application.details[code] = True
        application.save()


def readiness(application: Application) -> Readiness:
    """Say what an application still needs."""
    return assess(application)


def _must_act_for(
    by: User, employer: Organisation | None, worker: User | None, follows: Application | None
) -> None:
    if employer is not None and not roles_in(by, employer.id, manage=True):
        raise InputError("employer", "is not yours to act for", code="not_yours")
    if employer is None and worker is not None and worker != by and follows is None:
        roles = roles_towards(by, Application(worker=worker), manage=True)
        if Role.AGENT not in roles:
            raise InputError("worker", "is not yours to act for", code="not_yours")


def _must_know(by: User, person: Person) -> None:
    """Refuse a person that `by` knows from nowhere and is not."""
    known = (
        person.account_id == by.id
        or any(
            may(roles_towards(by, item, manage=True), "application.fill")
            for item in person.applications.all()
        )
        or any(knows(by, person) for knows in acquaintances)
    )
    if not known:
        raise InputError("person", "is not yours to apply for", code="not_yours")


def _own_person(user: User) -> Person:
    kept = user.people.order_by("created_at").first()
    return kept or Person.objects.create(account=user, full_name=user.full_name)


def _take_case(application: Application, document: dict[str, Any]) -> None:
    """Put a case in place, its names moved to the details.

    A draft may lack facts that every case needs; what is there must be right.
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
            person.birth_date = parse_date(born, "worker.birth_date")
        person.citizenships = document["worker"].get("citizenships", [])
        person.save()


def _take_details(application: Application, changes: dict[str, Any], by: User) -> None:
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


def _take_of_person(application: Application, key: str, value: Any, by: User) -> None:
    person = _person(application)
    before = getattr(person, key)
    if key == "birth_date":
        after = None if value is None else parse_date(value, f"details.{key}")
    else:
        after = "" if value is None else read_text(value, f"details.{key}")
    if before == after:
        return
    if before:
        _must_be_own(person, f"details.{key}", by)
    setattr(person, key, after)
    person.save(update_fields=[key])


def _must_be_own(person: Person, path: str, by: User) -> None:
    """Let nobody but the worker, or who acts for the worker, change what is kept with a person.

    The person's other applications say the same.
    """
    if person.account_id in (None, by.id):
        return
    if Role.AGENT not in roles_towards(by, Application(worker_id=person.account_id), manage=True):
        raise InputError(path, "is the worker's own to change", code="not_yours")


def _person(application: Application) -> Person:
    if application.person is None:
        raise InputError("person", "is not known", code="missing")
    return application.person


def _take_number(application: Application, key: str, value: Any, by: User) -> None:
    country = number_country(key, application)
    person = _person(application)
    path = f"details.{key}"
    if not country:
        raise InputError(
            path, "is asked for once the country of the work is known", code="too_early"
        )
    number = None if value is None else read_details({key: value}).text(key)
    before = number_for_document(person, country)
    if before == number:
        return
    if before is not None:
        _must_be_own(person, path, by)
    if number is None:
        person.numbers.filter(country=country).delete()
    else:
        keep_number(person, country, number)


def _names(changes: Mapping[str, Any]) -> set[str]:
    names = {name for name in ("case", "work") if name in changes}
    names |= {"earlier"} & set(changes)
    names |= set(changes.get("facts") or {})
    return names | {f"details.{key}" for key in changes.get("details") or {}}
