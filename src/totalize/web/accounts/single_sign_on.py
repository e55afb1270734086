"""Sign-in through an organisation's own identity provider (OpenID Connect).

The provider's secret is sealed in our own table; the sign-in library gets an application made
from it for each request and stores none. Whom it lets in is decided here: only addresses of
domains that an administrator saw proved, and never an account that holds an office.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialApp
from django.db import transaction
from django.utils import timezone

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require, require_in
from totalize.web.accounts.models import MemberRole, Membership, Organisation, SingleSignOn, User
from totalize.web.audit.services import record
from totalize.web.sealing import seal_secret, unseal_secret

PROVIDER = "openid_connect"
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@transaction.atomic
def set_provider(
    *,
    organisation: Organisation,
    issuer: str,
    client_id: str,
    secret: str,
    domains: list[str],
    by: User,
) -> SingleSignOn:
    """Enter or change an organisation's provider; it must be proved anew.

    Raises:
        InputError: the issuer is not reached over TLS, a domain is none or is another's, or the
            secret is missing.
    """
    require_in(by, "employer.own", organisation.id)
    kept = SingleSignOn.objects.filter(organisation=organisation).first()
    address = urlsplit(issuer)
    if address.scheme != "https" or not address.hostname or address.username:
        raise InputError("issuer", "is no address over TLS", value=issuer, expected="https://...")
    domains = sorted({domain.strip().lower() for domain in domains})
    for domain in domains:
        if not _DOMAIN.fullmatch(domain):
            raise InputError("domains", "is no domain", value=domain, expected="example.com")
    if not domains:
        raise InputError("domains", "is missing", expected="example.com", code="missing")
    if secret:
        sealed = seal_secret(_purpose(organisation), secret)
    elif kept is not None:
        sealed = kept.secret
    else:
        raise InputError("secret", "is missing", code="missing")
    setting, _ = SingleSignOn.objects.update_or_create(
        organisation=organisation,
        defaults={
            "issuer": issuer.rstrip("/"),
            "client_id": client_id,
            "secret": sealed,
            "domains": domains,
            "asked_by": by,
            "asked_at": timezone.now(),
            "proved_by": None,
            "proved_at": None,
            "proof": "",
        },
    )
    _record("single_sign_on.set", by, organisation, domains=len(domains))
    return setting


@transaction.atomic
def prove_domains(*, setting: SingleSignOn, proof: str, by: User) -> None:
    """Say that the domains were seen to be the organisation's, and how; the provider is on.

    Raises:
        InputError: the proof is not said, or another organisation has one of the domains.
    """
    require(by, "installation.manage")
    if len(proof.strip()) < 8:
        raise InputError("proof", "is missing", expected="what you saw", code="missing")
    for other in SingleSignOn.objects.exclude(id=setting.id).exclude(proved_at=None):
        shared = set(other.domains) & set(setting.domains)
        if shared:
            raise InputError(
                "domains", "is another organisation's", value=min(shared), code="taken"
            )
    setting.proof = proof.strip()
    setting.proved_by = by
    setting.proved_at = timezone.now()
    setting.save()
    _record("single_sign_on.proved", by, setting.organisation)


@transaction.atomic
def remove_provider(*, organisation: Organisation, by: User) -> None:
    """Take a provider away; accounts stay, their passwords or passkeys too."""
    require_in(by, "employer.own", organisation.id)
    SingleSignOn.objects.filter(organisation=organisation).delete()
    _record("single_sign_on.removed", by, organisation)


def provider_for(email: str) -> SingleSignOn | None:
    """Find the provider that signs an address in."""
    domain = email.strip().lower().rpartition("@")[2]
    for setting in SingleSignOn.objects.exclude(proved_at=None):
        if domain in setting.domains:
            return setting
    return None


def applications(provider_id: str | None, client_id: str | None) -> list[SocialApp]:
    """Return the sign-in library's form of the proved providers that fit."""
    proved = SingleSignOn.objects.exclude(proved_at=None).select_related("organisation")
    rows = proved.order_by("organisation__name", "id")
    return [
        SocialApp(
            provider=PROVIDER,
            provider_id=str(row.organisation_id),
            name=row.organisation.name[:40],
            client_id=row.client_id,
            secret=unseal_secret(_purpose(row.organisation), row.secret),
            settings={
                "server_url": row.issuer,
                "verified_email": row.domains,
                "email_authentication": True,
                "oauth_pkce_enabled": True,
            },
        )
        for row in rows
        if provider_id in (None, PROVIDER, str(row.organisation_id))
        and client_id in (None, row.client_id)
    ]


def lets_in(provider_id: str, email: str) -> bool:
    """Tell whether an address belongs to a domain proved for this provider's organisation."""
    setting = provider_for(email)
    return setting is not None and str(setting.organisation_id) == provider_id


@transaction.atomic
def join(*, user: User, provider_id: str) -> None:
    """Give somebody who came in through an organisation's provider a viewer's place in it."""
    organisation = Organisation.objects.get(id=provider_id)
    _, made = Membership.objects.get_or_create(
        user=user, organisation=organisation, defaults={"role": MemberRole.VIEWER}
    )
    if made:
        _record("organisation.joined", user, organisation, role=MemberRole.VIEWER.value)


def _purpose(organisation: Organisation) -> str:
    return f"single_sign_on:{organisation.id}"


def _record(act: str, by: User, organisation: Organisation, **facts: object) -> None:
    record(act, actor=by, subject=f"organisation:{organisation.id}", facts=facts)
