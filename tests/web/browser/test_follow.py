"""After it is issued: the time line, a change, copies and links, the calendar, money paid twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone
from dossiers import followed
from factories import MUNICH, make_user

from totalize.web.applications.models import Application
from totalize.web.follow.models import Dossier
from totalize.web.follow.watch import remind


def stay(years_ago, years):
    """Return the Munich case, begun some years ago, for some years, and its last day."""
    today = timezone.localdate()
    first = date(today.year - years_ago, 3, 1)
    last = date(first.year + years, 3, 1) - timedelta(days=1)
    work = {**MUNICH["work"][0], "start": first.isoformat(), "expected_end": last.isoformat()}
    return {**MUNICH, "work": [work]}, first, last


@pytest.fixture
def see(page, axe, reflows, shot):
    def look(name):
        axe(page)
        reflows(page)
        shot(page, f"follow-{name}")

    return look


def test_a_worker_follows_a_stay_that_lasts_longer_than_its_certificate(page, sign_in, see):
    case, first, last = stay(1, 3)
    soon = timezone.localdate() + timedelta(days=20)
    dossier = followed(case, first=first, last=soon)
    remind()
    sign_in(page, dossier.worker)
    page.goto("/home/")
    page.get_by_role("link", name="Certificate of Ada Example").click()
    see("01-person")
    page.get_by_role("link", name="People you follow").click()
    see("02-list")
    page.goto(f"/follow/{dossier.id}/")
    page.get_by_role("link", name="The work lasts longer").click()
    see("03-extension")
    page.get_by_label("Until when is the work planned?").fill(first.isoformat())
    page.get_by_role("button", name="Show what it does").click()
    see("04-extension-wrong")
    page.get_by_label("Until when is the work planned?").fill(f"{last.year + 1}-02-15")
    page.get_by_role("button", name="Show what it does").click()
    see("05-extension-preview")
    page.get_by_role("button", name="Save the change and begin").click()
    made = Application.objects.get(kind="extension")
    assert page.url.endswith(f"/applications/{made.id}/")
    assert Dossier.objects.get().case["work"][0]["end"] == f"{last.year + 1}-02-15"


def test_a_move_to_another_country_is_told(page, sign_in, see):
    case, first, last = stay(1, 3)
    dossier = followed(case, first=first, last=last)
    sign_in(page, dossier.worker)
    page.goto(f"/follow/{dossier.id}/")
    page.get_by_role("link", name="Something changes").click()
    see("06-choose")
    page.get_by_label("The work goes on in another country").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("From which day?").fill(timezone.localdate().isoformat())
    page.get_by_label("In which country does it go on?").select_option("FR")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("Until when is the work planned?").fill(last.isoformat())
    see("07-country")
    page.get_by_role("button", name="Show what it does").click()
    see("08-country-preview")
    with page.expect_download() as download:
        page.get_by_role("button", name="Get letters to both sides").click()
    assert download.value.suggested_filename == "letters.zip"
    page.get_by_role("button", name="Save the change only").click()
    see("09-two-works")
    assert len(Dossier.objects.get().case["work"]) == 2


def test_copies_are_noted_shared_and_opened(page, sign_in, see, browser, site):
    case, first, last = stay(1, 3)
    dossier = followed(case, first=first, last=last)
    sign_in(page, dossier.worker)
    page.goto(f"/follow/{dossier.id}/copies/")
    see("10-copies")
    page.get_by_text("Share by a link").click()
    page.get_by_label("Who gets the link?").fill("Site office in Munich")
    page.get_by_role("button", name="Make a link").click()
    see("11-link")
    address = page.locator(".answer .reference").inner_text()
    page.context.clear_cookies()
    page.goto(address)
    see("12-shared")
    sign_in(page, dossier.worker)
    page.goto(f"/follow/{dossier.id}/copies/")
    assert "Opened 1 time" in page.content()
    page.get_by_role("button", name="End the link for Site office in Munich").click()
    page.context.clear_cookies()
    assert page.goto(address).status == 404


def test_the_calendar_has_an_address_of_its_own(page, sign_in, see):
    sign_in(page, make_user())
    page.goto("/follow/")
    see("13-nobody-yet")
    page.goto("/follow/calendar/")
    see("14-calendar")
    page.get_by_role("button", name="Make an address").click()
    see("15-calendar-made")


def test_what_was_paid_twice_is_reckoned(page, sign_in, see):
    case, first, last = stay(1, 3)
    dossier = followed(case, first=first, last=last)
    sign_in(page, dossier.worker)
    page.goto(f"/follow/{dossier.id}/paid-twice/")
    page.get_by_label("Yearly pay before tax").fill("120000")
    page.get_by_label("Last day for which both countries were paid").fill(f"{first.year}-08-31")
    see("16-pay")
    page.get_by_role("button", name="Reckon").click()
    see("17-paid-twice")
    assert f"{first.year}-08" in page.content()


def test_the_time_line_is_read_in_a_reader_s_own_colours(page, sign_in):
    case, first, last = stay(1, 3)
    dossier = followed(case, first=first, last=last)
    sign_in(page, dossier.worker)
    page.emulate_media(forced_colors="active", color_scheme="dark")
    page.goto(f"/follow/{dossier.id}/")
    ground, words = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('.timeline text')).fill]"
    )
    assert (ground, words) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
