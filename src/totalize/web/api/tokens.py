"""Tokens: made and shown once, found by digest, good for their scopes until they end."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from totalize.kernel.errors import InputError
from totalize.web.accounts.models import User
from totalize.web.api.models import ApiToken
from totalize.web.audit.services import record
from totalize.web.sealing import digest_of

PREFIX = "totalize_"
LONGEST = timedelta(days=366)
MOST = 20

# What a token may be used for. It never allows more than its account may do itself.
SCOPES = {
    "applications:read": "read applications",
    "applications:write": "start, fill in and send applications",
    "certificates:read": "fetch certificates",
    "payroll:read": "read what payroll is told of an employer's people",
    "desk:decide": "decide applications, as a caseworker",
}


@transaction.atomic
def make(user: User, name: str, scopes: Iterable[str], days: int) -> tuple[ApiToken, str]:
    """Make a token; return what is kept, and the token, which is shown once.

    Args:
        user: whose.
        name: what it is for, in the account's own words.
        scopes: of `SCOPES`.
        days: how long it lasts, a year at most.

    Raises:
        InputError: something can't be used.
    """
    chosen = sorted(set(scopes))
    unknown = [scope for scope in chosen if scope not in SCOPES]
    if unknown or not chosen:
        raise InputError(
            "scopes",
            "has one that does not exist" if unknown else "is empty",
            value=unknown[0] if unknown else None,
            expected=", ".join(SCOPES),
            code="bad_scope",
        )
    if not 1 <= days <= LONGEST.days:
        raise InputError(
            "days", "is too long or none", value=days, expected=f"1 to {LONGEST.days}", code="bad"
        )
    now = timezone.now()
    if user.api_tokens.filter(revoked_at__isnull=True, ends_at__gt=now).count() >= MOST:
        raise InputError("token", "is one too many", expected=f"{MOST} at most", code="too_many")
    secret = f"{PREFIX}{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=name.strip()[:100] or "token",
        digest=digest_of(secret),
        scopes=chosen,
        made_at=now,
        ends_at=now + timedelta(days=days),
    )
    record(
        "token.made",
        actor=user,
        subject=f"token:{token.id}",
        facts={"scopes": chosen, "days": days},
    )
    return token, secret


@transaction.atomic
def revoke(user: User, token_id: UUID) -> None:
    """End a token now; one that has ended stays as it is."""
    token = ApiToken.objects.select_for_update().filter(user=user, id=token_id).first()
    if token is None or token.revoked_at is not None:
        return
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record("token.revoked", actor=user, subject=f"token:{token.id}")


def find(secret: str) -> ApiToken | None:
    """Return the token that is good now, None for every other reason alike."""
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(secret), revoked_at__isnull=True, ends_at__gt=timezone.now())
        .first()
    )
    if token is None or not token.user.is_active:
        return None
    today = timezone.localdate()
    if token.last_used_on != today:
        ApiToken.objects.filter(id=token.id).update(last_used_on=today)
    return token


def of(user: User) -> list[ApiToken]:
    """Return somebody's tokens, the latest first."""
    return list(ApiToken.objects.filter(user=user).order_by("-made_at"))
