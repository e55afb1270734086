"""The other side confirms by a link that ends."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require, roles_in
from totalize.web.accounts.models import Organisation, OrganisationKind, User
from totalize.web.applications.models import Application, Confirmation, Party
from totalize.web.applications.parties import words_to_confirm
from totalize.web.applications.services.moves import locked
from totalize.web.applications.services.taking import confirm_person
from totalize.web.applications.states import State
from totalize.web.audit.services import record
from totalize.web.jobs.mail import mail
from totalize.web.sealing import digest_of

LONGEST_ADDRESS = 254  # characters; what a mail server takes (RFC 5321)
GOOD_FOR = timedelta(days=14)
_OPEN = frozenset(
    {State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.ASKED, State.ELSEWHERE, State.PREPARED}
)


@transaction.atomic
def ask_confirmation(
    application: Application, party: str, email: str, by: User
) -> tuple[Confirmation, str]:
    """Send the other side a link by which it can confirm, in the place of an earlier one.

    Returns:
        What was kept, and the token that only the message holds.

    Raises:
        InputError: the address or the side can't be used.
    """
    taken = locked(application.id)
    require(by, "application.fill", taken)
    _must_be_open(taken)
    if party not in Party.values:
        raise InputError(
            "party", "is no side", value=party, expected=" or ".join(Party.values), code="bad_party"
        )
    try:
        validate_email(email)
        MaxLengthValidator(LONGEST_ADDRESS)(email)
    except ValidationError:
        raise InputError(
            "email", "is no e-mail address", expected="one like name@example.org", code="bad_email"
        ) from None
    if email.casefold() == by.email.casefold():
        raise InputError("email", "is your own", expected="the other side's", code="own_address")
    now = timezone.now()
    taken.confirmations.filter(
        party=party, confirmed_at__isnull=True, declined_at__isnull=True, ends_at__gt=now
    ).update(ends_at=now)
    token = secrets.token_urlsafe(32)
    confirmation = Confirmation.objects.create(
        application=taken,
        party=party,
        email=email,
        token_digest=digest_of(token),
        asked_by=by,
        asked_at=now,
        ends_at=now + GOOD_FOR,
    )
    record(
        "application.confirmation_asked",
        actor=by,
        subject=f"application:{taken.id}",
        facts={"party": party},
    )
    mail(
        email,
        "applications/mail/confirm.txt",
        {
            "path": reverse("applications:confirm", args=[token]),
            "party": party,
            "asker": str(by),
            "until": confirmation.ends_at.date(),
        },
    )
    return confirmation, token


def find_confirmation(token: str) -> Confirmation:
    """Return what a link leads to.

    Raises:
        InputError: there is no such link, or it has ended; which of the two is not said.
    """
    found = (
        Confirmation.objects.select_related("application", "application__person")
        .filter(token_digest=digest_of(token))
        .first()
    )
    ended = found is None or found.ends_at <= timezone.now()
    if found is None or ended or found.confirmed_at or found.declined_at:
        raise _link_ended()
    return found


def _taken(token: str) -> tuple[Application, Confirmation]:
    """Take what a link leads to for a change; of two who answer at once the second is refused.

    Raises:
        InputError: as `find_confirmation`.
    """
    found = find_confirmation(token)
    application = locked(found.application_id)
    confirmation = Confirmation.objects.select_for_update().get(id=found.id)
    if confirmation.confirmed_at or confirmation.declined_at:
        raise _link_ended()
    return application, confirmation


def _link_ended() -> InputError:
    return InputError("link", "has ended or was used", code="link_ended")


@transaction.atomic
def confirm(
    token: str, by: User, *, employer: Organisation | None = None, new_employer: str = ""
) -> Application:
    """Confirm, and become a party to the application.

    Args:
        token: from the link.
        by: who confirms.
        employer: for the employer's side, which of `by`'s employers; its only one when left out.
        new_employer: name of an employer to make when `by` has none.

    Raises:
        InputError: the link has ended, or `by` can't confirm for this side.
    """
    application, confirmation = _taken(token)
    _must_be_open(application)
    if confirmation.party == Party.WORKER:
        _join_as_worker(application, by)
        confirm_person(application)
    else:
        _join_as_employer(application, by, employer, new_employer)
    confirmation.application = application
    confirmation.confirmed_at = timezone.now()
    confirmation.confirmed_by = by
    confirmation.words = words_to_confirm(application, confirmation.party)
    confirmation.save()
    application.version += 1
    application.save()
    record(
        "application.confirmed",
        actor=by,
        subject=f"application:{application.id}",
        facts={"party": confirmation.party},
    )
    return application


@transaction.atomic
def decline(token: str, by: User | None, words: str = "") -> Application:
    """Say that the facts are not right; whoever asked is told.

    Raises:
        InputError: the link has ended.
    """
    application, confirmation = _taken(token)
    confirmation.declined_at = timezone.now()
    confirmation.words = words.strip()[:2000]
    confirmation.save(update_fields=["declined_at", "words"])
    record(
        "application.declined",
        actor=by,
        subject=f"application:{application.id}",
        facts={"party": confirmation.party},
    )
    mail(
        confirmation.asked_by.email,
        "applications/mail/declined.txt",
        {
            "path": reverse("applications:detail", args=[application.id]),
            "party": confirmation.party,
        },
    )
    return application


def _must_be_open(application: Application) -> None:
    if State(application.state) not in _OPEN:
        raise InputError(
            "state", "does not allow to confirm", value=application.state, code="illegal_move"
        )


def _join_as_worker(application: Application, by: User) -> None:
    if application.worker_id not in (None, by.id):
        raise InputError("worker", "is somebody else already", code="not_yours")
    person = application.person
    if person is not None and person.account_id not in (None, by.id):
        raise InputError("worker", "is somebody else already", code="not_yours")
    application.worker = by
    if person is not None and person.account_id is None:
        person.account = by
        person.save(update_fields=["account"])


def _join_as_employer(
    application: Application, by: User, employer: Organisation | None, new_employer: str
) -> None:
    if by.id == application.worker_id:
        raise InputError("employer", "can't be confirmed by the worker", code="not_yours")
    if employer is None:
        employer = _employer_of(application, by, new_employer)
    if employer.kind != OrganisationKind.EMPLOYER or not roles_in(by, employer.id, manage=True):
        raise InputError("employer", "is not yours to act for", code="not_yours")
    if application.employer_id not in (None, employer.id):
        raise InputError("employer", "is another one already", code="not_yours")
    application.employer = employer


def _employer_of(application: Application, by: User, name: str) -> Organisation:
    if name.strip():
        made = Organisation.objects.create(kind=OrganisationKind.EMPLOYER, name=name.strip()[:200])
        made.memberships.create(user=by, role="owner")
        record("organisation.created", actor=by, subject=f"organisation:{made.id}")
        return made
    own = Organisation.objects.filter(kind=OrganisationKind.EMPLOYER, memberships__user=by)
    if application.employer_id is not None:
        own = own.filter(id=application.employer_id)
    if own.count() != 1:
        raise InputError("employer", "must be named", expected="which employer", code="missing")
    return own.get()
