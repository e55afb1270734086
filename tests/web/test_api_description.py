"""The published description: every answer is one it describes, none is a fault of the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from factories import MUNICH, make_application, make_user
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from totalize.web.accounts.models import User
from totalize.web.api import limits, tokens
from totalize.web.api.service import api

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DESCRIPTION = json.loads(json.dumps(api.get_openapi_schema()))


def test_the_description_is_published_as_it_is():
    assert Client().get("/api/v1/openapi.json").json() == DESCRIPTION


def test_every_call_of_the_contract_is_described():
    calls = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in DESCRIPTION["paths"].items()
        for method in methods
    }
    assert calls >= {
        ("POST", "/check"),
        ("POST", "/cost"),
        ("POST", "/benefit"),
        ("GET", "/agreements"),
        ("GET", "/agreements/{country}"),
        ("GET", "/applications"),
        ("POST", "/applications"),
        ("GET", "/applications/{application_id}"),
        ("PATCH", "/applications/{application_id}"),
        ("POST", "/applications/{application_id}/submit"),
        ("POST", "/applications/{application_id}/decide"),
        ("GET", "/certificates/{reference}/pdf"),
        ("GET", "/certificates/{reference}/credential"),
        ("POST", "/verify"),
    }


@schemathesis.serializer("application/pdf")
def _as_it_is(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


schema = schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.fixture(autouse=True)
def _as_many_calls_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ANYBODY", 10**9)
    monkeypatch.setattr(limits, "TOKEN", 10**9)


@cache
def _service() -> Any:
    return get_wsgi_application()


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Keep a request from ending the test's own connection, as Django's client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def callers() -> list[tuple[User, str]]:
    """A worker and a caseworker, with a token each that may do everything they may."""
    people = [make_user(), make_user("caseworker")]
    return [(person, tokens.make(person, "test", tokens.SCOPES, 1)[1]) for person in people]


@pytest.mark.usefixtures("_one_connection")
@schema.parametrize()
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_answer_is_undescribed_or_the_servers_fault(case, callers):
    application = make_application(callers[0][0], case=MUNICH)
    # A worker or a caseworker, the same each time.
    _, secret = callers[crc32(repr(case.body).encode()) % 2]
    if "application_id" in case.path_parameters:
        case.path_parameters["application_id"] = str(application.id)
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {secret}"}
    response = case.call(app=_service(), base_url="http://testserver/")
    case.validate_response(response, checks=CHECKS)
