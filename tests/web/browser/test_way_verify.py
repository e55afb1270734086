"""Checking a paper in a browser: on a telephone, in French, with and without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from offices import set_up_office
from playwright.sync_api import Page, expect
from waiting import at_desk, taken

from totalize.certificates.offline import offline_token
from totalize.web.certificates import services as certificates
from totalize.web.desk import services as desk

TELEPHONE = {"width": 360, "height": 740}


@pytest.fixture
def issued() -> Iterator[Any]:
    """A certificate for Munich from an office whose clock stands at a day of June 2027."""
    path = set_up_office()
    with time_machine.travel(datetime(2027, 6, 15, 9, 30, tzinfo=UTC), tick=True):
        officer = at_desk()
        application = taken(officer)
        desk.issue(application.id, officer, version=application.version)
        yield application.certificates.get()
    path.unlink()
    (settings.INSTALLATION.published / "status.jwt").unlink(missing_ok=True)


def test_the_inspector_in_lille_knows_within_one_page(
    issued: Any, page: Page, axe: Any, shot: Any, reflows: Any
) -> None:
    page.set_viewport_size(TELEPHONE)
    page.goto("/verify/?lang=fr")
    axe(page)
    reflows(page)
    shot(page, "verify-start-fr")
    page.get_by_label("Référence").fill(issued.reference.lower())
    page.get_by_label("Mot de contrôle").fill(issued.record["certificate"]["fact"])
    page.get_by_role("button", name="Vérifier", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("VALABLE")
    expect(page.get_by_role("main")).to_contain_text("Ada Example")
    axe(page)
    reflows(page)
    shot(page, "verify-valid-fr")
    with page.expect_download() as download:
        page.get_by_role("button", name="procès-verbal").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_a_scanned_code_is_filled_in_and_sent_only_on_the_button(
    issued: Any, page: Page, axe: Any, shot: Any
) -> None:
    record = certificates.record_of(issued)
    setting = certificates.setting()
    token = offline_token(record.certificate, setting.key)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(f"{request.url} {request.post_data or ''}"))
    page.goto(f"/verify/#{token}")
    expect(page.get_by_label("Text of the code")).to_have_value(token)
    assert token not in " ".join(item.partition("#")[0] for item in seen if " " in item)
    axe(page)
    shot(page, "verify-code")
    page.get_by_role("button", name="Check the scanned code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("VALID")


def test_the_file_is_checked(issued: Any, page: Page, axe: Any, shot: Any) -> None:
    pdf = certificates.pdf_of(issued)
    page.goto("/verify/")
    page.get_by_label("File").set_input_files(
        {"name": "certificate.pdf", "mimeType": "application/pdf", "buffer": pdf}
    )
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("VALID")
    page.goto("/verify/")
    changed = pdf.replace(b"/Title", b"/Titlf", 1)
    page.get_by_label("File").set_input_files(
        {"name": "certificate.pdf", "mimeType": "application/pdf", "buffer": changed}
    )
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("NOT VALID")
    axe(page)
    shot(page, "verify-altered")


def test_what_is_unknown_or_withdrawn_is_said(issued: Any, page: Page, axe: Any, shot: Any) -> None:
    asked = certificates.withdraw(issued.id, at_desk(), "Issued by mistake.")
    certificates.second_withdrawal(asked.id, at_desk("supervisor"))
    for fact, heading, name in (
        (issued.record["certificate"]["fact"], "NOT VALID: withdrawn", "withdrawn"),
        ("000-000", "NOT SHOWN TO BE VALID", "unknown"),
    ):
        page.goto("/verify/")
        page.get_by_label("Reference").fill(issued.reference)
        page.get_by_label("Check word").fill(fact)
        page.get_by_role("button", name="Check now").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        axe(page)
        shot(page, f"verify-{name}")


@pytest.mark.parametrize("language", ["ja", "ko", "de"])
def test_other_languages_fit_the_telephone(
    page: Page, axe: Any, shot: Any, reflows: Any, language: str
) -> None:
    page.goto(f"/verify/?lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    axe(page)
    reflows(page)
    shot(page, f"verify-start-{language}")


def test_another_language_loses_nothing(issued: Any, page: Page, axe: Any) -> None:
    page.goto("/verify/?lang=en")
    page.get_by_label("Reference").fill(issued.reference)
    page.get_by_label("Check word").fill(issued.record["certificate"]["fact"])
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_label("Référence")).to_have_value(issued.reference)
    axe(page)
    page.get_by_role("button", name="Vérifier", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("VALABLE")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("GÜLTIG")
    page.goto(f"/verify/?lang=en#{'a scanned code ' * 4}")
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_label("Texte du code")).to_have_value(re.compile("scanned"))


def test_it_works_without_a_script(issued: Any, site: Any, browser: Any) -> None:
    context = browser.new_context(
        base_url=site.url, java_script_enabled=False, viewport=TELEPHONE, locale="fr-FR"
    )
    try:
        page = context.new_page()
        page.goto("/verify/")
        page.get_by_label("Référence").fill(issued.reference)
        page.get_by_label("Mot de contrôle").fill(issued.record["certificate"]["fact"])
        page.get_by_role("button", name="Vérifier", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("VALABLE")
    finally:
        context.close()
