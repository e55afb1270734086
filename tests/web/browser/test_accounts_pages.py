"""Every page and state of signing in and of an account, and what is shown when something is wrong.

`test_every_page.py` holds this file to name every route of the sign-in library.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.urls import reverse
from factories import code_from_app, give_second_factor, make_organisation, make_user

from totalize.web.accounts import first_administrator, selectors, single_sign_on
from totalize.web.accounts.middleware import SEEN
from totalize.web.accounts.models import User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def look(page, axe, reflows, shot) -> Callable[[str, str], None]:
    """Give `look(name, heading)`: it is this page, all can read it, a picture is kept."""

    def at(name: str, heading: str) -> None:
        page.get_by_role("heading", level=1, name=heading).wait_for()
        axe(page)
        reflows(page)
        shot(page, f"sign-in-{name}")

    return at


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_ways_in_and_their_errors(page, look):
    user = make_user(email="ada@example.org")
    page.goto("/account/login/")
    look("login", "Sign in")
    press(page, "Sign in")
    page.get_by_text("Fill this in.").first.wait_for()
    look("login-empty", "Sign in")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill("wrong")
    press(page, "Sign in")
    page.get_by_text("do not go together").wait_for()
    look("login-wrong", "Sign in")
    page.goto("/account/signup/")
    page.get_by_label("E-mail address").fill("not an address")
    page.get_by_label("A new password").fill("short")
    page.get_by_label("The same password once more").fill("other")
    press(page, "Make an account")
    page.get_by_text("Enter an e-mail address, like").wait_for()
    look("signup-wrong", "Make an account")
    page.goto("/account/signup/")
    page.get_by_label("E-mail address").fill("bob@example.org")
    page.get_by_label("A new password").fill(PASSWORD)
    page.get_by_label("The same password once more").fill(PASSWORD)
    press(page, "Make an account")
    look("code", "Is this your address?")
    page.get_by_label("Code").fill("WRONG")
    press(page, "Confirm")
    page.get_by_text("This is not the code").wait_for()
    look("code-wrong", "Is this your address?")
    user.is_active = False
    user.save()
    page.goto("/account/inactive/")
    look("inactive", "This account is closed")
    page.goto("/account/3rdparty/login/error/")
    look("employer-error", "sign-in did not work")
    page.goto("/account/3rdparty/login/cancelled/")
    look("employer-cancelled", "You did not sign in")


def test_a_forgotten_password_from_the_first_page_to_the_last(page, look):
    make_user(email="ada@example.org")
    page.goto("/account/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    look("reset", "Have you forgotten your password?")
    press(page, "Send the link")
    page.get_by_text("Fill this in.").wait_for()
    page.get_by_label("E-mail address").fill("ada@example.org")
    press(page, "Send the link")
    look("reset-sent", "Look at your mail")
    found = re.search(r"http://[^/]+(/account/password/reset/key/\S+)", mail.outbox[-1].body)
    page.goto(found[1])
    look("reset-choose", "Choose a new password")
    page.get_by_label("A new password").fill("totalize totalize")
    page.get_by_label("The same password once more").fill("totalize totalize")
    press(page, "Save the new password")
    page.get_by_text("words of this site").wait_for()
    look("reset-refused", "Choose a new password")
    page.get_by_label("A new password").fill("another horse altogether")
    page.get_by_label("The same password once more").fill("another horse altogether")
    press(page, "Save the new password")
    look("reset-done", "Your password is new")
    page.goto(found[1])
    look("reset-ended", "This link has ended")


@pytest.mark.usefixtures("standing_clock")
def test_the_second_factor_is_asked_for_when_signing_in_and_again(page, look):
    user = make_user("caseworker")
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    look("factor", "Now your second factor")
    page.get_by_label("Code").fill("000000")
    press(page, "Sign in")
    page.get_by_text("This is not the code").wait_for()
    look("factor-wrong", "Now your second factor")
    page.get_by_label("Code").fill(code_from_app())
    press(page, "Sign in")
    page.wait_for_url("**/home/")
    page.goto(reverse("account_reauthenticate"))
    look("again-password", "Is it you?")
    page.get_by_role("link", name="Use a code from your app").click()
    look("again-code", "Is it you?")


@pytest.mark.usefixtures("authenticator")
def test_pages_of_keys_and_codes(page, sign_in, look):
    user = make_user()
    sign_in(page, user)
    page.goto(reverse("mfa_list_webauthn"))
    look("keys-none", "Passkeys and security keys")
    _confirm_by_password(page)
    page.goto(reverse("mfa_add_webauthn"))
    look("key-add", "Add a passkey or security key")
    page.get_by_label("A name for it").fill("My phone")
    page.get_by_label("Let me in with it alone").check()
    press(page, "Add it")
    look("codes", "Recovery codes")
    assert len(page.get_by_label("Your codes").input_value().split()) == 10
    key = Authenticator.objects.get(type="webauthn")
    for name, address, heading in (
        ("keys", reverse("mfa_list_webauthn"), "Passkeys and security keys"),
        ("key-rename", reverse("mfa_edit_webauthn", args=[key.pk]), "Rename a key"),
        ("key-remove", reverse("mfa_remove_webauthn", args=[key.pk]), "Remove “My phone”?"),
        ("again-key", reverse("mfa_reauthenticate_webauthn"), "Is it you?"),
        ("factors", reverse("mfa_index"), "Second factor"),
        ("codes-new", reverse("mfa_generate_recovery_codes"), "Make new recovery codes?"),
    ):
        page.goto(address)
        look(name, heading)
    page.get_by_text("The 10 you have left stop working").wait_for()
    page.goto(reverse("mfa_edit_webauthn", args=[key.pk]))
    page.get_by_label("A name for it").fill("My other phone")
    press(page, "Save the name")
    look("keys-renamed", "Passkeys and security keys")
    page.get_by_role("heading", name="My other phone").wait_for()
    page.goto(reverse("mfa_reauthenticate_webauthn"))
    press(page, "Use a passkey or security key")
    page.wait_for_url("**/home/")
    page.goto(reverse("mfa_remove_webauthn", args=[key.pk]))
    press(page, "Remove it")
    page.get_by_text("You have none yet").wait_for()


def _confirm_by_password(page) -> None:
    page.goto(reverse("account_reauthenticate"))
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Confirm")
    page.wait_for_url(re.compile(r"/home/|/people/"))


@pytest.mark.usefixtures("standing_clock")
def test_an_app_is_set_up_and_a_wrong_code_is_said(page, sign_in, look):
    user = make_user()
    sign_in(page, user)
    _confirm_by_password(page)
    page.goto(reverse("mfa_activate_totp"))
    look("app", "Set up an authenticator app")
    page.get_by_label("Code", exact=True).fill("000000")
    press(page, "Turn it on")
    page.get_by_text("This is not the code").wait_for()
    look("app-wrong", "Set up an authenticator app")
    seed = page.get_by_label("Or type this secret").input_value()
    page.get_by_label("Code", exact=True).fill(code_from_app(seed))
    press(page, "Turn it on")
    look("app-codes", "Recovery codes")
    page.goto(reverse("mfa_deactivate_totp"))
    look("app-off", "Turn the app off?")
    press(page, "Turn it off")
    page.get_by_text("The app is turned off.").wait_for()


def test_password_address_and_sessions_of_an_account(page, sign_in, look):
    user = make_user()
    sign_in(page, user)
    _confirm_by_password(page)
    page.goto(reverse("account_change_password"))
    look("password", "Change your password")
    press(page, "Save the new password")
    page.get_by_text("Fill this in.").first.wait_for()
    look("password-empty", "Change your password")
    page.goto(reverse("account_email"))
    look("address", "Your e-mail address")
    page.get_by_label("E-mail address").fill("nonsense")
    press(page, "Change the address")
    page.get_by_text("Enter an e-mail address, like").wait_for()
    look("address-wrong", "Your e-mail address")
    page.get_by_label("E-mail address").fill("new@example.org")
    press(page, "Change the address")
    look("address-code", "Is this your address?")
    page.goto(reverse("account_email"))
    look("address-waits", "Your e-mail address")
    page.goto(reverse("accounts:sessions"))
    look("sessions", "Where you are signed in")
    page.goto(reverse("socialaccount_connections"))
    look("employers", "Sign-in through an employer")
    page.goto(reverse("account_logout"))
    look("logout", "Sign out?")
    keyed = make_user()
    keyed.set_unusable_password()
    keyed.save()
    sign_in(page, keyed)
    page.goto(reverse("account_set_password"))
    look("password-set", "Set a password")


def test_a_second_place_is_shown_and_a_lost_factor_is_reset(page, sign_in, look):
    user, boss = make_user(full_name="Ada Example"), make_user("administrator")
    give_second_factor(user)
    sign_in(page, user)
    page.context.clear_cookies()
    sign_in(page, user)
    page.goto(reverse("mfa_index"))
    page.get_by_text("You are signed in elsewhere too").wait_for()
    look("elsewhere", "Second factor")
    page.goto(reverse("accounts:sessions"))
    assert page.get_by_role("button", name="End it").count() == 1
    look("sessions-two", "Where you are signed in")
    sign_in(page, boss)
    _confirm_by_password(page)
    page.goto(reverse("accounts:reset_factors", args=[user.id]))
    look("factors-reset", "Reset the second factor of Ada Example?")
    press(page, "Reset it")
    page.get_by_text("Choose one of these answers.").wait_for()
    look("factors-reset-empty", "Reset the second factor of Ada Example?")
    page.get_by_label("They were here").check()
    press(page, "Reset it")
    look("factors-reset-done", "Installation")


def employer_with_provider():
    """Give an employer with a sign-in of its own, and that setting, not proved yet."""
    owner = make_user()
    employer = make_organisation(owner, name="Example Corporation")
    return employer, single_sign_on.set_provider(
        organisation=employer,
        issuer="https://login.example.com",
        client_id="client",
        secret="secret",
        domains=["example.com"],
        by=owner,
    )


def test_single_sign_on_asks_for_an_address_and_leads_on_by_a_form(page, look):
    _, setting = employer_with_provider()
    page.goto(reverse("accounts:sign_on"))
    look("employer", "Sign in through your employer")
    page.get_by_label("Your e-mail address at work").fill("ada@elsewhere.example")
    press(page, "Go on")
    page.get_by_text("We know of no sign-in").wait_for()
    look("employer-unknown", "Sign in through your employer")
    single_sign_on.prove_domains(
        setting=setting, proof="a record of the domain", by=make_user("administrator")
    )
    page.get_by_label("Your e-mail address at work").fill("ada@example.com")
    press(page, "Go on")
    look("employer-on", "Sign in")


def test_what_a_provider_sends_back_is_looked_at_before_it_counts(page, site, look):
    employer, setting = employer_with_provider()
    single_sign_on.prove_domains(
        setting=setting, proof="a record of the domain", by=make_user("administrator")
    )
    page.goto(reverse("openid_connect_login", args=[employer.id]))
    look("employer-confirm", "Sign in through")
    assert page.goto(reverse("socialaccount_login_error")).status == 401
    look("employer-failed", "sign-in did not work")
    page.goto(reverse("socialaccount_login_cancelled"))
    look("employer-cancelled", "You did not sign in")
    # The provider has answered, and told no address.
    session = SessionStore()
    provider = get_adapter().get_provider(None, provider=str(employer.id))
    account = SocialAccount(provider=str(employer.id), uid="1")
    told = SocialLogin(user=User(), account=account, email_addresses=[], provider=provider)
    session["socialaccount_sociallogin"] = told.serialize()
    session.save()
    cookie = {"name": "session", "value": session.session_key, "url": site.url}
    page.context.add_cookies([cookie])
    page.goto(reverse("socialaccount_signup"))
    look("employer-sign-up", "Your first time here")
    press(page, "Make an account")
    page.get_by_text("Fill this in.").wait_for()
    look("employer-sign-up-empty", "Your first time here")


def test_the_link_of_the_first_administrator_is_readable_for_all(page, look):
    page.goto(urlsplit(first_administrator.link()).path)
    look("first-administrator", "Administer this installation")
    press(page, "Make the account")
    page.get_by_text("Fill this in.").first.wait_for()
    look("first-administrator-empty", "Administer this installation")


def test_what_is_shown_when_something_is_wrong(page, sign_in, look, monkeypatch, settings):
    page.goto("/nothing/here/")
    look("404", "There is nothing here")
    worker = make_user()
    sign_in(page, worker)
    page.goto(reverse("accounts:installation"))
    look("403", "This is not yours to do")
    page.goto(reverse("accounts:accept_invitation", args=["forged"]))
    page.get_by_text("The link has ended, or was used already.").wait_for()
    look("400-refused", "That can")
    page.goto(reverse("accounts:account"))
    page.context.clear_cookies()
    press(page, "Save your name")
    look("403-form", "Please send it again")

    def fail(error: Exception) -> Callable[..., None]:
        def raises(*_given: object) -> None:
            raise error

        return raises

    sign_in(page, worker)
    monkeypatch.setattr(selectors, "factors_of", fail(SuspiciousOperation("odd")))
    assert page.goto(reverse("accounts:account")).status == 400
    look("400", "That could not be read")
    monkeypatch.setattr(selectors, "factors_of", fail(RuntimeError("a fault")))
    assert page.goto(reverse("accounts:account")).status == 500
    look("500", "Something went wrong here")
    page.context.clear_cookies()
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    for _ in range(2):
        page.goto(reverse("account_reset_password"))
        page.get_by_label("E-mail address").fill("ada@example.org")
        press(page, "Send the link")
        page.wait_for_load_state()
    look("429", "Please wait a little")
    settings.ACCOUNT_RATE_LIMITS = False
    settings.AXES_FAILURE_LIMIT = 1
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill(f"wrong {time.time()}")
    press(page, "Sign in")
    look("locked", "Too many wrong passwords")


def test_a_form_that_came_too_late_is_sent_after_signing_in_again(page, look, sign_in):
    user = make_user()
    sign_in(page, user)
    page.goto(reverse("accounts:account"))
    page.get_by_label("Your full name").fill("Ada Late")
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "session"]
    session = SessionStore(cookie["value"])
    session[SEEN] = int(time.time()) - 2 * 60 * 60
    session.save()
    press(page, "Save your name")
    page.get_by_text("It is kept for half an hour").wait_for()
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    look("kept-form", "What you sent is still here")
    press(page, "Send it now")
    page.get_by_text("Your name is saved.").wait_for()
    user.refresh_from_db()
    assert user.full_name == "Ada Late"
