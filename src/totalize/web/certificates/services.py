"""Issuing, amending, replacing and withdrawing: each one transaction, or nothing of it.

What takes time (setting and signing a document) is done before the transaction begins, from the
application as it was looked at; the transaction then takes the application and finds whether it
is still that one. A document that lost is thrown away: nobody has seen its reference.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from totalize.certificates import register, service
from totalize.certificates.authority import NotAnAuthorityError, Setting
from totalize.certificates.draft import Consent, Subject, choose
from totalize.certificates.exceptions import choose_exception
from totalize.certificates.model import State
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require
from totalize.web.accounts.models import User
from totalize.web.applications.facts import decide, details_of, read_application_case
from totalize.web.applications.models import Application, Decision, Verdict
from totalize.web.applications.services import ConflictError, locked, move
from totalize.web.applications.states import MOVES, Kind
from totalize.web.applications.states import State as ApplicationState
from totalize.web.audit.services import record as log
from totalize.web.certificates import hooks
from totalize.web.certificates import office as offices
from totalize.web.certificates.faces import part
from totalize.web.certificates.models import Copy, Issued, Withdrawal
from totalize.web.certificates.publishing import count_change, publish, status_list
from totalize.web.certificates.selectors import (
    credential_of,
    find,
    pdf_of,
    record_of,
    standing_of,
)
from totalize.web.certificates.telling import tell
from totalize.web.people.vault import seal

__all__ = [
    "amend",
    "credential_of",
    "find",
    "issue_for",
    "note_copy",
    "pdf_of",
    "problems",
    "publish",
    "record_of",
    "replace",
    "second_withdrawal",
    "send_back_withdrawal",
    "setting",
    "status_list",
    "withdraw",
]

_TRIES = 3


def setting() -> Setting | None:
    """Return how this installation is set up for issuing, None when it is no office."""
    found = offices.office()
    return None if found is None else found.setting


def problems() -> tuple[str, ...]:
    """Return why nothing can be issued here, in sentences; nothing when it can."""
    found = offices.office()
    if found is None:
        return ("no authority.yaml is in the data folder",)
    return found.problems()


def subject_of(application: Application, consent: Consent | None = None) -> Subject:
    """Return what is to be certified: the work and the answer it was sent with.

    Args:
        application: which.
        consent: what both authorities agreed to, for a special exception.

    Raises:
        InputError: the answer would be another one today (`law_changed`), or no certificate can
            be made from it.
    """
    frozen = application.determination or {}
    as_of = date.fromisoformat(frozen["as_of"]) if "as_of" in frozen else timezone.localdate()
    determination = decide(application, as_of)
    if answer_of(determination.to_dict(), application.work) != answer_of(frozen, application.work):
        raise InputError(
            "determination",
            "was made from another state of the law data, and would be another one now",
            expected="a new look at the case",
            code="law_changed",
        )
    details = details_of(application, numbers=True)
    case = read_application_case(application)
    if consent is not None:
        return choose_exception(case, determination, application.work, details, consent=consent)
    return choose(case, determination, application.work, details)


def answer_of(determination: Mapping[str, Any], work: str) -> list[tuple[Any, ...]]:
    """Return what a determination says of a work, without the sentences."""
    return [
        (
            str(period["from"]),
            str(period["to"]),
            period["outcome"],
            tuple(period["covered_by"] or ()),
            period["rule"],
            (period["certificate"] or {}).get("issued_by"),
        )
        for result in determination.get("results", ())
        if result["work"] == work
        for period in result["periods"]
    ]


def issue_for(
    application: Application,
    by: User | None,
    *,
    step: str = "issue",
    version: int | None = None,
    decision: Decision | None = None,
    consent: Consent | None = None,
    in_sample: bool = False,
    note: str = "",
) -> Issued:
    """Issue the certificate that an application is for: exactly one, whole, or nothing.

    Args:
        application: as it was looked at.
        by: who decides, None when it is decided automatically.
        step: the move (`issue`, `issue_automatically`, `issue_seconded`).
        version: the version that was looked at; default: of `application`.
        decision: the decision that was proposed, when a second person seconds it.
        consent: what both authorities agreed to, for a special exception.
        in_sample: drawn to be looked at afterwards.
        note: reason, for people.

    Raises:
        ConflictError: somebody else was first.
        NotAnAuthorityError: this installation can't issue; it lists why.
        InputError: no certificate can be made from this application, or not now, or not by them.
    """
    seen = application.version if version is None else version
    if application.state not in MOVES[step].out_of and application.version != seen:
        raise ConflictError("somebody else decided this application first")
    ruling = _Ruling(by, step, seen, note, in_sample, decision)
    former = _replaced_by(application)
    for _ in range(_TRIES):
        made = _make(application, former, consent)
        try:
            with transaction.atomic():
                return _store(application, made, former, ruling)
        except IntegrityError as error:
            # A place in the status list that was free a moment ago: draw another one.
            if "status_index" not in str(error):
                raise ConflictError("somebody else decided this application first") from None
    raise ConflictError("no free place was found in the status list")


@dataclass(frozen=True, slots=True)
class _Ruling:
    """Who decides what, having looked at which version."""

    by: User | None
    step: str
    version: int
    note: str
    in_sample: bool
    proposed: Decision | None


def _store(
    application: Application, made: service.Issued, former: Issued | None, ruling: _Ruling
) -> Issued:
    by = ruling.by
    taken = locked(application.id, ruling.version)
    if ruling.step == "issue" and taken.state == ApplicationState.SUBMITTED:
        # One look decides it: taking it and deciding it are one act.
        taken.assigned_to = by
        move(taken, "take", by=by)
    move(taken, ruling.step, by=by, note=ruling.note)
    now = timezone.now()
    decision = ruling.proposed
    if decision is None:
        decision = Decision(
            application=taken,
            verdict=Verdict.ISSUE,
            reason=ruling.note,
            by=by,
            at=now,
            automatic=by is None,
            in_sample=ruling.in_sample,
        )
    else:
        decision.seconded_by, decision.seconded_at = by, now
    decision.save()
    if former is not None and made.former is not None:
        _retire(former, made.former, by)
    issued = _keep(made, taken, by, follows=former if made.former is not None else None)
    log(
        "certificate.issued",
        actor=by,
        subject=f"certificate:{issued.id}",
        facts={"application": str(taken.id), "automatic": by is None},
    )
    tell(taken, "certificates/mail/issued.txt", {"issued": issued})
    for name in ("state", "version", "decided_at"):
        setattr(application, name, getattr(taken, name))
    return issued


def amend(issued_id: UUID, changes: Mapping[str, Any], by: User, reason: str) -> Issued:
    """Correct a certificate, or end it earlier; the old one then says that it was amended.

    Args:
        issued_id: the certificate in force.
        changes: new values by path, of `register.CORRECTABLE`.
        by: who corrects.
        reason: why, for the record.

    Raises:
        ConflictError: somebody else changed it first.
        InputError: the change isn't one that an amendment may make.
    """
    issued = Issued.objects.select_related("application", "person").get(id=issued_id)
    require(by, "certificate.change", issued.application)
    made = service.issue_amendment(
        record_of(issued), changes, _setting(), timezone.now(), _is_taken, reason=reason
    )
    if made.former is None:
        raise TypeError("an amendment has a former certificate")
    with transaction.atomic():
        current = _locked_certificate(issued)
        _retire(current, made.former, by)
        fresh = _keep(made, current.application, by, follows=current, amends=True)
        log(
            "certificate.amended",
            actor=by,
            subject=f"certificate:{current.id}",
            facts={"successor": str(fresh.id), "fields": sorted(changes)},
        )
        tell(current.application, "certificates/mail/amended.txt", {"issued": fresh})
    return fresh


def replace(issued_id: UUID, application: Application, by: User | None, reason: str) -> Issued:
    """Put the certificate of a new decision in the place of another one.

    Raises:
        ConflictError: somebody else was first.
        InputError: the application is not one that follows the old certificate's.
    """
    former = Issued.objects.get(id=issued_id)
    if application.follows_id != former.application_id:
        raise InputError(
            "application", "does not follow the certificate's own application", code="not_follow_up"
        )
    return issue_for(application, by, note=reason)


@transaction.atomic
def withdraw(issued_id: UUID, by: User, reason: str) -> Withdrawal:
    """Ask that a certificate be withdrawn; it is once another person has seconded it.

    Raises:
        InputError: it isn't in force, no reason is given, or it was asked for already.
    """
    issued = _locked_certificate(Issued(id=issued_id))
    require(by, "certificate.change", issued.application)
    now = timezone.now()
    register.withdraw(record_of(issued), now, reason)
    if issued.withdrawals.filter(closed_at__isnull=True).exists():
        raise InputError(
            "state", "is that its withdrawal waits for a second person", code="already_proposed"
        )
    asked = Withdrawal.objects.create(issued=issued, reason=reason.strip(), by=by, at=now)
    log(
        "certificate.withdrawal_proposed",
        actor=by,
        subject=f"certificate:{issued.id}",
        facts={"withdrawal": str(asked.id)},
    )
    return asked


@transaction.atomic
def second_withdrawal(withdrawal_id: UUID, by: User) -> Issued:
    """Carry out a withdrawal that somebody else asked for.

    Raises:
        ConflictError: it was closed already.
        InputError: it is their own.
    """
    asked = _locked_withdrawal(withdrawal_id, by)
    issued = _locked_certificate(asked.issued)
    now = timezone.now()
    _retire(issued, register.withdraw(record_of(issued), now, asked.reason), by)
    asked.seconded_by, asked.closed_at, asked.carried_out = by, now, True
    asked.save()
    log(
        "certificate.withdrawn",
        actor=by,
        subject=f"certificate:{issued.id}",
        facts={"withdrawal": str(asked.id)},
    )
    tell(issued.application, "certificates/mail/withdrawn.txt", {"issued": issued})
    return issued


@transaction.atomic
def send_back_withdrawal(withdrawal_id: UUID, by: User, note: str) -> Withdrawal:
    """Decline a withdrawal that somebody else asked for; the certificate stays in force.

    Raises:
        ConflictError: it was closed already.
        InputError: it is their own, or no reason is given.
    """
    asked = _locked_withdrawal(withdrawal_id, by)
    if not note.strip():
        raise InputError("note", "is missing", expected="why not", code="missing")
    asked.seconded_by, asked.closed_at = by, timezone.now()
    asked.returned_note = note.strip()
    asked.save()
    log(
        "certificate.withdrawal_returned",
        actor=by,
        subject=f"certificate:{asked.issued_id}",
        facts={"withdrawal": str(asked.id)},
    )
    return asked


@transaction.atomic
def note_copy(issued: Issued, holder: str, role: str, how: str, by: User | None) -> Copy:
    """Note that somebody has a copy.

    Args:
        issued: of which certificate.
        holder: who, in words.
        role: as whom (`worker`, `employer`, `agent`, `office`, `foreign_employer`, ...).
        how: `download`, `credential`, `share_link`, `post`, `shown`.
        by: who gave it or took it.
    """
    copy = Copy.objects.create(
        issued=issued, holder=holder, role=role, how=how, by=by, at=timezone.now()
    )
    log(
        "certificate.copied",
        actor=by,
        subject=f"certificate:{issued.id}",
        facts={"role": role, "how": how},
    )
    return copy


def _setting() -> Setting:
    found = offices.office()
    if found is None or found.faults:
        raise NotAnAuthorityError(problems())
    return found.setting


def _make(
    application: Application, former: Issued | None, consent: Consent | None
) -> service.Issued:
    subject = subject_of(application, consent)
    made_on = timezone.now()
    replaces = None
    if former is not None and _overlap(former, subject):
        replaces = record_of(former)
    return service.issue(
        subject,
        _setting(),
        made_on,
        _is_taken,
        decided_on=timezone.localdate(made_on),
        replaces=replaces,
        reason=None if replaces is None else f"new decision on application {application.id}",
    )


def _replaced_by(application: Application) -> Issued | None:
    """Return the certificate whose place a new one may take: of the application it follows."""
    if application.follows is None or application.kind == Kind.CERTIFICATE:
        return None
    return standing_of(application.follows)


def _overlap(former: Issued, subject: Subject) -> bool:
    first, last = subject.period.first, subject.period.last
    return (former.last_day is None or first <= former.last_day) and (
        last is None or former.first_day <= last
    )


def _keep(
    made: service.Issued,
    application: Application,
    by: User | None,
    *,
    follows: Issued | None = None,
    amends: bool = False,
) -> Issued:
    identifier = uuid.uuid4()
    certificate = made.record.certificate
    person = application.person
    if person is None:
        raise TypeError("an application that was sent names a person")
    record, face = part(person, identifier, made.record)
    issued = Issued.objects.create(
        id=identifier,
        reference=made.record.reference,
        application=application,
        person=person,
        record=record,
        face=face,
        pdf=seal(person, f"certificate:{identifier}:pdf", made.pdf),
        credential=seal(person, f"certificate:{identifier}:credential", made.credential.encode()),
        status_index=made.status_index,
        first_day=certificate.first,
        last_day=certificate.last,
        follows=follows,
        amends=amends,
        issued_by=by,
        issued_at=certificate.made_on,
        state_since=certificate.made_on,
    )
    hooks.changed(issued)
    return issued


def _retire(issued: Issued, record: register.Record, by: User | None) -> None:
    """Give a certificate its last state, which the status list then tells of."""
    if record.changed_on is None:
        raise ValueError("a certificate in force is not retired")
    current = _locked_certificate(issued)
    current.record, current.face = part(current.person, current.id, record)
    current.state = record.state.value
    current.state_since = record.changed_on
    current.save(update_fields=["record", "face", "state", "state_since"])
    issued.state, issued.record, issued.face = current.state, current.record, current.face
    if record.state is not State.WITHDRAWN:
        # It is out of use now; there is nothing left to second.
        current.withdrawals.filter(closed_at__isnull=True).update(
            closed_at=timezone.now(), returned_note=f"the certificate was {record.state}"
        )
    log(
        f"certificate.{record.state}",
        actor=by,
        subject=f"certificate:{current.id}",
        facts={"state": record.state.value},
    )
    count_change()
    hooks.changed(current)


def _locked_certificate(issued: Issued) -> Issued:
    found = (
        Issued.objects.select_for_update(of=("self",))
        .select_related("application", "person")
        .get(id=issued.id)
    )
    if found.state != State.VALID:
        raise ConflictError(f"the certificate is {found.state} already")
    return found


def _locked_withdrawal(withdrawal_id: UUID, by: User) -> Withdrawal:
    asked = (
        Withdrawal.objects.select_for_update(of=("self",))
        .select_related("issued", "issued__application")
        .get(id=withdrawal_id)
    )
    require(by, "desk.second", asked.issued.application)
    if asked.closed_at is not None:
        raise ConflictError("somebody else closed this withdrawal first")
    if asked.by_id == by.id:
        raise InputError(
            "by", "is the person who asked for it", expected="another person", code="same_person"
        )
    return asked


def _is_taken(index: int) -> bool:
    return Issued.objects.filter(status_index=index).exists()
