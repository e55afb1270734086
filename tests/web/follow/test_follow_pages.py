"""The pages of those who follow somebody: who may see them, and what they do."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from dossiers import NOW, followed
from factories import MUNICH, make_organisation, make_person, make_user
from icalendar import Calendar

from totalize.web.accounts.models import Mandate, Membership
from totalize.web.applications.models import Application
from totalize.web.applications.states import Kind
from totalize.web.certificates.models import Copy, Foreign
from totalize.web.follow import shares
from totalize.web.follow.models import Dossier, Feed, Share, Use
from totalize.web.follow.services import open_dossier
from totalize.web.follow.watch import remind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("june")]
PAGES = ("person", "copies", "refunds", "dates")
CHANGES = ("choose",)
# What the agreement with France asks of a stay.
COVERED = {"health_insurance": {"worker": True, "family": True}, "family_accompanies": False}


def get(client, name, *arguments, **query):
    return client.get(reverse(f"follow:{name}", args=arguments), query)


def change_address(dossier, kind):
    return reverse("follow:change", args=[dossier.id, kind])


def tell(client, dossier, kind, **fields):
    given = {"work": "munich", "version": str(dossier.version), **fields}
    return client.post(change_address(dossier, kind), given)


@pytest.fixture
def dossier():
    return followed()


@pytest.fixture
def worker(client, dossier):
    client.force_login(dossier.worker)
    return client


@pytest.mark.parametrize("page", [*PAGES, *CHANGES])
def test_the_worker_sees_their_own_pages_and_strangers_see_nothing(client, dossier, page):
    assert get(client, page, dossier.id).status_code == 302
    client.force_login(make_user())
    assert get(client, page, dossier.id).status_code == 404
    client.force_login(make_user("caseworker"))
    assert get(client, page, dossier.id).status_code == 404
    client.force_login(dossier.worker)
    assert get(client, page, dossier.id).status_code == 200


def test_a_viewer_of_the_organisation_looks_and_changes_nothing(client):
    manager, viewer, outsider = make_user(), make_user(), make_user()
    organisation = make_organisation(manager)
    make_organisation(outsider)
    Membership.objects.create(user=viewer, organisation=organisation, role="viewer")
    dossier = open_dossier(
        by=manager, person=make_person(), case=MUNICH, organisation=organisation, key="A1"
    )
    client.force_login(viewer)
    assert get(client, "person", dossier.id).status_code == 200
    assert get(client, "choose", dossier.id).status_code == 403
    assert tell(client, dossier, "early_return", day="2029-01-31", save="1").status_code == 403
    client.force_login(outsider)
    assert get(client, "person", dossier.id).status_code == 404


def test_an_agent_sees_what_a_worker_gave_a_mandate_for_until_it_ends(client, dossier):
    agent = make_user()
    adviser = make_organisation(agent, kind="adviser")
    mandate = Mandate.objects.create(
        adviser=adviser, worker=dossier.worker, words="yes", given_by=dossier.worker
    )
    client.force_login(agent)
    assert get(client, "person", dossier.id).status_code == 200
    assert dossier.person.full_name in get(client, "list").content.decode()
    mandate.ended_at = NOW
    mandate.save()
    assert get(client, "person", dossier.id).status_code == 404
    assert dossier.person.full_name not in get(client, "list").content.decode()


def test_the_page_says_how_far_the_clock_has_run_and_what_comes_next(worker, dossier):
    text = get(worker, "person", dossier.id).content.decode()
    assert "15 of 60 months used" in text
    assert text.count("Art. 6(2)") == 1
    assert "29 February 2032" in text
    assert "The work that you told us of ends by then" in text


def test_a_gap_is_said_in_words(client):
    dossier = followed(last=NOW.date())
    client.force_login(dossier.worker)
    text = get(client, "person", dossier.id).content.decode()
    assert "no certificate of the United States is held, from 2 June 2028" in text
    assert "Ask for a longer certificate before it ends" in text


def test_an_extension_is_shown_first_and_then_begun(worker, dossier):
    shown = tell(worker, dossier, "extension", until="2031-02-28")
    assert "Ask for a longer certificate" in shown.content.decode()
    assert (
        "The work lasts longer: <strong>until 28 February 2031</strong>" in shown.content.decode()
    )
    dossier.refresh_from_db()
    assert dossier.version == 0
    begun = tell(worker, dossier, "extension", until="2031-02-28", begin="1")
    dossier.refresh_from_db()
    assert dossier.case["work"][0]["end"] == "2031-02-28"
    made = Application.objects.get(kind=Kind.EXTENSION)
    assert begun["Location"] == reverse("applications:detail", args=[made.id])
    assert made.case["work"][0]["end"] == "2031-02-28"
    assert made.follows.person == made.person == dossier.person


def test_an_early_return_begins_a_request_to_shorten(worker, dossier):
    tell(worker, dossier, "early_return", day="2029-01-31", begin="1")
    made = Application.objects.get(kind=Kind.AMENDMENT)
    assert made.case["work"][0]["end"] == "2029-01-31"
    assert str(made.last_day) == "2029-01-31"


def test_another_country_ends_one_certificate_and_asks_for_another(worker, dossier):
    fields = {"day": "2028-09-01", "country": "FR", "direct": "yes", "until": "2030-02-28"}
    shown = tell(worker, dossier, "other_country", **fields).content.decode()
    assert "Have the certificate end on 31 August 2028" in shown
    tell(worker, dossier, "other_country", begin="1", **fields)
    dossier.refresh_from_db()
    new = dossier.case["work"][1]
    assert (new["country"], new["via"], new["start"]) == ("FR", "DE", "2028-09-01")
    shortened = Application.objects.get(kind=Kind.AMENDMENT)
    assert (shortened.work, str(shortened.last_day)) == ("munich", "2028-08-31")
    assert new["id"] == "france"
    fresh = Application.objects.get(kind=Kind.CERTIFICATE, state="draft")
    assert fresh.follows is None
    assert fresh.work == new["id"]


def test_a_certificate_for_one_country_proves_nothing_in_another(worker, dossier):
    fields = {"day": "2028-09-01", "country": "NL", "direct": "no", "until": "2030-02-28"}
    tell(worker, dossier, "other_country", save="1", **fields)
    germany, netherlands = dossier.spells.all()
    assert germany.proven_until is not None
    assert (netherlands.covered_by, netherlands.proven_until) == ("US", None)
    text = get(worker, "person", dossier.id).content.decode()
    assert "The work in Germany that it proves ended on 31 August 2028" in text


def test_a_new_local_employer_leaves_what_is_not_known_open(worker, dossier):
    fields = {"day": "2028-09-01", "seat": "DE", "sent": "", "until": ""}
    tell(worker, dossier, "new_employer", save="1", **fields)
    dossier.refresh_from_db()
    new = dossier.case["work"][1]
    assert "employed_before_transfer" not in new
    assert new["employer"] == {"country": "DE"}
    assert not Application.objects.filter(state="draft").exists()


def test_a_green_card_is_written_down_of_the_worker(worker, dossier):
    day = {"day": "2028-09-01"}
    tell(worker, dossier, "status", gained="DE", lost="US", resident="yes", save="1", **day)
    dossier.refresh_from_db()
    assert dossier.case["worker"]["citizenships"] == ["DE"]
    assert dossier.case["worker"]["us_resident"] is True


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("early_return", {"day": "2020-01-01"}, "began on 2027-03-01"),
        ("early_return", {"day": "31.1.2029"}, "Enter a real date"),
        ("extension", {"until": ""}, "Enter the new last day"),
        ("extension", {"until": "2020-01-01"}, "planned to 2030-02-28 already"),
        ("extension", {"until": "2030-02-28"}, "planned to 2030-02-28 already"),
        ("other_country", {"day": "2028-09-01"}, "Choose a country"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_written(
    worker, dossier, kind, fields, said
):
    answer = tell(worker, dossier, kind, save="1", **fields)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    dossier.refresh_from_db()
    assert dossier.case == MUNICH


def test_who_looked_at_an_older_case_does_not_overwrite_the_newer(worker, dossier):
    Dossier.objects.update(version=3)
    answer = tell(worker, dossier, "early_return", day="2029-01-31", save="1")
    assert answer.status_code == 409


def test_an_unknown_change_or_work_does_not_exist(worker, dossier):
    assert worker.get(change_address(dossier, "divorce")).status_code == 404
    address = change_address(dossier, "status")
    assert worker.get(address, {"work": "tokyo"}).status_code == 404


def test_letters_to_both_sides_name_the_last_day(worker, dossier):
    answer = tell(worker, dossier, "early_return", day="2029-01-31", letters="1")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    names = archive.namelist()
    assert [name.endswith(".pdf") for name in names].count(True) == 2
    letter = archive.read(next(n for n in names if "issuing" in n and n.endswith("txt")))
    text = " ".join(letter.decode().split())
    assert "31 January 2029" in text
    assert "from 1 March 2027 to 28 February 2030" in text
    assert "Ada Example" in text


def test_a_reminder_is_on_the_first_page_until_it_is_done(client):
    dossier = followed(last=NOW.date() + timedelta(days=20))
    client.force_login(dossier.worker)
    assert remind() == 1
    assert "see what to do before" in client.get("/home/").content.decode()
    reminder = dossier.reminders.get()
    other = make_user()
    client.force_login(other)
    assert client.post(reverse("follow:done", args=[reminder.id])).status_code == 404
    client.force_login(dossier.worker)
    client.post(reverse("follow:done", args=[reminder.id]), {"back": "list"})
    assert "see what to do before" not in client.get("/home/").content.decode()


def test_a_french_client_is_announced_two_weeks_before_each_look(client, june):
    case = {**MUNICH, "work": [{**MUNICH["work"][0], "country": "FR", **COVERED}]}
    dossier = followed(case)
    assert dossier.spells.get().issued_by == "US"

    def home(moment):
        june.move_to(moment)
        client.force_login(dossier.worker)
        return client.get("/home/").content.decode()

    assert "French client" not in home("2028-08-17T12:00:00Z")
    text = home("2028-08-18T12:00:00Z")
    assert "show the French client the certificate" in text
    assert "1 September 2028" in text
    assert "French client" not in home("2028-09-02T12:00:00Z")


def test_the_calendar_has_a_private_address_that_can_be_taken_back(worker, dossier, client):
    made = worker.post(reverse("follow:calendar"))
    address = made.context["address"]
    token = address.rpartition("/")[2].removesuffix(".ics")
    assert Feed.objects.get().token_digest != token
    client.logout()
    answer = client.get(address)
    events = Calendar.from_ical(answer.content).events
    assert [event["dtstart"].dt.isoformat() for event in events] == ["2030-02-28"]
    assert "Ada Example" in events[0]["summary"]
    assert Feed.objects.get().read_at is not None
    client.force_login(dossier.worker)
    second = client.post(reverse("follow:calendar")).context["address"]
    assert client.get(address).status_code == 404
    assert client.get(second).status_code == 200
    client.post(reverse("follow:calendar"), {"take_back": "1"})
    assert client.get(second).status_code == 404


def share_of(dossier, **fields):
    given = {"for_whom": "Site in Munich", "role": "foreign_employer", "days": 7, **fields}
    return shares.make(dossier, Foreign.objects.get(), by=dossier.worker, **given)


def test_a_link_shows_one_certificate_to_anybody_and_every_opening_is_kept(worker, dossier):
    proof = Foreign.objects.get()
    given = {"proof": str(proof.id), "share": "1", "share-for_whom": "Site in Munich"}
    given |= {"share-role": "foreign_employer", "share-days": "7"}
    page = worker.post(reverse("follow:copies", args=[dossier.id]), given)
    address = page.context["address"]
    worker.logout()
    seen = worker.get(address)
    assert seen.status_code == 200
    assert "Only the office in the United States can say" in seen.content.decode()
    assert Use.objects.count() == 1
    assert Share.objects.get().token_digest not in address


def test_a_link_ends_on_its_day(client, dossier, june):
    _, token = share_of(dossier)
    june.move_to(NOW + timedelta(days=7, seconds=-1))
    assert get(client, "shared", token).status_code == 200
    june.move_to(NOW + timedelta(days=7))
    assert get(client, "shared", token).status_code == 404


def test_a_link_is_ended_by_who_may_share_and_by_nobody_else(client, dossier):
    share, token = share_of(dossier)
    address = reverse("follow:end_share", args=[share.id])
    client.force_login(make_user())
    assert client.post(address).status_code == 404
    assert get(client, "shared", token).status_code == 200
    client.force_login(dossier.worker)
    client.post(address)
    assert get(client, "shared", token).status_code == 404


def test_a_link_ends_with_the_account_that_made_it(client, dossier):
    _, token = share_of(dossier)
    dossier.worker.is_active = False
    dossier.worker.save()
    assert get(client, "shared", token).status_code == 404


def test_a_link_is_opened_sixty_times_an_hour_at_most(client, dossier, june):
    share, token = share_of(dossier)
    Use.objects.bulk_create([Use(share=share, at=NOW, what="page") for _ in range(60)])
    assert get(client, "shared", token).status_code == 429
    june.move_to(NOW + timedelta(hours=1, seconds=1))
    assert get(client, "shared", token).status_code == 200


def test_a_link_cannot_last_longer_than_ninety_days(dossier):
    with pytest.raises(Exception, match="too long"):
        share_of(dossier, days=91)


def test_a_copy_that_is_noted_is_no_longer_missing(worker, dossier):
    address = reverse("follow:copies", args=[dossier.id])
    before = worker.get(address).content.decode()
    assert before.count("not noted") == 3
    given = {"proof": str(Foreign.objects.get().id), "note": "1", "copy-holder": "Example Corp"}
    worker.post(address, {**given, "copy-role": "us_employer", "copy-how": "email"})
    assert Copy.objects.get().holder == "Example Corp"
    assert worker.get(address).content.decode().count("not noted") == 2


def test_a_link_that_leads_nowhere_says_whom_to_ask_and_not_why(client):
    for address in ("/follow/shared/forged/", "/follow/shared/forged/document"):
        answer = client.get(address)
        assert answer.status_code == 404
        page = answer.content.decode()
        assert "Ask whoever gave it to you for a new one." in page
        assert 'href="/verify/"' in page
