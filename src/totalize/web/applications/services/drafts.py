"""Starting an application and filling it in."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from totalize.certificates.details import known_keys
from totalize.coverage.changes import change_case
from totalize.coverage.interview import EARLIER
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import Role, may, require, roles_in, roles_towards
from totalize.web.accounts.models import Organisation, User
from totalize.web.applications.facts import (
    keep_secrets,
    secrets_of,
)
from totalize.web.applications.hooks import acquaintances
from totalize.web.applications.interview import GIVEN, with_earlier_stays
from totalize.web.applications.models import Application, Statement, Step
from totalize.web.applications.readiness import Readiness, assess, statements_for
from totalize.web.applications.services.moves import locked
from totalize.web.applications.services.taking import take_case, take_details
from totalize.web.applications.states import Kind, State
from totalize.web.audit.services import record
from totalize.web.people.models import Person

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
        worker = worker or follows.worker
        if employer is None and _acts_for(by, follows.employer):
            # An employer for whom nobody speaks here has to confirm the new facts first.
            employer = follows.employer
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
        unconfirmed=_still_unconfirmed(follows, person, employer),
    )
    if follows is not None and follows.sealed_details is not None and person == follows.person:
        keep_secrets(application, secrets_of(follows))
    take_case(application, document)
    take_details(application, dict(details or {}), by)
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


def untouched(
    *, by: User, kind: str, employer: Organisation | None = None, worker: User | None = None
) -> Application | None:
    """Return a draft that `by` began with nothing and for the same sides, and left empty.

    Whoever goes back and starts again is led to it, so that no second empty one comes to stand in
    the list.

    Args:
        by: who starts.
        kind: what is asked for.
        employer: on whose behalf, as for `start`.
        worker: for whom, as for `start`.
    """
    begun = Application.objects.filter(
        started_by=by,
        state=State.DRAFT,
        kind=kind,
        employer=employer,
        worker=by if worker is None and employer is None else worker,
        version=0,
        answered=[],
        follows=None,
        uploads=None,
        confirmations=None,
    )
    return begun.order_by("-created_at").first()


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
        take_case(taken, dict(changes["case"]))
    if changes.get("facts"):
        changed, _ = change_case(taken.case, changes["facts"])
        take_case(taken, changed)
    if "earlier" in changes:
        take_case(taken, with_earlier_stays(taken, changes["earlier"]))
        taken.answered = [*dict.fromkeys([*taken.answered, EARLIER])]
    take_details(taken, dict(changes.get("details") or {}), by)
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


def _acts_for(by: User, employer: Organisation | None) -> bool:
    return employer is not None and bool(roles_in(by, employer.id, manage=True))


def _must_act_for(
    by: User, employer: Organisation | None, worker: User | None, follows: Application | None
) -> None:
    if employer is not None and not _acts_for(by, employer):
        raise InputError("employer", "is not yours to act for", code="not_yours")
    known = by if follows is None else follows.worker
    if worker is not None and worker not in (by, known):
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


def _still_unconfirmed(
    follows: Application | None, person: Person, employer: Organisation | None
) -> list[str]:
    if follows is None or (follows.person, follows.employer) != (person, employer):
        return []
    return list(follows.unconfirmed)


def _own_person(user: User) -> Person:
    kept = user.people.order_by("created_at", "id").first()
    return kept or Person.objects.create(account=user, full_name=user.full_name)


def _names(changes: Mapping[str, Any]) -> set[str]:
    names = {name for name in ("case", "work") if name in changes}
    names |= {"earlier"} & set(changes)
    names |= set(changes.get("facts") or {})
    return names | {f"details.{key}" for key in changes.get("details") or {}}
