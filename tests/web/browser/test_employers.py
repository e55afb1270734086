"""An employer's way: a list is imported, looked at, acted on, and the import undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from factories import make_organisation, make_user

from totalize.web.applications.models import Application
from totalize.web.employers.models import Batch
from totalize.web.follow.models import Dossier

COLUMNS = (
    "worker_id,full_name,worker.citizenships,activity,country,start,expected_end,employer.name,"
    "employer.country,sent_from,via,employed_before_transfer,yearly_pay,owner,due_on,"
    "certificate.issued_by,certificate.from,certificate.to"
)
COUNTRIES = ("DE", "FR", "GB", "JP", "CH", "IN", "CA", "BR", "AU", "IT")
NAMES = (
    "Ada Okafor", "Ben Larsson", "Chiara Rossi", "Dmitri Volkov", "Elena García Márquez",
    "Farid Haddad", "Grace Kim", "Henrik Sørensen", "Ines Duarte", "Jakub Nowak",
)  # fmt: skip


def roster(owner):
    """Return a list of thirty people in ten countries; the last row has no such day."""
    today = timezone.localdate()
    lines = [COLUMNS]
    for number in range(30):
        first = today - timedelta(days=30 * number + 5)
        last = first + timedelta(days=3 * 365)
        held = ",,"
        if number % 3 == 0:
            held = f"US,{first},{max(first, today + timedelta(days=40 * number - 200))}"
        company = "Acme GmbH,," if number == 10 else ",US,"
        lines.append(
            f"E{number:03d},{NAMES[number % 10]} {number},US,employment,{COUNTRIES[number % 10]},"
            f"{first},{last},{company}US,null,true,{90_000 + 1000 * number if number % 4 else ''},"
            f"{owner.email if number % 5 == 0 else ''},"
            f"{today + timedelta(days=number - 3) if number % 5 == 0 else ''},{held}"
        )
    lines.append(f"E999,Zoe Wrong,US,employment,DE,{today.year}-13-01,,,US,US,null,true,,,,,,")
    return "\n".join(lines).encode()


@pytest.fixture
def see(page, axe, reflows, shot):
    def look(name):
        axe(page)
        reflows(page)
        shot(page, f"employers-{name}")

    return look


@pytest.fixture
def team(page, sign_in):
    owner = make_user(full_name="Olive Owner")
    organisation = make_organisation(owner, name="Example Corp")
    sign_in(page, owner)
    return owner, organisation


def take_in(page, owner):
    """Import the list, as somebody at a desk does."""
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("Your list of people").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": roster(owner)}
    )
    page.get_by_role("button", name="Upload and check").click()


@pytest.mark.long
def test_a_list_is_imported_looked_at_and_undone(page, team, see):
    page.goto("/employers/")
    see("01-empty-board")
    page.get_by_role("link", name="Import", exact=True).click()
    see("02-import")
    take_in(page, team[0])
    see("03-preview")
    assert "1 must be mended first" in page.inner_text("main")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download these rows").click()
    assert "E999" in download.value.path().read_text("utf-8-sig")
    page.get_by_role("button", name="Take in 30 people").click()
    see("04-taken")
    page.get_by_role("link", name="board", exact=True).click()
    see("05-board")
    assert Dossier.objects.count() == 30
    page.get_by_text("Narrow the list").click()
    page.get_by_label("Country of work").select_option("DE")
    see("06-narrow")
    page.get_by_role("button", name="Show these").click()
    assert page.locator("tbody tr").count() == 3
    see("07-narrowed")
    page.get_by_role("link", name="Ada Okafor 0").click()
    page.get_by_label("Note").fill("Asked the tax team.")
    see("08-person")
    page.get_by_role("button", name="Save").click()
    page.goto(f"/employers/{team[1].id}/import/{Batch.objects.get().id}/")
    page.get_by_role("button", name="Undo this import").click()
    assert "Undone" in page.inner_text("main")
    see("09-undone")
    assert not Dossier.objects.exists()


def test_what_is_missing_is_begun_and_made_for_everybody(page, team, see):
    page.goto("/employers/")
    take_in(page, team[0])
    page.get_by_role("button", name="Take in 30 people").click()
    page.goto("/employers/")
    page.get_by_role("link", name="Begin missing applications").click()
    see("10-begin")
    button = page.get_by_role("button", name="Begin")
    announced = int(button.inner_text().split()[1])
    button.click()
    see("11-begun")
    assert Application.objects.count() == announced > 0
    Dossier.objects.exclude(key__in=["E001", "E002"]).delete()
    page.goto(f"/employers/{team[1].id}/")
    page.get_by_role("link", name="Make files for many people").click()
    see("12-files")
    page.get_by_role("button", name="Make the audit files").click()
    see("13-made")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download (ZIP)").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.goto(f"/employers/{team[1].id}/files/")
    see("14-files-made")


def test_affiliates_payroll_and_webhooks(page, team, see):
    page.goto("/employers/")
    take_in(page, team[0])
    page.get_by_role("button", name="Take in 30 people").click()
    page.get_by_role("link", name="board", exact=True).click()
    page.get_by_role("link", name="Affiliates").click()
    page.get_by_role("link", name="Add an affiliate").click()
    page.get_by_label("Name of the company").fill("Acme GmbH")
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Share held").fill("120")
    page.get_by_role("button", name="Save").click()
    see("15-affiliate-wrong")
    page.get_by_label("Share held").fill("75")
    page.get_by_role("button", name="Save").click()
    see("16-affiliates")
    assert "Posted to an affiliate without an agreement" in page.inner_text("main")
    page.get_by_role("link", name="Payroll").click()
    see("17-payroll")
    page.get_by_role("link", name="Webhooks").click()
    see("18-webhooks")
    page.get_by_label("Address").fill("https://localhost/events")
    page.get_by_role("button", name="Add").click()
    see("19-webhook-refused")
    assert "private network" in page.inner_text("main")
