"""The office by API: decide, fetch, verify; the same rules as on the pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from waiting import at_desk, sent

from totalize.web.api import limits, tokens
from totalize.web.certificates.models import Copy, Issued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
WHY = "The answers show that this work is not covered."


@pytest.fixture(autouse=True)
def _no_calls_so_far() -> None:
    limits._HELD.clear()


def call(user: Any, method: str, path: str, body: Any = None, **headers: str) -> Any:
    if user is not None:
        _, secret = tokens.make(user, "test", tokens.SCOPES, 30)
        headers["Authorization"] = f"Bearer {secret}"
    return Client().generic(
        method,
        f"/api/v1{path}",
        data="" if body is None else json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


def test_a_caseworker_issues_once_and_the_parties_fetch_what_was_issued():
    application, officer = sent(), at_desk()
    path, key = f"/applications/{application.id}/decide", {"Idempotency-Key": "one"}
    first = call(officer, "POST", path, {"decision": "issue"}, **key)
    assert first.status_code == 200
    assert first.json()["state"] == "issued"
    again = call(officer, "POST", path, {"decision": "issue"}, **key)
    assert again.json() == first.json()
    assert call(officer, "POST", path, {"decision": "issue"}).status_code == 409
    issued = Issued.objects.get()
    pdf = call(application.worker, "GET", f"/certificates/{issued.reference}/pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    credential = call(application.worker, "GET", f"/certificates/{issued.reference}/credential")
    assert credential.content.count(b".") >= 2
    assert Copy.objects.filter(role="worker").count() >= 2
    assert call(at_desk(), "GET", f"/certificates/{issued.reference}/pdf").status_code == 200
    assert call(sent().worker, "GET", f"/certificates/{issued.reference}/pdf").status_code == 404
    found = Client().post("/api/v1/verify", data=pdf.content, content_type="application/pdf")
    assert found.status_code == 200
    assert found.json()["verdict"] == "not_yet_valid"


def test_a_wrong_fact_and_an_unknown_reference_get_the_same_answer():
    officer, application = at_desk(), sent()
    call(officer, "POST", f"/applications/{application.id}/decide", {"decision": "issue"})
    reference = Issued.objects.get().reference
    wrong = call(None, "POST", "/verify", {"reference": reference, "fact": "1900-01-01"})
    assert wrong.status_code == 200
    assert wrong.json()["verdict"] == "unknown"


def test_a_refusal_by_api_waits_for_a_second_person_and_a_question_goes_out():
    officer = at_desk()
    refused = call(
        officer,
        "POST",
        f"/applications/{sent().id}/decide",
        {"decision": "refuse", "reason": WHY},
    )
    assert refused.json()["state"] == "proposed"
    asked = call(
        officer,
        "POST",
        f"/applications/{sent().id}/decide",
        {"decision": "ask", "reason": "When did the work begin?", "field": "work[0].start"},
    )
    assert asked.json()["state"] == "asked"
