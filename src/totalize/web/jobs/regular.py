"""The jobs of the installation itself and of the apps that this one may call."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from totalize.web.audit.services import make_checkpoint
from totalize.web.certificates.office import issuing_country
from totalize.web.certificates.publishing import EVERY as STATUS_EVERY
from totalize.web.certificates.publishing import publish
from totalize.web.jobs.services import regular, take_up_abandoned

KEEP_TASKS = timedelta(days=14)
KEEP_ATTEMPTS = timedelta(days=30)


@regular("certificates.status_list", STATUS_EVERY)
def renew_status_list() -> str:
    """Publish the status list when it ends soon or lacks a change."""
    if issuing_country() is None:
        return "no office here"
    publish.call()
    return "current"


@regular("audit.checkpoint", timedelta(minutes=5))
def make_a_checkpoint() -> str:
    """Sign the log as it stands."""
    made = make_checkpoint()
    return "nothing new" if made is None else f"{made.size} entries"


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
