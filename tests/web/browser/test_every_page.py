"""Every page that exists, as somebody who may see it: WCAG 2.2 AA, and no sideways scroll.

The pages are found by their routes and filled with the demonstration's data; the applications of
that stand in every state. A route that no role and no object leads to is named in `ELSEWHERE`, with
the test that shows it, or in `NO_PAGE`, with the reason; each by its whole name, so that a new one
fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
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

HERE = Path(__file__).parent
ROLES = ("", "worker1", "employer", "agent", "caseworker", "supervisor", "auditor", "administrator")
TEXTS = {"country": ["de", "DE"], "slug": [], "key": [], "kind": []}
# Each object is a page of its own on these; on the others the first one will do.
EACH = frozenset({"applications:detail", "desk:case"})

# Pages that need a step before them, or a link from a message: the test that shows each.
CHECK = "test_way_check.py::test_from_the_first_page_to_the_answer"
IMPORT = "test_employers.py::test_a_list_is_imported_looked_at_and_undone"
KEYS = "test_accounts_pages.py::test_pages_of_keys_and_codes"
SIGN_UP = "test_accounts.py::test_somebody_makes_an_account_with_a_passkey_and_comes_back_with_it"
SECOND_FACTOR = (
    "test_accounts_pages.py::test_the_second_factor_is_asked_for_when_signing_in_and_again"
)
PROVIDER = "test_accounts_pages.py::test_what_a_provider_sends_back_is_looked_at_before_it_counts"
ELSEWHERE = {
    "account_email_verification_sent": SIGN_UP,
    "account_reset_password_from_key": (
        "test_accounts_pages.py::test_a_forgotten_password_from_the_first_page_to_the_last"
    ),
    "account_set_password": (
        "test_accounts_pages.py::test_password_address_and_sessions_of_an_account"
    ),
    "accounts:accept_invitation": (
        "test_accounts.py::test_the_pages_of_accounts_are_readable_for_all"
    ),
    "accounts:first_administrator": (
        "test_accounts_pages.py::test_the_link_of_the_first_administrator_is_readable_for_all"
    ),
    "accounts:give_mandate": "test_accounts.py::test_the_pages_of_accounts_are_readable_for_all",
    "accounts:provider": (
        "test_accounts.py::test_the_code_of_an_app_and_the_provider_are_readable_for_all"
    ),
    "accounts:kept_form": (
        "test_accounts_pages.py::test_a_form_that_came_too_late_is_sent_after_signing_in_again"
    ),
    "accounts:reset_factors": (
        "test_accounts_pages.py::test_a_second_place_is_shown_and_a_lost_factor_is_reset"
    ),
    "accounts:sign_on_to": (
        "test_accounts_pages.py::test_single_sign_on_asks_for_an_address_and_leads_on_by_a_form"
    ),
    "applications:confirm": (
        "test_apply.py::test_a_worker_starts_the_employer_confirms_and_it_is_sent"
    ),
    "applications:certificate-facts": (
        "test_apply.py::test_papers_for_another_office_and_the_certificate_that_comes_back"
    ),
    "applications:page": "test_apply.py::test_a_worker_starts_the_employer_confirms_and_it_is_sent",
    "check:answers": CHECK,
    "check:filing": CHECK,
    "check:money": CHECK,
    "check:question": CHECK,
    "check:result": CHECK,
    "desk:number": "test_desk.py::test_the_other_pages_of_the_desk_are_for_all",
    "employers:affiliate": "test_employers.py::test_affiliates_payroll_and_webhooks",
    "employers:batch": IMPORT,
    "employers:bundle": "test_employers.py::test_what_is_missing_is_begun_and_made_for_everybody",
    "employers:person": IMPORT,
    "follow:change": (
        "test_follow.py::test_a_worker_follows_a_stay_that_lasts_longer_than_its_certificate"
    ),
    "follow:shared": "test_follow.py::test_copies_are_noted_shared_and_opened",
    "mfa_activate_totp": ("test_accounts_pages.py::test_an_app_is_set_up_and_a_wrong_code_is_said"),
    "mfa_add_webauthn": KEYS,
    "mfa_authenticate": SECOND_FACTOR,
    "mfa_deactivate_totp": KEYS,
    "mfa_edit_webauthn": KEYS,
    "mfa_generate_recovery_codes": KEYS,
    "mfa_reauthenticate_webauthn": SECOND_FACTOR,
    "mfa_remove_webauthn": KEYS,
    "mfa_signup_webauthn": SIGN_UP,
    "mfa_view_recovery_codes": KEYS,
    "openid_connect_login": PROVIDER,
    "socialaccount_login_error": PROVIDER,
    "socialaccount_signup": PROVIDER,
}
# Routes that show no page of their own, and why.
BUTTON, DOCUMENT, LEADS_ON = "a button", "a document", "leads on to another page"
NO_PAGE = {
    "account_confirm_login_code": "signing in by a code that is sent is switched off",
    "accounts:change_member": BUTTON,
    "accounts:end_mandate": BUTTON,
    "accounts:end_sessions": BUTTON,
    "accounts:invite": BUTTON,
    "accounts:leave": BUTTON,
    "accounts:prove": BUTTON,
    "accounts:set_active": BUTTON,
    "accounts:set_office": BUTTON,
    "accounts:uninvite": BUTTON,
    "applications:anchors": DOCUMENT,
    "applications:answer": BUTTON,
    "applications:document": DOCUMENT,
    "applications:document-remove": BUTTON,
    "applications:exception": LEADS_ON,
    "applications:pack": DOCUMENT,
    "applications:proof": DOCUMENT,
    "certificates:anchors": DOCUMENT,
    "certificates:credential": DOCUMENT,
    "certificates:pdf": DOCUMENT,
    "certificates:second": BUTTON,
    "certificates:status": DOCUMENT,
    "check:apply": BUTTON,
    "check:calendar": DOCUMENT,
    "check:case": DOCUMENT,
    "check:pdf": DOCUMENT,
    "desk:again": BUTTON,
    "desk:document": DOCUMENT,
    "desk:issue": BUTTON,
    "desk:letter": DOCUMENT,
    "desk:release": BUTTON,
    "desk:second": BUTTON,
    "desk:take": BUTTON,
    "employers:errors": DOCUMENT,
    "employers:export": DOCUMENT,
    "employers:fetch": DOCUMENT,
    "employers:payroll_csv": DOCUMENT,
    "employers:remove_affiliate": BUTTON,
    "employers:remove_webhook": BUTTON,
    "employers:replay": BUTTON,
    "employers:take": BUTTON,
    "employers:undo": BUTTON,
    "follow:claims": DOCUMENT,
    "follow:dates": DOCUMENT,
    "follow:done": BUTTON,
    "follow:end_share": BUTTON,
    "follow:feed": DOCUMENT,
    "follow:pack": DOCUMENT,
    "follow:shared_document": DOCUMENT,
    "log:check": BUTTON,
    "log:checkpoint": DOCUMENT,
    "log:checkpoint_of": DOCUMENT,
    "log:key": DOCUMENT,
    "log:proof": DOCUMENT,
    "mfa_download_recovery_codes": DOCUMENT,
    "mfa_login_webauthn": BUTTON,
    "openid_connect_callback": "answers another site",
    "tokens:revoke": BUTTON,
    "verify:record": DOCUMENT,
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
        AssertionError: a route leads nowhere and is named nowhere, or is named and leads somewhere.
    """
    shown: dict[str, list[str]] = {role: [] for role in clients}
    missed = set()
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
        if not found:
            missed.add(name)
    named = ELSEWHERE.keys() | NO_PAGE.keys()
    forgotten, shown_after_all = sorted(missed - named), sorted(named - missed)
    assert not forgotten, f"nobody was led to these: give data, or name their test: {forgotten}"
    assert not shown_after_all, f"these are shown here, or are no more: {shown_after_all}"
    return shown


def test_what_is_shown_elsewhere_is_a_route_and_the_test_of_it_is_there():
    known = {name for name, _ in routes()}
    assert (ELSEWHERE.keys() | NO_PAGE.keys()) <= known
    assert not ELSEWHERE.keys() & NO_PAGE.keys()
    for place in set(ELSEWHERE.values()):
        file, _, test = place.partition("::")
        assert f"def {test}(" in (HERE / file).read_text(encoding="utf-8"), place


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
