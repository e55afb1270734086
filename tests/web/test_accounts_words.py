"""Pages, messages and mails of signing in are ours, word for word, and read easily."""

from __future__ import annotations

import re
from pathlib import Path

import allauth
import pytest
from django.core import mail
from django.core.cache import cache
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse
from factories import give_second_factor, make_user
from reading_grade import grade_of

import totalize
from totalize.web.accounts.models import User

pytestmark = pytest.mark.django_db
LIBRARY = Path(allauth.__file__).parent / "templates"
OURS = Path(totalize.__file__).parent
# What is never drawn here, by the beginning of its name -> a route that would have to exist for it.
NEVER = {
    "account/phone_change": "account_change_phone",
    "account/base_manage_phone": "account_change_phone",
    "account/confirm_phone": "account_verify_phone",
    "account/messages/phone_": "account_verify_phone",
    "account/messages/login_code_sent": "account_request_login_code",
    "account/request_login_code": "account_request_login_code",
    "account/confirm_login_code": "account_request_login_code",
    "account/email/login_code": "account_request_login_code",
    "account/confirm_password_reset_code": "account_confirm_password_reset_code",
    "account/email/password_reset_code": "account_confirm_password_reset_code",
    "account/email_confirm.": "account_confirm_email",
    "mfa/trust": "mfa_trust",
    "usersessions/": "usersessions_list",
}
# Frames and parts that hold no words.
WORDLESS = (
    "base_entrance.html", "base_manage.html", "base_manage_email.html",
    "base_manage_password.html", "recovery_codes/base.html", "totp/base.html",
    "webauthn/base.html", "email_confirmation_signup_subject.txt",
    "email_confirmation_signup_message.txt", "snippets/login_extra.html",
)  # fmt: skip
# Words that could only be met by turning a setting: sign-up is open, addresses are confirmed by a
# code, there is one address, and providers are no list.
SWITCHED_OFF = (
    "account/signup_closed.html", "account/verification_sent.html", "account/email.html",
    "account/verified_email_required.html", "account/snippets/", "socialaccount/snippets/",
)  # fmt: skip
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def drawn() -> list[str]:
    """Return the library's templates that somebody can come to see."""
    names = [
        str(path.relative_to(LIBRARY))
        for room in ("account", "mfa", "socialaccount", "usersessions")
        for path in sorted((LIBRARY / room).rglob("*.*"))
    ]
    return [
        name
        for name in names
        if not name.startswith((*NEVER, *SWITCHED_OFF)) and not name.endswith(WORDLESS)
    ]


@pytest.mark.parametrize("name", drawn())
def test_no_page_message_or_mail_keeps_the_words_of_the_library(name):
    assert OURS in Path(get_template(name).origin.name).parents


@pytest.mark.parametrize("route", sorted(set(NEVER.values())))
def test_what_is_never_drawn_has_no_address(route):
    with pytest.raises(NoReverseMatch):
        reverse(route, args=["x"] if route == "account_confirm_email" else [])


def test_what_is_switched_off_stays_off(settings):
    assert settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED
    assert settings.ACCOUNT_CHANGE_EMAIL


def _texts() -> list[str]:
    folder = OURS / "web/accounts/templates"
    return [
        text
        for path in sorted(folder.rglob("*.html"))
        if (text := _plain(path.read_text())) and len(text.split()) > 30
    ]


def _plain(source: str) -> str:
    source = re.sub(r"<(script|noscript|style)\b.*?</\1>", " ", source, flags=re.DOTALL)
    source = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "it", source))
    source = re.sub(r"</(h\d|p|li|legend|label|dt|dd)>", ". ", source)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", source)).strip()


@pytest.mark.parametrize("text", _texts(), ids=lambda text: text[:40])
def test_pages_of_accounts_read_at_grade_nine_or_lower(text):
    assert grade_of(text) <= 9


def _reset(client, user):
    client.post("/account/password/reset/", {"email": user.email})
    address = re.search(r"http://testserver(/account/password/reset/key/\S+)", mail.outbox[-1].body)
    page = client.get(address[1], follow=True)
    new = "another horse altogether"
    return client.post(page.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)


def test_who_forgot_a_password_is_helped_by_mail_and_told_what_happened(client):
    user = make_user(email="ada@example.org")
    page = _reset(client, user)
    assert "Your password is new" in page.content.decode()
    asked, told = mail.outbox
    assert asked.subject == "Choose a new password"
    assert told.subject == "Your password was changed"
    assert "If it was not, somebody may be in your account" in told.body
    assert "need not do anything" not in told.body, "whoever was not asked must do something"
    assert "http://testserver/account/password/reset/" in told.body
    user.refresh_from_db()
    assert user.check_password("another horse altogether")


def test_a_link_of_a_mail_works_once(client):
    user = make_user()
    client.post("/account/password/reset/", {"email": user.email})
    address = re.search(r"http://testserver(/account/password/reset/key/\S+)", mail.outbox[-1].body)
    new = {"password1": "another horse altogether", "password2": "another horse altogether"}
    page = client.get(address[1], follow=True)
    client.post(page.request["PATH_INFO"], new)
    client.session.flush()
    again = client.get(address[1], follow=True)
    assert "This link has ended" in again.content.decode()


def test_an_unknown_address_and_one_that_is_taken_get_a_message_of_their_own(client):
    client.post("/account/password/reset/", {"email": "nobody@example.org"})
    assert mail.outbox[-1].subject == "There is no account with this address"
    make_user(email="ada@example.org")
    form = {"email": "ada@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/account/signup/", form)
    assert mail.outbox[-1].subject == "You have an account already"
    assert "http://testserver/account/" in mail.outbox[-1].body


def test_a_reset_of_the_password_does_not_go_round_the_second_factor(client):
    user = make_user("caseworker")
    _reset(client, user)
    answer = client.post(
        "/account/login/", {"login": user.email, "password": "another horse altogether"}
    )
    assert answer.url == reverse("mfa_authenticate")
    assert client.get("/people/account/").status_code == 302, "the factor is still to be shown"


def test_fields_are_called_the_same_everywhere(client):
    user = make_user()
    give_second_factor(user)
    texts = [client.get("/account/login/").content.decode()]
    texts.append(client.get("/account/signup/").content.decode())
    assert all("E-mail address" in text for text in texts)
    assert all("placeholder" not in text for text in texts)
    assert "The address and the password do not go together" in (
        client.post("/account/login/", {"login": user.email, "password": "wrong"}).content.decode()
    )


def test_too_many_requests_are_answered_by_a_page_of_ours(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    client.post("/account/password/reset/", {"email": "ada@example.org"})
    page = client.post("/account/password/reset/", {"email": "ada@example.org"})
    assert page.status_code == 429
    assert "Please wait a little" in page.content.decode()
    assert not User.objects.exists()
