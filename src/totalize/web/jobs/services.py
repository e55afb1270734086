"""The clock: jobs that run once a period, however many workers there are.

A job is a function that may be run again without harm: a worker that dies while it runs one has
its turn taken by another once `HOLD` is over.

    @regular("audit.checkpoint", timedelta(minutes=5))
    def make_a_checkpoint() -> str: ...

An app keeps its jobs in a module `regular`, which is found when the service starts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from totalize.web.jobs.models import Run

log = logging.getLogger(__name__)

HOLD = timedelta(minutes=15)
AGAIN = timedelta(minutes=1)
ABANDONED = timedelta(minutes=15)
MOST_ATTEMPTS = 5

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Job:
    """A regular job."""

    name: str
    every: timedelta
    work: Work


JOBS: dict[str, Job] = {}


def regular(name: str, every: timedelta) -> Callable[[Work], Work]:
    """Have a function run once in every period.

    Args:
        name: like `audit.checkpoint`.
        every: the period.
    """

    def note(work: Work) -> Work:
        JOBS[name] = Job(name, every, work)
        return work

    return note


def run_due(at: datetime | None = None) -> list[str]:
    """Run the jobs that are due and that no other worker runs; return their names.

    A job that fails is due again after a minute, or after its period when that is shorter.
    """
    done = []
    runs = {run.job: run for run in Run.objects.all()}
    for job in JOBS.values():
        now = at or timezone.now()
        run = runs.get(job.name)
        if (run is not None and not _is_due(run, now)) or not _take(job, now):
            continue
        done.append(job.name)
        try:
            outcome, wait = str(job.work() or "done"), job.every
        except Exception as error:
            # Whatever it is, the other jobs are due too, and this one again soon.
            log.exception("the regular job %s failed", job.name)
            outcome, wait = f"failed: {type(error).__name__}", min(job.every, AGAIN)
        Run.objects.filter(job=job.name).update(
            due_at=now + wait, held_until=None, last_at=now, last_outcome=outcome[:200]
        )
    return done


def _take(job: Job, now: datetime) -> bool:
    """Take a job's turn for this worker, if it is due and nobody has it."""
    with transaction.atomic():
        row, _ = Run.objects.select_for_update().get_or_create(job=job.name)
        if not _is_due(row, now):
            return False
        row.held_until = now + HOLD
        row.save(update_fields=["held_until"])
    return True


def _is_due(row: Run, now: datetime) -> bool:
    if row.held_until is not None and row.held_until > now:
        return False
    return row.due_at is None or row.due_at <= now


def take_up_abandoned(at: datetime | None = None) -> int:
    """Queue tasks again whose worker died; one that kills its worker each time is given up."""
    now = at or timezone.now()
    again = 0
    with transaction.atomic():
        rows = DBTaskResult.objects.select_for_update().filter(
            status=TaskResultStatus.RUNNING, started_at__lt=now - ABANDONED
        )
        for row in rows:
            if len(row.worker_ids) >= MOST_ATTEMPTS:
                row.status, row.finished_at = TaskResultStatus.FAILED, now
                row.exception_class_path = "builtins.RuntimeError"
                row.traceback = f"its worker died {MOST_ATTEMPTS} times"
            else:
                row.status = TaskResultStatus.READY
                again += 1
            row.save()
    return again
