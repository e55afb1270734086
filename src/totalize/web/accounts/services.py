"""Organisations, who is in them, who may act for whom, and who has which office."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import Role, owns, require, require_in, roles_in
from totalize.web.accounts.models import (
    Invitation,
    Mandate,
    MemberRole,
    Membership,
    OfficeRole,
    Organisation,
    OrganisationKind,
    User,
)
from totalize.web.accounts.wording import mandate_words
from totalize.web.audit.services import record
from totalize.web.jobs.mail import mail
from totalize.web.sealing import digest_of

INVITED_FOR = timedelta(days=14)


@transaction.atomic
def create_organisation(
    *, by: User, kind: str, name: str, country: str = "US", address: str = ""
) -> Organisation:
    """Make an organisation; who makes it owns it."""
    organisation = Organisation.objects.create(
        kind=OrganisationKind(kind), name=name, country=country, address=address
    )
    Membership.objects.create(user=by, organisation=organisation, role=MemberRole.OWNER)
    _record("organisation.created", by, organisation, kind=kind)
    return organisation


@transaction.atomic
def invite_member(*, organisation: Organisation, email: str, role: str, by: User) -> str:
    """Offer somebody a place by mail; return the token of the link, which is kept nowhere."""
    require_in(by, "employer.own", organisation.id)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email.strip().lower(),
        role=MemberRole(role),
        token_digest=digest_of(token),
        asked_by=by,
        ends_at=timezone.now() + INVITED_FOR,
    )
    _record("organisation.invited", by, organisation, invitation=str(invitation.id), role=role)
    mail(
        invitation.email,
        "accounts/mail/invitation.txt",
        {"invitation": invitation, "token": token},
    )
    return token


def invitation_of(token: str) -> Invitation:
    """Find the invitation of a link.

    Raises:
        InputError: there is none, or it has ended: both look the same.
    """
    invitation = (
        Invitation.objects.select_related("organisation", "asked_by")
        .filter(
            token_digest=digest_of(token),
            accepted_at=None,
            withdrawn_at=None,
            ends_at__gt=timezone.now(),
        )
        .first()
    )
    if invitation is None:
        raise InputError("link", "has ended, or was used already", code="ended")
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, by: User) -> Membership:
    """Take the offered place.

    Raises:
        InputError: the link has ended, or was sent to another address.
    """
    invitation = Invitation.objects.select_for_update().get(id=invitation_of(token).id)
    if invitation.accepted_at is not None:
        raise InputError("link", "has ended, or was used already", code="ended")
    if invitation.email != by.email.lower():
        raise InputError(
            "link", "was sent to another address than your account's", code="other_address"
        )
    place, made = Membership.objects.get_or_create(
        user=by, organisation=invitation.organisation, defaults={"role": invitation.role}
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    if made:
        _record("organisation.joined", by, invitation.organisation, role=invitation.role)
    return place


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    """End an invitation before it is taken."""
    require_in(by, "employer.own", invitation.organisation_id)
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    _record("organisation.uninvited", by, invitation.organisation, invitation=str(invitation.id))


@transaction.atomic
def set_member_role(*, organisation: Organisation, member: User, role: str, by: User) -> None:
    """Change what a member may do."""
    require_in(by, "employer.own", organisation.id)
    place = _place(organisation, member)
    if place.role == MemberRole.OWNER and role != MemberRole.OWNER:
        _keep_an_owner(organisation, member)
    place.role = MemberRole(role)
    place.save(update_fields=["role"])
    _record("organisation.role", by, organisation, member=str(member.id), role=role)


@transaction.atomic
def remove_member(*, organisation: Organisation, member: User, by: User) -> None:
    """Take a member out; everybody may leave by themselves."""
    if by != member:
        require_in(by, "employer.own", organisation.id)
    place = _place(organisation, member)
    if place.role == MemberRole.OWNER:
        _keep_an_owner(organisation, member)
    place.delete()
    _record("organisation.left", by, organisation, member=str(member.id))


@transaction.atomic
def give_mandate(
    *,
    adviser: Organisation,
    by: User,
    employer: Organisation | None = None,
    ends_on: date | None = None,
) -> Mandate:
    """Let an adviser act: for an employer that `by` owns, or for `by` as a worker.

    Raises:
        InputError: it is no adviser, has this mandate already, or the last day is past.
    """
    if adviser.kind != OrganisationKind.ADVISER:
        raise InputError("adviser", "is no adviser", code="no_adviser")
    if employer is not None:
        require_in(by, "employer.own", employer.id)
    if ends_on is not None and ends_on < timezone.localdate():
        raise InputError("ends_on", "is in the past", value=ends_on, code="past")
    giver = {"employer": employer} if employer is not None else {"worker": by}
    if Mandate.in_force().filter(adviser=adviser, **giver).exists():
        raise InputError("adviser", "may act already", code="given")
    mandate = Mandate.objects.create(
        adviser=adviser,
        given_by=by,
        ends_on=ends_on,
        words=mandate_words(str(adviser), str(employer or by)),
        **giver,
    )
    record(
        "mandate.given",
        actor=by,
        subject=f"mandate:{mandate.id}",
        facts={"adviser": str(adviser.id), "for": "employer" if employer else "worker"},
    )
    return mandate


@transaction.atomic
def end_mandate(*, mandate: Mandate, by: User) -> None:
    """End a mandate, from either side.

    Raises:
        InputError: it is none of theirs.
    """
    if not may_end(mandate, by):
        raise InputError("mandate", "is not yours to end", code="not_yours")
    if mandate.ended_at is None:
        mandate.ended_at = timezone.now()
        mandate.save(update_fields=["ended_at"])
        record("mandate.ended", actor=by, subject=f"mandate:{mandate.id}")


def may_end(mandate: Mandate, user: User) -> bool:
    """Tell whether somebody is on a side of a mandate that may end it."""
    if mandate.worker_id == user.id or owns(user, mandate.employer_id):
        return True
    return Role.EMPLOYER in roles_in(user, mandate.adviser_id, manage=True)


@transaction.atomic
def set_office_role(*, user: User, role: str, by: User) -> None:
    """Give somebody an office, or take it; their sessions end, so that it holds at once.

    Raises:
        InputError: nobody would be left to administer the installation.
    """
    require(by, "installation.manage")
    _keep_an_administrator(user, OfficeRole(role))
    user.office_role = OfficeRole(role)
    user.sessions_from = timezone.now() + timedelta(seconds=1)
    user.save(update_fields=["office_role", "sessions_from"])
    record("office.role", actor=by, subject=f"user:{user.id}", facts={"role": role or "none"})


@transaction.atomic
def set_active(*, user: User, active: bool, by: User) -> None:
    """Close an account, or open it again; a closed one can't sign in and its sessions end.

    Raises:
        InputError: nobody would be left to administer the installation.
    """
    require(by, "installation.manage")
    if not active:
        _keep_an_administrator(user, OfficeRole.NONE)
    user.is_active = active
    user.save(update_fields=["is_active"])
    act = "account.opened" if active else "account.closed"
    record(act, actor=by, subject=f"user:{user.id}")


@transaction.atomic
def reset_factors(*, user: User, how: str, by: User) -> None:
    """Take away second factors that somebody lost; their sessions end, and they are told.

    Args:
        user: who lost them.
        how: code of how it was seen that it is them.
        by: an administrator, never for their own account: two people see it.

    Raises:
        InputError: it is their own account.
    """
    require(by, "installation.manage")
    if user == by:
        raise InputError("person", "is you: another administrator has to do this", code="oneself")
    lost, _ = Authenticator.objects.filter(user=user).delete()
    user.sessions_from = timezone.now() + timedelta(seconds=1)
    user.save(update_fields=["sessions_from"])
    record(
        "account.factors_reset",
        actor=by,
        subject=f"user:{user.id}",
        facts={"how": how, "count": lost},
    )
    mail(user.email, "accounts/mail/factors_reset.txt", {})


@transaction.atomic
def end_sessions(*, user: User) -> None:
    """End all sessions of somebody."""
    user.sessions_from = timezone.now() + timedelta(seconds=1)
    user.save(update_fields=["sessions_from"])
    record("account.sessions_ended", actor=user, subject=f"user:{user.id}")


def _place(organisation: Organisation, member: User) -> Membership:
    return Membership.objects.select_for_update().get(user=member, organisation=organisation)


def _keep_an_owner(organisation: Organisation, member: User) -> None:
    owners = organisation.memberships.select_for_update().filter(role=MemberRole.OWNER)
    if not [place for place in owners if place.user_id != member.id]:
        raise InputError("owner", "must be left: name another one first", code="last_owner")


def _keep_an_administrator(user: User, role: OfficeRole) -> None:
    administrators = User.objects.select_for_update().filter(
        office_role=OfficeRole.ADMINISTRATOR, is_active=True
    )
    ids = [each.id for each in administrators]
    if role != OfficeRole.ADMINISTRATOR and ids == [user.id]:
        raise InputError(
            "administrator", "must be left: name another one first", code="last_administrator"
        )


def _record(act: str, by: User, organisation: Organisation, **facts: object) -> None:
    record(act, actor=by, subject=f"organisation:{organisation.id}", facts=facts)
