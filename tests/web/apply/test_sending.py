"""Sending: all at once or nothing; the proof; papers for another office and what comes back."""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy

import pytest
from django.utils import timezone
from drafts import DETAILS, NUMBER, completed
from factories import MUNICH, make_user

from totalize import api
from totalize.certificates.issuing import prove_request
from totalize.certificates.specimen import make_specimen
from totalize.kernel.errors import InputError
from totalize.web.applications import hooks
from totalize.web.applications.models import Application
from totalize.web.applications.requestkey import request_anchors
from totalize.web.applications.selectors import expected_of, history
from totalize.web.applications.services import (
    ConflictError,
    answer,
    contest,
    fill,
    keep_foreign,
    locked,
    move,
    prepare,
    prepare_pack,
    readiness,
    start,
    submit,
    take_back,
)
from totalize.web.applications.services.foreign import read_foreign
from totalize.web.applications.services.submission import find_proof, proof_of
from totalize.web.audit.models import Entry
from totalize.web.verify.services import verify_reference

PICTURE = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0"
    b"\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82"
)


def test_sending_freezes_the_answer_and_proves_the_request(office, complete, boss):
    sent = submit(complete.id, boss)
    assert (sent.state, sent.plain, sent.issuing_country) == ("submitted", True, "US")
    assert sent.determination["law"] == sent.law
    assert sent.determination["as_of"] == "2027-01-15"
    report = api.verify(proof_of(sent, boss), request_anchors(), timezone.now())
    assert report.verdict == "proof_of_request"
    assert report.covers.person == "Ada Example"
    assert b"1120" not in bytes(sent.proof)
    found = find_proof(sent.proof_reference)
    assert (found.kind, found.reference) == ("proof_of_request", sent.proof_reference)
    answered = verify_reference(found.reference, found.fact, timezone.now())
    assert answered.verdict == "proof_of_request"
    assert verify_reference(found.reference, "WRONG", timezone.now()).verdict == "unknown"
    assert find_proof("0" * 28) is None
    assert [event.what for event in history(sent)] == ["started", "sent to the office"]
    assert expected_of(sent)[0].who == "office"


def test_sending_twice_changes_nothing(office, complete, boss):
    first = submit(complete.id, boss, complete.version)
    again = submit(complete.id, boss, complete.version)
    assert (again.version, bytes(again.proof)) == (first.version, bytes(first.proof))
    assert Entry.objects.filter(act="application.submit").count() == 1


def test_what_is_missing_is_named_and_nothing_is_sent(office, draft, boss):
    with pytest.raises(InputError) as refusal:
        submit(draft.id, boss)
    assert refusal.value.path == "statement.true_and_complete"
    draft.refresh_from_db()
    assert (draft.state, draft.proof, draft.determination) == ("draft", None, None)


def test_a_worker_alone_cannot_ask_where_the_employer_must(office, worker):
    draft = start(by=worker, case=deepcopy(MUNICH), work="munich", details=DETAILS)
    completed(draft, worker)
    with pytest.raises(InputError) as refusal:
        submit(draft.id, worker)
    assert refusal.value.path == "confirmation.employer"


def test_what_fails_while_sending_leaves_a_draft(office, complete, boss, monkeypatch):
    def fail(_application: Application) -> None:
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(hooks, "on_submitted", [fail])
    with pytest.raises(RuntimeError):
        submit(complete.id, boss)
    complete.refresh_from_db()
    assert (complete.state, complete.proof) == ("draft", None)
    assert not Entry.objects.filter(act="application.submit").exists()


def test_apps_are_told_in_the_same_transaction(office, complete, boss, monkeypatch):
    told = []
    monkeypatch.setattr(hooks, "on_submitted", [told.append])
    submit(complete.id, boss)
    assert [item.id for item in told] == [complete.id]


def test_who_saw_an_older_version_does_not_send_it(office, complete, boss):
    seen = complete.version
    fill(complete, {"details": {"hire_place": "Columbus, USA"}}, boss)
    with pytest.raises(ConflictError):
        submit(complete.id, boss, seen)


def test_what_changes_while_the_proof_is_signed_is_not_sent(office, complete, boss, monkeypatch):
    def change(subject, key, moment):
        fill(complete, {"details": {"hire_place": "Columbus, USA"}}, boss)
        return prove_request(subject, key, moment)

    monkeypatch.setattr("totalize.web.applications.services.submission.prove_request", change)
    with pytest.raises(ConflictError):
        submit(complete.id, boss)
    complete.refresh_from_db()
    assert (complete.state, complete.proof) == ("draft", None)


def test_an_installation_that_issues_nothing_makes_papers_instead(complete, boss):
    with pytest.raises(InputError) as refusal:
        submit(complete.id, boss)
    assert refusal.value.code == "other_authority"
    data = prepare_pack(complete, boss)
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert names[0] == "00-cover.pdf"
    assert "proof-of-request.pdf" in names
    complete.refresh_from_db()
    assert (complete.state, complete.issuing_country) == ("prepared", "US")
    letters = zipfile.ZipFile(io.BytesIO(data))
    text = "".join(letters.read(name).decode() for name in names if name.endswith(".txt"))
    assert NUMBER in text
    assert "DRAFT" not in text


def test_papers_with_gaps_are_drafts_and_change_nothing(draft, boss):
    data = zipfile.ZipFile(io.BytesIO(prepare_pack(draft, boss)))
    assert "proof-of-request.pdf" not in data.namelist()
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_office_itself_makes_no_papers_for_itself(office, complete, boss):
    with pytest.raises(InputError) as refusal:
        prepare_pack(complete, boss)
    assert refusal.value.code == "own_authority"


FITTING = {
    "issuer": "US",
    "from": "2027-03-01",
    "to": "2030-02-28",
    "name": "EXAMPLE, Ada",
    "number": "C-1",
}


def test_a_certificate_that_fits_is_kept(complete, boss):
    prepare(complete, boss)
    kept = keep_foreign(complete, PICTURE, FITTING, boss, name="paper.png")
    assert kept.fits
    assert kept.misfits == []
    complete.refresh_from_db()
    assert complete.state == "kept"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"issuer": "DE"}, "issuer"),
        ({"name": "Eve Example"}, "person"),
        ({"from": "2027-04-01"}, "starts_late"),
        ({"to": "2029-12-31"}, "ends_early"),
    ],
)
def test_a_misfit_is_named_and_kept_only_when_that_is_meant(complete, boss, change, code):
    prepare(complete, boss)
    kept = keep_foreign(complete, PICTURE, FITTING | change, boss)
    assert [item["code"] for item in kept.misfits] == [code]
    complete.refresh_from_db()
    assert complete.state == "prepared"
    again = keep_foreign(complete, PICTURE, FITTING | change, boss, accept=True)
    assert again.id == kept.id
    complete.refresh_from_db()
    assert complete.state == "kept"


def test_a_certificate_without_an_end_fits_a_work_with_one(complete, boss):
    prepare(complete, boss)
    assert keep_foreign(complete, PICTURE, FITTING | {"to": None}, boss).fits


def test_facts_are_read_from_a_certificate_that_carries_them(complete, boss):
    prepare(complete, boss)
    found = readiness(complete)
    assert found.determination is not None
    from totalize.certificates.draft import draft as word
    from totalize.certificates.model import Authority, Kind
    from totalize.web.applications.facts import subject_of

    subject = subject_of(complete, found.determination)
    nobody = Authority(name="Nobody", country="US")
    specimen = make_specimen(word(subject, Kind.SPECIMEN, nobody, timezone.now()))
    read = read_foreign(specimen.made.pdf)
    assert (read["issuer"], read["from"], read["name"]) == ("US", "2027-03-01", "Ada Example")
    typed = {"issuer": "DE", "from": "2000-01-01", "name": "Somebody"}
    kept = keep_foreign(complete, specimen.made.pdf, typed, boss)
    assert kept.issuer == "US"


def test_a_question_is_answered_and_changed_facts_are_decided_anew(office, complete, boss):
    submit(complete.id, boss)
    officer = make_user("caseworker")
    move(locked(complete.id), "take", by=officer)
    move(locked(complete.id), "ask", by=officer)
    asked = complete.questions.create(
        words="Does it end in February?", asked_by=officer, asked_at=timezone.now()
    )
    complete.refresh_from_db()
    assert expected_of(complete)[0].what == "Does it end in February?"
    fill(complete, {"facts": {"work[0].expected_end": "2030-01-31"}}, boss)
    with pytest.raises(InputError, match="has no answer"):
        answer(complete, {asked.id: "  "}, boss)
    answered = answer(complete, {asked.id: "No, in January."}, boss)
    assert answered.state == "in_review"
    assert answered.determination["results"][0]["periods"][0]["to"] == "2030-01-31"
    asked.refresh_from_db()
    assert asked.answer == "No, in January."


def test_an_application_is_taken_back_and_a_refusal_contested(office, complete, boss):
    submit(complete.id, boss)
    assert take_back(complete, boss, "not needed").state == "withdrawn"
    with pytest.raises(InputError):
        take_back(complete, boss)
    Application.objects.filter(id=complete.id).update(state="refused")
    with pytest.raises(InputError, match="is missing"):
        contest(complete, boss, " ")
    assert contest(complete, boss, "The stay is shorter.").state == "in_review"


def test_an_exception_is_sent_with_the_signed_letter_as_proof(office, boss, employer):
    case = deepcopy(MUNICH)
    case["work"][0]["expected_end"] = "2033-02-28"
    draft = start(by=boss, case=case, work="munich", employer=employer, kind="exception")
    details = DETAILS | {"wanted_coverage": "US", "reasons": "The project needs her until 2033."}
    fill(draft, {"details": details}, boss)
    draft.refresh_from_db()
    completed(draft, boss)
    sent = submit(draft.id, boss)
    assert not sent.plain
    proof = proof_of(sent, boss)
    report = api.verify(proof, request_anchors(), timezone.now())
    # The letter is whole and signed here; it is no certificate and no proof of one.
    assert (report.intact, report.trusted, report.kind) == (True, True, None)
