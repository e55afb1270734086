"""Every page that exists, as somebody who may see it: WCAG 2.2 AA, and no sideways scroll.

The pages are found by their routes and filled with the demonstration's data; the applications of
that stand in every state. A route that no role and no object leads to must be named in
`ELSEWHERE`, with the test that shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from factories import give_second_factor

from totalize.web.accounts.factors import has_second_factor
from totalize.web.accounts.models import User
from totalize.web.serving import demo

ROLES = ("", "worker1", "employer", "agent", "caseworker", "supervisor", "auditor", "administrator")
TEXTS = {"country": ["de", "DE"], "slug": [], "key": [], "kind": []}
# Each object is a page of its own on these; on the others the first one will do.
EACH = frozenset({"applications:detail", "desk:case"})

# Pages that need a step before them, a link from a message, or another application's data: route,
# or the beginning of routes -> the test that shows them.
ELSEWHERE = {
    "account_": "test_accounts_pages.py",
    "mfa_": "test_accounts_pages.py",
    "socialaccount_": "test_accounts_pages.py",
    "openid_connect_": "single sign-on is answered by another site",
    "accounts:": "test_accounts.py",
    "applications:": "test_apply.py",
    "log:": "no pages but documents",
    "certificates:": "test_desk.py",
    "check:": "test_way_check.py",
    "desk:": "test_desk.py",
    "employers:": "test_employers.py",
    "follow:": "test_follow.py",
    "accounts:first_administrator": "test_serve.py",
    "tokens:revoke": "a button, no page",
    "verify:": "test_way_verify.py",
    "api:": "no pages",
}
NOT_SHOWN = ("api:",)


@pytest.fixture
def _demonstration() -> Iterator[None]:
    folder = settings.INSTALLATION.data_dir
    before = set(folder.iterdir())
    demo.fill()
    for user in User.objects.exclude(office_role=""):
        if not has_second_factor(user):
            give_second_factor(user)
    for user in User.objects.filter(memberships__isnull=False):
        if not has_second_factor(user):
            give_second_factor(user)
    yield
    for path in set(folder.iterdir()) - before:
        if path.is_file():
            path.unlink()
    (settings.INSTALLATION.published / "status.jwt").unlink(missing_ok=True)


def routes(resolver: Any = None, space: str = "") -> Iterator[tuple[str, list[str]]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}", list(pattern.pattern.regex.groupindex)


def candidates(parameter: str) -> list[Any]:
    """Return values for a part of an address: rows of the model it is named after."""
    if parameter in TEXTS:
        return TEXTS[parameter]
    name = parameter.removesuffix("_id")
    for model in apps.get_models():
        if model._meta.model_name == name and model._meta.app_config.name.startswith("totalize"):
            return list(model.objects.values_list("pk", flat=True))
    return []


def addresses(name: str, parameters: list[str]) -> Iterator[str]:
    for values in product(*(candidates(parameter) for parameter in parameters)):
        try:
            yield reverse(name, kwargs=dict(zip(parameters, values, strict=True)))
        except NoReverseMatch:
            return


def shown_to(address: str, clients: dict[str, Client]) -> str | None:
    for role, client in clients.items():
        response = client.get(address)
        assert response.status_code < 500, f"{address} as {role or 'anybody'}"
        kind = response.get("Content-Type", "")
        if response.status_code == 200 and kind.startswith("text/html"):
            return role
    return None


def shown_pages(clients: dict[str, Client]) -> dict[str, list[str]]:
    """Find the pages, by the first role that sees each.

    Raises:
        AssertionError: a route leads nowhere and is named nowhere.
    """
    shown: dict[str, list[str]] = {role: [] for role in clients}
    missed = []
    for name, parameters in routes():
        if name.startswith(NOT_SHOWN):
            continue
        found = False
        for address in addresses(name, parameters):
            role = shown_to(address, clients)
            if role is not None and address not in shown[role]:
                shown[role].append(address)
            found = found or role is not None
            if found and name not in EACH:
                break
        if not found and not name.startswith(tuple(ELSEWHERE)):
            missed.append(name)
    assert not missed, f"nobody was led to these: give them data, or name their test: {missed}"
    return shown


@pytest.mark.usefixtures("_demonstration")
@pytest.mark.long
def test_every_page_is_readable_for_all(page, sign_in, axe, reflows):
    people = {role: User.objects.filter(email=f"{role}@demo.example").first() for role in ROLES}
    clients = {role: Client() for role in ROLES}
    for role, user in people.items():
        if user is not None:
            clients[role].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    shown = shown_pages(clients)
    faults = []
    for role, found in shown.items():
        page.context.clear_cookies()
        if people[role] is not None:
            sign_in(page, people[role])
        for address in found:
            page.goto(address)
            for held in (axe, reflows):
                try:
                    held(page)
                except AssertionError as error:
                    faults.append(f"as {role or 'anybody'}: {error}")
    assert not faults, "\n\n".join(faults)
    assert sum(map(len, shown.values())) > 30
