"""Every route by every role: one's own case and somebody else's, as the table of acts says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.test import Client
from objects import OF_APPLICATION, Route, World, make_world, routes
from offices import set_up_office

from totalize.web.accounts.access import (
    ACTS,
    PARTIES,
    READS,
    Role,
    office_roles,
    require,
    require_in,
)
from totalize.web.api import limits, tokens
from totalize.web.certificates.models import Issued, Withdrawal
from totalize.web.follow.models import Dossier

pytestmark = pytest.mark.django_db

# Routes of the frameworks that are no view of ours: the API's description, and its root.
NO_ACT = {"api-1:openapi-json", "api-1:api-root"}
# What an account may do with an object follows from the object: who may, by route.
OWN_RULES = {
    "accounts:organisation": {"employer owner", "employer manager", "employer viewer"},
    "accounts:leave": {"employer owner", "employer manager", "employer viewer"},
    "accounts:end_mandate": {"worker", "agent"},
}
SIGN_IN, ALLOWED = "sign in", "allowed"


@pytest.fixture
def world(installation) -> Iterator[World]:
    with time_machine.travel("2027-01-15T09:30:00Z", tick=False):
        set_up_office()
        cache.clear()
        yield make_world()


def matter(route: Route, objects) -> object:
    """Return the application that a route leads to."""
    if route.parameters & {"dossier_id", "reminder_id"}:
        return Dossier.objects.get(id=objects["dossier_id"])
    if route.parameters & {"issued_id", "reference", "share_id"}:
        return Issued.objects.get(id=objects["issued_id"]).application
    if "withdrawal_id" in route.parameters:
        return Withdrawal.objects.get(id=objects["withdrawal_id"]).issued.application
    return objects["application"]


def expected(user, actor: str, route: Route, objects, *, own: bool) -> object:
    """Return what the table of acts and the records say."""
    allowed = ACTS[route.act]
    if Role.ANYONE in allowed:
        return None
    if isinstance(user, AnonymousUser):
        return SIGN_IN
    if route.name in OWN_RULES:
        return ALLOWED if own and actor in OWN_RULES[route.name] else 404
    if not allowed & PARTIES and not allowed & office_roles(user):
        return 403
    try:
        if "organisation_id" in route.parameters:
            require_in(user, route.act, objects["organisation_id"])
        elif route.parameters & OF_APPLICATION:
            require(user, route.act, matter(route, objects))
    except Http404:
        return 404
    except PermissionDenied:
        return 403
    return ALLOWED


def ask(client: Client, method: str, address: str, headers):
    """Make a call of which nothing stays."""
    with transaction.atomic():
        if headers:
            body = "" if method == "GET" else "{}"
            answer = client.generic(method, address, body, "application/json", headers=headers)
        else:
            answer = client.get(address) if method == "GET" else client.post(address)
            if answer.streaming:
                b"".join(answer)
        if answer.streaming:
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return answer


def outcome(answer) -> object:
    if answer.status_code == 401 or (
        answer.status_code == 302 and answer.url.startswith("/account/login/?next=")
    ):
        return SIGN_IN
    return answer.status_code if answer.status_code in (403, 404) else ALLOWED


def walk(user, actor: str, objects, *, own: bool) -> list[str]:
    """Ask for every route; return what came out otherwise than the table says."""
    limits._HELD.clear()
    client, headers = Client(), None
    if not isinstance(user, AnonymousUser):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        headers = {"Authorization": f"Bearer {tokens.make(user, 'matrix', tokens.SCOPES, 30)[1]}"}
    cookies = client.cookies.copy()
    wrong = []
    for route in routes():
        if route.name in NO_ACT or (not own and not route.parameters - {"token", "country"}):
            continue
        said = expected(user, actor, route, objects, own=own)
        address = route.address(objects)
        for method in route.methods or ("GET", "POST"):
            client.cookies = cookies.copy()  # some routes end the session
            call = ask(client, method, address, (headers or {"X": "1"}) if route.methods else None)
            if call.status_code == 405:
                continue
            found = outcome(call)
            if said is None:
                good = call.status_code < 500 and found not in (SIGN_IN, 403)
            elif said == 403 or (said == 404 and route.name in OWN_RULES):
                good = found in (403, 404)  # to say less is no fault; to say more is
            elif said == ALLOWED and found == 403:
                # A page that may be read asks for more where it is sent.
                good = method == "POST" and route.act in READS
            elif said == ALLOWED and found == 404:
                good = route.name in MAY_LACK
            else:
                good = found == said and call.status_code < 500
            if not good:
                wrong.append(f"{method} {route.name} ({route.act}): {call.status_code}, not {said}")
    return wrong


# What somebody who may may still find missing: this draft has no signed proof and its letter no
# text; a change wants a work in its query; this dossier holds no proof of its own and no refund;
# the export comes in forms that its address spells out.
MAY_LACK = {
    "applications:proof", "desk:letter", "follow:change", "follow:pack", "follow:claims",
    "employers:export",
}  # fmt: skip


@pytest.mark.long
def test_each_role_may_with_its_own_case_what_the_table_says(world):
    objects = {**world.objects, "application": world.application}
    for actor, user in world.actors.items():
        wrong = walk(user, actor, objects, own=True)
        assert not wrong, "\n".join([actor, *wrong])


def test_with_somebody_elses_case_a_party_is_a_stranger(world):
    other = make_world()
    objects = {**other.objects, "application": other.application}
    for actor in ("worker", "employer owner", "agent"):
        wrong = walk(world.actors[actor], actor, objects, own=False)
        assert not wrong, "\n".join([actor, *wrong])


def test_every_route_of_ours_names_an_act_of_the_table():
    unnamed = [r.name for r in routes() if r.name not in NO_ACT and r.act not in ACTS]
    assert unnamed == []


def test_the_walk_finds_a_route_that_is_open_to_the_wrong_people(world, monkeypatch):
    """The test of the test: with a table that forgets a role, the walk complains."""
    objects = {**world.objects, "application": world.application}
    monkeypatch.setitem(ACTS, "log.read", frozenset({Role.ADMINISTRATOR}))
    wrong = walk(world.actors["auditor"], "auditor", objects, own=True)
    assert any("log:entries" in line for line in wrong)
    assert all("log.read" in line for line in wrong)
