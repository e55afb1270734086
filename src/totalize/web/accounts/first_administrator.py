"""The first administrator, who comes in by a link that only the terminal of the server shows."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from totalize.web.accounts.models import OfficeRole, User
from totalize.web.audit.services import record

LASTS = timedelta(days=1)
_SALT = "totalize.first-administrator"


def link() -> str:
    """Return a link that makes an administrator, once and within a day."""
    token = signing.dumps("first", salt=_SALT)
    return f"{settings.INSTALLATION.address}{reverse('accounts:first_administrator', args=[token])}"


def is_open(token: str) -> bool:
    """Tell whether a link still leads somewhere: it is ours, not old, and not used."""
    try:
        signing.loads(token, salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        return False
    return not _exists()


@transaction.atomic
def make_first(email: str, full_name: str, password: str) -> User | None:
    """Make the first administrator; None when there is one by now."""
    # The log's head is locked first: of two that come at once the second finds the first one's.
    record("installation.administrator_link_used", actor=None, subject="installation:this")
    if _exists() or User.objects.filter(email__iexact=email).exists():
        transaction.set_rollback(True)
        return None
    user = User.objects.create_user(
        email, password, full_name=full_name, office_role=OfficeRole.ADMINISTRATOR
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    record("account.made", actor=None, subject=f"user:{user.pk}", facts={"role": user.office_role})
    return user


def _exists() -> bool:
    return bool(User.objects.filter(office_role=OfficeRole.ADMINISTRATOR).exists())
