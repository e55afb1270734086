"""What the clock forgets for the API."""

from __future__ import annotations

import time
from datetime import timedelta

from django.utils import timezone

from totalize.web.api import limits, repeats
from totalize.web.api.models import Answer, Window
from totalize.web.jobs.services import regular


@regular("api.prune", timedelta(hours=1))
def prune() -> str:
    """Forget kept answers and counts that are over."""
    answers, _ = Answer.objects.filter(at__lt=timezone.now() - repeats.KEEP).delete()
    minute = int(time.time() // limits.MINUTE)
    windows, _ = Window.objects.filter(minute__lt=minute - limits.KEEP).delete()
    return f"{answers} answers, {windows} counts"
