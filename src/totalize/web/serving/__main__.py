"""One process of an installation: `python -m totalize.web.serving web` or `... work`."""

from __future__ import annotations

import os
import signal
import sys
import threading

from totalize.web.serving.supervisor import ADDRESS_FD, LIFELINE

MOST_PROCESSES = 4
THREADS = 8  # clients of a process that are waited for at once
PACE = "0.3"  # seconds until a queued task is seen


def main() -> None:
    """Become the server or the worker, and end when the one that started it has ended."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "totalize.web.config.settings")
    if LIFELINE in os.environ:
        descriptor = int(os.environ[LIFELINE])
        threading.Thread(target=_follow, args=(descriptor,), daemon=True).start()
    if sys.argv[1] == "work":
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - one of two

        execute_from_command_line(["totalize", "work", "--interval", PACE])
        return
    from gunicorn.app.wsgiapp import run  # noqa: PLC0415 - one of two

    sys.argv = ["totalize", *server_options(f"fd://{os.environ[ADDRESS_FD]}")]
    run()


def server_options(bind: str, cores: int | None = None) -> list[str]:
    """Return gunicorn's options: processes by the cores, threads that wait for clients."""
    processes = min(max(cores or os.cpu_count() or 1, 2), MOST_PROCESSES)
    options = {
        "--bind": bind,
        "--worker-class": "totalize.web.serving.process.Process",
        "--workers": str(processes),
        "--threads": str(THREADS),
        "--timeout": "60",
        "--graceful-timeout": "20",
        "--keep-alive": "5",
        "--log-level": "warning",
    }
    flat = [word for option in options.items() for word in option]
    return [*flat, "--preload", "--no-control-socket", "totalize.web.serving.web"]


def _follow(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
