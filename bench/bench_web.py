"""How fast the service answers: 8 clients at once, on SQLite and on PostgreSQL.

    python bench/bench_web.py                                       the embedded database
    python tools/with-postgresql --synced python bench/bench_web.py PostgreSQL

The real server is started as `totalize serve --demo` starts it, in a folder that is thrown away,
on this machine: the clients take their share of its cores. Passwords and second factors are not
part of it; the clients come with a session. Certificates are checked in turn, each by everybody:
the server believes that a proxy stands in front and says who called.

The last column is the processor's time of all the server's processes for one request, without
PostgreSQL's and the clients' own: unlike the others it hardly changes when the machine is busy.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

CLIENTS = 8
REQUESTS = int(sys.argv[1]) if len(sys.argv) > 1 else 800
WARM = 80
APPLICATIONS = 40
BOARD = 10_000


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-web-") as name:
        folder = Path(name)
        os.environ["TOTALIZE_DATA_DIR"] = name
        os.environ["TOTALIZE_BEHIND_PROXY"] = "yes"
        log = folder / "log"
        command = [sys.executable, "-m", "totalize", "serve", "--demo", "--port", "0"]
        with log.open("wb") as output:
            server = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            measure(wait(log, server), server.pid)
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
    run(port, Page("health", "/api/v1/health", {}), CLIENTS)
    return port


@dataclass(frozen=True)
class Page:
    """What the clients ask for.

    Attributes:
        words: what it is called in the table.
        headers: of every request; the session is among them.
        sent: bodies that are sent in turn; without any the page is read.
    """

    words: str
    path: str
    headers: dict[str, str]
    sent: list[bytes] = field(default_factory=list)


def measure(port: int, server: int) -> None:
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
    asked, answered = visitors()
    what_if = "try=work.expected_end&what_if-answer=day&what_if-day=2034-02-28&what_if-go=1"
    print(f"{database}, {CLIENTS} clients, {REQUESTS} requests a page, {os.cpu_count()} cores")
    print(f"{'page':<34}{'status':>7}{'p50 ms':>9}{'p99 ms':>9}{'requests/s':>12}{'cpu ms':>8}")
    for page in (
        Page("first page", "/", {}),
        Page("check: first question", "/check/", {}),
        Page("check: a question in the middle", "/check/question/work.country/", asked),
        Page("check: the answer with money", "/check/result/", answered),
        Page("check: what if", f"/check/result/?{what_if}", answered),
        Page("an agreement", "/check/agreements/de/", {}),
        Page("verify: the form", "/verify/", {}),
        Page("a case at the desk", f"/desk/{issued.id}/", officer),
        Page("the queue of the desk", "/desk/", officer),
        Page("one's own draft", f"/applications/{mine.id}/", worker),
        followed(issued),
    ):
        told(port, page, server)
    board = employer(issued)
    told(port, board, server)
    automatic()
    told(port, verifying(port), server)


def told(port: int, page: Page, server: int) -> None:
    """Ask for a page, and print how long it took."""
    run(port, page, WARM)
    before = processor_of(server)
    statuses, times, wall = run(port, page, REQUESTS)
    processor = (processor_of(server) - before) / len(times)
    ordered = sorted(times)
    print(
        f"{page.words:<34}{'/'.join(map(str, sorted(statuses))):>7}"
        f"{statistics.median(ordered) * 1000:>9.1f}"
        f"{ordered[int(len(ordered) * 0.99)] * 1000:>9.1f}{len(ordered) / wall:>12.0f}"
        f"{processor * 1000:>8.1f}",
        flush=True,
    )


def processor_of(pid: int) -> float:
    """Return the processor's time, in seconds, of a process and of those below it that run."""
    here = Path(f"/proc/{pid}")
    fields = (here / "stat").read_text().rpartition(")")[2].split()
    taken = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = (here / "task" / str(pid) / "children").read_text().split()
    return taken + sum(processor_of(int(child)) for child in children)


ANSWERS: dict[str, dict[str, str]] = {
    "worker.citizenships": {"country_0": "US"},
    "work.occupation": {"answer": "general"},
    "work.country": {"answer": "DE"},
    "work.start": {"answer": "2028-03-01"},
    "work.sent_from": {"answer": "US"},
    "work.employer.country": {"answer": "US"},
    "work.expected_end": {"answer": "day", "day": "2031-02-28"},
    "work.employed_before_transfer": {"answer": "yes"},
    "earlier": {"answer": "none"},
}


def visitors() -> tuple[dict[str, str], dict[str, str]]:
    """Return two visitors of the check: one in the middle of it, one who has answer and money."""
    from django.test import Client

    found = []
    for answers in (list(ANSWERS)[:2], list(ANSWERS)):
        visitor = Client(SERVER_NAME="127.0.0.1")
        visitor.post("/check/", {"new": ""})
        for key in answers:
            visitor.post(f"/check/question/{key}/", ANSWERS[key])
        sent = {"money-earnings": "145000", "money-currency": "USD"}
        visitor.post("/check/result/money/", sent)
        found.append(cookie_of(visitor))
    return found[0], found[1]


def followed(application: Any) -> Page:
    """Let the worker of an application follow it."""
    from totalize.web.follow.services import open_dossier

    worker = application.worker
    dossier = open_dossier(by=worker, person=application.person, case=application.case)
    return Page("a person's time line", f"/follow/{dossier.id}/", session_of(worker))


def employer(application: Any) -> Page:
    """Put many people on the board of an employer, all of them as the one of an application."""
    from copy import copy
    from uuid import uuid4

    from totalize.web.accounts.models import Organisation, User
    from totalize.web.follow.models import Dossier, Spell
    from totalize.web.follow.services import open_dossier
    from totalize.web.people.models import Person

    manager = User.objects.get(email="employer@demo.example")
    organisation = Organisation.objects.get(name="Example Corp")
    first = open_dossier(
        by=manager,
        person=application.person,
        case=application.case,
        organisation=organisation,
        key="W00000",
    )
    people, dossiers, spells = [], [], []
    for number in range(1, BOARD):
        person, dossier = copy(first.person), copy(first)
        person.id, dossier.id = uuid4(), uuid4()
        person.full_name, dossier.key = f"Person {number:05d}", f"W{number:05d}"
        dossier.person = person
        people.append(person)
        dossiers.append(dossier)
        for spell in first.spells.all():
            another = copy(spell)
            another.pk, another.dossier = None, dossier
            spells.append(another)
    for model, rows in ((Person, people), (Dossier, dossiers), (Spell, spells)):
        model.objects.bulk_create(rows, batch_size=2000)
    path = f"/employers/{organisation.id}/"
    return Page(f"an employer's board, {BOARD:,} rows", path, session_of(manager))


def verifying(port: int) -> Page:
    """Check every certificate in turn; the limits count by address and by certificate."""
    from totalize.web.certificates.models import Issued

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/verify/")
    response = connection.getresponse()
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', response.read().decode()).group(
        1
    )
    connection.close()
    sent = [
        urlencode(
            {
                "by_reference": "1",
                "reference": issued.reference,
                "fact": issued.record["certificate"]["fact"],
                "csrfmiddlewaretoken": token,
                "lang": "en",
            }
        ).encode()
        for issued in Issued.objects.all()
    ]
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    return Page("verify: a certificate", "/verify/", headers, sent)


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
        # Everybody has a number of their own: the same one twice is a doubt that a person looks at.
        own = f"123-45-6{number:03d}"
        ready = demo.ready(manager, employer, worker, timezone.localdate(), "DE", number=own)
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


def session_of(user: Any) -> dict[str, str]:
    from django.test import Client

    from totalize.web.accounts.factors import has_second_factor, needs_second_factor

    if needs_second_factor(user) and not has_second_factor(user):
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        TOTP.activate(user, generate_totp_secret())
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return cookie_of(client)


def cookie_of(client: Any) -> dict[str, str]:
    from django.conf import settings

    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"}


def run(port: int, page: Page, requests: int) -> tuple[set[int], list[float], float]:
    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        share = requests // CLIENTS
        parts = list(
            clients.map(
                lambda number: one(port, page, range(number * share, (number + 1) * share)),
                range(CLIENTS),
            )
        )
    wall = time.perf_counter() - begun
    return (
        {status for statuses, _ in parts for status in statuses},
        [taken for _, times in parts for taken in times],
        wall,
    )


def one(port: int, page: Page, numbers: range) -> tuple[set[int], list[float]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    statuses, times = set(), []
    for number in numbers:
        body = page.sent[number % len(page.sent)] if page.sent else None
        # A proxy says who called: everybody a few times only, as the limits have it.
        caller = {"X-Forwarded-For": f"192.0.2.{number % 250}"} if page.sent else {}
        begun = time.perf_counter()
        connection.request(
            "POST" if page.sent else "GET", page.path, body, {**page.headers, **caller}
        )
        response = connection.getresponse()
        response.read()
        times.append(time.perf_counter() - begun)
        statuses.add(response.status)
    connection.close()
    return statuses, times


if __name__ == "__main__":
    main()
