"""How fast the desk's pages are with many applications: one table.

    python bench/bench_desk.py [--cases 10000]

Runs on the database of `DATABASE_URL`, else on the embedded one, in a folder that is thrown away.
Each page is asked for by one client, one after the other; see bench_web.py for many at once.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path

CASE = {
    "contract": 1,
    "worker": {"citizenships": ["US"], "residence": "US"},
    "work": [
        {
            "id": "w",
            "activity": "employment",
            "country": "DE",
            "start": "2027-03-01",
            "expected_end": "2030-02-28",
            "employer": {"country": "US"},
            "sent_from": "US",
            "via": None,
            "employed_before_transfer": True,
        }
    ],
}
ROUNDS = 40


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    cases = parser.parse_args().cases
    with tempfile.TemporaryDirectory(prefix="totalize-bench-") as folder:
        os.environ["TOTALIZE_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "totalize.web.config.settings"
        os.environ["TOTALIZE_HOSTS"] = "testserver"
        Path(folder, "static").mkdir()
        import django

        django.setup()
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment()
        kept = setup_databases(0, interactive=False)
        try:
            measure(cases)
        finally:
            teardown_databases(kept, 0)
    return 0


def measure(cases: int) -> None:
    """Fill the database and print the table."""
    from allauth.mfa.models import Authenticator
    from django.db import connection, reset_queries
    from django.test import Client

    from totalize.web.accounts.models import User

    officer = User.objects.create_user("officer@example.org", office_role="supervisor")
    Authenticator.objects.create(user=officer, type=Authenticator.Type.TOTP, data={"secret": ""})
    began = time.perf_counter()
    one = fill(cases, officer)
    print(
        f"{connection.vendor}, {cases:,} applications ({time.perf_counter() - began:.0f} s to fill)"
    )
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    pages = (
        ("queue, first page", lambda: client.get("/desk/")),
        ("queue, page 50", lambda: client.get("/desk/?page=50")),
        ("queue, narrowed", lambda: client.get("/desk/?state=in_review&country=FR&plain=on")),
        ("found by name", lambda: client.post("/desk/search/", {"wanted": "person 77"})),
        ("found by number", lambda: client.post("/desk/search/", {"wanted": "078-05-1120"})),
        ("a case", lambda: client.get(f"/desk/{one}/")),
        ("answer times", lambda: client.get("/desk/times/")),
    )
    print(f"{'page':22}{'queries':>9}{'median ms':>11}{'slowest':>9}{'CPU ms':>10}")
    for name, ask in pages:
        assert ask().status_code == 200, name
        connection.force_debug_cursor = True
        reset_queries()
        ask()
        queries = len(connection.queries)
        connection.force_debug_cursor = False
        spent, worked = [], []
        for _ in range(ROUNDS):
            start, working = time.perf_counter(), time.process_time()
            ask()
            spent.append((time.perf_counter() - start) * 1000)
            worked.append((time.process_time() - working) * 1000)
        spent.sort()
        print(
            f"{name:22}{queries:9}{statistics.median(spent):11.1f}{spent[-1]:9.1f}"
            f"{statistics.median(worked):10.1f}"
        )


def fill(cases: int, officer: object) -> uuid.UUID:
    """Make people and their applications in every state; return one of the applications."""
    from django.utils import timezone

    from totalize import api
    from totalize.web.applications.models import Application, Step
    from totalize.web.people.models import DataKey, Person, PersonalNumber
    from totalize.web.people.services import keep_number
    from totalize.web.people.vault import lookup

    draw = random.Random(7)
    now = timezone.now()
    today = timezone.localdate()
    determination = api.check(CASE, today).to_dict()
    people = [Person(full_name=f"Person {number}") for number in range(cases)]
    Person.objects.bulk_create(people, batch_size=2000)
    keep_number(people[77], "US", "078-05-1120")
    PersonalNumber.objects.bulk_create(
        [
            PersonalNumber(
                person=person,
                kind="us",
                country="US",
                sealed=b"",
                lookup=lookup("US", f"900{number:06}"),
            )
            for number, person in enumerate(people)
            if number != 77
        ],
        batch_size=2000,
    )
    assert DataKey.objects.count() == 1
    rows = []
    for number, person in enumerate(people):
        state = draw.choice(("submitted", "in_review", "asked", "issued", "issued", "refused"))
        sent = now - timedelta(hours=draw.randrange(24 * 300))
        rows.append(
            Application(
                state="submitted" if number == 77 else state,
                person=person,
                started_by=officer,
                case=CASE,
                work="w",
                determination=determination,
                law=determination["law"],
                issuing_country="US",
                partner=draw.choice(("DE", "FR", "JP", "KR", "CH", "GB")),
                plain=draw.random() < 0.66,
                submitted_at=sent,
                decided_at=now if state in ("issued", "refused") else None,
            )
        )
    Application.objects.bulk_create(rows, batch_size=500)
    Step.objects.bulk_create(
        [
            Step(application=row, move="submit", state="submitted", at=row.submitted_at)
            for row in rows
        ],
        batch_size=2000,
    )
    return rows[77].id


if __name__ == "__main__":
    sys.exit(main())
