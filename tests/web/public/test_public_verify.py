"""Checking a paper without an account: every answer, every language, and nothing to be guessed."""

from __future__ import annotations

import html
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.certificates import authority

from totalize import api
from totalize.certificates.authority import Setting
from totalize.certificates.reference import new_reference
from totalize.certificates.register import read_record
from totalize.certificates.verification.report import Verdict
from totalize.certificates.wording import catalogue, languages
from totalize.kernel.errors import InputError
from totalize.kernel.reading import read_document
from totalize.web.certificates import services as certificates
from totalize.web.certificates.models import Issued
from totalize.web.jobs.services import JOBS
from totalize.web.verify import limits, services
from totalize.web.verify.models import Attempts
from totalize.web.verify.sample import SAMPLE
from totalize.web.verify.wording import NAMES, words

pytestmark = pytest.mark.django_db
START = "/verify/"
CASE = Path(__file__).parents[3] / "examples" / "cases" / "munich-engineer.yaml"


@pytest.fixture
def browser() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def fact_of(issued: Issued) -> str:
    fact: str = issued.record["certificate"]["fact"]
    return fact


def ask(browser: Client, reference: str, fact: str, **more: str) -> Any:
    return browser.post(START, {"by_reference": "1", "reference": reference, "fact": fact, **more})


def text_of(response: Any) -> str:
    body = response.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", body[body.index("<main") :]).split())


def test_a_certificate_in_force_is_real_and_says_what_it_covers(browser, issued):
    answer = ask(browser, issued.reference, fact_of(issued))
    text = text_of(answer)
    assert answer.context["report"].verdict == "valid"
    assert "VALID" in text
    for part in (
        "Ada Example (1985)",
        "Example Software Corp.",
        "1 March 2027 to 28 February 2030",
    ):
        assert part in text
    assert "No right to enter, stay or work." in text


def test_reference_and_word_may_be_typed_as_people_type(browser, issued):
    typed = issued.reference.replace("-", " ").lower()
    answer = ask(browser, typed, fact_of(issued).replace("-", "").lower())
    assert answer.context["report"].verdict == "valid"


@pytest.mark.parametrize(
    ("moment", "verdict"),
    [
        (datetime(2027, 2, 1, tzinfo=UTC), "not_yet_valid"),
        (datetime(2027, 3, 1, tzinfo=UTC), "valid"),
        (datetime(2030, 2, 28, tzinfo=UTC), "valid"),
        (datetime(2030, 3, 1, tzinfo=UTC), "expired"),
    ],
)
def test_its_period_decides(issued, moment, verdict):
    assert services.verify_reference(issued.reference, fact_of(issued), moment).verdict == verdict


@pytest.mark.parametrize(
    ("state", "verdict"),
    [("withdrawn", "withdrawn"), ("replaced", "replaced"), ("amended", "replaced")],
)
def test_what_became_of_it_is_said_and_the_reason_is_not(browser, issued, state, verdict):
    issued.record |= {"state": state, "reason": "confidential", "successor": None}
    issued.save()
    answer = ask(browser, issued.reference, fact_of(issued))
    assert answer.context["report"].verdict == verdict
    assert b"confidential" not in answer.content


def test_a_withdrawal_shows_in_the_file_as_in_the_register(issued, clock):
    from waiting import at_desk

    pdf = certificates.pdf_of(issued)
    assert services.verify_file(pdf, timezone.now()).verdict == Verdict.VALID
    asked = certificates.withdraw(issued.id, at_desk(), "Issued by mistake.")
    certificates.second_withdrawal(asked.id, at_desk("supervisor"))
    clock.shift(timedelta(seconds=59))
    now = timezone.now()
    assert services.verify_file(pdf, now).verdict == Verdict.WITHDRAWN
    report = services.verify_reference(issued.reference, fact_of(issued), now)
    assert report.verdict == Verdict.WITHDRAWN


def test_unknown_reference_and_wrong_word_look_the_same(browser, issued):
    unknown = new_reference()
    answers = [
        ask(browser, unknown, fact_of(issued)),
        ask(browser, unknown, "000-000"),
        ask(browser, issued.reference, "000-000"),
    ]
    pages = []
    for answer, reference in zip(answers, (unknown, unknown, issued.reference), strict=True):
        assert answer.status_code == 200
        assert answer.context["report"].verdict == "unknown"
        body = answer.content.decode().replace(reference, "REFERENCE")
        body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|hx-headers=\S+ \S+', "", body)
        pages.append(re.sub(r'name="report" value="[^"]+"', "", body))
    assert pages[0] == pages[1] == pages[2]
    assert "Ada" not in pages[2]


def test_unknown_reference_and_wrong_word_take_the_same_work(issued, monkeypatch):
    calls: list[str] = []
    for name in ("read_record", "check_record"):
        real = getattr(services, name)
        monkeypatch.setattr(
            services, name, lambda *given, _n=name, _r=real: (calls.append(_n), _r(*given))[1]
        )
    work = []
    for reference in (new_reference(), issued.reference):
        calls.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            services.verify_reference(reference, "000-000", timezone.now())
        asked = [query["sql"].replace(reference, "?") for query in queries]
        work.append((list(calls), asked))
    assert work[0] == work[1]
    assert work[0][0] == ["read_record", "check_record"]


def test_the_made_up_record_is_never_found(browser, office):
    record = read_record(json.loads(SAMPLE))
    with pytest.raises(InputError):
        services.verify_reference(record.reference, record.certificate.fact, timezone.now())
    assert len(SAMPLE) > 1000


def test_typing_errors_are_found_before_anything_is_looked_up(browser, issued):
    mistyped = issued.reference[:-1] + ("0" if issued.reference[-1] != "0" else "1")
    with CaptureQueriesContext(connection) as queries:
        answer = ask(browser, mistyped, fact_of(issued))
    assert answer.status_code == 400
    assert "typing error" in text_of(answer)
    assert not [query for query in queries if "certificates_issued" in query["sql"]]
    assert "This is no reference" in text_of(ask(browser, "12345", "x"))
    assert "Type the reference" in text_of(ask(browser, "", ""))
    assert "Type the check word" in text_of(ask(browser, issued.reference, ""))


def test_guessing_a_check_word_ends(browser, issued):
    for _ in range(limits.REFERENCE.most):
        assert ask(browser, issued.reference, "000-000").status_code == 200
    answer = ask(browser, issued.reference, fact_of(issued))
    assert answer.status_code == 429
    assert "too many tries" in text_of(answer)
    assert answer.headers["Retry-After"]


def test_an_hour_later_it_may_be_tried_again(browser, issued, clock):
    for _ in range(limits.REFERENCE.most + 1):
        ask(browser, issued.reference, "000-000")
    clock.shift(timedelta(hours=1))
    assert ask(browser, issued.reference, fact_of(issued)).context["report"].verdict == "valid"
    assert Attempts.objects.count() == 4


def test_the_attempts_of_an_hour_that_is_over_are_forgotten(browser, issued, clock):
    ask(browser, issued.reference, "000-000")
    assert JOBS["verify.forget"].work() == "0 counts"
    clock.shift(timedelta(hours=1, seconds=2))
    ask(browser, issued.reference, "000-000")
    assert JOBS["verify.forget"].work() == "2 counts"
    assert {row.count for row in Attempts.objects.all()} == {1}
    assert Attempts.objects.count() == 2


def test_a_check_takes_few_statements_and_none_for_a_document(browser, issued):
    ask(browser, issued.reference, fact_of(issued))
    with CaptureQueriesContext(connection) as queries:
        assert ask(browser, issued.reference, fact_of(issued)).context["report"].verdict == "valid"
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert not [sql for sql in asked if '"pdf"' in sql or '"credential"' in sql]
    assert len([sql for sql in asked if "certificates_issued" in sql]) == 1
    assert len([sql for sql in asked if "verify_attempts" in sql]) == 4


def test_an_address_that_tries_reference_after_reference_is_stopped(browser, office):
    for _ in range(limits.ADDRESS.most):
        assert ask(browser, new_reference(), "000-000").status_code == 200
    assert ask(browser, new_reference(), "000-000").status_code == 429
    assert browser.post(START, {"by_code": "1", "code": "x"}).status_code == 429
    kept = str(list(Attempts.objects.values()))
    assert "127.0.0.1" not in kept


def test_the_file_as_signed_is_checked_and_a_changed_one_is_not_believed(browser, issued):
    pdf = certificates.pdf_of(issued)
    answer = browser.post(START, {"by_file": "1", "file": io.BytesIO(pdf)})
    assert answer.context["report"].verdict == "valid"
    changed = pdf.replace(b"/Title", b"/Titlf", 1)
    assert changed != pdf
    answer = browser.post(START, {"by_file": "1", "file": io.BytesIO(changed)})
    assert answer.context["report"].verdict in {"altered", "untrusted"}
    assert "Ada" not in text_of(answer)


def test_a_scanned_code_and_a_credential_are_checked(browser, issued):
    record = certificates.record_of(issued)
    setting: Setting = certificates.setting()
    from totalize.certificates.offline import offline_token, qr_text

    token = offline_token(record.certificate, setting.key)
    code = qr_text(record.certificate, token)
    assert code.startswith("https://coverage.example.org/verify/#")
    for text in (code, token):
        answer = browser.post(START, {"by_code": "1", "code": text})
        assert answer.context["report"].verdict == "valid"
        assert "Ada Example" in text_of(answer)
    report = services.verify_file(certificates.credential_of(issued).encode(), timezone.now())
    assert report.verdict == Verdict.VALID


def test_a_specimen_and_a_stranger_s_signature_are_told_apart(browser, office):
    case = read_document(CASE.read_text(encoding="utf-8"), "case")
    specimen = api.specimen(case, "munich", made_on=timezone.now())
    answer = browser.post(START, {"by_file": "1", "file": io.BytesIO(specimen.made.pdf)})
    assert answer.context["report"].verdict in {"specimen", "untrusted"}
    assert "NOT VALID" in text_of(answer)
    stranger = authority.issued()
    report = services.verify_file(stranger.pdf, timezone.now())
    assert report.verdict != Verdict.ALTERED


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n\x00", b"hello", b"%PDF-1.7\n", b"\xff" * 3000]
)
def test_what_is_no_certificate_is_refused_kindly(browser, office, content):
    answer = browser.post(START, {"by_file": "1", "file": io.BytesIO(content)})
    assert answer.status_code in {200, 400}
    assert "Traceback" not in answer.content.decode()
    if answer.status_code == 200:
        assert answer.context["report"].verdict not in {"valid", "not_yet_valid", "expired"}


def test_without_a_file_or_with_a_huge_one_it_says_so(browser, office, settings):
    assert "Choose a file" in text_of(browser.post(START, {"by_file": "1"}))
    settings.UPLOAD_LARGEST = 10
    answer = browser.post(START, {"by_file": "1", "file": io.BytesIO(b"x" * 11)})
    assert answer.status_code == 413


def test_the_signed_record_of_a_check_is_no_certificate_and_verifies_as_such(browser, issued):
    answer = ask(browser, issued.reference, fact_of(issued))
    sealed = answer.context["sealed"]
    response = browser.post(reverse("verify:record"), {"report": sealed, "lang": "fr"})
    assert response.headers["Content-Type"] == "application/pdf"
    report = services.verify_file(response.content, timezone.now())
    assert report.verdict == Verdict.UNKNOWN
    assert report.intact
    assert [note.code for note in report.reasons] == ["check_record"]
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        assert str(pdf.Root.Lang).startswith("fr")


def test_a_record_is_made_only_of_checks_from_here_and_only_for_an_hour(browser, issued, clock):
    sealed = ask(browser, issued.reference, fact_of(issued)).context["sealed"]
    address = reverse("verify:record")
    assert browser.post(address, {"report": sealed[:-3] + "abc"}).status_code == 400
    clock.shift(timedelta(hours=1, seconds=1))
    assert browser.post(address, {"report": sealed}).status_code == 400
    assert browser.get(address).status_code == 302


def test_the_page_speaks_every_language_of_the_certificates(issued):
    assert set(languages()) == set(NAMES)
    english = words("en")
    for language in languages():
        own = words(language)
        assert own.keys() == english.keys()
        same = [key for key in own if own[key] == english[key] and key not in _ALIKE]
        assert language == "en" or not same
        client = Client(HTTP_ACCEPT_LANGUAGE=f"{language}-XX,en;q=0.5")
        page = client.get(START).content.decode()
        assert f'<html lang="{language}">' in page
        assert own["lead"] in html.unescape(page)
        assert f'name="speak" value="{language}"' not in page
        answer = ask(client, issued.reference, fact_of(issued), lang=language)
        assert catalogue(language).say("verdict_valid") in answer.content.decode()


def test_another_language_keeps_what_was_typed_and_checks_and_counts_nothing(browser, issued):
    typed = {"reference": issued.reference.lower(), "fact": "abc", "lang": "en", "speak": "fr"}
    page = browser.post(START, typed).content.decode()
    assert '<html lang="fr">' in page
    assert f'value="{issued.reference.lower()}"' in page
    assert 'value="abc"' in page
    scanned = browser.post(START, {"code": "a scanned code", "lang": "en", "speak": "fr"})
    assert ">a scanned code</textarea>" in scanned.content.decode()
    assert not Attempts.objects.exists()


def test_an_answer_is_read_in_another_language_without_a_new_check(browser, issued, clock):
    sealed = ask(browser, issued.reference, fact_of(issued)).context["sealed"]
    counted = Attempts.objects.count()
    clock.shift(timedelta(minutes=5))
    page = browser.post(START, {"report": sealed, "speak": "fr"})
    assert "VALABLE" in text_of(page)
    assert "15 juin 2027 à 09:30 UTC" in text_of(page)
    assert Attempts.objects.count() == counted
    again = browser.post(START, {"report": sealed[:-3] + "abc", "speak": "fr"})
    assert words("fr")["lead"] in html.unescape(again.content.decode())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "good until 15 June 2027, 21:30 UTC"),
        ("de", "15. Juni 2027, 21:30 Uhr UTC"),
        ("ja", "2027年6月15日 21:30 UTC"),
    ],
)
def test_days_are_written_as_the_language_does(issued, language, said):
    pdf = io.BytesIO(certificates.pdf_of(issued))
    answer = Client().post(START, {"by_file": "1", "file": pdf, "lang": language})
    assert said in text_of(answer)
    assert "2027-06-15" not in text_of(answer)


def test_the_first_of_a_month_is_an_ordinal_where_it_is_written_so():
    first = date(2027, 3, 1)
    assert catalogue("fr").day(first) == "1er mars 2027"
    assert catalogue("it").day(first) == "1º marzo 2027"
    assert catalogue("it").day(date(2027, 3, 11)) == "11 marzo 2027"


def test_a_photo_is_told_from_what_cannot_be_read(browser, office):
    photo = b"\x89PNG\r\n\x1a\n" + bytes(40)
    answer = browser.post(START, {"by_file": "1", "file": io.BytesIO(photo)})
    assert words("en")["photo"] in html.unescape(answer.content.decode())
    other = browser.post(START, {"by_file": "1", "file": io.BytesIO(b"hello")})
    assert words("en")["unreadable"] in html.unescape(other.content.decode())


def test_a_reference_that_is_not_known_is_not_called_what_the_paper_says(browser, office):
    assert words("en")["found"] not in text_of(ask(browser, new_reference(), "000-000"))


# Words that two languages have in common.
_ALIKE = {"code", "file"}


def test_the_language_asked_for_goes_before_the_browser_s(browser, office):
    assert '<html lang="fr">' in browser.get(f"{START}?lang=fr").content.decode()
    assert '<html lang="en">' in browser.get(f"{START}?lang=xx").content.decode()


def test_every_finding_has_its_sentence_in_every_language():
    english = catalogue("en")
    codes = [key for key in english.sentences if key.startswith(("found_", "verdict_", "limit_"))]
    for language in languages():
        missing = [key for key in codes if not catalogue(language).has(key)]
        assert not missing, language


def test_the_whole_page_is_light_and_needs_no_script(browser, office):
    from django.contrib.staticfiles import finders

    page = browser.get(START).content.decode()
    weight = len(page.encode())
    for name in re.findall(r'(?:src|href)="/static/([^"]+)"', page):
        weight += Path(finders.find(name)).stat().st_size
    assert weight < 60_000
    assert "htmx" not in page
    assert browser.get(f"{START}?reference=ABCD").context["given"]["reference"] == "ABCD"


def test_an_installation_that_issues_nothing_still_checks_files(browser, db, settings):
    report = services.verify_reference(new_reference(), "000-000", timezone.now())
    assert report.verdict == Verdict.UNKNOWN
    made = authority.issued()
    now = datetime(2028, 6, 1, tzinfo=UTC)
    assert services.verify_file(made.pdf, now).verdict == Verdict.UNTRUSTED
    folder = settings.INSTALLATION.data_dir / "trust"
    folder.mkdir()
    try:
        from totalize.certificates.keys import to_pem

        roots = (authority.root().certificate, authority.intermediate().certificate)
        (folder / "test-office.pem").write_bytes(to_pem(roots))
        report = services.verify_file(made.pdf, now)
        assert report.trusted
        assert report.covers.person == "Ada Example"
    finally:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def test_nothing_can_be_listed(browser, issued):
    for address in (f"{START}?reference={issued.reference}", f"{START}?fact={fact_of(issued)}"):
        page = browser.get(address).content.decode()
        assert "Ada" not in page
    assert browser.get("/verify/list/").status_code == 404
