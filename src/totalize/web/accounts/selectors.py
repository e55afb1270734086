"""What account pages show."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from totalize.certificates.authority import missing_for_issuing
from totalize.kernel.errors import TotalizeError
from totalize.web.accounts.factors import STRONG
from totalize.web.accounts.models import (
    Invitation,
    Mandate,
    MemberRole,
    OfficeRole,
    Organisation,
    OrganisationKind,
    SingleSignOn,
    User,
)


def factors_of(user: User) -> dict[str, int]:
    """Count somebody's second factors by kind."""
    rows = Authenticator.objects.filter(user=user)
    return {
        "keys": rows.filter(type=Authenticator.Type.WEBAUTHN).count(),
        "app": rows.filter(type=Authenticator.Type.TOTP).count(),
        "recovery": rows.filter(type=Authenticator.Type.RECOVERY_CODES).count(),
    }


def mandates_of(user: User) -> QuerySet[Mandate]:
    """Return the mandates that somebody gave, for themselves or for what they own."""
    owned = user.memberships.filter(role=MemberRole.OWNER).values("organisation_id")
    return (
        Mandate.objects.filter(Q(worker=user) | Q(employer_id__in=owned))
        .select_related("adviser", "employer", "worker")
        .order_by("-given_at", "id")
    )


def clients_of(adviser: Organisation) -> QuerySet[Mandate]:
    """Return the mandates an adviser holds or held, those in force first."""
    return adviser.mandates_held.select_related("employer", "worker").order_by(
        "ended_at", "-given_at", "id"
    )


def members_of(organisation: Organisation) -> QuerySet[User]:
    """Return an organisation's people, by name."""
    return User.objects.filter(memberships__organisation=organisation).order_by(
        "full_name", "email"
    )


def mandates_given_by(employer: Organisation) -> QuerySet[Mandate]:
    """Return the mandates that an employer gave, the latest first."""
    return employer.mandates_given.select_related("adviser").order_by("-given_at", "id")


def owned_employers(user: User) -> list[Organisation]:
    """Return the employers that somebody may give mandates for, by name."""
    return list(
        Organisation.objects.filter(
            kind=OrganisationKind.EMPLOYER,
            memberships__user=user,
            memberships__role=MemberRole.OWNER,
        ).order_by("name", "id")
    )


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Return the invitations that may still be taken."""
    return organisation.invitations.filter(
        accepted_at=None, withdrawn_at=None, ends_at__gt=timezone.now()
    ).order_by("-asked_at", "id")


def people(search: str) -> QuerySet[User]:
    """Return accounts for the administrator: those with an office first, others by address."""
    rows = User.objects.order_by("office_role", "email")
    if search:
        return rows.filter(Q(email__icontains=search) | Q(full_name__icontains=search))[:50]
    return rows.exclude(office_role=OfficeRole.NONE)


def unproved_providers() -> QuerySet[SingleSignOn]:
    """Return the identity providers whose domains nobody has seen proved, by organisation."""
    unproved = SingleSignOn.objects.filter(proved_at=None).select_related("organisation")
    return unproved.order_by("organisation__name", "id")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the installation and whether it is ready."""

    name: str
    good: bool
    words: str


def state_of_set_up() -> list[Part]:
    """Say what of the installation is set up and what is not."""
    installation = settings.INSTALLATION
    without = [
        user
        for user in User.objects.exclude(office_role=OfficeRole.NONE)
        if not Authenticator.objects.filter(user=user, type__in=STRONG).exists()
    ]
    return [
        Part(
            "Address",
            installation.secure,
            f"{installation.address}"
            + ("" if installation.secure else ": not over TLS, for trying out only"),
        ),
        Part(
            "Mail",
            installation.mail_url is not None,
            "sent by your mail server"
            if installation.mail_url
            else "written to files only: set TOTALIZE_MAIL",
        ),
        Part(
            "Database",
            True,
            "PostgreSQL" if installation.database_url else "SQLite in the installation's folder",
        ),
        Part(
            "Second factors of the office",
            not without,
            "all have one" if not without else f"{len(without)} without",
        ),
        *_authority(),
    ]


def _authority() -> list[Part]:
    # The app of certificates stands to the right of this one: it is asked by name, if it is there.
    try:
        setting = import_module("totalize.web.certificates.services").setting()
        if setting is None:
            return [Part("Issuing office", False, "none: certificates are not issued here")]
        missing = missing_for_issuing(setting, timezone.now())
    except TotalizeError as error:
        return [Part("Issuing office", False, str(error))]
    return [Part("Issuing office", not missing, "; ".join(missing) or setting.office.name)]
