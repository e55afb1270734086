"""Who must have a second factor, and who has one."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from totalize.web.accounts.models import MemberRole, User
from totalize.web.accounts.places import places_of

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def needs_second_factor(user: User) -> bool:
    """Tell whether somebody may do nothing without: who has an office, who owns an organisation."""
    return bool(user.office_role) or any(
        place.role == MemberRole.OWNER for place in places_of(user)
    )


def has_second_factor(user: User) -> bool:
    """Tell whether a passkey, a security key or an app is set up."""
    return bool(Authenticator.objects.filter(user=user, type__in=STRONG).exists())
