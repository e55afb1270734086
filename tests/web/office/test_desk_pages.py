"""The pages of the desk: the queue, a case on one screen, what is published."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from factories import make_person, make_user
from PIL import Image
from waiting import EXCEPTION, at_desk, sent, taken

from totalize.web.applications.models import Application
from totalize.web.applications.services import add_upload
from totalize.web.audit.models import Entry
from totalize.web.certificates import services as certificates
from totalize.web.certificates.models import Issued
from totalize.web.desk import automatic, selectors
from totalize.web.desk import services as desk
from totalize.web.desk.selectors import Filters
from totalize.web.people.services import keep_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NUMBER = "078-05-1120"


@pytest.fixture
def officer(client):
    user = at_desk(full_name="Ada Officer")
    client.force_login(user)
    return user


def many(count: int) -> list[Application]:
    """Copies of one that was sent, without the work of sending each."""
    pattern = sent()
    now = timezone.now()
    rows = []
    for number in range(count):
        row = Application.objects.get(id=pattern.id)
        row.pk = None
        row.id = None
        row._state.adding = True
        row.id = Application._meta.get_field("id").get_default()
        row.submitted_at = now - timedelta(days=number)
        rows.append(row)
    return Application.objects.bulk_create(rows)


def test_the_queue_asks_the_database_as_often_however_long_it_is(
    client, officer, django_assert_max_num_queries
):
    sent()
    with django_assert_max_num_queries(16) as few:
        client.get("/desk/")
    many(120)
    with django_assert_max_num_queries(len(few)):
        page = client.get("/desk/")
    assert "121 cases" in page.content.decode() or "122 cases" in page.content.decode()
    assert "Page 1 of 5" in page.content.decode()


def test_a_case_asks_the_database_as_often_however_much_hangs_on_it(
    client, officer, django_assert_max_num_queries
):
    application = taken(officer)
    address = f"/desk/{application.id}/"
    keep_number(application.person, "US", NUMBER)
    sent(person=application.person)
    client.get(address)
    with django_assert_max_num_queries(20) as few:
        client.get(address)
    keep_number(application.person, "DE", "15070649C103")
    for number in range(5):
        application.questions.create(
            words=f"What is fact {number}?", asked_by=officer, asked_at=timezone.now()
        )
        application.statements.create(
            code=str(number), words="It is so.", ticked_by=officer, ticked_at=timezone.now()
        )
        sent(person=application.person)
    with django_assert_max_num_queries(len(few)) as many_things:
        text = client.get(address).content.decode()
    assert all(f"What is fact {number}?" in text for number in range(5))
    assert text.count("It is so.") == 5
    assert text.count("Certificate, DE, 1 Mar 2027") == 6
    assert ("•••20" in text, "•••03" in text) == (True, True)
    asked = [query["sql"] for query in many_things]
    # Signed pages stay where they are until somebody opens one.
    assert not [sql for sql in asked if '"pdf"' in sql or '"proof"' in sql]
    assert len([sql for sql in asked if '"people_datakey"' in sql]) == 1


def test_to_show_a_case_the_law_is_not_read_again(client, officer, monkeypatch):
    application = sent()
    address = f"/desk/{application.id}/"
    before = client.get(address).content

    def decide(*given, **options):
        raise AssertionError("the answer it was sent with stands")

    monkeypatch.setattr("totalize.coverage.determine.Determiner.decide", decide)
    after = client.get(address).content
    assert before.count(b"The United States covers") == after.count(b"The United States covers") > 0


def test_the_oldest_is_first_and_what_is_late_says_so(client, officer):
    many(40)
    lines = selectors.lines(selectors.queue())
    assert [line.age for line in lines] == sorted((line.age for line in lines), reverse=True)
    assert lines[0].late
    assert not lines[-1].late
    assert "late</span>" in client.get("/desk/").content.decode()


def test_the_queue_is_narrowed(officer):
    plain, other = sent(), sent(plain=False, kind="exception")
    desk.take(other.id, officer)
    assert set(selectors.queue()) == {plain, other}
    assert set(selectors.queue(Filters(plain=True))) == {plain}
    assert set(selectors.queue(Filters(mine=officer))) == {other}
    assert set(selectors.queue(Filters(kind="exception"))) == {other}
    assert not selectors.queue(Filters(country="FR")).exists()
    assert set(selectors.queue(Filters(state="submitted"))) == {plain}
    assert selectors.counts() == {"submitted": 1, "in_review": 1, "plain": 1}


def test_a_draft_is_nobodys_business(client, officer):
    from factories import make_application

    draft = make_application(make_user())
    assert draft not in selectors.queue(Filters(state="open"))
    assert client.get(f"/desk/{draft.id}/").status_code == 404


@pytest.mark.parametrize("wanted", ["ada exa", "078 05 1120", "078-05-1120"])
def test_a_case_is_found_by_name_and_by_whole_number(client, officer, wanted):
    application = sent()
    sent(person=make_person(full_name="Bob Other"))
    keep_number(application.person, "US", NUMBER)
    assert list(selectors.search(wanted)) == [application]
    page = client.post("/desk/search/", {"wanted": wanted}).content.decode()
    assert str(application.id) in page
    assert wanted not in page.replace("Ada Example", "")


@pytest.mark.parametrize("wanted", ["051120", "1120", "078-05-1121", "x", "", "%%", "ABCD-EFGH"])
def test_a_part_of_a_number_finds_nobody(officer, wanted):
    keep_number(sent().person, "US", NUMBER)
    assert not selectors.search(wanted)


def test_a_case_is_found_by_the_reference_of_its_certificate(officer):
    application = sent()
    issued = desk.issue(application.id, officer)
    found = selectors.search(issued.reference.lower().replace("-", " "))
    assert list(found) == [application]
    assert list(selectors.search(str(application.id))) == [application]
    mistyped = issued.reference[:-1] + ("2" if issued.reference[-1] != "2" else "3")
    assert not selectors.search(mistyped)


def test_one_screen_shows_facts_answer_law_and_earlier_cases(
    client, officer, django_assert_max_num_queries
):
    earlier = sent(person=make_person(full_name="Ada Exemple"))
    keep_number(earlier.person, "US", NUMBER)
    desk.issue(earlier.id, officer)
    application = sent()
    keep_number(application.person, "US", NUMBER)
    with django_assert_max_num_queries(45):
        page = client.get(f"/desk/{application.id}/").content.decode()
    assert "Columbus, OH" in page
    assert "Art. 6(2)" in page
    assert "5 years" in page
    assert str(earlier.id) in page
    assert "Issue the certificate" in page
    assert "•••20" in page
    assert NUMBER not in page
    assert "1120" not in page


def test_the_button_is_there_only_where_a_certificate_can_be_issued(client, officer):
    application = taken(officer, kind="exception", case=EXCEPTION, plain=False)
    page = client.get(f"/desk/{application.id}/").content.decode()
    assert "Issue the certificate" not in page
    assert "Make a special exception" not in page
    desk.consult(application.id, officer, "DVKA", "Do you agree?")
    heard = desk.Heard("agrees", "We agree.", date(2027, 1, 14), "77", date(2027, 3, 1))
    desk.hear(application.id, officer, heard)
    page = client.get(f"/desk/{application.id}/").content.decode()
    assert "Make a special exception" in page
    assert "Issue the certificate" not in page


def test_a_number_is_shown_for_a_reason_once(client, officer):
    application = sent()
    keep_number(application.person, "US", NUMBER)
    address = f"/desk/{application.id}/number/US/"
    assert NUMBER not in client.get(address).content.decode()
    page = client.post(address, {"reason": "x"}).content.decode()
    assert NUMBER not in page
    page = client.post(address, {"reason": "compare it with the form"}).content.decode()
    assert NUMBER in page
    entries = Entry.objects.filter(act="number.revealed")
    assert [entry.actor for entry in entries] == [f"user:{officer.id}"]
    assert client.get(f"/desk/{application.id}/number/FR/").status_code == 404


def test_a_document_is_given_out_as_a_file_and_that_is_logged(client, officer):
    application = sent()
    picture = BytesIO()
    Image.new("RGB", (2, 2)).save(picture, "PNG")
    png = picture.getvalue()
    upload = add_upload(application, "plan.png", png, application.worker)
    answer = client.get(f"/desk/{application.id}/documents/{upload.id}/")
    assert answer.content == png
    assert answer["Content-Disposition"].startswith("attachment")
    assert Entry.objects.filter(act="upload.read").exists()
    other = sent()
    assert client.get(f"/desk/{other.id}/documents/{upload.id}/").status_code == 404


def test_the_letter_is_for_its_parties(client, officer):
    application = taken(officer)
    desk.propose_refusal(application.id, officer, "The stay was planned for eight years.")
    decision = desk.second(application.id, at_desk("supervisor"))
    address = f"/desk/letters/{decision.id}/"
    assert client.get(address).content.startswith(b"%PDF")
    client.force_login(application.worker)
    assert address in client.get(f"/applications/{application.id}/").content.decode()
    assert client.get(address).content.startswith(b"%PDF")
    client.force_login(make_user())
    assert client.get(address).status_code == 404


def test_the_second_look_is_on_pages_too(client, officer):
    application = taken(officer)
    page = client.get(f"/desk/{application.id}/refuse/").content.decode()
    assert "Why is it refused?" in page
    answer = client.post(f"/desk/{application.id}/refuse/", {"reason": "short"})
    assert answer.status_code == 400
    application.refresh_from_db()
    given = {"reason": "The stay was planned for eight years.", "version": application.version}
    assert client.post(f"/desk/{application.id}/refuse/", given).status_code == 302
    assert "You proposed this" in client.get(f"/desk/{application.id}/").content.decode()
    assert client.post(f"/desk/{application.id}/second/").status_code == 403
    client.force_login(at_desk("supervisor"))
    assert "Second the refusal" in client.get(f"/desk/{application.id}/").content.decode()
    application.refresh_from_db()
    given = {"version": application.version}
    assert client.post(f"/desk/{application.id}/second/", given).status_code == 302
    application.refresh_from_db()
    assert application.state == "refused"


def test_a_withdrawal_goes_through_its_pages(client, officer):
    issued = desk.issue(sent().id, officer)
    address = f"/certificates/{issued.id}/withdraw/"
    assert client.post(address, {"reason": "wrong employer"}).status_code == 302
    page = client.get("/certificates/withdrawals/").content.decode()
    assert "Another person must second it" in page
    client.force_login(at_desk("supervisor"))
    asked = issued.withdrawals.get()
    assert client.post(f"/certificates/withdrawals/{asked.id}/second/").status_code == 302
    client.force_login(issued.application.worker)
    page = client.get(f"/certificates/{issued.id}/").content.decode()
    assert "must not be used any more" in page
    assert "wrong employer" not in page


def test_answer_times_are_published_only_where_there_are_five(client):
    for row in many(5):
        row.state = "issued"
        row.decided_at = timezone.now()
        row.save()
    found = selectors.answer_times()
    assert [(row.kind, row.country, row.cases) for row in found] == [
        ("certificate", "", 5),
        ("certificate", "DE", 5),
    ]
    assert (found[0].median, found[0].ninth) == (2.0, 4.0)
    page = client.get("/desk/times/").content.decode()
    assert "2.0 days" in page
    Application.objects.filter(state="issued").first().delete()
    assert selectors.answer_times() == []


def test_what_was_drawn_is_looked_at_once(client, officer):
    from offices import set_up_office

    set_up_office(automatic={"enabled": True, "sample": "1"})
    application = sent()
    automatic.decide_automatically(application.id)
    assert "Ada Example" in client.get("/desk/review/").content.decode()
    decision = application.decisions.get()
    for no_decision in ("", "this", "9" * 5000, "123456"):
        answer = client.post("/desk/review/", {"decision": no_decision})
        assert answer.status_code == 400
    assert client.post("/desk/review/", {"decision": decision.id}).status_code == 302
    assert client.post("/desk/review/", {"decision": decision.id}).status_code == 409
    assert "Nothing waits" in client.get("/desk/review/").content.decode()


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("caseworker", ["2 new requests"]),
        ("supervisor", ["2 new requests", "1 proposed decision", "1 withdrawal"]),
        ("auditor", []),
        ("administrator", []),
        ("", []),
    ],
)
def test_the_first_page_tells_the_office_what_waits_at_its_desk(client, role, told):
    officer = at_desk()
    sent()
    sent()
    desk.propose_refusal(taken(officer).id, officer, "It is not covered by the agreement at all.")
    issued = desk.issue(taken(officer).id, officer)
    certificates.withdraw(issued.id, officer, "issued for the wrong employer")
    client.force_login(make_user(role))
    page = client.get("/home/").content.decode()
    for words in ("2 new requests", "1 proposed decision", "1 withdrawal"):
        assert (words in page) == (words in told), words
    button = {"caseworker": "To the desk", "auditor": "To the log", "": "Start an application"}
    assert button.get(role, "To the") in page


def test_a_withdrawn_certificate_is_no_certificate_on_the_pages_of_its_application(client):
    officer = at_desk()
    worker = make_user(full_name="Ada Example")
    issued = desk.issue(taken(officer, worker=worker).id, officer)
    client.force_login(worker)
    address = f"/applications/{issued.application_id}/"
    before = client.get(address).content.decode()
    assert "<h2>Certificate issued</h2>" in before
    assert "The work gets longer" in before
    asked = certificates.withdraw(issued.id, officer, "issued for the wrong employer")
    certificates.second_withdrawal(asked.id, at_desk("supervisor"))
    after = client.get(address).content.decode()
    assert "<h2>Certificate withdrawn: it must not be used</h2>" in after
    assert "<strong>The certificate was withdrawn</strong>" in after
    assert "The work gets longer" not in after
    listed = client.get("/applications/").content.decode()
    assert "Certificate withdrawn: it must not be used" in listed
    assert "Certificate issued" not in listed


def test_a_certificate_that_has_ended_says_so_and_can_be_followed_by_another(client):
    officer = at_desk()
    worker = make_user(full_name="Ada Example")
    issued = desk.issue(taken(officer, worker=worker).id, officer)
    Issued.objects.filter(id=issued.id).update(last_day=timezone.localdate())
    client.force_login(worker)
    address = f"/applications/{issued.application_id}/"
    assert "<h2>Certificate issued</h2>" in client.get(address).content.decode()
    Issued.objects.filter(id=issued.id).update(last_day=timezone.localdate() - timedelta(days=1))
    ended = client.get(address).content.decode()
    assert "<h2>Certificate has ended</h2>" in ended
    assert "The work gets longer" in ended


def test_a_version_that_is_no_number_of_a_sensible_size_is_none(client, officer):
    application = sent()
    answer = client.post(f"/desk/{application.id}/take/", {"version": "9" * 5000})
    assert answer.status_code == 302
