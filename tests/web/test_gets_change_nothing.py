"""Whoever follows a link changes nothing: everybody fetches every page, and the rows are compared.

What fetching may leave: that a session goes on, that a call was counted, that a document was
fetched, which is on record for whoever it is about, and the status list, which whoever asks
publishes (ADR 0089).
"""

from __future__ import annotations

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client
from objects import make_world, routes
from offices import set_up_office

from totalize.web.audit.models import Entry

pytestmark = pytest.mark.django_db
LEAVES_TRACES = {
    "sessions.session", "api.window", "audit.entry", "audit.head", "certificates.copy",
    "certificates.publication",
}  # fmt: skip
READINGS = {"certificate.copied", "bundle.fetched", "upload.read"}


def rows() -> dict[str, list[str]]:
    """Return what stands in every table that fetching must leave alone."""
    return {
        model._meta.label_lower: sorted(
            map(repr, model._base_manager.order_by(model._meta.pk.name).values_list())
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.label_lower not in LEAVES_TRACES
    }


def entered(user) -> Client:
    """Return a browser, signed in where there is an account."""
    client = Client()
    if not isinstance(user, AnonymousUser):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.long
def test_no_get_changes_anything(installation):
    with time_machine.travel("2027-01-15T09:30:00Z", tick=False):
        set_up_office()
        cache.clear()
        world = make_world()
        objects = {**world.objects, "application": world.application}
        clients = [entered(user) for user in world.actors.values()]
        before = rows()
        assert len(before) > 40
        entries = Entry.objects.count()
        fetched = 0
        for client in clients:
            for route in routes():
                answer = client.get(route.address(objects))
                if answer.streaming:
                    b"".join(answer.streaming_content)
                fetched += answer.status_code == 200
        assert fetched > 300
        after = rows()
        assert {name for name in before if before[name] != after[name]} == set()
        acts = set(Entry.objects.order_by("sequence").values_list("act", flat=True)[entries:])
        assert acts <= READINGS, acts
