"""A draft: started by either side or an agent, filled in step by step, nothing lost."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone
from drafts import DETAILS, NUMBER
from factories import MUNICH, make_organisation, make_person, make_user

from totalize.certificates.social_security_number import EXAMPLES
from totalize.kernel.errors import InputError
from totalize.web.accounts.models import Mandate
from totalize.web.applications.models import Application
from totalize.web.applications.readiness import assess
from totalize.web.applications.services import (
    ConflictError,
    ask_confirmation,
    confirm,
    fill,
    start,
    tick,
)
from totalize.web.applications.wording import TRUE
from totalize.web.audit.models import Entry
from totalize.web.people.services import number_for_document
from totalize.web.serving import demo_office


def fields(application):
    return [item.field for item in assess(application).missing]


def test_a_blank_draft_names_what_every_case_needs_and_then_what_this_agreement_wants(worker):
    draft = start(by=worker)
    assert fields(draft) == [
        "worker.citizenships",
        "work[0].occupation",
        "work[0].country",
        "work[0].start",
    ]
    facts = {
        "worker.citizenships": ["US"],
        "work[0].activity": "employment",
        "work[0].country": "DE",
    }
    draft = fill(draft, {"facts": facts}, worker)
    assert fields(draft) == ["work[0].start"]
    draft = fill(draft, {"facts": {"work[0].start": "2027-03-01"}}, worker)
    assert "work[0].sent_from" in fields(draft)
    case = deepcopy(MUNICH)
    draft = fill(draft, {"case": case, "work": "munich"}, worker)
    asked = fields(draft)
    assert "details.birth_place" in asked
    assert "details.hire_place" in asked
    assert "details.permanent_residence" not in asked  # the case says it already
    assert "details.health_insurance_statement" not in asked  # France asks for it, not Germany


def test_a_blank_draft_asks_for_earlier_stays_only_where_they_count(worker):
    draft = start(by=worker)
    facts = {
        "worker.citizenships": ["US"],
        "work[0].activity": "employment",
        "work[0].country": "DE",
        "work[0].start": "2027-03-01",
        "work[0].expected_end": "2030-02-28",
        "work[0].employer": {"country": "US", "american": True, "affiliate_of": None},
        "work[0].sent_from": "US",
        "work[0].via": None,
        "work[0].employed_before_transfer": True,
    }
    draft = fill(draft, {"facts": facts}, worker)
    assert fields(draft)[0] == "earlier"
    draft = fill(draft, {"earlier": [["2023-01-01", "2024-12-31"]]}, worker)
    assert [work["country"] for work in draft.case["work"]] == ["DE", "DE"]
    assert draft.case["work"][1]["id"] == draft.work
    assert "earlier" not in fields(draft)


def test_a_fact_that_cannot_be_leaves_everything_as_it_was(worker):
    draft = start(by=worker, case=deepcopy(MUNICH), work="munich")
    with pytest.raises(InputError) as refusal:
        fill(draft, {"facts": {"work[0].expected_end": "2020-01-01"}}, worker)
    assert refusal.value.path == "work[0].expected_end"
    draft.refresh_from_db()
    assert draft.case["work"][0]["expected_end"] == "2030-02-28"
    assert draft.version == 0


def test_a_birth_that_is_still_to_come_or_an_endless_name_is_refused(worker):
    draft = start(by=worker, case=deepcopy(MUNICH), work="munich")
    for key, value in (("birth_date", "2999-01-01"), ("full_name", "A" * 201)):
        with pytest.raises(InputError) as refusal:
            fill(draft, {"details": {key: value}}, worker)
        assert refusal.value.path == f"details.{key}"


def test_names_and_birth_dates_leave_the_case_for_the_person(worker):
    case = deepcopy(MUNICH)
    case["worker"]["birth_date"] = date(1985, 4, 2)
    case["work"][0]["employer"]["name"] = "Example Corp"
    draft = start(by=worker, case=case, work="munich")
    assert "birth_date" not in draft.case["worker"]
    assert "name" not in draft.case["work"][0]["employer"]
    assert draft.details["employer_home"] == {"name": "Example Corp"}
    assert draft.person.birth_date == date(1985, 4, 2)
    assert "details.birth_date" not in fields(draft)


def test_numbers_stand_nowhere_in_the_database(worker):
    case = deepcopy(MUNICH)
    case["work"][0] |= {"country": "DK", "family_accompanies": True}
    draft = start(by=worker, case=case, work="munich")
    family = [{"name": "Cleo Example", "number": "010190-1234"}]
    secrets = {"social_security_number": NUMBER, "family_members": family}
    draft = fill(draft, {"details": secrets}, worker)
    assert "details.family_members" not in fields(draft)
    assert "details.social_security_number" not in fields(draft)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = " ".join(str(tuple(map(_plain, row))) for row in cursor.fetchall())
            for secret in (NUMBER, NUMBER.replace("-", ""), "010190-1234", "0101901234"):
                assert secret not in rows, table


def _plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def test_who_saves_over_a_newer_version_is_told(draft, boss):
    seen = draft.version
    fill(draft, {"details": {"hire_place": "Columbus, USA"}}, boss, seen)
    with pytest.raises(ConflictError):
        fill(draft, {"details": {"hire_place": "Toledo, USA"}}, boss, seen)


def test_nobody_but_the_worker_changes_what_the_worker_gave(draft, boss, worker):
    draft.worker = worker
    draft.save()
    draft.person.account = worker
    draft.person.save()
    for key, value in (("full_name", "Eve"), ("social_security_number", "219-09-9999")):
        with pytest.raises(InputError) as refusal:
            fill(draft, {"details": {key: value}}, boss)
        assert refusal.value.code == "not_yours"
        assert "219-09" not in str(refusal.value)
        fill(draft, {"details": {key: DETAILS[key]}}, boss)
        fill(draft, {"details": {key: value}}, worker)


@pytest.fixture
def joined(worker, boss, employer):
    """A worker's own draft that the employer has joined, with nothing of the person given yet."""
    joined = start(by=worker, case=deepcopy(MUNICH), work="munich")
    joined.person.full_name = ""
    joined.person.save()
    joined.employer = employer
    joined.save()
    return joined


MISTYPED = {"full_name": "Ada Exampel", "social_security_number": "219-09-9999"}


def test_the_employer_corrects_what_it_gave_about_a_worker_and_the_log_says_so(joined, boss):
    fill(joined, {"details": MISTYPED}, boss)
    again = fill(joined, {"details": {key: DETAILS[key] for key in MISTYPED}}, boss)
    assert again.person.full_name == DETAILS["full_name"]
    assert number_for_document(again.person, "US") == NUMBER
    corrections = Entry.objects.filter(act="application.corrected").order_by("sequence")
    assert [entry.actor for entry in corrections] == [f"user:{boss.id}"] * 2
    assert "full_name" in corrections[0].leaf
    assert "social_security_number" in corrections[1].leaf
    assert NUMBER not in corrections[1].leaf


def test_what_the_worker_has_looked_at_and_saved_is_no_longer_the_employers(joined, boss, worker):
    fill(joined, {"details": MISTYPED}, boss)
    fill(joined, {"details": {"full_name": MISTYPED["full_name"]}}, worker)
    with pytest.raises(InputError) as refusal:
        fill(joined, {"details": {"full_name": "Ada Example"}}, boss)
    assert refusal.value.code == "not_yours"
    fill(joined, {"details": {"social_security_number": NUMBER}}, boss)


def test_what_the_worker_confirms_or_sends_is_no_longer_the_employers(joined, boss, worker):
    fill(joined, {"details": MISTYPED}, boss)
    _, token = ask_confirmation(joined, "worker", worker.email, boss)
    confirm(token, worker)
    for key in MISTYPED:
        with pytest.raises(InputError, match="worker's own"):
            fill(joined, {"details": {key: DETAILS[key]}}, boss)


def test_what_one_employer_gave_is_not_another_ones_to_correct(joined, boss, worker):
    fill(joined, {"details": MISTYPED}, boss)
    other_boss = make_user()
    other = start(by=worker, case=deepcopy(MUNICH), work="munich")
    other.employer = make_organisation(other_boss)
    other.save()
    with pytest.raises(InputError, match="worker's own"):
        fill(other, {"details": {"full_name": "Ada Example"}}, other_boss)
    fill(other, {"details": {"full_name": "Ada Example"}}, worker)
    with pytest.raises(InputError, match="worker's own"):
        fill(joined, {"details": {"full_name": "Ada"}}, boss)


@pytest.mark.parametrize("number", ["000-12-3456", "666-12-3456", "912-34-5678", "123-00-4567"])
def test_a_number_that_is_never_issued_is_kept_nowhere(draft, boss, number):
    before = draft.person.numbers.get(country="US").sealed
    with pytest.raises(InputError) as refusal:
        fill(draft, {"details": {"social_security_number": number}}, boss)
    assert refusal.value.code == "never_issued"
    assert refusal.value.path == "details.social_security_number"
    assert draft.person.numbers.get(country="US").sealed == before


def test_a_number_made_for_examples_belongs_to_made_up_people_only(installation, draft, boss):
    change = {"details": {"social_security_number": EXAMPLES[0]}}
    with pytest.raises(InputError) as refusal:
        fill(draft, change, boss)
    assert refusal.value.code == "example_number"
    demo_office.set_up(installation.data_dir, timezone.now())
    fill(draft, change, boss)
    assert number_for_document(draft.person, "US") == EXAMPLES[0]


def test_a_stranger_neither_fills_nor_uses_other_peoples_records(draft, employer, worker):
    stranger = make_user()
    with pytest.raises(InputError, match="not yours"):
        start(by=stranger, employer=employer)
    with pytest.raises(InputError, match="not yours"):
        start(by=stranger, person=make_person())
    with pytest.raises(InputError, match="not yours"):
        start(by=stranger, worker=worker)


def test_an_agent_starts_with_a_mandate_and_not_without(worker):
    agent = make_user()
    office = make_organisation(agent, kind="adviser")
    with pytest.raises(InputError):
        start(by=agent, worker=worker)
    mandate = Mandate.objects.create(
        adviser=office, worker=worker, words="You may act for me.", given_by=worker
    )
    draft = start(by=agent, worker=worker)
    assert draft.worker == worker
    fill(draft, {"details": {"birth_place": "Dayton"}}, agent)
    mandate.ends_on = date(2027, 1, 14)
    mandate.save()
    with pytest.raises(InputError):
        start(by=agent, worker=worker)


def test_a_follow_up_takes_over_every_fact(draft, boss):
    later = start(by=boss, follows=draft, kind="extension")
    assert later.person == draft.person
    assert later.employer == draft.employer
    assert later.case == draft.case
    assert later.details == draft.details
    assert later.follows == draft
    assert [item for item in fields(later) if item.startswith("details.")] == []


def test_a_workers_follow_up_has_to_be_confirmed_by_the_employer_again(draft, worker):
    draft.worker = worker
    draft.save()
    later = start(by=worker, follows=draft, kind="extension")
    assert (later.worker, later.employer) == (worker, None)
    assert "confirmation.employer" in fields(later)


def test_an_employer_does_not_start_for_whom_it_likes(boss, employer, worker):
    with pytest.raises(InputError, match="not yours"):
        start(by=boss, employer=employer, worker=worker)


def test_statements_are_kept_word_for_word_with_who_and_when(draft, boss, clock):
    tick(draft, [TRUE], boss)
    kept = draft.statements.get()
    assert kept.words.startswith("What I have given here is true")
    assert (kept.ticked_by, kept.ticked_at.year) == (boss, 2027)
    clock.shift(3600)
    tick(draft, [TRUE], boss)
    assert draft.statements.get().ticked_at == kept.ticked_at
    with pytest.raises(InputError, match="not asked for"):
        tick(draft, ["something_else"], boss)


def test_an_agreements_own_statement_is_ticked_and_counts_as_its_answer(boss, employer):
    case = deepcopy(MUNICH)
    cover = {"worker": True, "family": True}
    case["work"][0] |= {"country": "FR", "health_insurance": cover, "family_accompanies": True}
    draft = start(by=boss, case=case, work="munich", employer=employer)
    assert "statement.health_insurance_statement" in fields(draft)
    tick(draft, ["health_insurance_statement"], boss)
    draft.refresh_from_db()
    assert "statement.health_insurance_statement" not in fields(draft)


def test_where_nothing_can_be_asked_for_it_says_why(worker):
    case = deepcopy(MUNICH)
    case["work"][0] |= {"country": "US", "sent_from": None}
    found = assess(start(by=worker, case=case, work="munich"))
    assert not found.ready
    assert "has no certificate to ask for" in found.obstacle


def test_the_log_names_fields_and_never_what_stands_in_them(draft):
    leaves = " ".join(Entry.objects.values_list("leaf", flat=True))
    assert "details.social_security_number" in leaves
    for secret in (NUMBER, "Ada", "Example Corp", "Dayton"):
        assert secret not in leaves


def test_an_application_that_was_sent_is_not_filled(draft, boss):
    Application.objects.filter(id=draft.id).update(state="submitted")
    with pytest.raises(InputError, match="does not allow"):
        fill(draft, {"details": {"hire_place": "Columbus"}}, boss)
