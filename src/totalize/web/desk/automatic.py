"""Plain cases decided by themselves, where the authority turned that on, and the sample of them.

A case that raises any doubt is left to people.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require
from totalize.web.accounts.models import User
from totalize.web.applications.models import Application, Decision
from totalize.web.applications.services import ConflictError
from totalize.web.applications.states import Kind, State
from totalize.web.audit.services import record
from totalize.web.certificates import services as certificates
from totalize.web.certificates.models import Issued
from totalize.web.certificates.office import office
from totalize.web.desk.doubts import doubts

_DRAW = secrets.SystemRandom()


def decide_automatically(application_id: UUID) -> Issued | None:
    """Issue a plain case by itself, where the office turned that on; None leaves it to people.

    A random share of them is drawn to be looked at afterwards.
    """
    found = office()
    if found is None or not found.automatic or found.problems():
        return None
    application = Application.objects.select_related("person", "started_by", "worker").get(
        id=application_id
    )
    if not is_plain(application) or application.state != State.SUBMITTED:
        return None
    doubt = doubts(application)
    if doubt:
        _leave_to_people(application, doubt[0].code)
        return None
    drawn = _DRAW.random() < found.sample
    try:
        return certificates.issue_for(
            application, None, step="issue_automatically", in_sample=drawn
        )
    except ConflictError:
        return None
    except InputError as error:
        # A time service that is silent for a while is no reason to call people.
        if error.code != "no_time_stamp":
            _leave_to_people(application, error.code)
        return None


@transaction.atomic
def review(decision_id: int | None, by: User) -> Decision:
    """Note that a decision that was drawn has been looked at.

    Raises:
        InputError: it was not drawn, or is none.
        ConflictError: somebody else has looked at it.
    """
    require(by, "desk.decide")
    rows = Decision.objects.select_for_update().filter(in_sample=True)
    decision = None if decision_id is None else rows.filter(id=decision_id).first()
    if decision is None:
        raise InputError("decision", "was not drawn to be looked at", code="unknown")
    if decision.reviewed_at is not None:
        raise ConflictError("somebody else has looked at this decision")
    decision.reviewed_by, decision.reviewed_at = by, timezone.now()
    decision.save(update_fields=["reviewed_by", "reviewed_at"])
    return decision


def queue_decision(application: Application) -> None:
    """Let a plain case be decided by itself once it stands in the database."""
    found = office()
    if found is not None and found.automatic and is_plain(application):
        identifier = str(application.id)
        transaction.on_commit(lambda: decide.enqueue(identifier))


@task()
def decide(application_id: str) -> None:
    """Decide one case by itself."""
    decide_automatically(UUID(application_id))


def decide_waiting(most: int = 100) -> int:
    """Decide the plain cases that still wait, when a task was lost; return how many were issued.

    A case that can't be issued as it is goes to people, and is not tried again.
    """
    found = office()
    if found is None or not found.automatic or found.problems():
        return 0
    waiting = Application.objects.filter(
        state=State.SUBMITTED, plain=True, kind=Kind.CERTIFICATE
    ).order_by("submitted_at", "id")
    identifiers = list(waiting.values_list("id", flat=True)[:most])
    return sum(decide_automatically(identifier) is not None for identifier in identifiers)


def is_plain(application: Application) -> bool:
    """Tell whether one look decides a case: determined, complete, no warning, nothing special."""
    return application.plain and application.kind == Kind.CERTIFICATE


@transaction.atomic
def _leave_to_people(application: Application, code: str) -> None:
    """Mark a case as one that people must look at."""
    Application.objects.filter(id=application.id, version=application.version).update(plain=False)
    record(
        "application.left_to_people",
        actor=None,
        subject=f"application:{application.id}",
        facts={"code": code},
    )
