"""What browsers are told with every page, and what cookies they get."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from factories import make_user
from objects import make_world, routes
from offices import set_up_office

pytestmark = pytest.mark.django_db
ALLAUTH = (
    "account_login", "account_signup", "account_signup_by_passkey", "account_reset_password",
    "account_email", "account_change_password", "account_logout", "account_reauthenticate",
    "mfa_index", "mfa_list_webauthn", "socialaccount_connections",
)  # fmt: skip
POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "base-uri": {"'none'"},
}

# Signed lists that checkers in any browser read.
FOR_ALL = {"certificates:anchors", "certificates:status"}


def policy(answer):
    parts = (part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip())
    return {name: set(values) for name, *values in parts}


def faults(name, answer) -> list[str]:
    """Return what is wrong with an answer."""
    found = []
    said = policy(answer)
    if name == "accounts:sign_on_to":
        said["form-action"].discard("https://login.example.com")
    # Files that people gave are shown apart from everything.
    if said != POLICY and (_is_page(answer) or "sandbox" not in said):
        found.append(f"policy {said}")
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # The address of what is shared is a secret that no other page is told.
        "Referrer-Policy": "no-referrer" if name.startswith("follow:shared") else "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    found += [
        f"{key} {answer.get(key)}" for key, value in wanted.items() if answer.get(key) != value
    ]
    if "camera=()" not in answer.get("Permissions-Policy", ""):
        found.append("Permissions-Policy")
    if "Cache-Control" not in answer:
        found.append("Cache-Control")
    if answer.get("Access-Control-Allow-Origin") and name not in FOR_ALL:
        found.append("other origins may read it")
    if _is_page(answer):
        found += inline_code(answer.content.decode())
    return [f"{name}: {fault}" for fault in found]


def read(answer) -> None:
    """Read a file to its end, which closes it."""
    if answer.streaming:
        b"".join(answer)


def _is_page(answer) -> bool:
    return answer.get("Content-Type", "").startswith("text/html") and not answer.streaming


def inline_code(page: str) -> list[str]:
    """Return scripts, styles and handlers written into a page; blocks of data are no scripts."""
    found = [
        tag
        for tag in re.findall(r"<script\b[^>]*>", page)
        if " src=" not in tag and "application/json" not in tag
    ]
    found += re.findall(r"<style\b", page)
    found += [each[0] for each in re.findall(r"(<[a-z][^>]*\s(style|on[a-z]+)=[^>]*>)", page)]
    found += re.findall(r"(?:src|href)=\"(?:https?:)?//(?!testserver)[^\"]*\.(?:js|css)", page)
    return found


@pytest.fixture
def world(installation):
    with time_machine.travel("2027-01-15T09:30:00Z", tick=False):
        set_up_office()
        cache.clear()
        yield make_world()


def test_every_page_tells_the_browser_to_run_and_to_keep_nothing_of_others(world):
    found = []
    for actor in ("anyone", "employer owner", "supervisor", "administrator"):
        client, user = Client(), world.actors[actor]
        if user.is_authenticated:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookies = client.cookies.copy()
        names = [(route.name, route.address(world.objects)) for route in routes()]
        names += [(name, reverse(name)) for name in ALLAUTH]
        names += [("nothing", "/nothing/here/")]
        for name, address in names:
            client.cookies = cookies.copy()
            answer = client.get(address)
            found += faults(name, answer)
            read(answer)
    assert sorted(set(found)) == []


def test_pages_of_somebody_are_in_no_cache(world):
    client = Client()
    client.force_login(world.actors["worker"], backend="django.contrib.auth.backends.ModelBackend")
    for route in routes():
        answer = client.get(route.address(world.objects))
        if answer.status_code == 200 and route.act != "public" and route.act:
            assert "no-store" in answer["Cache-Control"], route.name
        read(answer)
    assert len(list(routes())) > 30


def sign_in(client):
    form = {"login": make_user().email, "password": "correct horse battery"}
    assert client.post("/account/login/", form).status_code == 302


def test_cookies_are_for_the_server_and_for_this_site_only(client):
    client.post(
        "/account/login/", {"login": make_user().email, "password": "correct horse battery"}
    )
    assert settings.SESSION_COOKIE_NAME in client.cookies
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key
        assert not cookie["domain"], cookie.key


def test_a_new_session_begins_with_signing_in(client):
    client.get("/account/login/")
    session = client.session
    session["seen_before"] = "yes"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key
    client.post(
        "/account/login/", {"login": make_user().email, "password": "correct horse battery"}
    )
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before


def test_a_form_from_elsewhere_is_refused():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    for route in routes():
        if not route.parameters and not route.methods:
            answer = client.post(route.address({}))
            assert answer.status_code in (403, 405), route.name


def test_an_unknown_host_is_refused():
    client = Client(raise_request_exception=False)
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_over_tls_cookies_and_addresses_insist_on_it(tmp_path):
    program = """
import json
from totalize.web.config import settings as s
names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME",
         "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "DEBUG",
         "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", "PASSWORD_HASHERS", "SESSION_COOKIE_DOMAIN"]
print(json.dumps({name: getattr(s, name, None) for name in names}))
"""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "TOTALIZE_DATA_DIR": str(tmp_path),
        "TOTALIZE_ADDRESS": "https://coverage.example.org",
    }
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(answer.stdout) == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "DEBUG": False,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],
        "SESSION_COOKIE_DOMAIN": None,
    }
