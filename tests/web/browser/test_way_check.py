"""The way of a check in a browser: by keyboard, by mouse, on a telephone, without a script."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

ANSWERS = (
    ("Of which country or countries are you a citizen?", "United States"),
    ("What kind of work is it?", "Employed, on land"),
    ("In which country is the work done?", "Germany"),
    ("On which day does the work in Germany begin, or when did it begin?", "2028-03-01"),
    ("From which country did the employer send you to Germany?", "United States"),
    ("In which country is the company that employs you during this work?", "United States"),
    ("On which day was the work in Germany expected to end", "On this day:"),
    ("Did the employment exist before you were sent to Germany?", "Yes"),
    ("Were you sent to Germany by this employer before?", "No, never before"),
)


def answer(page: Page, question: str, words: str) -> None:
    """Answer the question that is shown."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(question)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
        page.get_by_label(question).fill(words)
    elif page.get_by_role("radio").count():
        page.get_by_role("radio", name=words, exact=True).check()
        if words == "On this day:":
            page.get_by_label("Last day").fill("2031-02-28")
    else:
        page.get_by_role("combobox").first.select_option(label=words)
    page.get_by_role("button", name="Continue").click()


def walk(page: Page) -> None:
    """Go from the first page to the answer."""
    page.goto("/")
    page.get_by_role("link", name="Check your work").click()
    page.get_by_role("button", name="Start now").click()
    for question, words in ANSWERS:
        answer(page, question, words)
    page.get_by_role("link", name="See the answer").click()


@pytest.mark.long
def test_from_the_first_page_to_the_answer(page: Page, axe: Any, shot: Any, reflows: Any) -> None:
    page.goto("/")
    axe(page)
    reflows(page)
    shot(page, "front")
    page.get_by_role("link", name="Check your work").click()
    axe(page)
    page.get_by_role("button", name="Start now").click()
    for number, (question, words) in enumerate(ANSWERS):
        expect(page.get_by_role("heading", level=1)).to_contain_text(question)
        axe(page)
        reflows(page)
        shot(page, f"check-question-{number + 1}")
        answer(page, question, words)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    axe(page)
    reflows(page)
    shot(page, "check-answers")
    page.get_by_role("link", name="See the answer").click()
    expect(page.get_by_role("heading", name="The United States covers this work.")).to_be_visible()
    page.get_by_label("Yearly pay before tax").fill("145000")
    page.get_by_role("button", name="Reckon").click()
    expect(page.get_by_role("img", name=re.compile("Contributions for"))).to_be_visible()
    page.get_by_label("Gross income of the year").fill("145000")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("A return is required for")).to_be_visible()
    for summary in page.locator("summary").all():
        summary.evaluate("node => node.parentElement.open = true")
    axe(page)
    reflows(page)
    shot(page, "check-result")


def test_what_if_on_the_page_and_papers_to_take_along(page: Page, axe: Any, shot: Any) -> None:
    walk(page)
    page.get_by_label("Try another answer for").select_option(label="Expected last day")
    page.get_by_role("button", name="Try", exact=True).click()
    page.get_by_label("Last day").fill("2034-02-28")
    page.get_by_role("button", name="Show the answer then").click()
    expect(page.get_by_role("status")).to_contain_text("Germany covers this work.")
    axe(page)
    shot(page, "check-what-if")
    for name, ending in (("Answer (PDF)", "pdf"), ("Dates", "ics"), ("Case file", "yaml")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.endswith(ending)


def test_a_problem_is_shown_first_and_leads_to_its_field(page: Page, axe: Any, shot: Any) -> None:
    page.goto("/check/")
    page.get_by_role("button", name="Start now").click()
    answer(page, *ANSWERS[0])
    page.get_by_role("button", name="Continue").click()
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("Choose one of these answers.")
    expect(problem).to_be_focused()
    axe(page)
    shot(page, "check-problem")
    problem.get_by_role("link").click()
    assert "#id_answer_0" in page.url


def test_the_whole_way_by_keyboard(page: Page) -> None:
    page.goto("/check/")
    _tab_to(page, "Start now")
    _enter(page)
    for question, words in ANSWERS:
        expect(page.get_by_role("heading", level=1)).to_contain_text(question)
        _tab_into_form(page)
        _choose_by_keyboard(page, words)
        _tab_to(page, "Continue")
        _enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    _tab_to(page, "See the answer")
    _enter(page)
    expect(page.get_by_role("heading", name="The United States covers this work.")).to_be_visible()


def _enter(page: Page) -> None:
    """Press Enter and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _focused(page: Page) -> str:
    found: str = page.evaluate("(document.activeElement.innerText || '').trim()")
    return found


def _tab_to(page: Page, words: str) -> None:
    for _ in range(80):
        if _focused(page) == words:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{words} cannot be reached by keyboard")


def _tab_into_form(page: Page) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('main .field')"):
            return
    pytest.fail("the question cannot be reached by keyboard")


def _choose_by_keyboard(page: Page, words: str) -> None:
    kind = page.evaluate("document.activeElement.type")
    if kind == "radio":
        page.keyboard.press("Space")
        for _ in range(10):
            if page.evaluate("document.activeElement.closest('label').innerText.trim()") == words:
                break
            page.keyboard.press("ArrowDown")
        else:
            pytest.fail(f"{words} cannot be chosen by keyboard")
        if words == "On this day:":
            page.keyboard.press("Tab")
            page.keyboard.type("02282031")
    elif kind == "date":
        year, month, day = words.split("-")
        page.keyboard.type(f"{month}{day}{year}")
    else:
        page.keyboard.type(words)


def test_it_works_without_a_script(site: Any, browser: Any) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    try:
        page = context.new_page()
        walk(page)
        expect(
            page.get_by_role("heading", name="The United States covers this work.")
        ).to_be_visible()
    finally:
        context.close()


@pytest.mark.parametrize(
    "address", ["/check/agreements/", "/check/agreements/fr/", "/check/agreements/in/"]
)
def test_agreements_can_be_read_by_everybody(
    page: Page, axe: Any, shot: Any, reflows: Any, address: str
) -> None:
    page.goto(address)
    for summary in page.locator("summary").all():
        summary.evaluate("node => node.parentElement.open = true")
    axe(page)
    reflows(page)
    shot(page, f"agreements{address.strip('/').replace('check/agreements', '').replace('/', '-')}")


def test_what_is_not_there_is_said_accessibly(page: Page, axe: Any, reflows: Any) -> None:
    page.goto("/nothing/")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    axe(page)
    reflows(page)


def test_what_is_folded_away_is_printed(page: Page) -> None:
    page.goto("/check/agreements/de/")
    cited = "RS 02001.115"
    expect(page.get_by_text(cited).first).to_be_hidden()
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf())).pages)
    assert cited in text
