"""Issuing: one certificate, whole, kept for ever; its successors and its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from factories import make_user
from offices import STATUS_URI
from waiting import EARLY, at_desk, sent, taken

from totalize.certificates.authority import NotAnAuthorityError
from totalize.certificates.statuslist import read_status_list
from totalize.certificates.verification.lookup import check_record
from totalize.certificates.verification.verifier import Verifier
from totalize.kernel.errors import InputError
from totalize.web.applications.models import Application, Decision
from totalize.web.applications.services import ConflictError
from totalize.web.audit.models import Entry
from totalize.web.certificates import services
from totalize.web.certificates.models import Issued
from totalize.web.certificates.office import office as read_the_office
from totalize.web.desk import services as desk
from totalize.web.people.services import erase, keep_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]

DURING = datetime(2027, 6, 1, 12, tzinfo=UTC)


def issue(**fields) -> Issued:
    officer = at_desk()
    return desk.issue(taken(officer, **fields).id, officer)


def verdict(pdf: bytes) -> str:
    verifier = Verifier(services.setting().anchors, [services.status_list()])
    return verifier.check(pdf, timezone.now()).verdict


def test_what_is_issued_verifies_and_can_be_fetched_again_for_ever():
    officer = at_desk()
    issue_to = taken(officer)
    issued = desk.issue(issue_to.id, officer)
    kept = Issued.objects.get()
    pdf = services.pdf_of(kept)
    assert pdf not in bytes(kept.pdf)
    assert Verifier(services.setting().anchors, []).check(pdf, timezone.now()).intact
    assert verdict(pdf) == "not_yet_valid"
    assert "~" in services.credential_of(kept)
    assert services.pdf_of(Issued.objects.get()) == pdf
    assert Application.objects.get().state == "issued"
    decision = Decision.objects.get()
    assert (decision.verdict, decision.by, decision.automatic) == ("issue", officer, False)
    assert Entry.objects.get(act="certificate.issued").subject == f"certificate:{issued.id}"


def test_the_number_of_the_worker_is_on_the_paper_by_its_ending_only():
    application = sent()
    keep_number(application.person, "US", "078-05-1120")
    officer = at_desk()
    issued = desk.issue(application.id, officer)
    certificate = services.record_of(issued).certificate
    assert certificate.worker.number_ending == "1120"
    assert "'1120'" not in str(issued.record)
    assert b"1120" not in bytes(issued.face)
    fresh = services.amend(issued.id, {"to": EARLY.isoformat()}, officer, "came home early")
    assert services.record_of(fresh).certificate.worker.number_ending == "1120"
    issued.refresh_from_db()
    assert services.record_of(issued).certificate.worker.number_ending == "1120"
    assert "'1120'" not in str(issued.record)
    assert "'1120'" not in str(fresh.record)
    assert b"078-05-1120" not in services.pdf_of(issued)


def test_a_case_gets_one_certificate_however_often_it_is_decided():
    officer, other = at_desk(), at_desk()
    application = sent()
    seen = application.version
    desk.issue(application.id, officer, version=seen)
    with pytest.raises(ConflictError):
        desk.issue(application.id, other, version=seen)
    with pytest.raises(InputError, match="does not allow"):
        desk.issue(application.id, other)
    assert Issued.objects.count() == 1
    assert Decision.objects.count() == 1


def test_nothing_is_issued_on_an_answer_that_would_be_another_one_today():
    application = sent()
    period = application.determination["results"][0]["periods"][0]
    period["rule"] = "territorial"
    application.save()
    with pytest.raises(InputError) as caught:
        desk.issue(application.id, at_desk())
    assert caught.value.code == "law_changed"
    assert not Issued.objects.exists()
    assert Application.objects.get().state == "submitted"


def test_an_amendment_says_so_on_the_old_paper_and_never_gives_more(clock):
    issued = issue()
    clock.move_to(DURING)
    old = services.pdf_of(issued)
    officer = at_desk()
    with pytest.raises(InputError) as caught:
        services.amend(issued.id, {"to": "2031-02-28"}, officer, "longer")
    assert caught.value.code == "needs_decision"
    fresh = services.amend(issued.id, {"to": EARLY.isoformat()}, officer, "came home early")
    assert (fresh.last_day, fresh.follows_id, fresh.amends) == (EARLY, issued.id, True)
    issued.refresh_from_db()
    assert issued.state == "amended"
    assert verdict(old) == "replaced"
    assert verdict(services.pdf_of(fresh)) == "valid"
    with pytest.raises(InputError) as caught:
        services.amend(issued.id, {"to": "2028-01-01"}, officer, "again")
    assert caught.value.code == "already_amended"


def test_a_withdrawal_needs_another_person_and_is_told_at_once(clock):
    issued = issue()
    clock.move_to(DURING)
    supervisor, officer = at_desk("supervisor"), at_desk()
    pdf = services.pdf_of(issued)
    assert verdict(pdf) == "valid"
    asked = services.withdraw(issued.id, supervisor, "issued for the wrong employer")
    assert verdict(pdf) == "valid"
    with pytest.raises(InputError) as caught:
        services.second_withdrawal(asked.id, supervisor)
    assert caught.value.code == "same_person"
    with pytest.raises(PermissionDenied):
        services.second_withdrawal(asked.id, officer)
    services.second_withdrawal(asked.id, at_desk("supervisor"))
    assert verdict(pdf) == "withdrawn"
    report = check_record(
        services.record_of(services.find(issued.reference)),
        issued.reference,
        services.record_of(issued).certificate.fact,
        timezone.now(),
    )
    assert report.verdict == "withdrawn"
    with pytest.raises(ConflictError):
        services.second_withdrawal(asked.id, at_desk("supervisor"))


def test_a_withdrawal_that_is_declined_leaves_the_certificate_in_force():
    issued = issue()
    asked = services.withdraw(issued.id, at_desk(), "maybe wrong")
    with pytest.raises(InputError, match="waits for a second person"):
        services.withdraw(issued.id, at_desk(), "also think so")
    supervisor = at_desk("supervisor")
    with pytest.raises(InputError, match="why not"):
        services.send_back_withdrawal(asked.id, supervisor, "")
    services.send_back_withdrawal(asked.id, supervisor, "it is right")
    issued.refresh_from_db()
    assert issued.state == "valid"
    services.withdraw(issued.id, at_desk(), "new facts came")


def test_a_new_decision_on_the_same_work_replaces_the_certificate():
    issued = issue()
    old = issued.application
    following = sent(worker=old.worker, person=old.person, kind="amendment", follows=old)
    officer = at_desk()
    with pytest.raises(InputError, match="does not follow"):
        services.replace(issued.id, sent(), officer, "wrong one")
    desk.take(following.id, officer)
    following.refresh_from_db()
    fresh = services.replace(issued.id, following, officer, "another employer")
    issued.refresh_from_db()
    assert (issued.state, fresh.follows_id, fresh.amends) == ("replaced", issued.id, False)
    assert services.record_of(issued).successor == fresh.reference
    assert services.record_of(fresh).certificate.replaces == issued.reference


def test_the_list_is_made_anew_with_each_change_and_before_it_ends(clock):
    issued = issue()
    first = services.status_list()
    assert services.status_list() == first
    opened = read_status_list(first, services.setting().anchors)
    assert opened.uri == STATUS_URI
    clock.shift(timedelta(hours=5))
    assert services.status_list() == first
    clock.shift(timedelta(hours=2))
    renewed = services.status_list()
    assert renewed != first
    services.amend(issued.id, {"to": EARLY.isoformat()}, at_desk(), "early")
    changed = read_status_list(services.status_list(), services.setting().anchors)
    assert changed.state(issued.status_index) == "replaced"


def test_a_list_that_was_touched_on_the_disk_is_made_again(settings):
    services.status_list()
    path = settings.INSTALLATION.published / "status.jwt"
    path.write_text("eyJ0eXAiOiJub25lIn0.e30.")
    assert services.status_list() == path.read_text()
    assert read_status_list(services.status_list(), services.setting().anchors).uri == STATUS_URI


def test_what_is_missing_is_listed_and_nothing_is_issued(settings):
    application = sent()
    path = settings.INSTALLATION.authority_file
    path.write_text("office: {name: Office, country: US}\nkey: {file: nothing.p12}\n")
    found = services.problems()
    assert any("nothing.p12" in problem for problem in found)
    assert any("root certificate" in problem for problem in found)
    assert any("https address" in problem for problem in found)
    with pytest.raises(NotAnAuthorityError):
        desk.issue(application.id, at_desk())
    path.write_text("ofice: {}\n")
    assert "ofice" in services.problems()[0]
    path.write_text("automatic: {enabled: true, sample: 2}\n")
    assert any("sample" in problem for problem in services.problems())
    assert not read_the_office().automatic


def test_the_parties_are_told_when_it_stands(django_capture_on_commit_callbacks):
    application = sent()
    with django_capture_on_commit_callbacks(execute=True):
        issued = desk.issue(application.id, at_desk())
    message = mail.outbox[-1]
    assert message.to == [application.worker.email]
    assert str(issued.id) in message.body
    assert "000" not in message.subject


def test_who_has_a_copy_is_on_record(client):
    issued = issue()
    worker = issued.application.worker
    client.force_login(worker)
    answer = client.get(f"/certificates/{issued.id}/pdf")
    assert answer.content == services.pdf_of(issued)
    assert client.get(f"/certificates/{issued.id}/credential").status_code == 200
    assert [(copy.role, copy.how) for copy in issued.copies.order_by("id")] == [
        ("worker", "download"),
        ("worker", "credential"),
    ]
    client.force_login(make_user())
    assert client.get(f"/certificates/{issued.id}/pdf").status_code == 404
    assert issued.copies.count() == 2


def test_the_list_is_served_to_anybody_and_not_twice(client):
    issue()
    answer = client.get("/certificates/status")
    assert answer["Content-Type"] == "application/statuslist+jwt"
    assert "max-age=60" in answer["Cache-Control"]
    again = client.get("/certificates/status", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert b"BEGIN CERTIFICATE" in client.get("/certificates/anchors").content


def test_a_day_that_is_no_day_is_shown_where_it_was_typed(client):
    issued = issue()
    client.force_login(at_desk())
    answer = client.post(
        f"/certificates/{issued.id}/amend/", {"to": "2031-02-28", "reason": "a longer stay"}
    )
    assert answer.status_code == 400
    assert "would certify more" in answer.content.decode()
    answer = client.post(
        f"/certificates/{issued.id}/amend/", {"to": EARLY.isoformat(), "reason": "came home"}
    )
    assert answer.status_code == 302
    assert Issued.objects.get(amends=True).last_day == date(2029, 2, 28)


def test_of_somebody_who_is_erased_only_the_register_speaks():
    issued = issue()
    reference, fact = issued.reference, services.record_of(issued).certificate.fact
    services.note_copy(issued, "Ada Example", "worker", "download", None)
    erase(issued.person, by=None)
    kept = services.find(reference)
    assert "Ada" not in str(kept.record)
    assert "Ada" not in kept.copies.get().holder
    with pytest.raises(InputError):
        services.pdf_of(kept)
    report = check_record(services.record_of(kept), reference, fact, timezone.now())
    assert report.verdict == "not_yet_valid"
    services.withdraw(kept.id, at_desk(), "must not be used")
