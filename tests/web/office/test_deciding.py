"""Deciding: taking, asking, issuing, refusing, exceptions; the second person; the conflict."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.http import Http404
from factories import make_organisation, make_user
from offices import set_up_office
from pypdf import PdfReader
from waiting import EXCEPTION, at_desk, sent, taken

from totalize.kernel.errors import InputError
from totalize.web.applications.models import Application, Decision
from totalize.web.applications.services import ConflictError, answer, contest
from totalize.web.audit.models import Entry
from totalize.web.certificates.models import Issued
from totalize.web.desk import automatic
from totalize.web.desk import services as desk
from totalize.web.desk.services import Heard
from totalize.web.people.services import keep_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]

REASON = "The stay was planned for eight years. The rule allows five."


def state() -> str:
    return Application.objects.get().state


def test_a_case_that_somebody_has_taken_is_theirs_until_it_is_taken_over():
    ada, bob = at_desk(full_name="Ada"), at_desk(full_name="Bob")
    application = sent()
    desk.take(application.id, ada)
    with pytest.raises(ConflictError, match="Ada has this case"):
        desk.take(application.id, bob)
    with pytest.raises(ConflictError, match="Ada has this case"):
        desk.issue(application.id, bob)
    with pytest.raises(ConflictError, match="Ada has this case"):
        desk.propose_refusal(application.id, bob, REASON)
    desk.take(application.id, bob, over=True)
    desk.issue(application.id, bob)
    assert state() == "issued"


def test_nobody_else_decides():
    application = sent()
    manager = make_user()
    make_organisation(manager)
    with pytest.raises(PermissionDenied):
        desk.issue(application.id, application.worker)
    with pytest.raises(Http404):
        desk.issue(application.id, manager)
    with pytest.raises(Http404):
        desk.take(application.id, make_user("auditor"))
    assert state() == "submitted"


def test_a_question_stops_the_case_until_it_is_answered(django_capture_on_commit_callbacks):
    officer = at_desk()
    application = taken(officer)
    with pytest.raises(InputError, match="has passed"):
        desk.ask(application.id, officer, "Which day?", due_on=date(2027, 1, 15))
    with django_capture_on_commit_callbacks(execute=True):
        question = desk.ask(
            application.id,
            officer,
            "On which day did the work begin?",
            field="work.start",
            due_on=date(2027, 2, 1),
        )
    assert "1 February 2027" in mail.outbox[-1].body
    assert state() == "asked"
    with pytest.raises(InputError, match="does not allow"):
        desk.issue(application.id, officer)
    answer(application, {question.id: "On the first of March."}, application.worker)
    assert state() == "in_review"


def test_a_refusal_needs_a_second_person_and_leaves_a_letter():
    officer = at_desk("supervisor", full_name="Ada")
    application = taken(officer, plain=False)
    with pytest.raises(InputError, match="too short"):
        desk.propose_refusal(application.id, officer, "no")
    desk.propose_refusal(application.id, officer, REASON)
    assert state() == "proposed"
    with pytest.raises(InputError) as caught:
        desk.second(application.id, officer)
    assert caught.value.code == "same_person"
    with pytest.raises(PermissionDenied):
        desk.second(application.id, at_desk())
    other = at_desk("supervisor")
    decision = desk.second(application.id, other)
    assert state() == "refused"
    kept = Decision.objects.get()
    assert (kept.by, kept.seconded_by, kept.verdict) == (officer, other, "refuse")
    assert kept.letter.signed
    pdf = desk.letter_of(decision)
    assert pdf not in bytes(kept.letter.pdf)
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    text = " ".join(text.split())
    assert REASON in text
    assert "Write to the Test Office of Coverage" in text
    assert "60 days" in text
    assert "16 March 2027" in text
    with pytest.raises(ConflictError):
        desk.second(application.id, at_desk("supervisor"))


def test_no_refusal_is_proposed_where_the_office_does_not_say_how_it_is_contested():
    set_up_office(contest=None)
    officer = at_desk()
    application = taken(officer)
    with pytest.raises(InputError) as caught:
        desk.propose_refusal(application.id, officer, REASON)
    assert caught.value.code == "no_contest"
    assert state() == "in_review"


def test_a_proposal_that_is_sent_back_can_be_made_again():
    officer = at_desk()
    application = taken(officer)
    desk.propose_refusal(application.id, officer, REASON)
    supervisor = at_desk("supervisor")
    with pytest.raises(InputError, match="should be looked at"):
        desk.send_back(application.id, supervisor, "")
    desk.send_back(application.id, supervisor, "Look at the earlier stay.")
    assert state() == "in_review"
    assert Decision.objects.get().returned_note == "Look at the earlier stay."
    desk.propose_refusal(application.id, officer, REASON)
    desk.second(application.id, supervisor)
    assert state() == "refused"
    assert Decision.objects.filter(seconded_by__isnull=False).count() == 1


def test_an_exception_is_issued_when_both_authorities_agree_and_two_people_decide():
    officer, supervisor = at_desk(), at_desk("supervisor")
    application = taken(officer, kind="exception", case=EXCEPTION, plain=False)
    with pytest.raises(InputError) as caught:
        desk.issue(application.id, officer)
    assert caught.value.code == "needs_second"
    with pytest.raises(InputError, match="has not agreed"):
        desk.propose_exception(application.id, officer, REASON)
    desk.consult(application.id, officer, "GKV-Spitzenverband, DVKA", "Do you agree?")
    assert state() == "with_other_authority"
    agreed = Heard(
        answer="agrees",
        words="We agree for seven years.",
        answered_on=date(2027, 1, 14),
        file_number="DVKA-77",
        first_day=date(2027, 3, 1),
        last_day=date(2034, 2, 28),
    )
    desk.hear(application.id, officer, agreed)
    decision = desk.propose_exception(application.id, officer, REASON)
    assert decision.other_authority["file_number"] == "DVKA-77"
    issued = desk.second(application.id, supervisor)
    assert isinstance(issued, Issued)
    assert issued.last_day == date(2034, 2, 28)
    assert state() == "issued"
    kept = Decision.objects.get()
    assert (kept.verdict, kept.by, kept.seconded_by) == ("exception", officer, supervisor)


def test_an_exception_that_the_other_authority_refuses_is_not_made():
    officer = at_desk()
    application = taken(officer, kind="exception", case=EXCEPTION, plain=False)
    desk.consult(application.id, officer, "DVKA", "Do you agree?")
    with pytest.raises(InputError, match="file_number"):
        desk.hear(application.id, officer, Heard("agrees", "We agree.", date(2027, 1, 14)))
    with pytest.raises(InputError, match="is none"):
        desk.hear(application.id, officer, Heard("perhaps", "We think.", date(2027, 1, 14)))
    with pytest.raises(InputError, match="future"):
        desk.hear(application.id, officer, Heard("refuses", "No, sorry.", date(2027, 1, 16)))
    desk.hear(application.id, officer, Heard("refuses", "We do not.", date(2027, 1, 14)))
    with pytest.raises(ConflictError, match="no answer"):
        desk.hear(application.id, officer, Heard("refuses", "We do not.", date(2027, 1, 14)))
    with pytest.raises(InputError) as caught:
        desk.propose_exception(application.id, officer, REASON)
    assert caught.value.code == "no_agreement_of_other"


def test_a_plain_case_is_decided_by_itself_where_that_is_turned_on(
    django_capture_on_commit_callbacks,
):
    application = sent()
    assert automatic.decide_automatically(application.id) is None
    set_up_office(automatic={"enabled": True, "sample": "1"})
    with django_capture_on_commit_callbacks(execute=True):
        automatic.queue_decision(application)
    assert state() == "issued"
    decision = Decision.objects.get()
    assert (decision.automatic, decision.by, decision.in_sample) == (True, None, True)
    assert Entry.objects.get(act="application.issue_automatically").actor == "system"
    automatic.review(decision.id, at_desk())
    with pytest.raises(ConflictError):
        automatic.review(decision.id, at_desk())


@pytest.mark.parametrize(
    "fields",
    [{"plain": False}, {"kind": "exception"}, {"kind": "extension"}],
    ids=["not plain", "exception", "extension"],
)
def test_everything_else_waits_for_people(fields):
    set_up_office(automatic={"enabled": True, "sample": "0"})
    application = sent(**fields)
    assert automatic.decide_automatically(application.id) is None
    assert automatic.decide_waiting() == 0
    assert state() == "submitted"


def test_the_sweep_finds_what_a_lost_task_left_and_leaves_the_doubtful_to_people():
    set_up_office(automatic={"enabled": True, "sample": "0"})
    doubtful, plain = sent(), sent()
    doubtful.determination["results"][0]["periods"][0]["rule"] = "territorial"
    doubtful.save()
    assert automatic.decide_waiting() == 1
    doubtful.refresh_from_db()
    plain.refresh_from_db()
    assert (doubtful.state, doubtful.plain) == ("submitted", False)
    assert plain.state == "issued"
    assert not Decision.objects.get().in_sample
    assert automatic.decide_waiting() == 0


def test_the_answer_is_made_anew_when_the_law_data_changed():
    officer = at_desk()
    application = taken(officer)
    application.determination["results"][0]["periods"][0]["rule"] = "territorial"
    application.law = "older"
    application.save()
    with pytest.raises(InputError, match="would be another one"):
        desk.issue(application.id, officer)
    desk.decide_again(application.id, officer)
    entry = Entry.objects.get(act="application.determined_again")
    assert "older" in entry.leaf
    desk.issue(application.id, officer)
    assert state() == "issued"


def test_a_person_who_holds_a_certificate_already_is_left_to_people():
    set_up_office(automatic={"enabled": True, "sample": "0"})
    first = sent()
    assert automatic.decide_automatically(first.id) is not None
    again = sent(worker=first.worker, person=first.person)
    assert automatic.decide_automatically(again.id) is None
    again.refresh_from_db()
    assert (again.state, again.plain) == ("submitted", False)
    assert "other_certificate" in Entry.objects.get(act="application.left_to_people").leaf


def test_a_number_that_somebody_else_has_is_left_to_people(client):
    set_up_office(automatic={"enabled": True, "sample": "0"})
    first, second = sent(), sent()
    keep_number(first.person, "US", "078-05-1120")
    keep_number(second.person, "US", "078 05 1120")
    assert automatic.decide_automatically(second.id) is None
    client.force_login(at_desk())
    page = client.get(f"/desk/{first.id}/").content.decode()
    assert "Another person here has the same number" in page


def test_a_refusal_that_was_contested_is_seconded_by_somebody_new():
    officer, supervisor = at_desk(), at_desk("supervisor")
    application = taken(officer)
    desk.propose_refusal(application.id, officer, REASON)
    desk.second(application.id, supervisor)
    contest(application, application.worker, "The stay ends after three years.")
    desk.propose_refusal(application.id, officer, REASON)
    with pytest.raises(InputError) as caught:
        desk.second(application.id, supervisor)
    assert caught.value.code == "same_person"
    desk.second(application.id, at_desk("supervisor"))
    assert state() == "refused"


def test_a_case_that_cannot_be_issued_says_why_on_its_page(client):
    officer = at_desk()
    application = taken(officer)
    application.determination["results"][0]["periods"][0]["rule"] = "territorial"
    application.save()
    client.force_login(officer)
    answered = client.post(
        f"/desk/{application.id}/issue/", {"version": application.version}, follow=True
    )
    assert "The law data changed since this was sent" in answered.content.decode()
    settings.INSTALLATION.authority_file.write_text("office: {name: Office, country: US}\n")
    answered = client.post(
        f"/desk/{application.id}/issue/", {"version": application.version}, follow=True
    )
    assert "there is no signing key" in answered.content.decode()


def test_who_comes_second_is_told_and_gets_back_what_they_typed(client):
    ada, bob = at_desk("supervisor", full_name="Ada"), at_desk(full_name="Bob")
    application = taken(bob)
    seen = application.version
    desk.take(application.id, ada, over=True)
    desk.issue(application.id, ada)
    client.force_login(bob)
    answered = client.post(f"/desk/{application.id}/refuse/", {"reason": REASON, "version": seen})
    page = answered.content.decode()
    assert answered.status_code == 409
    assert REASON in page
    assert "certificate issued" in page
    answered = client.post(f"/desk/{application.id}/issue/", {"version": seen})
    assert answered.status_code == 409
    assert Issued.objects.count() == 1
