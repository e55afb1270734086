"""Hooks of the sign-in library."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import user_logged_in
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import render

from totalize.web.accounts import single_sign_on
from totalize.web.accounts.factors import STRONG, needs_second_factor
from totalize.web.accounts.models import User
from totalize.web.audit.services import record
from totalize.web.sealing import seal_secret, unseal_secret


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by e-mail address."""

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave a trace of a failed sign-in that names nobody."""
        super().authentication_failed(request, **credentials)
        record("account.sign_in_failed", actor=None, subject="account")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Passkeys, codes and recovery codes; seeds are sealed in the database."""

    def encrypt(self, text: str) -> str:
        """Seal the seed of codes."""
        return seal_secret("second_factor", text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open the seed of codes."""
        return unseal_secret("second_factor", encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last factor of who must have one."""
        user = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=STRONG)
        return not needs_second_factor(user) or others.exclude(id=authenticator.id).exists()


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Sign-in through an employer's own identity provider."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[Any]:
        """Return the providers that organisations entered and that are proved."""
        return single_sign_on.applications(provider, client_id)

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Refuse an address of a domain that is not proved for the provider's organisation."""
        provider_id = sociallogin.account.provider
        addresses = [each.email for each in sociallogin.email_addresses]
        known = sociallogin.user if sociallogin.is_existing else None
        if known is not None:
            addresses.append(known.email)
        elif addresses:
            known = User.objects.filter(email__iexact=addresses[0]).first()
        if not addresses or not all(single_sign_on.lets_in(provider_id, a) for a in addresses):
            reason = "domain"
        elif known is not None and known.office_role:
            reason = "office"
        else:
            return
        record(
            "single_sign_on.refused",
            actor=None,
            subject=f"organisation:{provider_id}",
            facts={"reason": reason},
        )
        page = render(request, "accounts/sign_on_refused.html", {"reason": reason}, status=403)
        raise ImmediateHttpResponse(page)

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """Take over the name the provider tells."""
        user = super().populate_user(request, sociallogin, data)
        user.full_name = (data.get("name") or "")[:200]
        return user


@receiver(user_logged_in)
def _joins(request: HttpRequest, user: Any, **named: Any) -> None:
    record("account.signed_in", actor=user, subject=f"user:{user.pk}")
    sociallogin = named.get("sociallogin")
    if sociallogin is not None:
        single_sign_on.join(user=user, provider_id=sociallogin.account.provider)
