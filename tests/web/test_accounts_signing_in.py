"""Signing up and in, second factors, lock-out, sessions, showing again that it is you."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from factories import code_from_app, give_second_factor, make_organisation, make_user

from totalize.web.accounts import services
from totalize.web.accounts.models import User
from totalize.web.audit.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


def sign_in(client, email, password=PASSWORD):
    return client.post("/account/login/", {"login": email, "password": password})


def test_who_signs_up_confirms_the_address_by_a_code(client):
    form = {"email": "ada@example.org", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/account/signup/", form)
    assert answer.status_code == 302
    assert client.get("/home/").status_code == 302, "not signed in before the code"
    [message] = mail.outbox
    found = re.search(r"^([A-Z0-9]+(-[A-Z0-9]+)*)$", message.body, re.MULTILINE)
    answer = client.post("/account/confirm-email/", {"code": found[1]}, follow=True)
    assert answer.status_code == 200
    assert client.get(reverse("accounts:account")).status_code == 200
    user = User.objects.get()
    assert (user.email, user.office_role) == ("ada@example.org", "")


def test_signing_up_with_a_known_address_looks_the_same(client):
    make_user(email="ada@example.org")
    known, unknown = (
        client.post(
            "/account/signup/", {"email": email, "password1": PASSWORD, "password2": PASSWORD}
        )
        for email in ("ada@example.org", "bob@example.org")
    )
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert User.objects.filter(email="ada@example.org").count() == 1


@pytest.mark.parametrize("password", ["short", "password1234", "bob.example@example.org"])
def test_weak_passwords_are_refused(client, password):
    form = {"email": "bob.example@example.org", "password1": password, "password2": password}
    assert client.post("/account/signup/", form).status_code == 200
    assert not User.objects.exists()


def test_a_wrong_password_reads_the_same_for_known_and_unknown_accounts(client):
    make_user(email="ada@example.org")
    pages = [
        re.sub(
            rb"[A-Za-z0-9]{64}|(ada|bob)@example.org", b"", sign_in(client, email, "wrong").content
        )
        for email in ("ada@example.org", "bob@example.org")
    ]
    assert pages[0] == pages[1]


def test_too_many_wrong_passwords_lock_an_account_known_or_not(client, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    make_user(email="ada@example.org")
    pages = {}
    for email in ("ada@example.org", "bob@example.org"):
        for _ in range(settings.AXES_FAILURE_LIMIT):
            answer = sign_in(client, email, "wrong")
        pages[email] = (answer.status_code, b"locked for 15 minutes" in answer.content)
    assert pages["ada@example.org"] == pages["bob@example.org"] == (429, True)
    assert sign_in(client, "ada@example.org").status_code == 429, "the right password is too late"
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert sign_in(client, "ada@example.org").status_code == 302


def test_signing_in_asks_for_the_second_factor_and_leaves_a_trace(client):
    user = make_user("caseworker")
    Authenticator.objects.all().delete()
    seed = give_second_factor(user)
    assert seed not in str(Authenticator.objects.get().data)
    answer = sign_in(client, user.email)
    assert answer.url == reverse("mfa_authenticate")
    assert client.get("/home/").status_code == 302
    assert client.post(answer.url, {"code": "000000"}).status_code == 200
    assert client.post(answer.url, {"code": code_from_app(seed)}).url == "/home/"
    assert client.get("/people/account/").status_code == 200
    assert Entry.objects.filter(act="account.signed_in", actor=f"user:{user.id}").exists()


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "auditor", "administrator"])
def test_an_office_without_a_second_factor_can_do_nothing_but_set_one_up(client, role):
    user = make_user(role)
    Authenticator.objects.all().delete()
    client.force_login(user)
    for path in ("/home/", "/people/account/", "/log/", "/people/installation/"):
        assert client.get(path).url == reverse("accounts:second_factor")
    page = client.get(reverse("accounts:second_factor"))
    assert b"One more step" in page.content
    give_second_factor(user)
    assert client.get("/people/account/").status_code == 200


def test_an_owner_needs_a_second_factor_and_others_do_not(client):
    user = make_user()
    client.force_login(user)
    assert client.get("/people/account/").status_code == 200
    make_organisation(user)
    assert client.get("/people/account/").status_code == 200
    Authenticator.objects.all().delete()
    assert client.get("/people/account/").url == reverse("accounts:second_factor")


def test_the_last_second_factor_of_an_office_cannot_be_removed(client):
    user = make_user("auditor")
    sign_in(client, user.email)
    client.post(reverse("mfa_authenticate"), {"code": code_from_app()})
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_important_acts_ask_to_show_again_that_it_is_you(client):
    boss, other = make_user("administrator"), make_user()
    client.force_login(boss)
    target = reverse("accounts:set_office", args=[other.id])
    answer = client.post(target, {"role": "auditor"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer.url
    other.refresh_from_db()
    assert not other.office_role
    client.post(reverse("mfa_reauthenticate"), {"code": code_from_app()})
    client.post(target, {"role": "auditor"})
    other.refresh_from_db()
    assert other.office_role == "auditor"


def test_a_session_ends_when_idle_when_old_and_when_ended_elsewhere(client, settings):
    user = make_user()
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        client.force_login(user)
        for minutes in range(0, 7 * 60, 45):
            clock.move_to(start + timedelta(minutes=minutes))
            assert client.get("/people/account/").status_code == 200
        clock.move_to(start + timedelta(hours=8, minutes=1))
        assert client.get("/people/account/").status_code == 302, "older than eight hours"
        client.force_login(user)
        assert client.get("/people/account/").status_code == 200
        clock.shift(timedelta(minutes=61))
        assert client.get("/people/account/").status_code == 302, "idle for an hour"
        client.force_login(user)
        assert client.get("/people/account/").status_code == 200
        clock.shift(timedelta(minutes=1))
        services.end_sessions(user=user)
        assert client.get("/people/account/").status_code == 302, "ended elsewhere"


def test_a_closed_account_is_out_at_once(client):
    boss, user = make_user("administrator"), make_user()
    client.force_login(user)
    services.set_active(user=user, active=False, by=boss)
    assert client.get("/people/account/").status_code == 302
    assert sign_in(client, user.email).status_code in (200, 302)
    assert client.get("/people/account/").status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "account_login", "account_signup", "account_signup_by_passkey", "account_reset_password",
        "accounts:sign_on",
    ],
)  # fmt: skip
def test_pages_before_signing_in_have_our_look_and_no_inline_code(client, name):
    page = client.get(reverse(name)).content.decode()
    assert 'class="brand"' in page
    assert_no_inline_code(page)


@pytest.mark.parametrize(
    "name",
    [
        "account_email", "account_change_password", "account_logout", "mfa_index",
        "mfa_list_webauthn", "account_reauthenticate", "accounts:account",
        "accounts:new_organisation",
    ],
)  # fmt: skip
def test_pages_of_an_account_have_our_look_and_no_inline_code(client, name):
    client.force_login(make_user())
    page = client.get(reverse(name)).content.decode()
    assert 'class="brand"' in page
    assert_no_inline_code(page)


def assert_no_inline_code(page):
    """Scripts come from files (blocks of data are none), styles too, and nothing has handlers."""
    for tag in re.findall(r"<script\b[^>]*>", page):
        assert " src=" in tag or "application/json" in tag, tag
    assert "<style" not in page
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
