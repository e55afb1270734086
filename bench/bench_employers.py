"""How fast the employers' pages are with 10,000 people and 40,000 spells.

    python bench/bench_employers.py                                 the embedded database
    python tools/with-postgresql python bench/bench_employers.py    PostgreSQL

The roster of 10,000 rows, one person a row, goes through the pages as a browser sends it; what
the worker does in the background is done here, one task after the other, and timed apart. Then
each person gets three more spells, all of them on the board, and the pages are asked for in turn.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from copy import copy
from datetime import timedelta
from pathlib import Path
from typing import Any

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
REQUESTS = 60
COUNTRIES = ("DE", "FR", "GB", "JP", "CH", "IN", "IT", "KR", "CA", "BR")
HEADER = (
    "worker_id,full_name,worker.citizenships,worker.residence,activity,country,start,expected_end,"
    "employer.country,sent_from,via,employed_before_transfer,yearly_pay,currency,"
    "certificate.issued_by,certificate.from,certificate.to"
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-employers-") as name:
        os.environ["TOTALIZE_DATA_DIR"] = name
        Path(name, "static").mkdir()
        from totalize.web.serving import setup

        setup.load_settings(None, "127.0.0.1", 8000)
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        server = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
        print(f"{server}, {PEOPLE:,} people, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        client, organisation = enter()
        take_in(client, organisation)
        crowd(organisation)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        look(client, organisation)
        connection.close()


def enter() -> tuple[Any, Any]:
    """Return a signed-in owner's browser and their organisation."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.test import Client

    from totalize.web.accounts.models import Membership, Organisation, User

    owner = User.objects.create_user("owner@demo.example", full_name="Olive Owner")
    TOTP.activate(owner, generate_totp_secret())
    organisation = Organisation.objects.create(name="Bench Corp", kind="employer")
    Membership.objects.create(user=owner, organisation=organisation, role="owner")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client, organisation


def roster() -> Iterator[str]:
    """Yield the lines of the roster; every third person holds a certificate."""
    from django.utils import timezone

    yield HEADER
    today = timezone.localdate()
    for number in range(PEOPLE):
        first = today - timedelta(days=number % 700 + 1)
        last = first + timedelta(days=365 * 3 + number % 300)
        held = ""
        if number % 3 == 0:
            held = f"US,{first},{min(last, today + timedelta(days=number % 900 - 60))}"
            if first > today + timedelta(days=number % 900 - 60):
                held = f"US,{first},{last}"
        yield (
            f"W{number:05d},Person {number:05d},US,US,employment,{COUNTRIES[number % 10]},"
            f"{first},{last},US,US,null,true,{60_000 + number % 120 * 1000},USD,{held or ',,'}"
        )


def take_in(client: Any, organisation: Any) -> None:
    """Import the roster page by page."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from totalize.web.employers import importing, savings
    from totalize.web.employers.models import Batch

    data = "\n".join(roster()).encode()
    base = f"/employers/{organisation.id}"
    print(f"{'import of a file':<34}{'seconds':>9}{'processor':>11}")
    total = [0.0, 0.0]

    def timed(words: str, work: Callable[[], Any], counted: bool = True) -> Any:
        begun, used = time.perf_counter(), time.process_time()
        answer = work()
        took = (time.perf_counter() - begun, time.process_time() - used)
        print(f"{words:<34}{took[0]:>9.1f}{took[1]:>11.1f}", flush=True)
        if counted:
            total[0] += took[0]
            total[1] += took[1]
        return answer

    upload = SimpleUploadedFile("people.csv", data)
    answer = timed("request: upload", lambda: client.post(f"{base}/import/", {"file": upload}))
    assert answer.status_code == 302, answer.content.decode()
    batch = Batch.objects.get()
    timed("worker: check", lambda: importing.go_on.func(str(batch.id)))
    batch.refresh_from_db()
    assert (batch.phase, batch.bad) == ("checked", 0), list(batch.entries.exclude(errors=[])[:2])
    page = f"{base}/import/{batch.id}/"
    assert timed("request: preview", lambda: client.get(page)).status_code == 200
    assert timed("request: take in", lambda: client.post(f"{page}take/")).status_code == 302
    timed("worker: take in", lambda: importing.go_on.func(str(batch.id)))
    print(f"{'end to end':<34}{total[0]:>9.1f}{total[1]:>11.1f}")
    if hasattr(savings, "reckon"):
        timed(
            "worker: money at risk, afterwards",
            lambda: savings.reckon.func(str(organisation.id)),
            False,
        )


def crowd(organisation: Any) -> None:
    """Give each person three more spells on the board."""
    from totalize.web.follow.models import Spell

    spells = list(Spell.objects.filter(dossier__organisation=organisation))
    more = []
    for number in range(1, 4):
        for spell in spells:
            another = copy(spell)
            another.pk, another.work = None, f"{spell.work}-{number}"
            more.append(another)
    Spell.objects.bulk_create(more, batch_size=2000)
    print(f"{Spell.objects.count():,} spells")


def look(client: Any, organisation: Any) -> None:
    """Ask for each page again and again."""
    base = f"/employers/{organisation.id}/"
    pages = [
        ("board", base),
        ("board, page 300", f"{base}?page=300"),
        ("board by name", f"{base}?order=name"),
        ("board, one standing", f"{base}?standing=unproven"),
        ("board, part of a name", f"{base}?text=person+0123"),
        ("payroll", f"{base}payroll/"),
        ("affiliates", f"{base}affiliates/"),
        ("board as CSV", f"{base}board.csv"),
    ]
    print(f"{'page':<24}{'status':>7}{'p50 ms':>9}{'p95 ms':>9}{'processor ms':>14}{'KB':>8}")
    for words, path in pages:
        times, used = [], []
        requests = REQUESTS if words.startswith("board") and "CSV" not in words else 8
        for _ in range(requests):
            begun, processor = time.perf_counter(), time.process_time()
            answer = client.get(path)
            used.append(time.process_time() - processor)
            times.append(time.perf_counter() - begun)
        ordered = sorted(times)
        print(
            f"{words:<24}{answer.status_code:>7}{statistics.median(ordered) * 1000:>9.0f}"
            f"{ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000:>9.0f}"
            f"{statistics.median(used) * 1000:>14.0f}{len(answer.content) / 1000:>8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
