"""How fast the service answers: 8 clients at once, on SQLite and on PostgreSQL.

    python bench/bench_web.py                                       the embedded database
    python tools/with-postgresql python bench/bench_web.py          PostgreSQL

The real server is started as `totalize serve --demo` starts it, in a folder that is thrown away,
on this machine: the clients take their share of its cores. Passwords and second factors are not
part of it; the clients come with a session.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CLIENTS, REQUESTS, WARM = 8, 800, 80
APPLICATIONS = 20


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-web-") as name:
        folder = Path(name)
        os.environ["TOTALIZE_DATA_DIR"] = name
        log = folder / "log"
        command = [sys.executable, "-m", "totalize", "serve", "--demo", "--port", "0"]
        with log.open("wb") as output:
            server = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            measure(wait(log, server))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


def wait(log: Path, server: subprocess.Popen[bytes]) -> int:
    """Return the port once somebody answers there."""
    while (found := re.search(r"serves at \S+:(\d+)", log.read_text())) is None:
        if server.poll() is not None:
            raise SystemExit(log.read_text())
        time.sleep(0.1)
    port = int(found.group(1))
    run(port, "/api/v1/health", {}, CLIENTS)
    return port


def measure(port: int) -> None:
    from totalize.web.serving import setup

    setup.load_settings(None, "127.0.0.1", port)
    from django.db import connection

    from totalize.web.accounts.models import User
    from totalize.web.applications.models import Application

    database = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    officer = session_of(User.objects.get(email="caseworker@demo.example"))
    worker = session_of(User.objects.get(email="worker1@demo.example"))
    issued = Application.objects.filter(state="issued").first()
    mine = Application.objects.filter(worker__email="worker1@demo.example").first()
    pages = [
        ("first page", "/", {}),
        ("check: first question", "/check/", {}),
        ("agreement page", "/check/agreements/de/", {}),
        ("verify: form", "/verify/", {}),
        ("case at the desk", f"/desk/{issued.id}/", officer),
        ("queue of the desk", "/desk/", officer),
        ("own application", f"/applications/{mine.id}/", worker),
    ]
    print(f"{database}, {CLIENTS} clients, {REQUESTS} requests a page, {os.cpu_count()} cores")
    print(f"{'page':<26}{'status':>7}{'p50 ms':>9}{'p99 ms':>9}{'requests/s':>12}")
    for words, path, headers in pages:
        run(port, path, headers, WARM)
        statuses, times, wall = run(port, path, headers, REQUESTS)
        ordered = sorted(times)
        print(
            f"{words:<26}{'/'.join(map(str, sorted(statuses))):>7}"
            f"{statistics.median(ordered) * 1000:>9.1f}"
            f"{ordered[int(len(ordered) * 0.99)] * 1000:>9.1f}{len(ordered) / wall:>12.0f}"
        )
    automatic()


def automatic() -> None:
    """Send complete plain applications, one after the other, and wait for their certificates."""
    import json

    from django.conf import settings
    from django.utils import timezone

    from totalize.web.accounts.models import Organisation, User
    from totalize.web.applications import services
    from totalize.web.applications.models import Application
    from totalize.web.serving import demo

    path = settings.INSTALLATION.authority_file
    described = json.loads(path.read_text())
    described["automatic"]["enabled"] = True
    path.write_text(json.dumps(described))
    manager = User.objects.get(email="employer@demo.example")
    employer = Organisation.objects.get(name="Example Corp")
    sending, whole = [], []
    for number in range(APPLICATIONS):
        worker = User.objects.create_user(f"bench{number}@demo.example", full_name="Bo Bench")
        ready = demo.ready(manager, employer, worker, timezone.localdate(), "DE")
        begun = time.perf_counter()
        services.submit(ready.id, manager)
        sending.append(time.perf_counter() - begun)
        while Application.objects.get(id=ready.id).state != "issued":
            if time.perf_counter() - begun > 60:
                raise SystemExit("an automatic case was not decided within a minute")
            time.sleep(0.01)
        whole.append(time.perf_counter() - begun)
    print(
        f"submit {statistics.median(sending) * 1000:.0f} ms; submit to issued, automatic: "
        f"median {statistics.median(whole):.2f} s, longest of {APPLICATIONS} {max(whole):.2f} s"
    )


def session_of(user: object) -> dict[str, str]:
    from django.conf import settings
    from django.test import Client

    if user.office_role:
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        TOTP.activate(user, generate_totp_secret())
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"}


def run(
    port: int, path: str, headers: dict[str, str], requests: int
) -> tuple[set[int], list[float], float]:
    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        parts = list(
            clients.map(lambda _: one(port, path, headers, requests // CLIENTS), range(CLIENTS))
        )
    wall = time.perf_counter() - begun
    return (
        {status for statuses, _ in parts for status in statuses},
        [taken for _, times in parts for taken in times],
        wall,
    )


def one(
    port: int, path: str, headers: dict[str, str], requests: int
) -> tuple[set[int], list[float]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    statuses, times = set(), []
    for _ in range(requests):
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        times.append(time.perf_counter() - begun)
        statuses.add(response.status)
    connection.close()
    return statuses, times


if __name__ == "__main__":
    main()
