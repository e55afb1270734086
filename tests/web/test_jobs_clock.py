"""The clock: once a period, however many workers; what died is taken up again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from totalize.web.jobs import services
from totalize.web.jobs.models import Run
from totalize.web.jobs.services import AGAIN, HOLD, MOST_ATTEMPTS, regular, run_due

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> dict[str, services.Job]:
    """Have no jobs but those of the test."""
    alone: dict[str, services.Job] = {}
    monkeypatch.setattr(services, "JOBS", alone)
    return alone


@pytest.mark.django_db
def test_a_job_runs_once_a_period(jobs):
    runs = []
    regular("test.count", HOUR)(lambda: runs.append(1))
    assert run_due(NOON) == ["test.count"]
    assert run_due(NOON + HOUR - timedelta(seconds=1)) == []
    assert run_due(NOON + HOUR) == ["test.count"]
    assert len(runs) == 2
    assert Run.objects.get().last_outcome == "done"


@pytest.mark.django_db
def test_a_look_at_the_clock_is_one_statement_while_nothing_is_due(jobs, django_assert_num_queries):
    for name in ("test.one", "test.two", "test.three"):
        regular(name, HOUR)(lambda: "done")
    assert run_due(NOON) == ["test.one", "test.two", "test.three"]
    with django_assert_num_queries(1):
        assert run_due(NOON + timedelta(minutes=1)) == []


@pytest.mark.django_db
def test_a_job_that_fails_says_so_runs_again_soon_and_keeps_no_other_from_running(jobs):
    def fail():
        raise ValueError("broken")

    regular("test.fails", HOUR)(fail)
    regular("test.works", HOUR)(lambda: "fine")
    assert run_due(NOON) == ["test.fails", "test.works"]
    assert Run.objects.get(job="test.fails").last_outcome == "failed: ValueError"
    assert Run.objects.get(job="test.works").last_outcome == "fine"
    assert run_due(NOON + AGAIN) == ["test.fails"]


@pytest.mark.django_db
def test_the_turn_of_a_worker_that_died_is_taken_when_its_hold_is_over(jobs):
    runs = []
    regular("test.count", HOUR)(lambda: runs.append(1))
    Run.objects.create(job="test.count", held_until=NOON + HOLD)
    assert run_due(NOON + HOLD - timedelta(seconds=1)) == []
    assert run_due(NOON + HOLD) == ["test.count"]


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_runs_a_job(jobs):
    runs = []
    regular("test.count", HOUR)(lambda: runs.append(1))
    together = Barrier(4)

    def work(_):
        together.wait()
        try:
            return run_due(NOON)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        done = list(workers.map(work, range(4)))
    assert sorted(done) == [[], [], [], ["test.count"]]
    assert len(runs) == 1


def _task(workers: int, started: datetime) -> DBTaskResult:
    return DBTaskResult.objects.create(
        status=TaskResultStatus.RUNNING,
        started_at=started,
        args_kwargs={"args": [], "kwargs": {}},
        task_path="totalize.web.jobs.mail.send",
        worker_ids=[str(number) for number in range(workers)],
        run_after=get_date_max(),
        backend_name="default",
    )


@pytest.mark.django_db
def test_a_task_whose_worker_died_is_queued_again_but_not_for_ever():
    now = timezone.now()
    long_ago = now - services.ABANDONED - timedelta(seconds=1)
    died, kills, runs = _task(1, long_ago), _task(MOST_ATTEMPTS, long_ago), _task(1, now)
    assert services.take_up_abandoned(now) == 1
    for task, status in ((died, "READY"), (kills, "FAILED"), (runs, "RUNNING")):
        task.refresh_from_db()
        assert task.status == status


@pytest.mark.django_db
def test_the_jobs_of_the_installation_run_where_nothing_is_issued():
    names = run_due()
    assert {"audit.checkpoint", "certificates.status_list", "jobs.prune"} <= set(names)
    failed = Run.objects.filter(last_outcome__startswith="failed")
    assert not list(failed.values_list("job", "last_outcome"))
