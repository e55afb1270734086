"""Reading certificates: by reference, their documents, what the status list says."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from totalize.certificates.model import State
from totalize.certificates.reference import parse_reference
from totalize.certificates.register import Record, read_record
from totalize.kernel.errors import InputError
from totalize.web.accounts.models import User
from totalize.web.applications.hooks import Fate
from totalize.web.applications.models import Application
from totalize.web.certificates.faces import join
from totalize.web.certificates.models import Issued, Withdrawal
from totalize.web.people.vault import unseal


def find(reference: str) -> Issued | None:
    """Return the certificate with a reference, however it was typed; None when there is none.

    Raises:
        InputError: it is no reference, or was mistyped (`bad_reference`, `mistyped_reference`).
    """
    return (
        Issued.objects.select_related("application", "person")
        .filter(reference=parse_reference(reference))
        .first()
    )


def find_record(reference: str) -> Issued | None:
    """Return the certificate with a reference, without its documents: for its record.

    Args:
        reference: as `parse_reference` gives it.
    """
    rows = Issued.objects.select_related("person__data_key").only("record", "face", "person")
    return rows.filter(reference=reference).first()


def record_of(issued: Issued) -> Record:
    """Return what was certified and where it stands."""
    return read_record(join(issued))


def pdf_of(issued: Issued) -> bytes:
    """Return the signed file, the same bytes for ever."""
    return unseal(issued.person, f"certificate:{issued.id}:pdf", bytes(issued.pdf))


def credential_of(issued: Issued) -> str:
    """Return the verifiable credential."""
    sealed = bytes(issued.credential or b"")
    return unseal(issued.person, f"certificate:{issued.id}:credential", sealed).decode()


def standing_of(application: Application) -> Issued | None:
    """Return the certificate of an application that is in force."""
    return Issued.objects.filter(application=application, state=State.VALID.value).first()


def fates(applications: Collection[UUID], day: date) -> dict[UUID, Fate]:
    """Tell what became of the latest certificate of some applications, where it is no more."""
    rows = (
        Issued.objects.filter(application__in=applications)
        .order_by("issued_at", "id")
        .values_list("application_id", "state", "state_since", "last_day")
    )
    latest = {row[0]: row[1:] for row in rows}
    found = {}
    for application, (state, since, last_day) in latest.items():
        done = _DONE.get(State(state))
        if done is not None:
            words, tone, happened = done
            found[application] = Fate(words, tone, stands=False, happened=(since, happened))
        elif last_day is not None and last_day < day:
            found[application] = Fate("certificate has ended", "warn", stands=True)
    return found


_DONE = {
    State.WITHDRAWN: (
        "certificate withdrawn: it must not be used",
        "bad",
        "the certificate was withdrawn",
    ),
    State.REPLACED: (
        "certificate replaced by a later one",
        "warn",
        "another certificate took its place",
    ),
}


def states() -> dict[int, State]:
    """Return every state but `valid`, by place in the status list."""
    rows = Issued.objects.exclude(state=State.VALID.value).values_list("status_index", "state")
    return {index: State(state) for index, state in rows}


def open_withdrawals() -> QuerySet[Withdrawal]:
    """Return the withdrawals that wait for a second person, oldest first."""
    return (
        Withdrawal.objects.filter(closed_at__isnull=True)
        .select_related("issued", "issued__person", "issued__application", "by")
        .order_by("at", "id")
    )


def role_towards(user: User, issued: Issued) -> str:
    """Return as whom somebody holds a copy: `worker`, `employer`, `agent` or `office`."""
    if user.office_role:
        return "office"
    application = issued.application
    if application.worker_id == user.id:
        return "worker"
    employers = [row.organisation_id for row in user.memberships.all()]
    return "employer" if application.employer_id in employers else "agent"


def refuse_unless_kept(issued: Issued | None) -> Issued:
    """Return a certificate that must be there.

    Raises:
        InputError: there is none.
    """
    if issued is None:
        raise InputError("reference", "is the reference of no certificate here", code="unknown")
    return issued
