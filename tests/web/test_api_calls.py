"""The calls of the API: what they answer, whom they refuse, and that repeating does no harm."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from factories import MUNICH, make_application, make_organisation, make_user

from totalize import api as library
from totalize.certificates.reference import new_reference
from totalize.web.api import limits, tokens
from totalize.web.api.models import Answer, ApiToken
from totalize.web.applications.models import Application
from totalize.web.audit.models import Entry
from totalize.web.verify.limits import REFERENCE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_calls_so_far() -> None:
    limits._HELD.clear()


class Caller:
    """Somebody who calls, with a token or without."""

    def __init__(self, user: Any = None, *scopes: str) -> None:
        self.client = Client(raise_request_exception=True)
        self.user = user
        self.headers: dict[str, str] = {}
        if user is not None:
            _, secret = tokens.make(user, "test", scopes or tokens.SCOPES, 30)
            self.headers["Authorization"] = f"Bearer {secret}"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.generic(
            method,
            f"/api/v1{path}",
            data="" if body is None else json.dumps(body),
            content_type="application/json",
            headers={**self.headers, **{key.replace("_", "-"): headers[key] for key in headers}},
        )


NEW = {"case": MUNICH, "work": "munich"}


def test_a_case_is_answered_as_the_library_does():
    response = Caller().call("POST", "/check?as_of=2026-11-22", MUNICH)
    assert response.status_code == 200
    answered = library.check(MUNICH, date(2026, 11, 22)).to_dict()
    assert response.json() == json.loads(json.dumps(answered))


def test_what_is_wrong_is_named_by_its_path():
    case = {**MUNICH, "work": [{**MUNICH["work"][0], "start": "2027-02-30"}]}
    response = Caller().call("POST", "/check", case)
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["path"] == "work[0].start"


@pytest.mark.parametrize(
    ("body", "status"), [("{", 400), ("[1]", 400), ('{"a": 1, "a": 2}', 400), ("a: 1", 400)]
)
def test_a_body_that_is_no_object_is_refused(body, status):
    response = Client().post("/api/v1/check", data=body, content_type="application/json")
    assert response.status_code == status
    assert response.json()["status"] == status


def test_cost_and_benefit_are_answered_as_the_library_does():
    given = {"case": MUNICH, "earnings": "120000", "currency": "USD", "project": True}
    cost = Caller().call("POST", "/cost", {**given, "as_of": "2026-11-22"})
    assert cost.status_code == 200
    assert cost.json()["work"] == "munich"
    record = {
        "contract": 1,
        "birth_date": "1960-05-15",
        "benefit": "retirement",
        "entitlement": "2026-06",
        "earnings": {"1990": 25000},
    }
    benefit = Caller().call("POST", "/benefit", record)
    assert benefit.json() == json.loads(json.dumps(library.benefit(record).to_dict()))


def test_the_agreements_are_given_as_data():
    listed = Caller().call("GET", "/agreements").json()["agreements"]
    assert "DE" in {entry["country"] for entry in listed}
    assert Caller().call("GET", "/agreements/DE").json()["country"] == "DE"
    assert Caller().call("GET", "/agreements/ZZ").status_code == 404


def test_an_application_is_started_filled_in_and_read_by_its_parties():
    worker = Caller(make_user())
    made = worker.call("POST", "/applications", NEW)
    assert made.status_code == 201
    path = f"/applications/{made.json()['id']}"
    filled = worker.call("PATCH", path, {"facts": {"work[munich].expected_end": "2029-12-31"}})
    assert filled.status_code == 200
    assert filled.json()["version"] == made.json()["version"] + 1
    read = worker.call("GET", path).json()
    assert read["case"]["work"][0]["expected_end"] == "2029-12-31"
    assert read["expected"]
    assert [item["id"] for item in worker.call("GET", "/applications").json()["items"]] == [
        made.json()["id"]
    ]
    assert Caller(make_user()).call("GET", path).status_code == 404


def test_a_number_that_is_never_issued_is_named_by_its_field_and_not_repeated():
    worker = Caller(make_user())
    path = f"/applications/{worker.call('POST', '/applications', NEW).json()['id']}"
    answer = worker.call("PATCH", path, {"details": {"social_security_number": "000-12-3456"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "never_issued")
    assert answer.json()["errors"][0]["path"] == "details.social_security_number"
    assert "000-12-3456" not in answer.content.decode()


def test_who_looked_at_an_older_version_is_told():
    worker = Caller(make_user())
    path = f"/applications/{worker.call('POST', '/applications', NEW).json()['id']}"
    change = {"facts": {"work[munich].expected_end": "2029-12-31"}, "version": 0}
    assert worker.call("PATCH", path, change).status_code == 200
    assert worker.call("PATCH", path, change).status_code == 409


def test_what_is_missing_is_named_when_it_is_sent():
    worker = Caller(make_user())
    made = worker.call("POST", "/applications", NEW).json()
    response = worker.call("POST", f"/applications/{made['id']}/submit")
    assert response.status_code == 422
    assert response.json()["code"] == "missing"
    assert response.json()["errors"][0]["path"] == made["missing"][0]["field"]


def test_the_same_key_and_body_do_it_once():
    worker = Caller(make_user())
    first = worker.call("POST", "/applications", NEW, Idempotency_Key="one")
    again = worker.call("POST", "/applications", NEW, Idempotency_Key="one")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert Application.objects.count() == 1
    other = worker.call("POST", "/applications", {**NEW, "work": "x"}, Idempotency_Key="one")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    # Another account's key is another key.
    assert Caller(make_user()).call("POST", "/applications", NEW, Idempotency_Key="one").json() != (
        first.json()
    )


def test_a_call_that_was_refused_keeps_no_answer():
    worker = Caller(make_user())
    bad = {**NEW, "kind": "wish"}
    assert worker.call("POST", "/applications", bad, Idempotency_Key="k").status_code == 422
    bad = {**NEW, "case": {}}
    assert worker.call("POST", "/applications", bad, Idempotency_Key="k").status_code == 422
    assert not Answer.objects.exists()


def test_pages_of_a_list_follow_each_other():
    worker = make_user()
    made = [make_application(worker) for _ in range(5)]
    caller, seen, after = Caller(worker), [], ""
    while True:
        page = caller.call("GET", f"/applications?limit=2{after}").json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [str(item.id) for item in reversed(made)]
    assert caller.call("GET", "/applications?limit=0").status_code == 422
    assert caller.call("GET", f"/applications?after={uuid4()}").status_code == 422


def test_a_token_is_good_for_its_scopes_until_it_ends():
    user = make_user()
    assert Caller().call("GET", "/applications").status_code == 401
    reader = Caller(user, "applications:read")
    assert reader.call("GET", "/applications").status_code == 200
    refused = reader.call("POST", "/applications", NEW)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope")
    ApiToken.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert reader.call("GET", "/applications").status_code == 401
    ApiToken.objects.update(ends_at=timezone.now() + timedelta(days=1))
    tokens.revoke(user, ApiToken.objects.get().id)
    assert reader.call("GET", "/applications").status_code == 401


def test_a_token_is_kept_as_a_digest_only_and_ends_with_its_account():
    user = make_user()
    token, secret = tokens.make(user, "x", ["applications:read"], 1)
    assert secret not in json.dumps(list(ApiToken.objects.values()), default=str)
    assert not Entry.objects.filter(leaf__contains=secret).exists()
    assert tokens.find(secret) == token
    user.is_active = False
    user.save()
    assert tokens.find(secret) is None


def test_a_token_with_the_scope_to_decide_gives_nobody_the_role():
    worker = make_user()
    application = make_application(worker, employer=make_organisation(make_user()))
    path = f"/applications/{application.id}/decide"
    assert Caller(worker).call("POST", path, {"decision": "issue"}).status_code == 403
    assert Caller(make_user()).call("POST", path, {"decision": "issue"}).status_code == 404


def test_an_account_without_a_session_cannot_use_the_cookie_of_another_page():
    client = Client()
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/applications").status_code == 401


def test_calls_are_counted_in_the_database():
    minute = 1
    taken = sum(limits.take("token:x", 40, minute) for _ in range(30))
    limits._HELD.clear()  # another process
    taken += sum(limits.take("token:x", 40, minute) for _ in range(30))
    assert taken == 40
    assert limits.take("token:x", 40, minute + 1)


def test_too_many_calls_are_told_when_to_come_back(monkeypatch, standing_clock):
    monkeypatch.setattr(limits, "ANYBODY", 2)
    standing_clock.shift(timedelta(seconds=15))
    answers = [Caller().call("GET", "/health") for _ in range(3)]
    assert [response.status_code for response in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "45"
    standing_clock.shift(timedelta(seconds=45))
    assert Caller().call("GET", "/health").status_code == 200


@pytest.mark.usefixtures("standing_clock")
def test_a_program_guesses_no_more_often_than_a_page():
    reference = new_reference()
    body = {"reference": reference, "fact": "BCN-P5Y"}
    answers = [Caller().call("POST", "/verify", body) for _ in range(REFERENCE.most + 1)]
    assert [each.status_code for each in answers[:-1]] == [200] * REFERENCE.most
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) == REFERENCE.seconds
    assert (
        Caller().call("POST", "/verify", {**body, "reference": new_reference()}).status_code == 200
    )


def test_an_answer_that_is_kept_names_nobody():
    worker = make_user(full_name="Ada Example")
    Caller(worker).call("POST", "/applications", NEW, Idempotency_Key="one")
    assert "Ada" not in json.dumps(Answer.objects.get().body)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("DELETE", "/check", 405, "method"),
        ("GET", "/applications/not-an-id", 401, "no_token"),
        ("POST", "/agreements", 405, "method"),
    ],
)
def test_every_refusal_is_a_problem_document(method, path, status, code):
    response = Caller().call(method, path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert ("Allow" in response.headers) == (status == 405)


def test_a_fault_is_a_problem_document_that_tells_nothing(monkeypatch):
    def fails(*given: object, **options: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("totalize.api.check", fails)
    caller = Caller()
    caller.client = Client(raise_request_exception=False)
    response = caller.call("POST", "/check", MUNICH)
    assert (response.status_code, response.json()["code"]) == (500, "fault")
    assert b"secret" not in response.content
