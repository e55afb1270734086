"""Whoever follows a link changes nothing: every page is fetched by everybody, and the rows compared.

What fetching may leave: that a session goes on, that a call was counted, and that a document was
fetched or a link opened, which is on record for whoever it is about.
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
    "sessions.session", "accounts.opensession", "api.window", "audit.entry", "audit.head",
    "certificates.fetch",
}  # fmt: skip
READINGS = {"certificate.fetched"}


def rows() -> dict[str, list[str]]:
    """Return what stands in every table that fetching must leave alone."""
    return {
        model._meta.label_lower: sorted(
            map(repr, model._base_manager.order_by(model._meta.pk.name).values_list())
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.label_lower not in LEAVES_TRACES
    }


def test_no_get_changes_anything(installation):
    with time_machine.travel("2027-01-15T09:30:00Z", tick=False):
        set_up_office()
        cache.clear()
        world = make_world()
        objects = {**world.objects, "application": world.application}
        before = rows()
        assert len(before) > 40
        entries = Entry.objects.count()
        fetched = 0
        for user in world.actors.values():
            client = Client()
            if not isinstance(user, AnonymousUser):
                client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
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
