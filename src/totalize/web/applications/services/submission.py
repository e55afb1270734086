"""Sending an application, and what its parties do after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from totalize.certificates.draft import Subject
from totalize.certificates.inspection.pack import as_zip
from totalize.certificates.issuing import prove_request
from totalize.certificates.model import Certificate, read_twin
from totalize.certificates.pack.assembly import request_pack, set_paper, write_pack
from totalize.certificates.signing import sign_pdf
from totalize.coverage.determination import WorkResult
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require
from totalize.web.accounts.models import User
from totalize.web.applications import hooks
from totalize.web.applications.facts import person_of, result_of, subject_of
from totalize.web.applications.models import Application, Question
from totalize.web.applications.readiness import Readiness, assess
from totalize.web.applications.requestkey import request_key
from totalize.web.applications.selectors import open_questions
from totalize.web.applications.services.moves import changed_meanwhile, locked, move
from totalize.web.applications.services.taking import confirm_person, is_own
from totalize.web.applications.states import State
from totalize.web.audit.services import record
from totalize.web.people.vault import seal, unseal

PROOF = "proof of request"


def submit(application_id: UUID, by: User, version: int | None = None) -> Application:
    """Send an application to the office, with everything that belongs to it, or not at all.

    The engine decides, its answer and the version of the law are frozen, and the proof of the
    request is signed and sealed. What was sent before stays as it is.

    Raises:
        InputError: something is missing (`missing`), or another office issues the certificate
            (`other_authority`).
        ConflictError: it was changed since it was looked at.
    """
    application = _send(application_id, by, version, _to_this_office)
    application.refresh_from_db()
    return application


def prepare(application: Application, by: User, version: int | None = None) -> Application:
    """Freeze what is asked of another country's office, and prove when it was asked.

    Raises:
        InputError: something is missing, or this installation is the office itself.
        ConflictError: it was changed since it was looked at.
    """
    return _send(application.id, by, version, _to_another_office)


def _send(
    application_id: UUID,
    by: User,
    version: int | None,
    finish: Callable[[Application, User], None],
) -> Application:
    """Sign first, then write everything in one transaction that finds nothing changed meanwhile.

    A page takes a while to set and to sign; nobody else has to wait for it.
    """
    seen = Application.objects.select_related("person").get(id=application_id)
    require(by, "application.submit", seen)
    if seen.submitted_at is not None:
        return seen
    if version is not None and seen.version != version:
        raise changed_meanwhile()
    found = assess(seen)
    _freeze(seen, found)
    _check_office(found, here=finish is _to_this_office)
    proof = _prove(seen, found)
    with transaction.atomic():
        application = locked(application_id)
        require(by, "application.submit", application)
        if application.submitted_at is not None:
            return application
        if application.version != seen.version:
            raise changed_meanwhile()
        # Statements and confirmations don't count as versions: they are looked at once more.
        found = assess(application)
        _freeze(application, found)
        if application.person is not None and is_own(application.person, by):
            confirm_person(application)
        application.proof = proof.pdf
        application.proof_reference, application.proof_facts = proof.reference, proof.facts
        finish(application, by)
    return application


def _to_this_office(application: Application, by: User) -> None:
    move(application, "submit", by=by, plain=application.plain, law=application.law)
    for hook in hooks.on_submitted:
        hook(application)


def _to_another_office(application: Application, by: User) -> None:
    application.submitted_at = timezone.now()
    move(application, "prepare", by=by, law=application.law)


def prepare_pack(application: Application, by: User) -> bytes:
    """Return everything to send to another country's office, as a ZIP file.

    An application with nothing missing becomes `prepared`. A pack with gaps is a draft, and says
    so on every paper.

    Raises:
        InputError: nothing can be asked for yet, or this installation is the office itself.
    """
    require(by, "application.submit", application)
    if State(application.state) is State.DRAFT and assess(application).ready:
        application = prepare(application, by)
    moment = timezone.now().replace(microsecond=0)
    found = assess(application)
    if found.subject is None or found.determination is None:
        raise InputError("work", found.obstacle or "is not settled yet", code="too_early")
    _check_office(found, here=False)
    subject = subject_of(application, found.determination, numbers=True)
    pack = request_pack(subject, result_of(found.determination, application), moment.date())
    files = list(write_pack(pack, moment))
    if application.proof is not None:
        files.append(("proof-of-request.pdf", proof_of(application, by)))
    record(
        "application.pack_made",
        actor=by,
        subject=f"application:{application.id}",
        facts={"draft": pack.is_draft, "files": len(files)},
    )
    return as_zip(files, moment)


def proof_of(application: Application, by: User) -> bytes:
    """Open the signed proof of request.

    Raises:
        InputError: there is none.
    """
    require(by, "application.read", application)
    if application.proof is None:
        raise InputError("proof", "is made when the application is sent", code="too_early")
    return unseal(person_of(application), _purpose(application), bytes(application.proof))


@transaction.atomic
def take_back(application: Application, by: User, note: str = "") -> Application:
    """End an application that is not decided.

    Raises:
        InputError: it is decided already.
    """
    taken = locked(application.id)
    require(by, "application.withdraw", taken)
    return move(taken, "withdraw", by=by, note=note.strip()[:2000])


@transaction.atomic
def answer(application: Application, answers: dict[int, str], by: User) -> Application:
    """Answer what the office asked; all open questions at once.

    Args:
        application: which.
        answers: words by the number of the question.
        by: who answers.

    Raises:
        InputError: a question stays open, or was never asked.
    """
    taken = locked(application.id)
    require(by, "application.fill", taken)
    now = timezone.now()
    still_open = list(open_questions(taken))
    unknown = sorted(set(answers) - {item.id for item in still_open})
    if unknown:
        raise InputError(f"questions[{unknown[0]}]", "is not open", code="no_question")
    for question in still_open:
        words = answers.get(question.id, "").strip()
        if not words:
            raise InputError(
                f"questions[{question.id}]",
                "has no answer",
                expected="an answer, or why there is none",
                code="missing",
            )
        question.answer, question.answered_at = words[:5000], now
    Question.objects.bulk_update(still_open, ["answer", "answered_at"])
    found = assess(taken)
    if found.determination is not None and taken.submitted_at is not None:
        taken.determination = found.determination.to_dict()
        taken.law = found.determination.law
        taken.plain = found.plain
    return move(taken, "answer", by=by, answers=len(still_open))


@transaction.atomic
def contest(application: Application, by: User, note: str) -> Application:
    """Contest a refusal, and say why.

    Raises:
        InputError: it isn't refused, or no reason was given.
    """
    taken = locked(application.id)
    require(by, "application.fill", taken)
    if len(note.strip()) < 3:
        raise InputError("note", "is missing", expected="why it is wrong", code="missing")
    return move(taken, "contest", by=by, note=note.strip()[:5000])


def _check_office(found: Readiness, *, here: bool) -> None:
    """Make sure that the office meant is the one that issues.

    Raises:
        InputError: it is the other one.
    """
    if found.issues_here and not here:
        raise InputError(
            "work", "is for this office", expected="to be sent here", code="own_authority"
        )
    if here and not found.issues_here:
        raise InputError(
            "work",
            "is for another country's office",
            value=found.issuing_country,
            expected="the papers for that office instead",
            code="other_authority",
        )


def _freeze(application: Application, found: Readiness) -> None:
    if found.subject is None or found.determination is None:
        problem = found.obstacle or "is not settled yet"
        first = found.missing[0] if found.missing else None
        path = first.field if first is not None else "work"
        raise InputError(path, "is missing" if first is not None else problem, code="missing")
    if found.missing:
        first = found.missing[0]
        raise InputError(first.field, "is missing", expected=first.words, code="missing")
    application.determination = found.determination.to_dict()
    application.law = found.determination.law
    application.plain = found.plain
    application.issuing_country = found.subject.issuer
    application.partner = found.subject.partner
    application.first_day = found.subject.period.first
    application.last_day = found.subject.period.last


@dataclass(frozen=True, slots=True)
class _Proof:
    """A proof of request as it is kept: the file sealed, and how it is found and checked."""

    pdf: bytes
    reference: str | None
    facts: bytes | None


def _prove(application: Application, found: Readiness) -> _Proof:
    if found.determination is None:
        raise TypeError("an application that is ready is determined")
    subject = subject_of(application, found.determination, numbers=True)
    now = datetime.now(UTC).replace(microsecond=0)
    person, purpose = person_of(application), _purpose(application)
    if subject.exceptional is not None:
        letter = _sign_letter(subject, result_of(found.determination, application), now)
        return _Proof(seal(person, purpose, letter), None, None)
    made = prove_request(subject, request_key(), now)
    return _Proof(
        seal(person, purpose, made.pdf),
        made.certificate.reference,
        seal(person, f"{purpose}:facts", made.certificate.twin()),
    )


def _sign_letter(subject: Subject, result: WorkResult, now: datetime) -> bytes:
    """Sign the request itself: what only both authorities can agree to proves no coverage."""
    pack = request_pack(subject, result, now.date())
    letter = next(paper for paper in pack.papers if "letter" in paper.name)
    return sign_pdf(set_paper(letter, now), request_key(), now, letter.title)


def find_proof(reference: str) -> Certificate | None:
    """Return what the proof of request with a reference says; None when there is none.

    Args:
        reference: as `parse_reference` gives it.
    """
    rows = Application.objects.select_related("person").only("proof_facts", "person")
    kept = rows.filter(proof_reference=reference).first()
    if kept is None or kept.proof_facts is None:
        return None
    try:
        facts = unseal(person_of(kept), f"{_purpose(kept)}:facts", bytes(kept.proof_facts))
    except InputError:
        # The person was erased: there is nothing left to compare with.
        return None
    return read_twin(facts)


def _purpose(application: Application) -> str:
    return f"proof:{application.id}"
