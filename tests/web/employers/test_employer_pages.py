"""The pages of an employer: for its people, and for nobody else."""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy
from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from factories import MUNICH, make_organisation, make_person, make_user
from python_calamine import CalamineWorkbook
from test_importing import ADA, BOB, HEADER

from totalize.web.accounts.models import Membership
from totalize.web.applications.models import Application
from totalize.web.employers.bundles import order
from totalize.web.employers.models import Affiliate, Batch, Bundle, Part
from totalize.web.follow.models import Dossier
from totalize.web.follow.services import open_dossier

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2028-06-01T09:00:00Z", tick=False):
        yield


@pytest.fixture
def team(client):
    manager = make_user()
    organisation = make_organisation(manager)
    client.force_login(manager)
    return manager, organisation


def follow(team, name="Ada <Example>", **changes):
    case = deepcopy(MUNICH)
    case["work"][0].update(changes)
    return open_dossier(
        by=team[0],
        person=make_person(full_name=name),
        case=case,
        organisation=team[1],
        key=name,
    )


def test_a_list_of_people_who_all_go_later_is_not_said_to_be_empty(client, team):
    follow(team, "Far Off", start="2029-03-01", expected_end="2030-02-28")
    address = reverse("employers:board", args=[team[1].id])
    page = client.get(address).content.decode()
    assert "Nobody is here yet" not in page
    assert "Show who goes later: 1 person" in page
    later = client.get(address, {"when": "later"}).content.decode()
    assert "1 person goes abroad after the next 90 days." in later
    assert "Far Off" in later
    assert "Begin missing applications" not in later
    fetched = client.get(f"{address}board.csv", {"when": "later"}).content.decode()
    assert "Far Off" in fetched
    assert "Far Off" not in client.get(f"{address}board.csv").content.decode()


def test_the_board_shows_who_is_abroad_and_how_they_stand(client, team):
    follow(team)
    page = client.get(reverse("employers:board", args=[team[1].id])).content.decode()
    assert "Ada &lt;Example&gt;" in page
    assert "no certificate" in page


def test_an_unknown_filter_does_not_break_the_board(client, team):
    follow(team)
    address = reverse("employers:board", args=[team[1].id])
    assert client.get(address, {"standing": "x", "country": "!!", "page": "x"}).status_code == 200


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_looks_like_a_formula_leaves_as_text(client, team, form):
    follow(team, "=HYPERLINK(1)")
    answer = client.get(reverse("employers:export", args=[team[1].id, form]))
    if form == "csv":
        assert "'=HYPERLINK" in answer.content.decode("utf-8-sig")
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        assert book.get_sheet_by_index(0).to_python()[1][1] == "=HYPERLINK(1)"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
            assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_a_roster_goes_from_the_upload_to_the_board_and_back(client, team):
    upload = SimpleUploadedFile("people.csv", (HEADER + ADA + BOB).encode())
    address = reverse("employers:import", args=[team[1].id])
    answer = client.post(address, {"file": upload}, follow=True)
    assert "1 must be mended first" in answer.content.decode()
    batch = Batch.objects.get()
    errors = client.get(reverse("employers:errors", args=[team[1].id, batch.id]))
    assert "start" in errors.content.decode("utf-8-sig").splitlines()[1]
    client.post(reverse("employers:take", args=[team[1].id, batch.id]))
    assert Dossier.objects.get().person.full_name == "Ada Example"
    client.post(reverse("employers:undo", args=[team[1].id, batch.id]))
    assert not Dossier.objects.exists()


def test_an_import_names_unknown_owners_unread_columns_and_all_that_is_wrong(client, team):
    rows = (
        ADA.rstrip().replace("A1", "a1") + ",nobody@example.org,77\n",
        ADA.rstrip().replace("A1", "a2") + f",{team[0].email.upper()},78\n",
        BOB.rstrip().replace(",90000", ",much") + ",nobody@example.org,79\n",
    )
    header = HEADER.rstrip() + ",owner,Cost centre\n"
    upload = SimpleUploadedFile("people.csv", (header + "".join(rows)).encode())
    address = reverse("employers:import", args=[team[1].id])
    page = client.post(address, {"file": upload}, follow=True).content.decode()
    assert page.count("nobody@example.org") == 2
    assert "Cost centre. Nothing in them was used." in page
    batch = Batch.objects.get()
    mend = client.get(reverse("employers:errors", args=[team[1].id, batch.id]))
    (line,) = mend.content.decode("utf-8-sig").splitlines()[1:]
    assert "yearly_pay: is not an amount" in line
    assert "start: is not a date" in line
    client.post(reverse("employers:take", args=[team[1].id, batch.id]))
    owners = dict(Dossier.objects.values_list("key", "owner__email"))
    assert owners == {"a1": None, "a2": team[0].email}


def test_a_file_that_is_no_roster_is_refused_on_the_page(client, team):
    address = reverse("employers:import", args=[team[1].id])
    answer = client.post(address, {"file": SimpleUploadedFile("people.csv", b"a,b\n1,2\n")})
    assert answer.status_code == 400
    assert "names no column" in answer.content.decode()


def test_care_is_saved_and_money_at_risk_follows_the_pay(client, team):
    dossier = follow(team)
    address = reverse("employers:person", args=[team[1].id, dossier.id])
    given = {"owner": team[0].id, "due_on": "2028-07-01", "yearly_pay": "145000", "currency": "usd"}
    assert client.post(address, given).status_code == 302
    dossier.refresh_from_db()
    assert (dossier.owner, dossier.due_on) == (team[0], date(2028, 7, 1))
    assert dossier.spells.get().yearly_saving > 10_000


def test_an_affiliate_without_an_agreement_is_warned_of_and_changes_the_answers(client, team):
    dossier = follow(team, employer={"name": "Acme GmbH"})
    address = reverse("employers:new_affiliate", args=[team[1].id])
    given = {"name": "Acme GmbH", "country": "DE", "share": "100"}
    client.post(address, given)
    assert dossier.spells.get().covered_by == "DE"
    page = client.get(reverse("employers:affiliates", args=[team[1].id])).content.decode()
    assert "without an agreement" in page
    affiliate = Affiliate.objects.get()
    client.post(
        reverse("employers:affiliate", args=[team[1].id, affiliate.id]),
        {**given, "section_3121l_from": "2020-01-01"},
    )
    assert dossier.spells.get().covered_by == "US"


def test_payroll_is_told_on_the_page_and_in_a_file(client, team):
    follow(team)
    page = client.get(reverse("employers:payroll", args=[team[1].id])).content.decode()
    assert "withhold" in page
    file = client.get(reverse("employers:payroll_csv", args=[team[1].id])).content.decode()
    assert "withhold_fica" in file


def test_a_viewer_looks_and_changes_nothing(client, team):
    viewer = make_user()
    Membership.objects.create(user=viewer, organisation=team[1], role="viewer")
    client.force_login(viewer)
    assert client.get(reverse("employers:board", args=[team[1].id])).status_code == 200
    assert client.get(reverse("employers:import", args=[team[1].id])).status_code == 403
    dossier = follow(team)
    address = reverse("employers:person", args=[team[1].id, dossier.id])
    assert client.post(address, {}).status_code == 403
    bundle = order(organisation=team[1], by=team[0], kind="audit")
    for name, *given in (("ask",), ("bundles",), ("bundle", bundle.id), ("fetch", bundle.id)):
        address = reverse(f"employers:{name}", args=[team[1].id, *given])
        assert client.get(address).status_code == 403
    assert client.post(reverse("employers:ask", args=[team[1].id])).status_code == 403


def test_another_organisation_finds_nothing_behind_any_address(client, team):
    dossier = follow(team)
    affiliate = Affiliate.objects.create(organisation=team[1], name="A", country="DE", share=100)
    bundle = order(organisation=team[1], by=team[0], kind="audit")
    stranger = make_user()
    elsewhere = make_organisation(stranger)
    client.force_login(stranger)
    one = [team[1].id]
    for name, given in (
        ("board", one),
        ("export", [*one, "csv"]),
        ("person", [*one, dossier.id]),
        ("import", one),
        ("affiliates", one),
        ("affiliate", [*one, affiliate.id]),
        ("payroll", one),
        ("payroll_csv", one),
        ("ask", one),
        ("bundles", one),
        ("bundle", [*one, bundle.id]),
        ("fetch", [*one, bundle.id]),
    ):
        assert client.get(reverse(f"employers:{name}", args=given)).status_code == 404, name
    # Nor behind an address of their own with somebody else's bundle in it.
    for name in ("bundle", "fetch"):
        address = reverse(f"employers:{name}", args=[elsewhere.id, bundle.id])
        assert client.get(address).status_code == 404
    for name in ("ask", "bundles"):
        assert client.post(reverse(f"employers:{name}", args=one)).status_code == 404
    assert not Application.objects.exists()


def test_missing_applications_are_counted_and_begun_when_somebody_says_so(client, team):
    follow(team)
    address = reverse("employers:ask", args=[team[1].id])
    assert "Begin 1 application<" in client.get(address).content.decode()
    assert not Application.objects.exists()
    page = client.post(address, follow=True).content.decode()
    assert "1 application begun for 1 person" in page
    assert Application.objects.get().employer == team[1]
    assert "Nothing is missing" in client.get(address).content.decode()
    assert "Nobody lacks" in client.post(address, follow=True).content.decode()


@pytest.mark.parametrize("kind", ["packs", "audit"])
def test_files_are_ordered_followed_and_fetched(client, team, kind):
    follow(team)
    address = reverse("employers:bundles", args=[team[1].id])
    page = client.post(address, {"kind": kind}, follow=True).content.decode()
    assert "Files for 1 of 1 person are made" in page
    bundle = Bundle.objects.get()
    answer = client.get(reverse("employers:fetch", args=[team[1].id, bundle.id]))
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as whole:
        assert len(whole.namelist()) == 1
    assert "attachment" in answer["Content-Disposition"]


def test_a_bundle_on_its_way_shows_how_far_it_is_and_gives_no_file(client, team):
    follow(team)
    bundle = Bundle.objects.create(
        organisation=team[1], by=team[0], kind="audit", started_at=timezone.now()
    )
    Part.objects.create(bundle=bundle, dossier=Dossier.objects.get())
    address = reverse("employers:bundle", args=[team[1].id, bundle.id])
    assert "0 of 1 person done" in client.get(address).content.decode()
    fetched = client.get(reverse("employers:fetch", args=[team[1].id, bundle.id]))
    assert fetched.status_code == 302


@pytest.mark.parametrize("kind", ["", "applications and more"])
def test_what_can_not_be_ordered_is_said(client, team, kind):
    follow(team)
    address = reverse("employers:bundles", args=[team[1].id])
    page = client.post(address, {"kind": kind}, follow=True).content.decode()
    assert "Choose what to make" in page


def test_an_export_of_another_form_is_not_found(client, team):
    assert client.get(reverse("employers:export", args=[team[1].id, "exe"])).status_code == 404
