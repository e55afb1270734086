"""Kill a process in the middle of submitting, issuing and withdrawing, then look at what stands.

    python harness.py ROUNDS SEED        (TOTALIZE_DATA_DIR and DATABASE_URL say where)

One warm process forks a child for every act and kills it at a random moment between its start and
its end, which is learnt on the way: no machine is too slow or too fast for it. The warm process
itself never makes a document, since the library that does has threads, which a fork would lose.
Prints one JSON object: how many children were killed in each act, and every fault that was found.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from totalize.web.serving import setup

setup.load_settings(None, "127.0.0.1", 8000)

from django.conf import settings  # noqa: E402 - after the settings are loaded
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from totalize.web.accounts.models import User  # noqa: E402
from totalize.web.applications import services  # noqa: E402
from totalize.web.applications.models import Application, Decision, Step  # noqa: E402
from totalize.web.applications.services.submission import proof_of  # noqa: E402
from totalize.web.audit.models import Entry  # noqa: E402
from totalize.web.audit.verification import verify  # noqa: E402
from totalize.web.certificates import services as certificates  # noqa: E402
from totalize.web.certificates.models import Issued, Withdrawal  # noqa: E402
from totalize.web.desk import services as desk  # noqa: E402
from totalize.web.serving import demo, demo_office  # noqa: E402


class Killer:
    """Forks children and kills them somewhere on their way."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.killed: dict[str, int] = {}

    def each(self, name: str, acts: list[Callable[[], object]]) -> None:
        """Perform each act in a child that is killed at a random moment."""
        self.killed[name] = 0
        length = 0.2
        for act in acts:
            connection.close()
            child = os.fork()
            if child == 0:
                _perform(act)
            begun = time.monotonic()
            time.sleep(self.random.uniform(0, length))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                self.killed[name] += 1
                length *= 1.15
            else:
                # It was over before: the next ones are killed earlier.
                length = max((time.monotonic() - begun) * 0.8, 0.01)

    def rest(self, act: Callable[[], object]) -> None:
        """Perform an act in a child that lives."""
        connection.close()
        child = os.fork()
        if child == 0:
            _perform(act)
        _, status = os.waitpid(child, 0)
        if status != 0:
            raise SystemExit(f"what was interrupted can't be taken up again ({status})")


def _perform(act: Callable[[], object]) -> None:
    try:
        act()
        connection.close()
    except BaseException as error:  # noqa: BLE001 - a forked child must never go on
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


def main(rounds: int, seed: int) -> None:
    """Go through all three acts."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    setup.prepare()
    demo_office.set_up(settings.INSTALLATION.data_dir, timezone.now())
    killer, faults = Killer(seed), []
    manager, employer, workers, office = demo.people()
    today = timezone.localdate()
    first = demo.ready(manager, employer, workers[0], today, "DE")
    made = [first.id, *(_another(first, manager) for _ in range(rounds - 1))]

    # Children share what is here as long as nobody, looking for garbage, writes to it.
    gc.collect()
    gc.freeze()

    def submit(identifier: Any) -> None:
        services.submit(identifier, manager)

    def issue(identifier: Any) -> None:
        desk.issue(identifier, office["caseworker"])

    def withdraw(identifier: Any) -> None:
        issued = Issued.objects.get(application_id=identifier)
        waiting = Withdrawal.objects.filter(issued=issued, closed_at__isnull=True).first()
        if waiting is None:
            waiting = certificates.withdraw(issued.id, office["caseworker"], "The work was ended.")
        certificates.second_withdrawal(waiting.id, office["supervisor"])

    killer.each("submit", [lambda i=i: submit(i) for i in made])
    faults += check_submitted(made, manager)
    killer.rest(lambda: [submit(i) for i in made])
    faults += check_submitted(made, manager, all_of_them=True)

    for identifier in made:
        desk.take(identifier, office["caseworker"])
    killer.each("issue", [lambda i=i: issue(i) for i in made])
    faults += check_issued(made)
    left = [i for i in made if not Issued.objects.filter(application_id=i).exists()]
    killer.rest(lambda: [issue(i) for i in left])
    faults += check_issued(made, all_of_them=True)

    killer.each("withdraw", [lambda i=i: withdraw(i) for i in made])
    faults += check_withdrawn(made)
    left = [i for i in made if Issued.objects.get(application_id=i).state == "valid"]
    killer.rest(lambda: [withdraw(i) for i in left])
    faults += check_withdrawn(made, all_of_them=True)

    report = verify()
    if not report.whole:
        faults.append(f"log: {report.to_dict()}")
    print(json.dumps({"killed": killer.killed, "rounds": rounds, "faults": faults}))


def _another(first: Application, by: User) -> Any:
    """Start a further application like the first, with nothing missing."""
    copied = services.start(by=by, follows=first)
    found = services.readiness(copied)
    codes = [item.field.partition(".")[2] for item in found.missing]
    services.tick(copied, codes, by)
    if not services.readiness(copied).ready:
        raise SystemExit(f"the application lacks {services.readiness(copied).missing}")
    return copied.id


def check_submitted(made: list[Any], by: User, *, all_of_them: bool = False) -> list[str]:
    """Find applications that are sent by half, or twice."""
    faults = []
    for application in Application.objects.filter(id__in=made):
        sent = application.state == "submitted"
        steps = Step.objects.filter(application=application, move="submit").count()
        entries = _entries(application, "application.submit")
        whole = (
            application.proof is not None
            and application.determination is not None
            and application.submitted_at is not None
        )
        if (steps, entries, whole) != ((1, 1, True) if sent else (0, 0, False)):
            faults.append(f"{application.state}: {steps} steps, {entries} entries, whole: {whole}")
        if sent and not proof_of(application, by).startswith(b"%PDF"):
            faults.append("a proof of request is no document")
        if all_of_them and not sent:
            faults.append("an application is lost")
    return faults


def check_issued(made: list[Any], *, all_of_them: bool = False) -> list[str]:
    """Find certificates that are there twice, by half, or for nobody."""
    faults = []
    for application in Application.objects.filter(id__in=made):
        issued = list(Issued.objects.filter(application=application))
        state = application.state == "issued"
        decisions = Decision.objects.filter(application=application).count()
        entries = _entries(application, "application.issue")
        if (len(issued), decisions, entries) != ((1, 1, 1) if state else (0, 0, 0)):
            faults.append(
                f"{application.state}: {len(issued)} certificates, {decisions} decisions, "
                f"{entries} entries"
            )
        for each in issued:
            if not certificates.pdf_of(each).startswith(b"%PDF"):
                faults.append("a certificate is no document")
            if certificates.find(each.reference) != each:
                faults.append("a certificate is not found by its reference")
        if all_of_them and not issued:
            faults.append("a certificate is lost")
    if Issued.objects.count() != Issued.objects.values("status_index").distinct().count():
        faults.append("two certificates have one place in the status list")
    return faults


def check_withdrawn(made: list[Any], *, all_of_them: bool = False) -> list[str]:
    """Find certificates that are withdrawn by half."""
    faults = []
    for issued in Issued.objects.filter(application_id__in=made):
        withdrawn = issued.state == "withdrawn"
        record = certificates.record_of(issued)
        closed = Withdrawal.objects.filter(issued=issued, closed_at__isnull=False).count()
        if (record.state.value == "withdrawn") != withdrawn or closed != int(withdrawn):
            faults.append(f"{issued.state}: record {record.state}, {closed} withdrawals")
        if Withdrawal.objects.filter(issued=issued).count() > 1:
            faults.append("a withdrawal stands twice")
        if all_of_them and not withdrawn:
            faults.append("a withdrawal is lost")
    return faults


def _entries(application: Application, act: str) -> int:
    return Entry.objects.filter(act=act, subject=f"application:{application.id}").count()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
