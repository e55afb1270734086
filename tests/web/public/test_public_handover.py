"""From a check to an application: the answers go along, and nothing is asked twice."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from factories import make_user
from public_walks import ENGINEER, walk

from totalize.web.applications.models import Application
from totalize.web.applications.views.lists import ME

pytestmark = pytest.mark.django_db


def test_the_case_of_the_check_becomes_the_draft_after_signing_in():
    visitor = Client()
    walk(visitor, ENGINEER)
    case = visitor.post(reverse("check:apply"), follow=True)
    assert "/account/login/" in case.request["PATH_INFO"]
    worker = make_user(full_name="Ada Example")
    kept = visitor.session["start_from"]
    visitor.force_login(worker, backend="django.contrib.auth.backends.ModelBackend")
    assert visitor.session["start_from"] == kept
    page = visitor.get(reverse("applications:start"), follow=True)
    assert page.status_code == 200
    assert page.context["begun"]
    visitor.post(reverse("applications:start"), {"on_behalf": ME})
    draft = Application.objects.filter(started_by=worker)
    assert draft.get().case["work"][0]["country"] == "DE"
    assert draft.get().work == "w1"
    assert "start_from" not in visitor.session
