"""What verification does by itself."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from totalize.web.jobs.services import regular
from totalize.web.verify.models import Attempts


@regular("verify.forget", timedelta(minutes=30))
def forget() -> str:
    """Forget the attempts of an hour that is over."""
    forgotten, _ = Attempts.objects.filter(ends_at__lt=timezone.now()).delete()
    return f"{forgotten} counts"
