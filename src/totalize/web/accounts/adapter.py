"""Hooks of the sign-in library."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import user_logged_in
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
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

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed.",
        "duplicate_email": "This is your address already.",
        "email_password_mismatch": "The address and the password do not go together.",
        "email_taken": "There is an account with this address already.",
        "enter_current_password": "This is not your password.",
        "incorrect_code": "This is not the code, or it is too old.",
        "incorrect_password": "This is not your password.",
        "invalid_or_expired_key": "This link has ended.",
        "invalid_login": "The address and the password do not go together.",
        "invalid_password_reset": "This link has ended.",
        "too_many_login_attempts": "That was wrong too often. Please wait a few minutes.",
        "unverified_primary_email": "The address has to be confirmed first.",
        "same_as_current": "This is what it is already.",
        "rate_limited": "That was too often. Please wait a few minutes.",
    }
    _AGAIN: ClassVar[dict[str, str]] = {
        "reauthenticate": "Use your password",
        "mfa_reauthenticate": "Use a code from your app, or a recovery code",
        "mfa_reauthenticate:webauthn": "Use a passkey or security key",
    }

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, Any]]:
        """Name the ways to show again that it is you."""
        methods = super().get_reauthentication_methods(user)
        return [{**each, "description": self._AGAIN[each["id"]]} for each in methods]

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave a trace of a failed sign-in that names nobody."""
        super().authentication_failed(request, **credentials)
        record("account.sign_in_failed", actor=None, subject="account")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Passkeys, codes and recovery codes; seeds are sealed in the database."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "You need a second factor: set up another one first.",
        "cannot_generate_recovery_codes": "Recovery codes come with your first second factor.",
        "incorrect_code": "This is not the code, or it is too old.",
        "unverified_email": "Please confirm your e-mail address first.",
    }

    def generate_authenticator_name(self, user: AbstractBaseUser, authenticator_type: str) -> str:
        """Call a new key by its number."""
        known = Authenticator.objects.filter(user=user, type=authenticator_type).count()
        return f"Key {known + 1}"

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
    ) -> list[SocialApp]:
        """Return the providers that organisations entered and that are proved."""
        return single_sign_on.applications(provider, client_id)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse an address of a domain that is not proved for the provider's organisation."""
        provider_id = sociallogin.account.provider
        addresses = [each.email for each in sociallogin.email_addresses]
        account = sociallogin.user
        known = account if sociallogin.is_existing and isinstance(account, User) else None
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

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Take over the name the provider tells."""
        user: User = super().populate_user(request, sociallogin, data)
        user.full_name = (data.get("name") or "")[:200]
        return user


@receiver(user_logged_in)
def _joins(request: HttpRequest, user: User, **named: Any) -> None:
    record("account.signed_in", actor=user, subject=f"user:{user.pk}")
    sociallogin = named.get("sociallogin")
    if sociallogin is not None:
        single_sign_on.join(user=user, provider_id=sociallogin.account.provider)
