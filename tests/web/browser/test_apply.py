"""Way 2: a worker starts an application, the employer confirms, it is filled in and sent."""

from __future__ import annotations

import io
import re

import pytest
from django.core import mail
from factories import MUNICH, make_organisation, make_user
from offices import set_up_office
from PIL import Image

from totalize.web.applications.models import Application
from totalize.web.applications.services import fill, start

SAVE = "Save and continue"
DETAILS = {
    "full_name": "Ada Example",
    "birth_date": "1985-04-02",
    "birth_place": "Dayton, USA",
    "social_security_number": "078-05-1120",
    "employer_home": {"name": "Example Corp"},
    "employer_host": {"name": "Example Corp, Munich branch"},
    "hire_date": "2019-05-01",
    "hire_place": "Dayton, USA",
}


@pytest.fixture
def office():
    """Make this installation the issuing office of the United States."""
    path = set_up_office()
    yield path
    path.unlink()


def picture() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(output, "PNG")
    return output.getvalue()


@pytest.fixture
def see(page, axe, reflows, shot):
    """Give `see(name)`: hold the page, as it is now, to what every page is held to."""

    def check(name):
        axe(page)
        reflows(page)
        shot(page, f"apply-{name}")

    return check


@pytest.mark.long
def test_a_worker_starts_the_employer_confirms_and_it_is_sent(page, sign_in, see, office):
    worker, boss = make_user(full_name="Ada Example"), make_user(full_name="Bo Boss")
    make_organisation(boss, name="Example Corp")
    sign_in(page, worker)
    page.goto("/applications/")
    see("01-empty-list")
    page.get_by_role("link", name="Start an application").click()
    see("02-start")
    page.get_by_role("button", name="Start").click()
    see("03-draft")
    give_facts(page, see)
    give_details(page, see)
    assert page.url.endswith("/other-side/")
    assert "078-05-1120" not in page.content()
    see("10-other-side")
    page.get_by_label("E-mail address").fill("boss@example.org")
    page.get_by_role("button", name="Send the link").click()
    see("11-asked")
    link = re.search(r"/applications/confirm/\S+/", mail.outbox[-1].body).group()

    sign_in(page, boss)
    page.goto(link)
    see("12-confirm")
    assert "1 March 2027" in page.content()
    page.get_by_label("I confirm for the employer").check()
    page.get_by_role("button", name="Confirm", exact=True).click()
    assert "The facts are confirmed" in page.content()

    sign_in(page, worker)
    application = Application.objects.get()
    finish(page, see, application)
    application.refresh_from_db()
    assert application.state == "submitted"
    assert application.plain
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Save the proof of request").click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF")
    page.goto("/applications/")
    see("18-list")


def give_facts(page, see):
    """Say what the work is; first with an end before the start, which comes back as typed."""
    page.get_by_role("link", name="The work").click()
    see("04-work")
    page.locator("select").first.select_option("US")
    page.get_by_label("Employed, on land").check()
    page.locator("select[name='work[0].country-answer']").select_option("DE")
    page.locator("input[name='work[0].start-answer']").fill("2027-03-01")
    page.get_by_label("On this day:").check()
    page.locator("input[name='work[0].expected_end-day']").fill("2026-02-28")
    page.get_by_role("button", name=SAVE).click()
    see("05-work-wrong")
    assert "before the start" in page.content()
    assert page.locator("input[name='work[0].start-answer']").input_value() == "2027-03-01"
    page.locator("input[name='work[0].expected_end-day']").fill("2030-02-28")
    page.get_by_role("button", name=SAVE).click()
    rounds = 0
    while page.url.endswith("/page/facts/"):
        rounds += 1
        assert rounds < 6
        see(f"06-facts-{rounds}")
        answer_facts(page)
        page.get_by_role("button", name=SAVE).click()


def give_details(page, see):
    """Give what the agreement asks beyond the case; a number that is none is refused."""
    see("07-worker")
    page.get_by_label("Full name").fill("Ada Example")
    page.get_by_label("Date of birth").fill("1985-04-02")
    page.get_by_label("Place of birth").fill("Dayton, USA")
    page.get_by_label("Country of permanent residence").select_option("US")
    page.get_by_role("button", name=SAVE).click()
    see("08-employer")
    page.get_by_label("Employer in the United States: name").fill("Example Corp")
    page.get_by_label("Employer in Germany: name").fill("Example Corp, Munich branch")
    page.get_by_label("Date of hire").fill("2019-05-01")
    page.get_by_label("Place of hire").fill("Dayton, USA")
    page.get_by_role("button", name=SAVE).click()
    see("09-numbers")
    page.get_by_label("US Social Security number").fill("12")
    page.get_by_role("button", name=SAVE).click()
    assert "nine digits" in page.content()
    page.get_by_label("US Social Security number").fill("078-05-1120")
    page.get_by_role("button", name=SAVE).click()


def finish(page, see, application):
    """Add a document, make the statements and send it."""
    page.goto(f"/applications/{application.id}/documents/")
    page.locator("input[type=file]").set_input_files(
        {"name": "letter.png", "mimeType": "image/png", "buffer": picture()}
    )
    page.get_by_role("button", name="Add").click()
    see("13-documents")
    page.goto(f"/applications/{application.id}/page/statements/")
    see("14-statements")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name=SAVE).click()
    see("15-draft-ready")
    page.get_by_role("link", name="Check and send").last.click()
    see("16-send")
    page.get_by_role("button", name="Send the application").click()
    see("17-sent")


def tab_to(page, locator):
    """Go to a field or a button as somebody without a mouse does."""
    for _ in range(80):
        if locator.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{locator} is not reached by Tab")


def enter(page):
    """Press Enter and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_draft_is_finished_and_sent_with_the_keyboard_alone(page, sign_in, office):
    boss = make_user(full_name="Bo Boss")
    employer = make_organisation(boss, name="Example Corp")
    application = start(by=boss, case=MUNICH, work="munich", employer=employer)
    fill(application, {"details": DETAILS | {"birth_place": None}}, boss)
    sign_in(page, boss)
    page.goto("/applications/")
    tab_to(page, page.get_by_role("link", name="Ada Example"))
    enter(page)
    tab_to(page, page.get_by_role("link", name="Worker", exact=True))
    enter(page)
    tab_to(page, page.get_by_label("Place of birth"))
    page.keyboard.type("Dayton, USA")
    enter(page)
    assert page.url.endswith("/page/statements/")
    for box in page.get_by_role("checkbox").all():
        tab_to(page, box)
        page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name=SAVE))
    enter(page)
    tab_to(page, page.get_by_role("link", name="Check and send").first)
    enter(page)
    tab_to(page, page.get_by_role("button", name="Send the application"))
    enter(page)
    page.get_by_text("The application is sent").wait_for()
    application.refresh_from_db()
    assert application.state == "submitted"


def answer_facts(page):
    """Answer what is open on the page of facts as the engineer of Munich would."""
    for name, value in (
        ("work[0].employer.american-answer", "yes"),
        ("work[0].employer.country-answer", "US"),
        ("work[0].sent_from-answer", "US"),
        ("work[0].employed_before_transfer-answer", "yes"),
        ("work[0].employer.affiliate_of-answer", "none"),
        ("work[0].via-answer", "none"),
        ("worker.residence-answer", "US"),
        ("earlier-answer", "none"),
    ):
        field = page.locator(f"input[type=radio][name='{name}'][value='{value}']")
        if field.count():
            field.check()


def test_papers_for_another_office_and_the_certificate_that_comes_back(page, sign_in, see):
    boss = make_user(full_name="Bo Boss")
    employer = make_organisation(boss, name="Example Corp")
    application = start(by=boss, case=MUNICH, work="munich", employer=employer)
    fill(application, {"details": DETAILS}, boss)
    sign_in(page, boss)

    page.goto(f"/applications/{application.id}/page/statements/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name=SAVE).click()
    see("20-ready-for-papers")
    page.goto(f"/applications/{application.id}/send/")
    see("21-papers")
    page.get_by_role("button", name="Make the papers").click()
    see("22-prepared")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Save the papers").click()
    assert waiting.value.path().read_bytes().startswith(b"PK")
    page.get_by_role("link", name="The certificate has come").click()
    see("23-certificate")
    page.locator("input[type=file]").set_input_files(
        {"name": "paper.png", "mimeType": "image/png", "buffer": picture()}
    )
    page.get_by_role("button", name="Continue").click()
    see("24-facts")
    page.get_by_label("First day it covers").fill("2027-03-01")
    page.get_by_label("Last day it covers").fill("2028-02-29")
    page.get_by_role("button", name="Compare and keep").click()
    see("25-misfit")
    assert "It ends on" in page.content()
    page.get_by_label("Last day it covers").fill("2030-02-28")
    page.get_by_role("button", name="Compare and keep").click()
    see("26-kept")
    application.refresh_from_db()
    assert application.state == "kept"
