"""Two people at once, on either database: one wins, the other is told, nothing is there twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from waiting import at_desk, sent, taken

from totalize.kernel.errors import InputError
from totalize.web.applications.models import Application, Decision
from totalize.web.applications.services import ConflictError
from totalize.web.audit.models import Entry
from totalize.web.certificates import services
from totalize.web.certificates.models import Issued, Publication
from totalize.web.desk import automatic
from totalize.web.desk import services as desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("office")]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Begin all acts at the same moment; return what each gave or raised."""
    together = threading.Barrier(len(acts))
    found: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        together.wait()
        try:
            found[place] = act()
        except Exception as error:  # noqa: BLE001 - each test says which it allows
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def losers(found: list[Any]) -> list[Any]:
    """Return the errors: each must be one that tells the person what happened."""
    errors = [item for item in found if isinstance(item, Exception)]
    assert all(isinstance(error, (ConflictError, InputError)) for error in errors), errors
    return errors


def test_of_four_who_issue_one_does():
    application = sent()
    officers = [at_desk() for _ in range(4)]
    seen = application.version
    found = at_once(
        *(
            lambda officer=officer: desk.issue(application.id, officer, version=seen)
            for officer in officers
        )
    )
    assert len(losers(found)) == 3
    assert all(isinstance(error, ConflictError) for error in losers(found))
    assert Issued.objects.count() == Decision.objects.count() == 1
    assert Entry.objects.filter(act="application.issue").count() == 1
    assert Entry.objects.filter(act="certificate.issued").count() == 1


def test_of_one_who_issues_and_one_who_refuses_one_wins():
    officer = at_desk()
    application = taken(officer)
    seen = application.version
    found = at_once(
        lambda: desk.issue(application.id, officer, version=seen),
        lambda: desk.propose_refusal(
            application.id, officer, "The stay was planned for eight years.", version=seen
        ),
    )
    assert len(losers(found)) == 1
    assert Decision.objects.count() == 1
    state = Application.objects.get().state
    assert (state == "issued") == Issued.objects.exists()


def test_an_automatic_decision_and_a_person_decide_once():
    from offices import set_up_office

    set_up_office(automatic={"enabled": True, "sample": "0"})
    application = sent()
    officer = at_desk()
    found = at_once(
        lambda: automatic.decide_automatically(application.id),
        lambda: desk.issue(application.id, officer, version=application.version),
    )
    losers(found)
    assert Issued.objects.count() == Decision.objects.count() == 1


def test_of_two_who_amend_or_withdraw_one_does():
    officer, supervisor, other = at_desk(), at_desk("supervisor"), at_desk("supervisor")
    issued = desk.issue(sent().id, officer)
    asked = services.withdraw(issued.id, officer, "wrong employer")
    found = at_once(
        lambda: services.second_withdrawal(asked.id, supervisor),
        lambda: services.second_withdrawal(asked.id, other),
        lambda: services.amend(issued.id, {"to": "2029-02-28"}, officer, "came home"),
    )
    assert len(losers(found)) == 2
    issued.refresh_from_db()
    assert issued.state in ("withdrawn", "amended")
    assert Issued.objects.count() == (1 if issued.state == "withdrawn" else 2)
    assert Publication.objects.get().changes == 1
    asked.refresh_from_db()
    assert asked.closed_at is not None
    assert asked.carried_out == (issued.state == "withdrawn")


def test_of_two_who_publish_the_list_that_stands_tells_everything(settings):
    issued = [desk.issue(sent().id, at_desk()) for _ in range(2)]
    officer, supervisor = at_desk(), at_desk("supervisor")
    asked = [services.withdraw(item.id, officer, "wrong employer") for item in issued]
    at_once(
        *(
            lambda one=one: (
                services.second_withdrawal(one.id, supervisor),
                services.status_list(),
            )
            for one in asked
        )
    )
    text = (settings.INSTALLATION.published / "status.jwt").read_text()
    from totalize.certificates.statuslist import read_status_list

    opened = read_status_list(text, services.setting().anchors)
    assert {opened.state(item.status_index) for item in issued} == {"withdrawn"}
    assert services.status_list() == text
