"""Do the work in the background: queued tasks, and the clock's regular jobs."""

from __future__ import annotations

import logging
import threading
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker

from totalize.web.jobs.services import run_due

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """`python -m django work`: runs until it is told to stop; a task under way is finished."""

    help = "Do queued tasks and the regular jobs of the clock until told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the pace."""
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between looks")
        parser.add_argument(
            "--once", action="store_true", help="do what is there and due now, and stop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Work."""
        worker = Worker(
            queue_names=["default"],
            interval=options["interval"],
            batch=options["once"],
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=uuid.uuid4().hex,
            excluded_queue_names=[],
        )
        if options["once"]:
            run_due()
            worker.run()
            return
        worker.configure_signals()
        threading.Thread(target=_keep_the_clock, args=(options["interval"],), daemon=True).start()
        worker.run()


def _keep_the_clock(interval: float) -> None:
    stand = threading.Event()
    while not stand.wait(interval):
        try:
            close_old_connections()
            run_due()
        except Exception:
            # The database may be away for a while; the clock goes on when it is back.
            log.exception("the clock stopped for a moment")
            connection.close()
