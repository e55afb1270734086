"""Somebody sees where they are signed in and ends what they choose; a lost factor is reset."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories import code_from_app, give_second_factor, make_user

from totalize.kernel.errors import InputError
from totalize.web.accounts import services
from totalize.web.accounts.models import OpenSession
from totalize.web.accounts.open_sessions import browser_words
from totalize.web.accounts.regular import forget_open_sessions
from totalize.web.audit.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing_clock")]
PASSWORD = "correct horse battery"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


def signed_in(user, agent=LAPTOP) -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    if Authenticator.objects.filter(user=user, type="totp").exists():
        client.post(reverse("mfa_authenticate"), {"code": code_from_app()})
        cache.clear()  # a code is taken once; here the next one is the same
    assert client.get(reverse("accounts:account")).status_code == 200
    return client


def confirmed(client) -> Client:
    """Let somebody show once more that it is them."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Chrome on Android"),
        (LAPTOP, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Version/17.1 Safari/604.1",
         "Safari on an iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/120 Safari/537 Edg/120",
         "Edge on a Mac"),
        ("", "A browser"),
    ],
)  # fmt: skip
def test_a_browser_is_called_as_people_call_it(agent, words):
    assert browser_words(agent) == words


def test_somebody_sees_each_of_their_sessions_and_no_one_elses():
    user, other = make_user(), make_user()
    here, _there, _strange = (
        signed_in(user),
        signed_in(user, PHONE),
        signed_in(other, "Opera OPR/9"),
    )
    page = here.get(reverse("accounts:sessions")).content.decode()
    assert page.index("Firefox on Windows") < page.index("Chrome on Android")
    assert page.count("this one") == 1
    assert "Opera" not in page


def test_somebody_ends_one_session_and_the_others_stay():
    user = make_user()
    here, phone, third = signed_in(user), signed_in(user, PHONE), signed_in(user)
    row = OpenSession.objects.get(session_key=phone.session.session_key)
    here.post(reverse("accounts:end_sessions"), {"which": row.id})
    assert phone.get(reverse("accounts:account")).status_code == 302
    assert here.get(reverse("accounts:account")).status_code == 200
    assert third.get(reverse("accounts:account")).status_code == 200
    assert Entry.objects.filter(act="account.sessions_ended").count() == 1


def test_somebody_elses_session_cannot_be_ended():
    user, other = make_user(), make_user()
    here, there = signed_in(user), signed_in(other)
    row = OpenSession.objects.get(session_key=there.session.session_key)
    here.post(reverse("accounts:end_sessions"), {"which": row.id})
    assert there.get(reverse("accounts:account")).status_code == 200
    assert here.post(reverse("accounts:end_sessions"), {"which": "nonsense"}).status_code == 404


def test_all_others_are_ended_or_all():
    user = make_user()
    here, phone = signed_in(user), signed_in(user, PHONE)
    here.post(reverse("accounts:end_sessions"), {"which": "others"})
    assert phone.get(reverse("accounts:account")).status_code == 302
    assert here.get(reverse("accounts:account")).status_code == 200
    here.post(reverse("accounts:end_sessions"), {"which": "all"})
    assert here.get(reverse("accounts:account")).status_code == 302


def test_sessions_that_are_over_are_not_shown_and_are_forgotten():
    user = make_user()
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        signed_in(user, PHONE)
        clock.shift(timedelta(minutes=61))
        page = signed_in(user).get(reverse("accounts:sessions")).content.decode()
        assert "Android" not in page
        assert OpenSession.objects.filter(user=user).count() == 1
        clock.shift(timedelta(hours=9))
        forget_open_sessions()
        assert not OpenSession.objects.exists()


def test_a_new_password_wants_the_old_one_and_ends_the_other_sessions():
    user = make_user()
    here, phone = confirmed(signed_in(user)), signed_in(user, PHONE)
    new = "another horse altogether"
    form = {"oldpassword": "wrong", "password1": new, "password2": new}
    page = here.post(reverse("account_change_password"), form)
    assert "This is not your password." in page.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    here.post(reverse("account_change_password"), {**form, "oldpassword": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(new)
    assert phone.get(reverse("accounts:account")).status_code == 302
    shown = here.get(reverse("accounts:sessions")).content.decode()
    assert shown.count("this one") == 1
    assert "Android" not in shown
    assert mail.outbox[-1].subject == "Your password was changed"


def test_sessions_of_a_password_that_was_reset_are_over_and_not_shown():
    user = make_user()
    phone = signed_in(user, PHONE)
    user.set_password("another horse altogether")
    user.save()
    client = Client(headers={"user-agent": LAPTOP})
    client.post("/account/login/", {"login": user.email, "password": "another horse altogether"})
    page = client.get(reverse("accounts:sessions")).content.decode()
    assert "Firefox on Windows" in page
    assert "Android" not in page
    assert phone.get(reverse("accounts:account")).status_code == 302


def test_a_change_of_factors_offers_to_end_the_other_sessions():
    user = make_user()
    here, _phone = confirmed(signed_in(user)), signed_in(user, PHONE)
    here.get(reverse("mfa_activate_totp"))
    seed = here.session["mfa.totp.secret"]
    answer = here.post(
        reverse("mfa_activate_totp"),
        {"code": code_from_app(seed)},
        follow=True,
    )
    page = answer.content.decode()
    assert "You are signed in elsewhere too" in page
    assert 'value="others"' in page
    alone = here.post(reverse("accounts:end_sessions"), {"which": "others"}, follow=True)
    assert alone.status_code == 200
    assert "elsewhere" not in here.get(reverse("mfa_index")).content.decode()


def _administrator() -> Client:
    boss = make_user("administrator")
    client = signed_in(boss)
    client.post(reverse("mfa_reauthenticate"), {"code": code_from_app()})
    return client


def test_an_administrator_resets_a_lost_factor_and_it_is_on_record():
    lost = make_user("caseworker")
    old = signed_in(lost, PHONE)
    boss = _administrator()
    address = reverse("accounts:reset_factors", args=[lost.id])
    assert "First be sure that it is them" in boss.get(address).content.decode()
    refused = boss.post(address, {"how": "they wrote me"})
    assert refused.status_code == 400
    assert Authenticator.objects.filter(user=lost).exists(), "how it was seen has to be said"
    boss.post(address, {"how": "in_person"})
    assert not Authenticator.objects.filter(user=lost).exists()
    assert old.get(reverse("accounts:account")).status_code == 302, "their sessions end"
    entry = Entry.objects.get(act="account.factors_reset")
    assert entry.subject == f"user:{lost.id}"
    assert json.loads(entry.leaf)["facts"] == {"how": "in_person", "count": 1}
    assert mail.outbox[-1].to == [lost.email]
    assert mail.outbox[-1].subject == "Your second factor was reset"
    with time_machine.travel(timezone.now() + timedelta(seconds=2)):
        again = Client()
        again.post("/account/login/", {"login": lost.email, "password": PASSWORD})
        assert again.get("/home/").url == reverse("accounts:second_factor"), "and set up anew"


def test_a_factor_is_reset_by_administrators_only_and_never_ones_own():
    worker, boss = make_user(), make_user("administrator")
    give_second_factor(worker)
    supervisor = signed_in(make_user("supervisor"))
    address = reverse("accounts:reset_factors", args=[worker.id])
    assert supervisor.post(address, {"how": "in_person"}).status_code == 403
    with pytest.raises(InputError):
        services.reset_factors(user=boss, how="in_person", by=boss)
    assert Authenticator.objects.count() == 3


def test_a_code_of_an_app_is_good_once_and_for_half_a_minute():
    user = make_user()
    give_second_factor(user)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        taken = code_from_app()
        assert _enters_with(user, taken)
        assert not _enters_with(user, taken), "once"
        cache.clear()
        clock.shift(timedelta(seconds=30))
        assert not _enters_with(user, taken), "too late"


def _enters_with(user, taken) -> bool:
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client.post(reverse("mfa_authenticate"), {"code": taken}).status_code == 302


def test_a_code_by_mail_is_good_for_fifteen_minutes(client):
    form = {"email": "ada@example.org", "password1": PASSWORD, "password2": PASSWORD}
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.post("/account/signup/", form)
        sent = next(line for line in mail.outbox[-1].body.splitlines() if line.count("-") == 1)
        clock.shift(timedelta(minutes=16))
        client.post("/account/confirm-email/", {"code": sent})
        assert client.get(reverse("accounts:account")).status_code == 302


@pytest.mark.parametrize(
    "password",
    ["totalize totalize", "T0talizeC0verage1", "certificate-of-coverage", "socialsecurity12"],
)
def test_words_of_the_place_make_no_password(client, password):
    form = {"email": "ada@example.org", "password1": password, "password2": password}
    page = client.post("/account/signup/", form)
    assert "words of this site" in page.content.decode()


@pytest.mark.parametrize("password", ["my employer sings badly", "correct horse battery"])
def test_a_word_of_the_place_among_others_is_no_harm(client, password):
    form = {"email": "ada@example.org", "password1": password, "password2": password}
    assert client.post("/account/signup/", form).status_code == 302
