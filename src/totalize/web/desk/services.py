"""The desk: taking a case, asking, deciding, and the second look where rights are lost.

Whoever decides names the version they looked at. Of two who decide at once one wins and the other
is told (`ConflictError`); nothing of the other's is kept, and nothing half.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from totalize.certificates.draft import Consent
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require
from totalize.web.accounts.models import User
from totalize.web.applications.models import Application, Decision, Question, Verdict
from totalize.web.applications.services import ConflictError, locked, move
from totalize.web.applications.states import Kind, State
from totalize.web.certificates import services as certificates
from totalize.web.certificates.models import Issued
from totalize.web.certificates.office import office
from totalize.web.desk.models import Consultation, OtherAnswer
from totalize.web.jobs.mail import mail

_DRAW = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Heard:
    """What the other authority answered.

    Attributes:
        answer: of `OtherAnswer`.
        words: what it wrote.
        answered_on: day of its answer.
        file_number: its own number.
        first_day: first day it agrees to.
        last_day: last day it agrees to.
    """

    answer: str
    words: str
    answered_on: date
    file_number: str = ""
    first_day: date | None = None
    last_day: date | None = None


@transaction.atomic
def take(application_id: Any, by: User, version: int | None = None) -> Application:
    """Take a case to look at it; whoever had it is shown that it is taken.

    Raises:
        ConflictError: somebody else has it.
    """
    application = _desk(application_id, by, version)
    other = application.assigned_to_id
    if application.state == State.IN_REVIEW and other not in (None, by.id):
        raise ConflictError(f"{application.assigned_to} has this case")
    if application.state == State.IN_REVIEW and other == by.id:
        return application
    application.assigned_to = by
    return move(application, "take", by=by)


@transaction.atomic
def release(application_id: Any, by: User, version: int | None = None) -> Application:
    """Put a case back into the queue."""
    application = _desk(application_id, by, version)
    application.assigned_to = None
    return move(application, "release", by=by)


@transaction.atomic
def ask(
    application_id: Any,
    by: User,
    words: str,
    *,
    field: str = "",
    due_on: date | None = None,
    version: int | None = None,
) -> Question:
    """Ask the applicant for a fact; they are told by mail.

    Raises:
        ConflictError: somebody else changed the case.
        InputError: there is no question in it, or its day has passed.
    """
    application = _desk(application_id, by, version)
    _said(words, "words", "the question")
    if due_on is not None and due_on <= timezone.localdate():
        raise InputError("due_on", "has passed", value=due_on.isoformat(), expected="a later day")
    question = Question.objects.create(
        application=application,
        words=words.strip(),
        field=field,
        asked_by=by,
        asked_at=timezone.now(),
        due_on=due_on,
    )
    move(application, "ask", by=by, field=field)
    _tell(application, "desk/mail/asked.txt", {"question": question})
    return question


def issue(application_id: Any, by: User, *, version: int | None = None, reason: str = "") -> Issued:
    """Issue the certificate, when the answer is determined; exceptions need a second person.

    Raises:
        ConflictError: somebody else was first.
        InputError: it must be seconded (`needs_second`), or can't be issued.
    """
    application = Application.objects.select_related("person", "started_by", "worker").get(
        id=application_id
    )
    require(by, "desk.decide", application)
    _refuse_other_hands(application, by, version)
    if application.kind == Kind.EXCEPTION:
        raise InputError(
            "kind", "is a special exception: another person must second it", code="needs_second"
        )
    return certificates.issue_for(application, by, version=version, note=reason)


@transaction.atomic
def propose_refusal(
    application_id: Any, by: User, reason: str, *, version: int | None = None
) -> Decision:
    """Propose to refuse; another person must second it.

    Raises:
        ConflictError: somebody else was first.
        InputError: no reason is given, or the office does not say how to contest a refusal.
    """
    _said(reason, "reason", "why, so that the applicant understands it", at_least=20)
    found = office()
    if found is None or found.contest is None:
        raise InputError(
            "contest",
            "is missing in authority.yaml: a refusal must say how it is contested",
            code="no_contest",
        )
    return _propose(_desk(application_id, by, version), by, Verdict.REFUSE, reason)


@transaction.atomic
def propose_exception(
    application_id: Any, by: User, reason: str, *, version: int | None = None
) -> Decision:
    """Propose to issue by a special exception that both authorities agree to.

    Raises:
        ConflictError: somebody else was first.
        InputError: the other authority has not agreed.
    """
    _said(reason, "reason", "why", at_least=20)
    heard = (
        Consultation.objects.filter(application_id=application_id, heard_at__isnull=False)
        .order_by("-heard_at")
        .first()
    )
    if heard is None or heard.answer == OtherAnswer.REFUSES:
        raise InputError(
            "other_authority", "has not agreed to an exception", code="no_agreement_of_other"
        )
    other = {
        "authority": heard.authority,
        "answer": heard.answer,
        "answered_on": heard.answered_on.isoformat() if heard.answered_on else None,
        "file_number": heard.file_number,
        "from": heard.first_day.isoformat() if heard.first_day else None,
        "to": heard.last_day.isoformat() if heard.last_day else None,
    }
    return _propose(_desk(application_id, by, version), by, Verdict.EXCEPTION, reason, other)


@transaction.atomic
def consult(
    application_id: Any, by: User, authority: str, words: str, *, version: int | None = None
) -> Consultation:
    """Note that the other authority is asked for its agreement.

    Raises:
        ConflictError: somebody else changed the case.
    """
    application = _desk(application_id, by, version)
    _said(authority, "authority", "which authority")
    _said(words, "words", "what it is asked")
    asked = Consultation.objects.create(
        application=application,
        authority=authority.strip(),
        words=words.strip(),
        asked_by=by,
        asked_at=timezone.now(),
    )
    move(application, "consult", by=by)
    return asked


@transaction.atomic
def hear(
    application_id: Any, by: User, heard: Heard, *, version: int | None = None
) -> Consultation:
    """Record what the other authority answered.

    Raises:
        ConflictError: somebody else changed the case.
        InputError: it is no answer.
    """
    application = _desk(application_id, by, version)
    if heard.answer not in OtherAnswer.values:
        raise InputError(
            "answer",
            "is none",
            value=heard.answer,
            expected=", ".join(OtherAnswer.values),
            code="bad_answer",
        )
    _said(heard.words, "words", "what it answered")
    open_one = application.consultations.get(heard_at__isnull=True)
    given = asdict(heard)
    open_one.answer_words = given.pop("words").strip()
    for name, value in given.items():
        setattr(open_one, name, value)
    open_one.heard_by, open_one.heard_at = by, timezone.now()
    open_one.save()
    move(application, "hear", by=by, answer=heard.answer)
    return open_one


def second(application_id: Any, by: User, *, version: int | None = None) -> Issued | Decision:
    """Second what another person proposed; it then stands.

    Raises:
        ConflictError: somebody else was first.
        InputError: it is their own proposal (`same_person`).
    """
    application = Application.objects.get(id=application_id)
    require(by, "desk.second", application)
    decision = _proposed(application, by)
    if decision.verdict == Verdict.EXCEPTION:
        return certificates.issue_for(
            application,
            by,
            step="issue_seconded",
            version=version,
            decision=decision,
            consent=_consent(decision),
        )
    with transaction.atomic():
        taken = _desk(application_id, by, version)
        decision = _proposed(taken, by)
        decision.seconded_by, decision.seconded_at = by, timezone.now()
        decision.save()
        move(taken, "refuse", by=by)
        _tell(taken, "desk/mail/refused.txt", {})
    return decision


@transaction.atomic
def send_back(application_id: Any, by: User, note: str, *, version: int | None = None) -> Decision:
    """Send a proposal back with a note; the case is being looked at again.

    Raises:
        ConflictError: somebody else was first.
        InputError: it is their own proposal, or there is no note.
    """
    application = _desk(application_id, by, version)
    require(by, "desk.second", application)
    _said(note, "note", "what should be looked at again")
    decision = _proposed(application, by)
    decision.returned_note = note.strip()
    decision.save()
    move(application, "return", by=by, note=note.strip())
    return decision


def decide_automatically(application_id: Any) -> Issued | None:
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
    drawn = _DRAW.random() < found.sample
    try:
        return certificates.issue_for(
            application, None, step="issue_automatically", in_sample=drawn
        )
    except (ConflictError, InputError):
        return None


@transaction.atomic
def review(decision_id: Any, by: User) -> Decision:
    """Note that a decision that was drawn has been looked at.

    Raises:
        ConflictError: somebody else has looked at it.
    """
    require(by, "desk.decide")
    decision = Decision.objects.select_for_update().get(id=decision_id, in_sample=True)
    if decision.reviewed_at is not None:
        raise ConflictError("somebody else has looked at this decision")
    decision.reviewed_by, decision.reviewed_at = by, timezone.now()
    decision.save(update_fields=["reviewed_by", "reviewed_at"])
    return decision


def is_plain(application: Application) -> bool:
    """Tell whether one look decides a case: determined, complete, no warning, nothing special."""
    return application.plain and application.kind == Kind.CERTIFICATE


def _consent(decision: Decision) -> Consent:
    """Return what both authorities agreed to, as the proposal says."""
    other = decision.other_authority or {}
    return Consent(
        first=date.fromisoformat(other["from"]),
        last=None if other.get("to") is None else date.fromisoformat(other["to"]),
        agreed_on=date.fromisoformat(other["answered_on"]),
        file=other["file_number"],
    )


def _propose(
    application: Application,
    by: User,
    verdict: str,
    reason: str,
    other: dict[str, Any] | None = None,
) -> Decision:
    decision = Decision.objects.create(
        application=application,
        verdict=verdict,
        reason=reason.strip(),
        by=by,
        at=timezone.now(),
        other_authority=other,
    )
    move(application, "propose", by=by, verdict=str(verdict))
    return decision


def _proposed(application: Application, by: User) -> Decision:
    """Return the proposal that waits.

    Raises:
        ConflictError: none waits.
        InputError: it is their own.
    """
    decision = application.decisions.order_by("-at").first()
    if decision is None or application.state != State.PROPOSED:
        raise ConflictError("somebody else has decided on this proposal")
    if decision.by_id == by.id:
        raise InputError(
            "by", "is the person who proposed it", expected="another person", code="same_person"
        )
    return decision


def _desk(application_id: Any, by: User, version: int | None) -> Application:
    application = locked(application_id, version)
    require(by, "desk.decide", application)
    _refuse_other_hands(application, by, None)
    return application


def _refuse_other_hands(application: Application, by: User, version: int | None) -> None:
    """Refuse to decide what somebody else is looking at; taking it over is an act of its own."""
    if version is not None and application.version != version:
        raise ConflictError("somebody else changed this application while you were looking at it")


def _said(text: str, path: str, expected: str, at_least: int = 3) -> None:
    if len(text.strip()) < at_least:
        raise InputError(path, "is missing or too short", expected=expected, code="missing")


def _tell(application: Application, template: str, context: dict[str, Any]) -> None:
    people = {application.started_by.email}
    if application.worker is not None:
        people.add(application.worker.email)
    for email in sorted(people):
        mail(email, template, {"application": application, **context})
