"""At the desk with a browser: take, look, issue; refuse and second; withdraw; by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from offices import set_up_office
from waiting import at_desk, sent, taken

from totalize.web.applications.models import Application
from totalize.web.applications.services import ConflictError
from totalize.web.certificates import services as certificates
from totalize.web.certificates.models import Issued
from totalize.web.desk import automatic
from totalize.web.desk import services as desk
from totalize.web.people.services import keep_number

REASON = "The stay was planned for eight years. The rule allows five."


@pytest.fixture(autouse=True)
def office() -> Iterator[None]:
    """The installation is an issuing office, in a year in which its keys are good."""
    with time_machine.travel(datetime(2027, 1, 15, 9, 30, tzinfo=UTC)):
        path = set_up_office()
        yield
    path.unlink()
    (settings.INSTALLATION.published / "status.jwt").unlink(missing_ok=True)


def test_a_plain_case_is_gone_in_one_look(page, sign_in, axe, reflows, shot):
    application = sent()
    keep_number(application.person, "US", "078-05-1120")
    earlier = sent(person=application.person, worker=application.worker, plain=False)
    sign_in(page, at_desk(full_name="Grace Officer"))
    page.goto("/desk/?plain=on")
    axe(page)
    reflows(page)
    shot(page, "desk-queue")
    page.get_by_role("link", name="Ada Example").first.click()
    page.get_by_role("heading", name="Ada Example").wait_for()
    assert page.get_by_text(str(earlier.id)).count() == 0
    axe(page)
    reflows(page)
    shot(page, "desk-case")
    page.get_by_role("button", name="Issue the certificate").click()
    page.get_by_text("Issued:").wait_for()
    issued = Issued.objects.get()
    shot(page, "desk-case-issued")
    page.get_by_role("link", name=issued.reference).click()
    page.get_by_role("heading", name="In force").wait_for()
    axe(page)
    reflows(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the certificate").click()
    assert Path(download.value.path()).read_bytes() == certificates.pdf_of(issued)
    page.reload()
    page.get_by_role("rowheader", name="Grace Officer").wait_for()
    shot(page, "certificate")


def test_a_refusal_is_proposed_and_seconded_by_keyboard_alone(page, sign_in, axe, reflows, shot):
    officer = at_desk(full_name="Grace Officer")
    application = taken(officer, plain=False)
    sign_in(page, officer)
    page.goto(f"/desk/{application.id}/")
    press_on(page, "link", "Refuse")
    page.get_by_label("Why is it refused?").wait_for()
    axe(page)
    press_on(page, "button", "Propose the refusal")
    page.get_by_text("Fill this in.").wait_for()
    axe(page)
    reflows(page)
    shot(page, "desk-refuse-empty")
    page.get_by_label("Why is it refused?").focus()
    page.keyboard.type(REASON)
    press_on(page, "button", "Propose the refusal")
    page.get_by_text("Another person must second it").wait_for()
    axe(page)
    sign_in(page, at_desk("supervisor", full_name="Ada Supervisor"))
    page.goto(f"/desk/{application.id}/")
    shot(page, "desk-proposed")
    axe(page)
    press_on(page, "button", "Second the refusal")
    page.get_by_text("The decision stands").wait_for()
    assert page.get_by_role("link", name="Letter of").count() == 1
    assert Application.objects.get().state == "refused"
    axe(page)


def test_who_was_not_first_keeps_what_they_typed(page, sign_in, axe, reflows, shot):
    first, second = at_desk(full_name="First"), at_desk(full_name="Second")
    application = taken(second)
    sign_in(page, second)
    page.goto(f"/desk/{application.id}/refuse/")
    page.get_by_label("Why is it refused?").fill(REASON)
    desk.take(application.id, first, over=True)
    with pytest.raises(ConflictError):
        desk.issue(application.id, second)
    desk.issue(application.id, first)
    page.get_by_role("button", name="Propose the refusal").click()
    page.get_by_role("heading", name="Somebody else was first").wait_for()
    assert page.get_by_label("Why is it refused?").input_value() == REASON
    axe(page)
    reflows(page)
    shot(page, "desk-conflict")


def test_the_other_pages_of_the_desk_are_for_all(page, sign_in, axe, reflows, shot):
    set_up_office(automatic={"enabled": True, "sample": "1"})
    officer = at_desk("supervisor", full_name="Ada Supervisor")
    drawn = sent()
    automatic.decide_automatically(drawn.id)
    issued = Issued.objects.get()
    certificates.withdraw(issued.id, at_desk(full_name="Grace Officer"), "Wrong employer.")
    application = taken(officer, kind="exception", plain=False)
    keep_number(application.person, "US", "078-05-1120")
    sign_in(page, officer)
    addresses = {
        "desk-review": "/desk/review/",
        "desk-times": "/desk/times/",
        "desk-search": "/desk/search/",
        "desk-ask": f"/desk/{application.id}/ask/",
        "desk-consult": f"/desk/{application.id}/consult/",
        "desk-number": f"/desk/{application.id}/number/US/",
        "certificate-withdrawals": "/certificates/withdrawals/",
        "certificate-amend": f"/certificates/{issued.id}/amend/",
    }
    for name, address in addresses.items():
        assert page.goto(address).status == 200
        axe(page)
        reflows(page)
        shot(page, name)
    page.goto(f"/desk/{application.id}/consult/")
    page.get_by_label("Which authority do you ask?").fill("DVKA")
    page.get_by_label("What do you ask it?").fill("Do you agree?")
    page.get_by_role("button", name="Note it").click()
    page.get_by_role("link", name="Record its answer").click()
    axe(page)
    reflows(page)
    shot(page, "desk-hear")
    page.goto("/certificates/withdrawals/")
    page.get_by_role("button", name="Withdraw the certificate").click()
    page.get_by_role("heading", name="Withdrawn on").wait_for()
    axe(page)
    shot(page, "certificate-withdrawn")


def press_on(page, role: str, name: str) -> None:
    """Go to a control with the tabulator, as who has no mouse does, and press Enter."""
    wanted = page.get_by_role(role, name=name, exact=True)
    page.locator("body").press("Tab")
    for _ in range(200):
        if wanted.evaluate("element => element === document.activeElement"):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by keyboard")
