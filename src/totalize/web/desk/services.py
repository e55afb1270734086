"""The desk: taking a case, asking, deciding, and the second look where rights are lost.

Whoever decides names the version they looked at. Of two who decide at once one wins and the other
is told (`ConflictError`); nothing of the other's is kept, and nothing half.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from totalize.certificates.draft import Consent
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require
from totalize.web.accounts.models import User
from totalize.web.applications.facts import person_of
from totalize.web.applications.models import Application, Decision, Question, Verdict
from totalize.web.applications.readiness import assess
from totalize.web.applications.services import ConflictError, locked, move
from totalize.web.applications.states import Kind, State
from totalize.web.audit.services import record
from totalize.web.certificates import services as certificates
from totalize.web.certificates.models import Issued
from totalize.web.certificates.office import office
from totalize.web.certificates.telling import tell
from totalize.web.desk.letters import MadeLetter, make_refusal
from totalize.web.desk.models import Consultation, Letter, OtherAnswer
from totalize.web.people.vault import seal, unseal


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
def take(
    application_id: UUID, by: User, version: int | None = None, *, over: bool = False
) -> Application:
    """Take a case to look at it.

    Args:
        application_id: which.
        by: who takes it.
        version: the version that was looked at.
        over: take it from somebody else who has it.

    Raises:
        ConflictError: somebody else has it.
    """
    application = _desk(application_id, by, version)
    if application.state == State.IN_REVIEW and application.assigned_to_id == by.id:
        return application
    if not over:
        _refuse_another_hand(application, by)
    application.assigned_to = by
    return move(application, "take", by=by)


@transaction.atomic
def release(application_id: UUID, by: User, version: int | None = None) -> Application:
    """Put a case back into the queue."""
    application = _desk(application_id, by, version)
    application.assigned_to = None
    return move(application, "release", by=by)


@transaction.atomic
def ask(
    application_id: UUID,
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
    _refuse_another_hand(application, by)
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
    tell(application, "desk/mail/asked.txt", {"question": question})
    return question


def issue(
    application_id: UUID, by: User, *, version: int | None = None, reason: str = ""
) -> Issued:
    """Issue the certificate, when the answer is determined; exceptions need a second person.

    Raises:
        ConflictError: somebody else was first.
        InputError: it must be seconded (`needs_second`), or can't be issued.
    """
    application = Application.objects.select_related("person", "started_by", "worker").get(
        id=application_id
    )
    require(by, "desk.decide", application)
    _refuse_another_hand(application, by)
    if application.kind == Kind.EXCEPTION:
        raise InputError(
            "kind", "is a special exception: another person must second it", code="needs_second"
        )
    return certificates.issue_for(application, by, version=version, note=reason)


@transaction.atomic
def propose_refusal(
    application_id: UUID, by: User, reason: str, *, version: int | None = None
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
    application_id: UUID, by: User, reason: str, *, version: int | None = None
) -> Decision:
    """Propose to issue by a special exception that both authorities agree to.

    Raises:
        ConflictError: somebody else was first.
        InputError: the other authority has not agreed.
    """
    _said(reason, "reason", "why", at_least=20)
    heard = (
        Consultation.objects.filter(application_id=application_id, heard_at__isnull=False)
        .order_by("-id")
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
    application_id: UUID, by: User, authority: str, words: str, *, version: int | None = None
) -> Consultation:
    """Note that the other authority is asked for its agreement.

    Raises:
        ConflictError: somebody else changed the case.
    """
    application = _desk(application_id, by, version)
    _refuse_another_hand(application, by)
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
    application_id: UUID, by: User, heard: Heard, *, version: int | None = None
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
    if heard.answer != OtherAnswer.REFUSES:
        _said(heard.file_number, "file_number", "the number of its answer", at_least=1)
        if heard.first_day is None:
            raise InputError(
                "first_day", "is missing", expected="the first day it agrees to", code="missing"
            )
        if heard.last_day is not None and heard.last_day < heard.first_day:
            raise InputError("last_day", "is before the first day", code="empty_period")
    if heard.answered_on > timezone.localdate():
        raise InputError("answered_on", "is in the future", value=heard.answered_on.isoformat())
    open_one = application.consultations.filter(heard_at__isnull=True).first()
    if open_one is None:
        raise ConflictError("no answer of another authority is waited for any more")
    given = asdict(heard)
    open_one.answer_words = given.pop("words").strip()
    for name, value in given.items():
        setattr(open_one, name, value)
    open_one.heard_by, open_one.heard_at = by, timezone.now()
    open_one.save()
    move(application, "hear", by=by, answer=heard.answer)
    return open_one


def second(application_id: UUID, by: User, *, version: int | None = None) -> Issued | Decision:
    """Second what another person proposed; it then stands.

    Raises:
        ConflictError: somebody else was first.
        InputError: it is their own proposal (`same_person`).
    """
    application = Application.objects.get(id=application_id)
    require(by, "desk.second", application)
    decision = _proposed(application, by)
    _refuse_earlier_hand(application, by)
    if decision.verdict == Verdict.EXCEPTION:
        return certificates.issue_for(
            application,
            by,
            step="issue_seconded",
            version=version,
            decision=decision,
            consent=_consent(decision),
        )
    found = office()
    if found is None or found.contest is None:
        raise InputError("contest", "is missing in authority.yaml", code="no_contest")
    # The letter is set before the transaction begins, as a certificate is.
    seen = application.version if version is None else version
    letter = make_refusal(application, decision, found, timezone.now())
    with transaction.atomic():
        taken = _desk(application_id, by, seen)
        decision = _proposed(taken, by)
        decision.seconded_by, decision.seconded_at = by, timezone.now()
        decision.save()
        move(taken, "refuse", by=by)
        _keep_letter(taken, decision, letter)
        tell(taken, "desk/mail/refused.txt", {})
    return decision


def letter_of(decision: Decision) -> bytes:
    """Return the letter that went out with a decision."""
    letter = decision.letter
    person = person_of(decision.application)
    return unseal(person, f"letter:{letter.id}", bytes(letter.pdf))


@transaction.atomic
def send_back(application_id: UUID, by: User, note: str, *, version: int | None = None) -> Decision:
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


@transaction.atomic
def decide_again(application_id: UUID, by: User, *, version: int | None = None) -> Application:
    """Read the law again for a case, as of today; the new answer takes the old one's place.

    Raises:
        ConflictError: somebody else changed the case.
        InputError: the case is not being looked at.
    """
    application = _desk(application_id, by, version)
    if application.state != State.IN_REVIEW:
        raise InputError(
            "state", "does not allow a new answer", expected="a case you have taken", code="state"
        )
    found = assess(application)
    if found.determination is None:
        raise InputError("case", "is no longer one that can be answered", code="bad_case")
    before = application.law
    application.determination = found.determination.to_dict()
    application.law = found.determination.law
    application.plain = found.plain
    if found.subject is not None:
        application.issuing_country = found.subject.issuer
        application.first_day = found.subject.period.first
        application.last_day = found.subject.period.last
    application.version += 1
    application.save()
    record(
        "application.determined_again",
        actor=by,
        subject=f"application:{application.id}",
        facts={"law_before": before, "law": application.law},
    )
    return application


def _keep_letter(application: Application, decision: Decision, letter: MadeLetter) -> None:
    person, identifier = person_of(application), uuid4()
    Letter.objects.create(
        id=identifier,
        decision=decision,
        pdf=seal(person, f"letter:{identifier}", letter.pdf),
        signed=letter.signed,
        made_at=timezone.now(),
    )


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
    _refuse_another_hand(application, by)
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
    decision = application.decisions.order_by("-id").first()
    if decision is None or application.state != State.PROPOSED:
        raise ConflictError("somebody else has decided on this proposal")
    if decision.by_id == by.id:
        raise InputError(
            "by", "is the person who proposed it", expected="another person", code="same_person"
        )
    return decision


def _refuse_earlier_hand(application: Application, by: User) -> None:
    """Have a refusal that was contested seconded by somebody who did not make it.

    Raises:
        InputError: they proposed or seconded the refusal that stood (`same_person`).
    """
    stood = application.decisions.filter(verdict=Verdict.REFUSE, seconded_by__isnull=False)
    if stood.filter(Q(by=by) | Q(seconded_by=by)).exists():
        raise InputError(
            "by",
            "is a person who refused this request before",
            expected="another person",
            code="same_person",
        )


def _desk(application_id: UUID, by: User, version: int | None) -> Application:
    application = locked(application_id, version)
    require(by, "desk.decide", application)
    return application


def _refuse_another_hand(application: Application, by: User) -> None:
    """Refuse to act on what somebody else has taken; taking it over is an act of its own.

    Raises:
        ConflictError: somebody else has it.
    """
    other = application.assigned_to
    if application.state == State.IN_REVIEW and other is not None and other.id != by.id:
        raise ConflictError(f"{other} has this case; take it over first")


def _said(text: str, path: str, expected: str, at_least: int = 3) -> None:
    if len(text.strip()) < at_least:
        raise InputError(path, "is missing or too short", expected=expected, code="missing")
