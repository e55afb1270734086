"""A form that was sent after the session had ended is kept for its sender, and for nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from factories import make_user

from totalize.web.accounts.models import Organisation

pytestmark = pytest.mark.django_db
ADDRESS = "/people/organisations/new/"
SENT = {
    "country": "US",
    "name": "A <name> & sons",
    "kind": "employer",
    "address": "1 Secret Street, Toledo",
}
PASSWORD = "correct horse battery"
KEPT = "/people/kept-form/"


@pytest.fixture
def user():
    return make_user()


def sign_in(client: Client, user) -> None:
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})


@pytest.fixture
def late(user, standing_clock) -> Client:
    """Somebody whose session has ended by itself, with the page still open."""
    client = Client()
    sign_in(client, user)
    assert client.get(ADDRESS).status_code == 200
    standing_clock.shift(timedelta(hours=2))
    return client


def test_what_was_sent_too_late_is_sent_again_by_one_press(late, user):
    answer = late.post(ADDRESS, SENT)
    assert answer.headers["Location"] == f"/account/login/?next={KEPT}"
    assert "It is kept for half an hour" in late.get(answer.headers["Location"]).content.decode()
    assert not Organisation.objects.exists()
    sign_in(late, user)
    page = late.get(KEPT).content.decode()
    assert "A &lt;name&gt; &amp; sons" in page
    assert f'action="{ADDRESS}"' in page
    assert not Organisation.objects.exists()
    late.post(ADDRESS, SENT)
    assert Organisation.objects.get().name == SENT["name"]
    assert late.get(KEPT).status_code == 302


def test_it_lies_sealed(late):
    late.post(ADDRESS, SENT)
    held = [session.get_decoded() for session in Session.objects.all()]
    assert any("kept_form" in each for each in held)
    assert "Secret Street" not in str(held)


def test_somebody_else_finds_nothing_and_then_nobody_does(late, user):
    late.post(ADDRESS, SENT)
    sign_in(late, make_user())
    assert late.get(KEPT).status_code == 302
    sign_in(Client(), user)
    assert late.get(KEPT).status_code == 302


def test_after_half_an_hour_it_is_gone(late, user, standing_clock):
    late.post(ADDRESS, SENT)
    standing_clock.shift(timedelta(minutes=31))
    sign_in(late, user)
    assert late.get(KEPT).status_code == 302


def test_it_can_be_thrown_away_and_leads_back_to_the_page_it_was_on(late, user):
    late.post(ADDRESS, SENT, headers={"referer": "http://testserver/people/account/?a=b"})
    sign_in(late, user)
    assert late.post(KEPT).headers["Location"] == "/people/account/?a=b"
    assert late.get(KEPT).status_code == 302


def test_another_site_is_never_led_back_to(late, user):
    late.post(ADDRESS, SENT, headers={"referer": "https://evil.example/people/account/"})
    sign_in(late, user)
    assert late.post(KEPT).headers["Location"] == ADDRESS


@pytest.mark.parametrize(
    "more",
    [
        {"new_password": "something secret"},
        {"file": SimpleUploadedFile("a.txt", b"text")},
        {"long": "x" * 100_001},
    ],
    ids=["password", "file", "length"],
)
def test_what_is_not_kept_is_said_and_leads_to_the_page(late, more):
    answer = late.post(ADDRESS, {**SENT, **more}, headers={"referer": "http://testserver/home/"})
    assert answer.headers["Location"] == "/account/login/?next=/home/"
    told = late.get(answer.headers["Location"]).content.decode()
    assert "give it once more" in told
    assert "kept for half an hour" not in told


def test_of_a_session_that_was_ended_from_elsewhere_nothing_is_kept(user, standing_clock):
    client = Client()
    sign_in(client, user)
    client.get(ADDRESS)
    standing_clock.shift(timedelta(minutes=5))
    user.sessions_from = timezone.now()
    user.save()
    assert client.post(ADDRESS, SENT).headers["Location"] == f"/account/login/?next={ADDRESS}"


def test_a_form_of_another_site_is_not_kept(user, standing_clock):
    client = Client(enforce_csrf_checks=True)
    page = client.get("/account/login/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    asked = {"login": user.email, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    client.post("/account/login/", asked)
    client.get(ADDRESS)
    standing_clock.shift(timedelta(hours=2))
    assert client.post(ADDRESS, SENT).status_code == 403
    assert not any("kept_form" in session.get_decoded() for session in Session.objects.all())
