"""Pages for everybody: the first one, the agreements, what went wrong, and how hard they read."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from public_walks import DESIGNER, ENGINEER, REMOTE, text_of, walk
from reading_grade import grade_of, syllables_of

from totalize import api
from totalize.kernel.countries import country_name

pytestmark = pytest.mark.django_db
HARDEST = 9.0


@pytest.fixture
def visitor() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def test_the_first_page_leads_to_everything(visitor):
    page = visitor.get("/").content.decode()
    for name in ("check:start", "verify:start", "check:agreements", "applications:list"):
        assert f'href="{reverse(name)}"' in page
    assert page.count("<h1") == 1


def test_every_agreement_has_its_page_with_everything_that_was_read(visitor):
    listed = text_of(visitor.get(reverse("check:agreements")))
    for country in api.law().countries():
        agreement = api.law().agreement(country)
        assert country_name(country) in listed
        page = visitor.get(reverse("check:agreement", args=[country.lower()]))
        body = html.unescape(page.content.decode())
        assert page.status_code == 200
        assert body.count("<h1") == 1
        for citation in agreement.cite:
            assert citation.ref in body
        for note in (*agreement.practice, *agreement.acceptance):
            assert note.text in body
            assert body.index(note.text) > body.index("(not law)")
        offices = api.law().offices(country)
        for office in offices.offices if offices else ():
            assert office.name in body
        assert "{" not in text_of(page)


def test_an_agreement_without_force_and_no_agreement_at_all_say_so(visitor):
    signed = next(
        country
        for country in api.law().countries()
        if api.law().agreement(country).in_force is None
    )
    address = reverse("check:agreement", args=[signed.lower()])
    assert "not in force. It decides nothing yet." in text_of(visitor.get(address))
    none = text_of(visitor.get(reverse("check:agreement", args=["in"])))
    assert "There is no agreement with India." in none
    response = visitor.get(reverse("check:agreements"), {"country": "IN"})
    assert response.url == reverse("check:agreement", args=["in"])


@pytest.mark.parametrize("country", ["us", "xx", "DE", "germany", "..", "d"])
def test_what_is_no_country_is_not_found(visitor, country):
    assert visitor.get(f"/check/agreements/{country}/").status_code == 404


def test_the_menu_marks_one_place(visitor):
    for address in ("/check/", "/check/agreements/", "/check/agreements/de/"):
        assert visitor.get(address).content.decode().count('aria-current="page"') == 1


def test_what_went_wrong_is_said_kindly(visitor):
    page = visitor.get("/nothing/here/")
    assert page.status_code == 404
    assert "There is nothing here" in text_of(page)
    strict = Client(enforce_csrf_checks=True)
    page = strict.post("/check/", {"new": ""})
    assert page.status_code == 403
    assert "Nothing was saved" in text_of(page)
    assert visitor.post("/verify/record.pdf", {"report": "x"}).status_code == 400
    page = visitor.get("/check/result/apply/")
    assert (page.status_code, page.headers["Allow"]) == (405, "POST")
    assert "only takes what another page sends" in text_of(page)


@pytest.mark.parametrize("sent", [{"a": "x" * 2_600_000}, {f"a{i}": "" for i in range(2_001)}])
def test_too_much_at_once_is_told_from_what_cannot_be_read(visitor, sent):
    form = urlencode(sent)
    page = visitor.post("/check/", form, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 413
    assert "Nothing was saved." in text_of(page)


def test_a_fault_is_said_even_where_no_page_can_be_made(visitor, monkeypatch):
    def fails(*given: object) -> None:
        raise RuntimeError

    kind = Client(raise_request_exception=False)
    monkeypatch.setattr("totalize.web.pages.views.api.law", fails)
    assert "It is our fault, not yours." in text_of(kind.get("/"))
    monkeypatch.setattr("totalize.web.pages.context.office_roles", fails)
    page = kind.get("/")
    assert page.status_code == 500
    assert "It is our fault, not yours." in text_of(page)


_BLOCK = re.compile(
    r"<(?:p|li|h1|h2|h3|dt|dd|div class=.hint.|label)[^>]*>"
    r"([\s\S]*?)(?=<(?:/?p|/?li|/?h\d|/?ul|/?div|/?d[tdl]|/label))"
)
# Words of these pages, by syllables.
SYLLABLES = {
    1: "tax work paid which lives asked needs the rules",
    2: "system paper country employ answer being doing table record money begun",
    3: "agreement employer citizen expected united proposal agency possible another",
    4: "certificate contributions security authority applicable",
}


def test_syllables_are_counted_as_they_are_heard():
    known = [(word, count) for count, words in SYLLABLES.items() for word in words.split()]
    wrong = {word: syllables_of(word) for word, count in known if syllables_of(word) != count}
    assert len(wrong) <= 2, wrong


def prose_of(response: Any) -> str:
    """Return the sentences of a page's main part: no tables, names of things or single words."""
    body = response.content.decode()
    main = body[body.index("<main") : body.index("</main>")]
    main = re.sub(r"<(table|svg|select|nav|button)[\s\S]*?</\1>", " ", main)
    main = re.sub(r'<(\w+) class="(quiet|unseen)"[\s\S]*?</\1>', " ", main)
    blocks = _BLOCK.findall(main)
    plain = [" ".join(html.unescape(re.sub(r"<[^>]+>", "", block)).split()) for block in blocks]
    return " ".join(text for text in plain if text.count(" ") > 2 and text[-1] in ".?!:")


@pytest.mark.parametrize(
    "address",
    ["/", "/check/", "/check/agreements/", "/verify/", "/nothing/", "/check/agreements/in/"],
)
def test_pages_for_everybody_read_at_grade_nine_or_lower(visitor, address):
    text = prose_of(visitor.get(address))
    assert len(text.split()) > 10
    assert grade_of(text) <= HARDEST, text


def test_questions_read_at_grade_nine_or_lower(visitor):
    from totalize.law.wording import fill_in, load_wording

    wording = load_wording()
    asked = [
        fill_in(text, {"country": "DE", "start": "2027-03-01"})
        for question in wording.questions.values()
        for text in (question.ask, question.help or "")
    ]
    text = " ".join(
        text if text.endswith(("?", ".", ")")) else f"{text}." for text in asked if text
    )
    assert grade_of(text) <= HARDEST


@pytest.mark.parametrize("answers", [ENGINEER, DESIGNER, REMOTE])
def test_answers_read_at_grade_nine_or_lower(visitor, answers):
    walk(visitor, answers)
    for address in ("/check/answers/", "/check/result/"):
        text = prose_of(visitor.get(address))
        assert len(text.split()) > 10
        assert grade_of(text) <= HARDEST, text
