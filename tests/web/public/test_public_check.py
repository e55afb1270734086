"""Checking work without an account: what is asked, what is shown, what is taken along."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import icalendar
import pikepdf
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from public_walks import DESIGNER, ENGINEER, FROM_GERMANY, NO, REMOTE, one, text_of, walk

from totalize import api
from totalize.certificates.pack.assembly import as_text
from totalize.kernel.errors import InputError
from totalize.kernel.reading import read_document
from totalize.web.applications.models import Application
from totalize.web.check import services
from totalize.web.check.papers import answer_paper
from totalize.web.check.regular import forget
from totalize.web.people.models import Person

pytestmark = pytest.mark.django_db
RESULT = "/check/result/"


@pytest.fixture
def visitor() -> Client:
    return Client()


def money(visitor: Client, earnings: str, currency: str) -> Any:
    sent = {"money-earnings": earnings, "money-currency": currency}
    return visitor.post(reverse("check:money"), sent, follow=True)


def filing(visitor: Client, **more: str) -> Any:
    sent = {"tax_year": "2026", "status": "single", "income": "69000", **more}
    named = {f"filing-{name}": value for name, value in sent.items()}
    return visitor.post(reverse("check:filing"), named, follow=True)


def test_the_posted_engineer_learns_what_is_due_what_it_saves_and_what_to_send(visitor):
    asked = walk(visitor, ENGINEER)
    assert asked == list(ENGINEER)
    page = money(visitor, "145000", "USD")
    text = text_of(page)
    assert text.index("The United States covers this work.") < text.index("Paper")
    assert "1 March 2028 to 28 February 2031" in text
    assert "A certificate of coverage from the United States, shown in Germany." in text
    assert "Social Security Administration" in text
    assert "online, by mail, by fax" in text
    assert "Until you hold it, contributions in Germany stay due." in text
    assert "the paper saves" in text
    assert "Ask for this certificate" in text
    cost = page.context["asked"].money.cost
    assert cost.detail.saved > 0
    assert f"{cost.detail.saved:,.0f} USD" in text


def test_the_designer_learns_who_is_due_what_to_write_where_and_until_when_to_claim(visitor):
    assert walk(visitor, DESIGNER) == list(DESIGNER)
    money(visitor, "62000", "EUR")
    text = text_of(filing(visitor, self_employment="69000"))
    assert "France covers this work." in text
    assert "A certificate of coverage from France, shown in the United States." in text
    assert "“Exempt, see attached statement” on Schedule 2 (Form 1040), line 4" in text
    assert "once you hold the certificate" in text
    assert "2024: 7,340.27 USD, claim by 15 April 2028" in text


def test_the_remote_employee_learns_the_uncomfortable_answer_and_whom_to_ask(visitor):
    assert walk(visitor, REMOTE) == list(REMOTE)
    text = text_of(visitor.get(RESULT))
    assert "Spain covers this work." in text
    assert "Spain alone can issue the paper for this work." in text
    practice = text.index("What offices do in practice This is not law.")
    assert text.index("four readings") > practice
    assert "Whom to ask" in text
    assert "Tesorería General" in text


def test_only_what_matters_is_asked_and_every_question_once(visitor):
    asked = walk(visitor, REMOTE)
    assert "work.expected_end" not in asked
    assert "work.employed_before_transfer" not in asked


def test_the_page_and_the_command_line_give_the_same_answer(visitor):
    walk(visitor, ENGINEER)
    case = read_document(visitor.get(reverse("check:case")).content.decode(), "case")
    on_page = visitor.get(RESULT).context["result"].determination
    assert api.check(case, on_page.as_of).to_dict() == on_page.to_dict()


def test_an_answer_can_be_changed_and_what_no_longer_matters_is_left_out_until_it_does(visitor):
    walk(visitor, ENGINEER)
    change = reverse("check:question", args=["work.sent_from"])
    assert visitor.get(change).context["form"].initial == {"answer": "US"}
    response = visitor.post(change, NO, follow=True)
    assert response.request["PATH_INFO"] == "/check/answers/"
    assert "work.employed_before_transfer" not in [row[0].key for row in response.context["rows"]]
    assert "Germany covers this work." in text_of(visitor.get(RESULT))
    visitor.post(change, one("US"))
    assert "The United States covers this work." in text_of(visitor.get(RESULT))


def test_a_change_that_opens_a_question_leads_to_it(visitor):
    walk(visitor, REMOTE)
    change = reverse("check:question", args=["work.sent_from"])
    response = visitor.post(change, one("US"), follow=True)
    assert "/question/" in response.request["PATH_INFO"]
    assert "Go on" in text_of(visitor.get("/check/answers/"))


def test_one_may_go_back_without_losing_anything(visitor):
    walk(visitor, ENGINEER)
    page = visitor.get(reverse("check:question", args=["work.country"])).content.decode()
    assert "selected>Germany" in page


def test_what_is_not_known_may_be_left_out(visitor):
    answers = ENGINEER | {"work.employed_before_transfer": {"skip": ""}}
    walk(visitor, answers)
    page = visitor.get(RESULT)
    text = text_of(page)
    assert "Not decided yet" in text
    assert "Nothing is lost" in text
    assert "employed before the transfer" in text
    assert "Not known" in text_of(visitor.get("/check/answers/"))


def test_what_every_case_needs_cannot_be_left_out(visitor):
    visitor.post("/check/", {"new": ""})
    page = visitor.post(reverse("check:question", args=["worker.citizenships"]), {"skip": ""})
    assert page.status_code == 400
    assert "I do not know" not in text_of(page)


@pytest.mark.parametrize(
    ("key", "sent", "said"),
    [
        ("worker.citizenships", {}, "Choose a country."),
        ("worker.citizenships", {"country_0": "XX"}, "the one that was sent is not among them"),
        ("work.start", {}, "Enter a date."),
        ("work.start", one("2028-02-30"), "Enter a real date"),
        ("work.start", one("1066-10-14"), "Enter a real date"),
        ("work.sent_from", {}, "Choose one of these answers."),
        ("work.sent_from", one("other"), "Choose which other country."),
        ("work.expected_end", one("day"), "Enter the last day."),
        ("work.expected_end", {"answer": "day", "day": "2027-01-01"}, "before the start"),
        ("earlier", one("some"), "Enter the first day"),
        ("earlier", {"answer": "some", "first_1": "2020-01-01"}, "Enter this day too."),
        (
            "earlier",
            {"answer": "some", "first_1": "2029-01-01", "last_1": "2029-02-01"},
            "begin before",
        ),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_kept_out(visitor, key, sent, said):
    walk(visitor, ENGINEER)
    before = visitor.get(reverse("check:case")).content
    page = visitor.post(reverse("check:question", args=[key]), sent)
    assert page.status_code == 400
    assert said in text_of(page)
    assert "<title>Error:" in page.content.decode()
    assert visitor.get(reverse("check:case")).content == before


def test_earlier_stays_count(visitor):
    stays = {"answer": "some", "first_1": "2024-01-01", "last_1": "2027-12-31"}
    walk(visitor, ENGINEER | {"earlier": stays})
    result = visitor.get(RESULT).context["result"]
    assert len(result.determination.results) == 2
    assert result.work == "w2"
    assert "Germany" in result.headline


def test_a_question_that_does_not_matter_is_not_shown(visitor):
    walk(visitor, REMOTE)
    for key in ("work.via", "work.nonsense", "work[0].start", "../admin"):
        response = visitor.get(f"/check/question/{key}/")
        assert response.status_code in {302, 404}


def test_without_answers_every_page_leads_to_the_start(visitor):
    for name in ("answers", "result", "pdf", "case", "calendar"):
        assert visitor.get(reverse(f"check:{name}")).url == "/check/"
    for name in ("money", "filing", "apply"):
        assert visitor.post(reverse(f"check:{name}")).url == "/check/"
    assert visitor.get(reverse("check:apply")).status_code == 405


def test_nothing_is_stored_but_the_session_and_that_can_be_deleted(visitor, clock):
    walk(visitor, ENGINEER)
    assert not Application.objects.exists()
    assert not Person.objects.exists()
    assert Session.objects.count() == 1
    visitor.post("/check/", {"forget": ""})
    assert services.SESSION not in visitor.session
    assert visitor.get(RESULT).url == "/check/"
    walk(visitor, ENGINEER)
    clock.shift(timedelta(hours=8, minutes=1))
    forget()
    assert not Session.objects.exists()


def test_another_answer_can_be_tried_on_the_page_and_nothing_is_changed(visitor):
    walk(visitor, ENGINEER)
    assert "Try it: expected last day" in text_of(visitor.get(f"{RESULT}?try=work.expected_end"))
    sent = {"try": "work.expected_end", "what_if-answer": "day", "what_if-day": "2034-02-28"}
    page = visitor.get(RESULT, sent)
    text = text_of(page)
    assert "With “expected last day: 28 February 2034”" in text
    assert text.index("Germany covers this work.") > text.index("Try it")
    assert "The stay was expected to last longer than the limit" in text or "What turned" in text
    assert "The United States covers this work." in text_of(visitor.get(RESULT))
    same = visitor.get(RESULT, sent | {"what_if-day": "2030-02-28"})
    assert "the answer stays the same" in text_of(same)
    bad = visitor.get(RESULT, sent | {"what_if-day": "2020-02-28"})
    assert "before the start" in text_of(bad)
    assert visitor.get(f"{RESULT}?try=nonsense").status_code == 200


def test_the_dates_go_into_a_calendar(visitor):
    walk(visitor, DESIGNER)
    money(visitor, "62000", "EUR")
    filing(visitor, self_employment="69000")
    made = visitor.get(reverse("check:calendar"))
    assert made.headers["Content-Type"].startswith("text/calendar")
    calendar = icalendar.Calendar.from_ical(made.content)
    events = {str(event["summary"]): event.decoded("dtstart") for event in calendar.walk("VEVENT")}
    assert events["Last safe day to claim back 2024 (United States)"] == date(2028, 4, 15)
    assert date(2027, 6, 15) in events.values()
    assert len({str(event["uid"]) for event in calendar.walk("VEVENT")}) == len(events)
    assert events["FinCEN Form 114 for 2026: due"] == date(2027, 4, 15)
    assert all(
        event.decoded("dtend") > event.decoded("dtstart") for event in calendar.walk("VEVENT")
    )


def dates_of(visitor: Client) -> list[Any]:
    made = visitor.get(reverse("check:calendar")).content
    return list(icalendar.Calendar.from_ical(made).walk("VEVENT"))


def test_dates_taken_twice_are_not_doubled_and_two_people_s_stand_side_by_side(visitor):
    walk(visitor, ENGINEER)
    first = {str(event["uid"]) for event in dates_of(visitor)}
    assert len(first) == 2
    assert {str(event["uid"]) for event in dates_of(visitor)} == first
    colleague = Client()
    walk(colleague, ENGINEER | {"work.expected_end": {"answer": "day", "day": "2030-02-28"}})
    assert first.isdisjoint(str(event["uid"]) for event in dates_of(colleague))


def test_a_date_names_its_work_and_reminds_in_time(visitor):
    walk(visitor, ENGINEER)
    (begin, last) = dates_of(visitor)
    assert str(begin["summary"]).startswith("Work in Germany begins")
    assert str(last["summary"]).startswith("Work in Germany: last day")
    (alarm,) = last.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(days=-90)


def test_the_paper_says_what_the_page_says_with_what_it_rests_on(visitor):
    walk(visitor, DESIGNER)
    money(visitor, "62000", "EUR")
    page = filing(visitor, self_employment="69000")
    asked = page.context["asked"]
    rows = [("a question", "an answer")]
    said = " ".join(as_text(answer_paper(asked.result, rows, asked.money, asked.filing)).split())
    for text in (
        "Reckoned with 62,000.00 EUR a year.",
        "Gross income test (single, 65 or older, age not known, 2026)",
        "“Exempt, see attached statement” on Schedule 2 (Form 1040), line 4",
        "FinCEN Form 114: not known yet.",
        "15 October 2027: Last day of the automatic extension",
        "Sources of the contributions",
        "“Art.” is an article of the agreement with France.",
        "read 22 November 2026",
        f"by the law data {asked.result.law}",
    ):
        assert text in said
    assert not re.search(r"\d{4}-\d\d-\d\d", re.sub(r"http\S*", "", said))
    assert "work[0]" not in said
    assert "What to do" in said


def test_the_paper_names_what_is_open_and_whom_to_ask(visitor):
    walk(visitor, ENGINEER | {"work.sent_from": {"skip": ""}})
    asked = visitor.get(RESULT).context["asked"]
    assert asked.result.stretches[0].missing
    paper = as_text(answer_paper(asked.result, [], None, None))
    assert "Still open:" in paper
    assert "- Sent from" in paper


def test_both_bills_are_something_to_do(visitor):
    posted = {
        name: value
        for name, value in ENGINEER.items()
        if name not in ("work.country", "work.sent_from")
    }
    walk(visitor, posted | {"work.country": one("IN")})
    asked = visitor.get(RESULT).context["asked"]
    assert [step.code for step in asked.result.steps] == ["both"]


def test_whoever_is_no_citizen_says_whether_the_us_taxes_them_as_a_resident(visitor):
    walk(visitor, ENGINEER)
    assert 'name="filing-us_resident"' not in visitor.get(RESULT).content.decode()
    walk(visitor, FROM_GERMANY)
    assert 'name="filing-us_resident"' in visitor.get(RESULT).content.decode()
    assert "It is not known whether you are one" in text_of(filing(visitor))
    assert "A return is required for 2026" in text_of(filing(visitor, us_resident="yes"))
    assert any("tax return" in str(event["summary"]) for event in dates_of(visitor))
    assert "A return is required" not in text_of(filing(visitor, us_resident="no"))
    assert not any("tax return" in str(event["summary"]) for event in dates_of(visitor))


def test_the_answer_as_pdf_is_tagged_and_holds_the_case(visitor):
    walk(visitor, ENGINEER)
    money(visitor, "145000", "USD")
    made = visitor.get(reverse("check:pdf"))
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        (attached,) = pdf.attachments.values()
        case = read_document(attached.get_file().read_bytes().decode(), "case")
    assert case["work"][0]["country"] == "DE"
    assert api.check(case).results


def test_a_case_file_leads_to_the_same_answers(visitor):
    walk(visitor, ENGINEER)
    before = visitor.get(reverse("check:case")).content
    other = Client()
    sent = {"file": "", "case": io.BytesIO(before)}
    page = other.post("/check/", sent, follow=True)
    assert page.request["PATH_INFO"] == "/check/answers/"
    assert other.get(reverse("check:case")).content == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"work: [1", "problem with the file"),
        (b"\xff\xfe", "is no text"),
        (b"x" * 200_000, "too large"),
        (b"contract: 1\nworker: {citizenships: [Atlantis]}\nwork: []", "problem"),
        (b"a: &a [*a]", "problem"),
    ],
)
def test_a_file_that_is_no_case_is_refused_kindly(visitor, content, said):
    page = visitor.post("/check/", {"file": "", "case": io.BytesIO(content)})
    assert page.status_code == 200
    assert said in text_of(page)
    assert services.SESSION not in visitor.session


def test_asking_for_the_certificate_takes_the_case_along(visitor):
    walk(visitor, ENGINEER)
    response = visitor.post(reverse("check:apply"))
    assert response.url == reverse("applications:start")
    kept = visitor.session["start_from"]
    assert kept["work"] == "w1"
    assert kept["case"]["work"][0]["country"] == "DE"
    walk(visitor, ENGINEER | {"work.country": one("US"), "work.sent_from": NO})
    assert b"Ask for this certificate" not in visitor.get(RESULT).content


def test_money_that_cannot_be_reckoned_is_said_on_the_page(visitor):
    walk(visitor, ENGINEER)
    page = visitor.post(reverse("check:money"), {"money-earnings": "much", "money-currency": "USD"})
    assert page.status_code == 400
    assert "There is a problem" in text_of(page)
    assert "USD" in text_of(money(visitor, "1", "USD"))
    india = ENGINEER | {"work.country": one("IN")}
    walk(visitor, india)
    page = money(visitor, "145000", "USD")
    assert page.status_code == 200


@pytest.mark.parametrize("country", ["IN", "RO", "JP", "IT", "CA", "GB", "AU", "CL", "BR", "KR"])
def test_a_posting_to_any_country_is_answered(visitor, country):
    answers = {key: dict(value) for key, value in ENGINEER.items()}
    answers["work.country"] = one(country)
    response = visitor.post("/check/", {"new": ""}, follow=True)
    for _ in range(30):
        address = response.request["PATH_INFO"]
        if "/question/" not in address:
            break
        key = address.split("/question/")[1].strip("/")
        response = visitor.post(address, answers.get(key, {"skip": ""}), follow=True)
        assert response.status_code == 200, key
    page = visitor.get(RESULT)
    assert page.status_code == 200
    assert page.context["result"].headline
    assert money(visitor, "100000", "USD").status_code == 200
    for name in ("pdf", "calendar", "case"):
        assert visitor.get(reverse(f"check:{name}")).status_code == 200


def test_an_answer_that_is_not_plain_is_said_kindly(visitor):
    walk(visitor, ENGINEER | {"work.country": one("IN")} | {"earlier": NO})
    text = text_of(visitor.get(RESULT))
    assert "Both the United States and India claim contributions." in text
    assert "ask a tax adviser" in text
    assert "Ask for this certificate" not in text


def test_a_ship_may_fly_the_flag_of_where_the_work_is(visitor):
    sailor = {
        "worker.citizenships": {"country_0": "US"},
        "work.occupation": one("seafarer"),
        "work.country": one("DE"),
        "work.start": one("2028-01-01"),
        "work.employer.country": one("DE"),
        "work.vessel_flag": one("DE"),
        "work.employer.affiliate_of": NO,
    }
    walk(visitor, sailor)
    assert visitor.get(RESULT).context["result"].headline


def test_answers_make_a_case_for_programs_too():
    answers = {
        "worker.citizenships": ["US"],
        "work.occupation": "general",
        "work.country": "DE",
        "work.start": "2028-03-01",
        "work.sent_from": None,
    }
    case = services.answers_to_case(answers, date(2027, 6, 1))
    assert case["work"][0]["sent_from"] is None
    assert api.check(case).results[0].work == "w1"
    with pytest.raises(InputError, match=r"work\[0\]\.start"):
        services.answers_to_case({**answers, "work.start": "soon"}, date(2027, 6, 1))
    with pytest.raises(InputError, match="is needed"):
        services.answers_to_case({}, date(2027, 6, 1))
