"""Accounts in a browser: a passkey from the first page to the next sign-in; every page of them."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from factories import make_organisation, make_user

from totalize.web.accounts import services
from totalize.web.accounts.models import User
from totalize.web.audit.services import make_checkpoint


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.mark.usefixtures("authenticator")
def test_somebody_makes_an_account_with_a_passkey_and_comes_back_with_it(page, axe, reflows, shot):
    page.goto("/account/signup/")
    axe(page)
    reflows(page)
    shot(page, "account-signup")
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_label("E-mail address").fill("ada@example.org")
    axe(page)
    shot(page, "account-signup-passkey")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Code").wait_for()
    axe(page)
    reflows(page)
    shot(page, "account-code")
    found = re.search(r"^([A-Z0-9]+(-[A-Z0-9]+)*)$", mail.outbox[-1].body, re.MULTILINE)
    page.get_by_label("Code").fill(found[1])
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Make it").wait_for()
    axe(page)
    reflows(page)
    shot(page, "account-passkey-create")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/home/")
    user = User.objects.get(email="ada@example.org")
    assert not user.has_usable_password()
    page.goto("/people/account/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto("/account/login/")
    axe(page)
    reflows(page)
    shot(page, "account-login")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/home/")
    page.goto("/people/account/")
    assert page.get_by_text("ada@example.org").count()


@pytest.mark.usefixtures("authenticator")
def test_an_officer_without_a_second_factor_is_led_to_add_a_key(page, sign_in, axe, shot):
    officer = make_user("caseworker")
    officer.authenticator_set.all().delete()
    sign_in(page, officer)
    page.goto("/people/account/")
    assert page.locator("h1").inner_text() == "One more step: a second factor"
    axe(page)
    shot(page, "account-second-factor")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill("correct horse battery")
    axe(page)
    shot(page, "account-is-it-you")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("A name for it").fill("My phone")
    page.get_by_label("Let me in with it alone").check()
    axe(page)
    shot(page, "account-add-key")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/recovery-codes/**")
    axe(page)
    shot(page, "account-recovery-codes")
    page.goto("/people/account/")
    assert page.locator("h1").inner_text() == "Your account"


def test_the_pages_of_accounts_are_readable_for_all(page, sign_in, axe, reflows, shot):
    owner, partner = make_user(full_name="Olivia Owner"), make_user(full_name="Paul Partner")
    employer = make_organisation(owner, name="Example Corporation")
    adviser = make_organisation(partner, kind="adviser", name="Global Advice")
    services.give_mandate(adviser=adviser, by=owner, employer=employer)
    token = services.invite_member(
        organisation=employer, email=partner.email, role="viewer", by=owner
    )
    shown = [
        (owner, "account", reverse("accounts:account")),
        (owner, "organisation", reverse("accounts:organisation", args=[employer.id])),
        (owner, "organisation-new", reverse("accounts:new_organisation")),
        (owner, "mandate", reverse("accounts:give_mandate", args=[adviser.id])),
        (owner, "factors", reverse("mfa_index")),
        (owner, "email", reverse("account_email")),
        (partner, "adviser", reverse("accounts:organisation", args=[adviser.id])),
        (partner, "invitation", reverse("accounts:accept_invitation", args=[token])),
        (make_user("administrator"), "installation", reverse("accounts:installation")),
        (make_user("auditor"), "log", reverse("log:entries")),
    ]
    make_checkpoint()
    for user, name, address in shown:
        sign_in(page, user)
        assert page.goto(address).status == 200
        axe(page)
        reflows(page)
        shot(page, f"account-{name}")


def test_the_code_of_an_app_and_the_provider_are_readable_for_all(
    page, sign_in, axe, reflows, shot
):
    owner = make_user(full_name="Olivia Owner")
    sign_in(page, owner)
    page.goto(reverse("mfa_activate_totp"))
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Or type this secret").wait_for()
    axe(page)
    reflows(page)
    shot(page, "account-app")
    employer = make_organisation(owner, name="Example Corporation")
    page.goto(reverse("accounts:provider", args=[employer.id]))
    axe(page)
    reflows(page)
    shot(page, "account-provider")
    page.goto(reverse("accounts:sign_on"))
    axe(page)
