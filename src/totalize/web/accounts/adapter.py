"""Hooks of the sign-in library."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by e-mail address."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Passkeys, codes and recovery codes."""


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Sign-in through an employer's own identity provider."""
