"""Lists that people read stand in an order of their own, whatever the database would give.

A query that asks for none gets the last first in these tests: see `unasked_order.py`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from factories import make_application, make_organisation, make_person, make_user

from totalize.kernel.errors import InputError
from totalize.web.accounts import selectors as accounts
from totalize.web.accounts.models import Membership
from totalize.web.accounts.services import give_mandate
from totalize.web.applications.selectors import expected_of, open_questions
from totalize.web.applications.services import answer
from totalize.web.applications.states import State
from totalize.web.applications.views.lists import sides_of
from totalize.web.certificates.models import Foreign
from totalize.web.desk.selectors import belongings_of
from totalize.web.employers.bundles import audit_files
from totalize.web.employers.models import Affiliate
from totalize.web.employers.register import postings_without_agreement
from totalize.web.follow.proofs import proofs_of
from totalize.web.follow.services import open_dossier
from totalize.web.people.services import keep_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]


@pytest.fixture
def owner():
    return make_user(full_name="Olive Owner")


@pytest.fixture
def asked():
    """An application with three questions of one moment, which wait for answers."""
    application = make_application(state=State.ASKED)
    officer = make_user("caseworker")
    for words in ("From when?", "For whom?", "Until when?"):
        application.questions.create(words=words, asked_by=officer, asked_at=timezone.now())
    return application


def test_what_was_asked_first_is_expected_and_found_missing_first(asked):
    words = ["From when?", "For whom?", "Until when?"]
    assert [question.words for question in open_questions(asked)] == words
    assert [item.what for item in expected_of(asked)] == words
    first, second, _ = open_questions(asked)
    with pytest.raises(InputError) as refused:
        answer(asked, {}, asked.worker)
    assert refused.value.path == f"questions[{first.id}]"
    with pytest.raises(InputError) as refused:
        answer(asked, {first.id: "In March."}, asked.worker)
    assert refused.value.path == f"questions[{second.id}]"


def test_what_hangs_on_a_case_stands_in_order_at_the_desk():
    application = make_application()
    for country, number in (("DE", "15070649C103"), ("US", "219-09-9999")):
        keep_number(application.person, country, number)
    for number in range(3):
        application.uploads.create(
            name=f"{number}.pdf",
            media_type="application/pdf",
            size=1,
            digest=str(number),
            by=application.worker,
            at=timezone.now() + timedelta(seconds=number),
        )
        application.statements.create(
            code=str(number), words="So.", ticked_by=application.worker, ticked_at=timezone.now()
        )
    found = belongings_of(application)
    assert [each.country for each in found.numbers] == ["DE", "US"]
    assert [each.name for each in found.uploads] == ["0.pdf", "1.pdf", "2.pdf"]
    assert [each.code for each in found.statements] == ["0", "1", "2"]


def test_an_audit_file_numbers_requests_as_they_were_begun(owner, standing_clock):
    employer = make_organisation(owner)
    person = make_person()
    for note in ("begun first", "begun second", "begun third"):
        standing_clock.shift(timedelta(hours=1))
        request = make_application(owner, person=person, employer=employer)
        request.steps.create(move="start", state=State.DRAFT, at=timezone.now(), note=note)
    dossier = open_dossier(by=owner, person=person, case=request.case, organisation=employer)
    files = dict(audit_files(dossier, timezone.now(), owner))
    for number, note in enumerate(("begun first", "begun second", "begun third"), 1):
        assert note in files[f"applications/{number:02d}-history.csv"].decode()


def test_organisations_people_and_postings_stand_by_name(owner, client):
    first, second = make_organisation(owner, name="Amber"), make_organisation(owner, name="Zinc")
    assert accounts.owned_employers(owner) == [first, second]
    assert [side.employer for side in sides_of(owner).values()] == [None, first, second]
    client.force_login(owner)
    page = client.get("/employers/").content.decode()
    assert page.index("Amber") < page.index("Zinc")
    for name in ("Zoe", "Ann"):
        Membership.objects.create(user=make_user(full_name=name), organisation=first, role="viewer")
    assert [str(each) for each in accounts.members_of(first)] == ["Ann", "Olive Owner", "Zoe"]
    Affiliate.objects.create(organisation=first, name="Example GmbH", country="DE", share=100)
    for name in ("Bea Brown", "Yan Young"):
        case = {
            "contract": 1,
            "worker": {"citizenships": ["US"]},
            "work": [
                {
                    "id": "w1",
                    "activity": "employment",
                    "country": "DE",
                    "start": "2027-03-01",
                    "employer": {"name": "Example GmbH", "country": "DE"},
                    "sent_from": "US",
                }
            ],
        }
        open_dossier(
            by=owner, person=make_person(full_name=name), case=case, organisation=first, key=name
        )
    postings = postings_without_agreement(first)
    assert [each.dossier.person.full_name for each in postings] == ["Bea Brown", "Yan Young"]


def test_mandates_stand_from_the_latest_back(owner, standing_clock):
    employer = make_organisation(owner)
    # Written down in another order than they were given in.
    for day in (2, 3, 1):
        standing_clock.move_to(datetime(2027, 3, day, tzinfo=UTC))
        adviser = make_organisation(make_user(), kind="adviser")
        give_mandate(adviser=adviser, by=owner, employer=employer)
    found = [each.given_at.day for each in accounts.mandates_given_by(employer)]
    assert found == [3, 2, 1]


def test_the_proof_that_begins_first_stands_first():
    person = make_person()
    for year in (2029, 2027, 2028):
        Foreign.objects.create(
            application=make_application(person=person, partner="DE"),
            person=person,
            issuer="DE",
            first_day=date(year, 1, 1),
            last_day=date(2031, 12, 31),
            fits=True,
            kept_by=make_user(),
            kept_at=timezone.now(),
        )
    [proofs] = proofs_of([person.id]).values()
    assert [proof.first.year for proof in proofs] == [2027, 2028, 2029]
