"""Sign-in through an organisation's own provider, with a small provider made for the tests."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from factories import make_organisation, make_user

from totalize.kernel.errors import InputError
from totalize.web.accounts import single_sign_on
from totalize.web.accounts.adapter import SingleSignOnAdapter
from totalize.web.accounts.models import Membership, User
from totalize.web.audit.models import Entry

pytestmark = pytest.mark.django_db
ISSUER = "https://login.example.com"


class Answer:
    """What the provider answers."""

    status_code = 200

    def __init__(self, content):
        self.content = content
        self.text = json.dumps(content)
        self.headers = {"content-type": "application/json"}

    def json(self):
        return self.content

    def raise_for_status(self):
        pass


class Provider:
    """A provider that remembers what it was asked and signs in whom it is told to."""

    def __init__(self):
        self.person = {"sub": "1", "email": "ada@example.com", "name": "Ada Example"}
        self.asked = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def request(self, method, url, **options):
        self.asked.append((method, url, options))
        path = urlsplit(url).path
        if path == "/.well-known/openid-configuration":
            return Answer(
                {
                    "issuer": ISSUER,
                    "authorization_endpoint": f"{ISSUER}/authorize",
                    "token_endpoint": f"{ISSUER}/token",
                    "userinfo_endpoint": f"{ISSUER}/me",
                    "jwks_uri": f"{ISSUER}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        if path == "/token":
            claims = {"iss": ISSUER, "aud": "client", "exp": 4_000_000_000, "iat": 0, **self.person}
            token = jwt.encode(claims, "a secret of the provider, long enough", algorithm="HS256")
            return Answer({"access_token": "t", "token_type": "Bearer", "id_token": token})
        return Answer(self.person)

    def get(self, url, **options):
        return self.request("GET", url, **options)


@pytest.fixture
def provider(monkeypatch):
    cache.clear()
    made = Provider()
    monkeypatch.setattr(SingleSignOnAdapter, "get_requests_session", lambda _: made)
    return made


@pytest.fixture
def organisation():
    return make_organisation(make_user(), name="Example Corp")


def set_up(organisation, *, proved=True, domains=("example.com",)):
    owner = organisation.memberships.get(role="owner").user
    setting = single_sign_on.set_provider(
        organisation=organisation,
        issuer=f"{ISSUER}/",
        client_id="client",
        secret="the client's secret",
        domains=list(domains),
        by=owner,
    )
    if proved:
        single_sign_on.prove_domains(
            setting=setting, proof="TXT record seen", by=make_user("administrator")
        )
    return setting


def walk_in(client, organisation):
    """Go to the provider and come back as a browser does."""
    start = client.post(reverse("openid_connect_login", args=[organisation.id]))
    assert start.status_code == 302, start.content
    asked = parse_qs(urlsplit(start.url).query)
    assert start.url.startswith(f"{ISSUER}/authorize")
    assert asked["code_challenge_method"] == ["S256"]
    back = reverse("openid_connect_callback", args=[organisation.id])
    return client.get(back, {"code": "c", "state": asked["state"][0]})


def test_somebody_with_an_address_of_a_proved_domain_comes_in_and_joins(
    client, provider, organisation
):
    set_up(organisation)
    answer = client.post(reverse("accounts:sign_on"), {"email": "ada@example.com"})
    page = client.get(answer.url)
    assert b"login.example.com" in page.content
    assert f"form-action 'self' {ISSUER}" in page["Content-Security-Policy"]
    assert walk_in(client, organisation).status_code == 302
    assert client.get("/people/account/").status_code == 200
    user = User.objects.get(email="ada@example.com")
    assert user.full_name == "Ada Example"
    assert user.memberships.get().role == "viewer"
    assert not user.has_usable_password()
    [token] = [options for _, url, options in provider.asked if url.endswith("/token")]
    assert token["data"]["client_secret"] == "the client's secret"


def test_the_providers_secret_is_sealed_and_the_library_keeps_nothing(
    client, provider, organisation
):
    set_up(organisation)
    walk_in(client, organisation)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_singlesignon")
        assert "secret" not in cursor.fetchone()[0]
    assert not SocialApp.objects.exists()
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize(
    "email", ["ada@example.org", "ada@sub.example.com", "ada@example.com.evil"]
)
def test_an_address_of_another_domain_is_refused(client, provider, organisation, email):
    set_up(organisation)
    provider.person["email"] = email
    answer = walk_in(client, organisation)
    assert answer.status_code == 403
    assert b"You are not signed in" in answer.content
    assert client.get("/people/account/").status_code == 302
    assert not User.objects.filter(email=email).exists()
    assert Entry.objects.get(act="single_sign_on.refused")


def test_without_an_address_nobody_comes_in(client, provider, organisation):
    set_up(organisation)
    del provider.person["email"]
    assert walk_in(client, organisation).status_code == 403
    assert client.get("/people/account/").status_code == 302


def test_an_account_with_an_office_is_never_entered_through_an_employer(
    client, provider, organisation
):
    set_up(organisation)
    make_user("caseworker", email="ada@example.com")
    assert walk_in(client, organisation).status_code == 403
    assert client.get("/people/account/").status_code == 302


def test_an_account_that_is_there_is_found_by_its_address(client, provider, organisation):
    set_up(organisation)
    user = make_user(email="ada@example.com")
    assert walk_in(client, organisation).status_code == 302
    assert client.get("/people/account/").status_code == 200
    assert SocialAccount.objects.get().user == user
    # Later the provider says another address: the account is not theirs any more.
    client.logout()
    provider.person["email"] = "ada@example.org"
    assert walk_in(client, organisation).status_code == 403


def test_until_the_domains_are_proved_nothing_is_asked_of_the_provider(
    client, provider, organisation
):
    setting = set_up(organisation, proved=False)
    login = reverse("openid_connect_login", args=[organisation.id])
    assert client.post(login).status_code == 404
    assert client.get(reverse("accounts:sign_on_to", args=[organisation.id])).status_code == 404
    page = client.post(reverse("accounts:sign_on"), {"email": "ada@example.com"})
    assert b"know of no sign-in" in page.content
    assert provider.asked == []
    with pytest.raises(InputError, match="proof"):
        single_sign_on.prove_domains(setting=setting, proof="", by=make_user("administrator"))
    with pytest.raises(PermissionDenied):
        single_sign_on.prove_domains(setting=setting, proof="seen it", by=make_user("supervisor"))


def test_a_change_must_be_proved_again_and_a_domain_belongs_to_one(organisation):
    set_up(organisation)
    set_up(organisation, proved=False, domains=("example.com", "example.net"))
    assert single_sign_on.provider_for("ada@example.com") is None
    set_up(organisation)
    other = make_organisation(make_user())
    with pytest.raises(InputError, match="another organisation"):
        set_up(other)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "http://login.example.com"),
        ("issuer", "https://user@login.example.com"),
        ("issuer", "file:///etc/passwd"),
        ("domains", ["example"]),
        ("domains", ["*.example.com"]),
        ("domains", []),
        ("secret", ""),
    ],
)
def test_a_provider_that_cannot_be_used_is_refused(organisation, field, value):
    entered = {
        "issuer": ISSUER,
        "client_id": "client",
        "secret": "s",
        "domains": ["example.com"],
        field: value,
    }
    owner = organisation.memberships.get().user
    with pytest.raises(InputError) as refused:
        single_sign_on.set_provider(organisation=organisation, by=owner, **entered)
    assert refused.value.path == field


def test_only_an_owner_enters_a_provider(client, organisation):
    manager = make_user()
    Membership.objects.create(user=manager, organisation=organisation, role="manager")
    address = reverse("accounts:provider", args=[organisation.id])
    client.force_login(manager)
    assert client.get(address).status_code == 403
    client.force_login(make_user())
    assert client.get(address).status_code == 404
