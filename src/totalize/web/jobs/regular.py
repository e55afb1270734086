"""The jobs of the clock itself: tasks that were left, and what is over."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from totalize.web.jobs.services import regular, take_up_abandoned

KEEP_TASKS = timedelta(days=14)
KEEP_ATTEMPTS = timedelta(days=30)


@regular("jobs.abandoned_tasks", timedelta(minutes=1))
def queue_abandoned_tasks() -> str:
    """Take up tasks whose worker died."""
    return f"{take_up_abandoned()} queued again"


@regular("jobs.prune", timedelta(hours=6))
def prune() -> str:
    """Forget what is over: finished tasks, sessions that ended, old wrong passwords."""
    now = timezone.now()
    finished = DBTaskResult.objects.filter(
        status__in=[TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED],
        finished_at__lt=now - KEEP_TASKS,
    )
    tasks, _ = finished.delete()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=now - KEEP_ATTEMPTS).delete()
    return f"{tasks} tasks, {sessions} sessions, {attempts} wrong passwords"
