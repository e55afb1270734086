"""The pages of an application: who sees them, and that nothing typed is lost."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.utils import timezone
from drafts import NUMBER, completed
from factories import MUNICH, make_organisation, make_user

from totalize.web.accounts.models import Mandate
from totalize.web.applications.models import Application
from totalize.web.applications.services import (
    ask_confirmation,
    fill,
    locked,
    move,
    prepare,
    start,
    submit,
)
from totalize.web.pages.waiting import waiting_for

BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGES = (
    "",
    "page/work/",
    "page/facts/",
    "page/worker/",
    "page/employer-or-business/",
    "page/numbers/",
    "page/statements/",
    "documents/",
    "other-side/",
    "send/",
    "take-back/",
)


@pytest.fixture
def enter(client):
    """Give `enter(user)`: a client that is signed in as this account."""

    def sign_in(user):
        client.force_login(user, backend=BACKEND)
        return client

    return sign_in


@pytest.mark.parametrize("page", PAGES)
def test_each_page_of_a_draft_is_there_for_its_parties_and_for_nobody_else(
    draft, employer, enter, client, page
):
    address = f"/applications/{draft.id}/{page}"
    assert client.get(address).status_code == 302
    assert enter(draft.started_by).get(address).status_code == 200
    assert enter(make_user()).get(address).status_code == 404
    assert enter(make_user("administrator")).get(address).status_code == 404
    viewer = make_user()
    employer.memberships.create(user=viewer, role="viewer")
    assert enter(viewer).get(address).status_code == (403 if page else 200)


def test_an_agent_sees_and_fills_what_the_mandate_covers(draft, employer, enter):
    agent = make_user()
    office = make_organisation(agent, kind="adviser")
    address = f"/applications/{draft.id}/page/worker/"
    assert enter(agent).get(address).status_code == 404
    Mandate.objects.create(
        adviser=office, employer=employer, words="Act for us.", given_by=draft.started_by
    )
    assert enter(agent).get(address).status_code == 200
    assert draft.person.full_name in enter(agent).get("/applications/").content.decode()
    offered = enter(agent).get("/applications/start/").content.decode()
    assert f"A client&#x27;s: {employer.name}" in offered


def test_the_answers_of_the_check_are_taken_over(worker, enter):
    client = enter(worker)
    session = client.session
    session["start_from"] = {"case": deepcopy(MUNICH), "work": "munich"}
    session.save()
    assert "taken over" in client.get("/applications/start/").content.decode()
    answer = client.post("/applications/start/", {"on_behalf": "me"})
    made = Application.objects.get()
    assert answer["Location"] == f"/applications/{made.id}/"
    assert made.case["work"][0]["id"] == "munich"
    assert "start_from" not in client.session


def test_who_goes_back_and_starts_again_is_led_to_the_empty_draft(boss, employer, enter):
    client = enter(boss)

    def begin(**sent: str) -> str:
        address: str = client.post("/applications/start/", sent)["Location"]
        return address

    first = begin(on_behalf="me")
    assert begin(on_behalf="me") == first
    assert "Nothing is filled in yet." in client.get(first).content.decode()
    assert begin(on_behalf=str(employer.id)) != first
    assert begin(on_behalf="me", kind="exception") != first
    mine = Application.objects.get(id=first.split("/")[2])
    fill(mine, {"facts": {"work[0].country": "DE"}}, boss)
    assert begin(on_behalf="me") != first
    assert Application.objects.count() == 4


def test_nobody_starts_for_an_employer_that_is_not_theirs(employer, enter):
    answer = enter(make_user()).post("/applications/start/", {"on_behalf": str(employer.id)})
    assert answer.status_code == 200
    assert not Application.objects.exists()


def test_a_follow_up_starts_from_the_earlier_one(draft, boss, enter):
    client = enter(boss)
    assert client.get(f"/applications/start/?follows={draft.id}&kind=extension").status_code == 200
    client.post("/applications/start/", {"follows": str(draft.id), "kind": "extension"})
    later = Application.objects.get(follows=draft)
    assert (later.kind, later.person) == ("extension", draft.person)
    stranger = enter(make_user())
    assert stranger.get(f"/applications/start/?follows={draft.id}").status_code == 404


def test_what_was_typed_comes_back_when_somebody_else_was_first(draft, boss, enter):
    address = f"/applications/{draft.id}/page/employer-or-business/"
    typed = {"hire_place": "Toledo, USA", "version": draft.version}
    fill(draft, {"details": {"hire_place": "Columbus, USA"}}, boss)
    answer = enter(boss).post(address, typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed" in page
    assert 'value="Toledo, USA"' in page
    draft.refresh_from_db()
    assert draft.details["hire_place"] == "Columbus, USA"
    assert f'name="version" value="{draft.version}"' in page
    assert enter(boss).post(address, typed | {"version": draft.version}).status_code == 302


def test_what_cannot_be_comes_back_beside_its_field(draft, boss, enter):
    address = f"/applications/{draft.id}/page/employer-or-business/"
    typed = {"hire_date": "2019-13-01", "hire_place": "Toledo, USA", "version": draft.version}
    answer = enter(boss).post(address, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a real date" in page
    assert 'value="2019-13-01"' in page
    assert 'value="Toledo, USA"' in page


def test_a_page_never_shows_a_number_nor_sends_one_back(draft, boss, enter):
    address = f"/applications/{draft.id}/page/numbers/"
    page = enter(boss).get(address).content.decode()
    assert "•••20" in page
    wrong = {"social_security_number": "219-09-99", "version": draft.version}
    again = enter(boss).post(address, wrong)
    assert again.status_code == 422
    assert "nine digits" in again.content.decode()
    assert "219-09-99" not in again.content.decode()
    for text in (page, enter(boss).get(f"/applications/{draft.id}/send/").content.decode()):
        assert NUMBER not in text
        assert "078051120" not in text


def test_a_number_that_is_never_issued_is_refused_beside_its_field(draft, boss, enter):
    wrong = {"social_security_number": "912-34-5678", "version": draft.version}
    answer = enter(boss).post(f"/applications/{draft.id}/page/numbers/", wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "is a Social Security number that is never issued. Give the nine digits" in page
    assert "912-34-5678" not in page


def test_the_family_is_listed_and_its_numbers_stay_masked(boss, employer, enter):
    case = deepcopy(MUNICH)
    case["work"][0] |= {"country": "DK", "family_accompanies": True}
    draft = start(by=boss, case=case, work="munich", employer=employer)
    address = f"/applications/{draft.id}/page/family/"
    form = {
        "member-TOTAL_FORMS": "1",
        "member-INITIAL_FORMS": "0",
        "member-0-name": "Cleo Example",
        "member-0-number": "010190-1234",
        "version": draft.version,
    }
    assert enter(boss).post(address, form).status_code == 302
    page = enter(boss).get(address).content.decode()
    assert "•••34" in page
    assert "010190" not in page
    draft.refresh_from_db()
    kept = form | {"member-0-number": "", "member-0-relationship": "spouse"}
    enter(boss).post(address, kept | {"version": draft.version})
    assert "•••34" in enter(boss).get(address).content.decode()


def test_whoever_holds_the_link_sees_the_facts_and_answers(worker, boss, employer, enter):
    draft = start(by=worker, case=deepcopy(MUNICH), work="munich")
    _, token = ask_confirmation(draft, "employer", boss.email, worker)
    address = f"/applications/confirm/{token}/"
    client = enter(boss)
    assert "Germany" in client.get(address).content.decode()
    form = {"employer": str(employer.id)}
    assert client.post(address, form).status_code == 422
    assert client.post(address, form | {"true": "on"}).status_code == 302
    assert client.get(address).status_code == 410
    assert client.get(f"/applications/{draft.id}/").status_code == 200


def test_a_link_that_is_none_looks_like_one_that_has_ended(boss, enter):
    assert enter(boss).get("/applications/confirm/nothing/").status_code == 410


def test_declining_by_the_link_gives_no_access(worker, boss, enter):
    draft = start(by=worker, case=deepcopy(MUNICH), work="munich")
    _, token = ask_confirmation(draft, "employer", boss.email, worker)
    client = enter(boss)
    address = f"/applications/confirm/{token}/"
    assert client.post(address, {"decline": "yes", "words": "No."}).status_code == 200
    assert client.get(f"/applications/{draft.id}/").status_code == 404


def test_sending_from_the_page_shows_the_proof_and_twice_is_once(office, complete, boss, enter):
    client = enter(boss)
    form = {"version": complete.version}
    for _ in range(2):
        answer = client.post(f"/applications/{complete.id}/send/", form)
        assert answer["Location"] == f"/applications/{complete.id}/"
    proof = client.get(f"/applications/{complete.id}/proof/")
    assert proof.content.startswith(b"%PDF")
    assert proof["Content-Disposition"].startswith("attachment")
    officer = enter(make_user("caseworker"))
    assert officer.get(f"/applications/{complete.id}/").status_code == 200
    assert enter(make_user()).get(f"/applications/{complete.id}/proof/").status_code == 404
    assert client.get("/applications/request-anchors.pem").content.startswith(b"-----BEGIN")


def test_questions_of_the_office_are_answered_on_their_page(office, complete, boss, enter):
    submit(complete.id, boss)
    officer = make_user("caseworker")
    move(locked(complete.id), "take", by=officer)
    move(locked(complete.id), "ask", by=officer)
    asked = complete.questions.create(words="Why?", asked_by=officer, asked_at=timezone.now())
    client = enter(boss)
    assert [item.what for item in waiting_for(boss)] == ["Why?"]
    assert "Why?" in client.get("/home/").content.decode()
    assert "Why?" in client.get(f"/applications/{complete.id}/questions/").content.decode()
    address = f"/applications/{complete.id}/answer/"
    refused = client.post(address, {f"answer-{asked.id}": " "})
    assert refused.status_code == 422
    assert f"/applications/{complete.id}/documents/" in refused.content.decode()
    assert client.post(address, {f"answer-{asked.id}": "Because."}).status_code == 302
    complete.refresh_from_db()
    assert complete.state == "in_review"
    assert waiting_for(boss) == []


@pytest.mark.parametrize("named", ["nothing", "00000000-0000-0000-0000-000000000000"])
def test_to_follow_what_is_not_there_is_to_find_nothing(worker, enter, named):
    address = f"/applications/start/?follows={named}"
    assert enter(worker).get(address).status_code == 404


def test_an_application_that_was_sent_has_no_pages_to_fill(office, complete, boss, enter):
    submit(complete.id, boss)
    for page in ("page/work/", "page/numbers/"):
        assert enter(boss).get(f"/applications/{complete.id}/{page}").status_code == 404


def test_taking_back_and_contesting_are_asked_first(office, complete, boss, enter):
    submit(complete.id, boss)
    client = enter(boss)
    assert (
        "Take the application back?"
        in client.get(f"/applications/{complete.id}/take-back/").content.decode()
    )
    Application.objects.filter(id=complete.id).update(state="refused")
    address = f"/applications/{complete.id}/contest/"
    assert client.post(address, {"note": " "}).status_code == 422
    assert client.post(address, {"note": "It is shorter."}).status_code == 302
    assert client.post(f"/applications/{complete.id}/take-back/").status_code == 302
    complete.refresh_from_db()
    assert complete.state == "withdrawn"


def test_a_case_beyond_the_rules_becomes_a_request_for_an_exception(boss, employer, enter):
    case = deepcopy(MUNICH)
    case["work"][0]["expected_end"] = "2033-02-28"
    draft = start(by=boss, case=case, work="munich", employer=employer)
    client = enter(boss)
    assert "Ask for an exception" in client.get(f"/applications/{draft.id}/").content.decode()
    client.post(f"/applications/{draft.id}/exception/")
    draft.refresh_from_db()
    assert draft.kind == "exception"
    address = f"/applications/{draft.id}/page/reasons/"
    form = {"wanted_coverage": "US", "reasons": "The project.", "version": draft.version}
    assert client.post(address, form).status_code == 302
    assert "asks for an exception" in client.get(f"/applications/{draft.id}/").content.decode()


def test_the_papers_are_saved_and_the_certificate_is_kept(complete, boss, enter):
    client = enter(boss)
    prepare(complete, boss)
    pack = client.get(f"/applications/{complete.id}/papers/")
    assert pack.content.startswith(b"PK")
    assert pack["Content-Disposition"] == 'attachment; filename="request-US.zip"'
    assert client.get(f"/applications/{complete.id}/certificate/").status_code == 200


def test_one_page_of_the_list_takes_few_questions_to_the_database(
    boss, employer, enter, django_assert_max_num_queries
):
    for _ in range(12):
        made = start(by=boss, case=deepcopy(MUNICH), work="munich", employer=employer)
        completed(made, boss)
    client = enter(boss)
    with django_assert_max_num_queries(60):
        client.get("/applications/")


def test_a_page_reads_once_where_somebody_belongs_and_the_next_reads_it_anew(
    boss, employer, enter, django_assert_max_num_queries
):
    made = start(by=boss, case=deepcopy(MUNICH), work="munich", employer=employer)
    client = enter(boss)
    address = f"/applications/{made.id}/"
    client.get(address)
    with django_assert_max_num_queries(13) as asked:
        assert client.get(address).status_code == 200
    assert len([query for query in asked if 'FROM "accounts_membership"' in query["sql"]]) == 1
    boss.memberships.all().delete()
    assert client.get(address).status_code == 404


def test_who_was_signed_out_in_the_middle_of_a_form_is_told_that_nothing_was_saved(
    draft, boss, enter, client
):
    address = f"/applications/{draft.id}/page/employer-or-business/"
    told = "You were signed out, so what you sent was not saved."
    assert told not in client.get(address, follow=True).content.decode()
    answer = client.post(address, {"hire_place": "Toledo, USA"}, follow=True)
    assert answer.redirect_chain == [(f"/account/login/?next={address}", 302)]
    assert told in answer.content.decode()
    draft.refresh_from_db()
    assert draft.details["hire_place"] != "Toledo, USA"
    assert enter(boss).get(address).status_code == 200
