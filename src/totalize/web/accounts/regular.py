"""What the clock does for accounts."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from totalize.web.accounts.models import OpenSession
from totalize.web.jobs.services import regular


@regular("accounts.open_sessions", timedelta(hours=6))
def forget_open_sessions() -> str:
    """Forget where people were signed in, once no session can last that long."""
    longest = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    forgotten, _ = OpenSession.objects.filter(began_at__lt=timezone.now() - longest).delete()
    return f"{forgotten} forgotten"
