"""Events arrive, signed, and a receiver that fails at random sees each of them once."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.db import transaction
from factories import make_application, make_organisation, make_user

from totalize.kernel.errors import InputError
from totalize.web.applications.services import locked, move
from totalize.web.employers.models import Delivery, Endpoint
from totalize.web.employers.webhooks import (
    MOST_ATTEMPTS,
    add_endpoint,
    deliver_due,
    emit,
    replay,
    sign,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
PUBLIC = "93.184.215.14"


class Receiver(HTTPServer):
    """Fails at random, as drawn from a seed, and keeps what it took by identifier."""

    def __init__(self, seed: int, fails: float) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.drawn, self.fails = random.Random(seed), fails
        self.calls: list[dict[str, str]] = []
        self.taken: dict[str, str] = {}
        self.sends_on = False


class Handler(BaseHTTPRequestHandler):
    """Takes a delivery, or says that it can't; sometimes it takes it and fails afterwards."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.calls.append({**dict(self.headers), "body": body})
        if self.server.sends_on:
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            return
        identifier = self.headers["webhook-id"]
        chance = self.server.drawn.random()
        if chance >= self.server.fails / 2:
            self.server.taken.setdefault(identifier, body)
        self.send_response(500 if chance < self.server.fails else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_MAY_BE_PRIVATE = True
    server = Receiver(seed=7, fails=0.6)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def team(receiver):
    manager = make_user()
    organisation = make_organisation(manager)
    url = f"http://127.0.0.1:{receiver.server_port}/hook?a=1"
    endpoint, secret = add_endpoint(organisation=organisation, by=manager, url=url, events=[])
    return manager, organisation, endpoint, secret


def strike_until_all_arrived(at: datetime = NOW) -> None:
    """Let the clock strike as often as it takes; emptied at most after all attempts."""
    for hour in range(24 * 8):
        deliver_due(at + timedelta(hours=hour))
        if not Delivery.objects.filter(next_at__isnull=False).exists():
            return


def test_a_receiver_that_fails_at_random_sees_each_event_once(receiver, team):
    Delivery.objects.all().delete()
    for number in range(40):
        emit(team[1].id, "certificate.changed", {"number": number})
    Delivery.objects.update(next_at=NOW)
    strike_until_all_arrived()
    seen = [json.loads(body)["data"]["number"] for body in receiver.taken.values()]
    assert sorted(seen) == list(range(40))
    assert len(receiver.calls) > 40


def test_what_arrives_is_signed_with_the_secret_that_was_shown(receiver, team):
    receiver.fails = 0.0
    emit(team[1].id, "certificate.changed", {"number": 1})
    Delivery.objects.update(next_at=NOW)
    deliver_due(NOW)
    (call,) = receiver.calls
    expected = sign(team[3], call["webhook-id"], call["webhook-timestamp"], call["body"])
    assert call["webhook-signature"] == expected
    assert sign("whsec_" + "A" * 44, call["webhook-id"], "0", "") != expected


def test_an_event_that_did_not_happen_is_told_to_nobody(team):
    with transaction.atomic():
        emit(team[1].id, "certificate.changed", {})
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_a_receiver_that_never_answers_well_is_given_up_and_can_be_tried_again(receiver, team):
    receiver.fails = 1.1
    emit(team[1].id, "certificate.changed", {})
    Delivery.objects.update(next_at=NOW)
    strike_until_all_arrived()
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.delivered_at) == (MOST_ATTEMPTS, None)
    receiver.fails = 0.0
    replay(delivery.id, by=team[0])
    Delivery.objects.update(next_at=NOW)
    deliver_due(NOW)
    delivery.refresh_from_db()
    assert delivery.delivered_at == NOW
    assert {call["webhook-id"] for call in receiver.calls} == {str(delivery.id)}


def test_a_delivery_whose_worker_died_is_due_again_after_a_while(receiver, team):
    emit(team[1].id, "certificate.changed", {})
    Delivery.objects.update(attempts=1, next_at=NOW + timedelta(minutes=2))
    assert deliver_due(NOW) == (0, 0)
    assert sum(deliver_due(NOW + timedelta(minutes=2))) == 1


def test_a_move_of_an_application_is_told_to_its_employer(team):
    application = make_application(employer=team[1])
    move(locked(application.id), "submit", by=application.worker)
    data = json.loads(Delivery.objects.get().body)["data"]
    assert (data["move"], data["state"]) == ("submit", "submitted")


def test_only_the_events_that_were_asked_for_are_told(team):
    team[2].events = ["certificate.ends"]
    team[2].save()
    assert emit(team[1].id, "certificate.changed", {}) == 0
    assert emit(team[1].id, "certificate.ends", {}) == 1


def lead_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name lead to these addresses: nobody is asked on a network."""

    def found(_name: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        kind = socket.SOCK_STREAM
        return [(socket.AF_INET, kind, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def add(url: str) -> None:
    manager = make_user()
    add_endpoint(organisation=make_organisation(manager), by=manager, url=url, events=[])


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://user:secret@example.org/",
        "ftp://example.org/",
        "https:///nothing",
        "https://example.org:99999/",
    ],
)
def test_addresses_that_are_none_to_call_are_refused(monkeypatch, url):
    lead_to(monkeypatch, PUBLIC)
    add("https://example.org/")
    with pytest.raises(InputError) as refusal:
        add(url)
    assert (refusal.value.path, refusal.value.code) == ("url", "bad_address")


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.8"],
        ["169.254.169.254"],
        ["::ffff:10.0.0.8"],
        ["fe80::1%eth0"],
        [PUBLIC, "10.0.0.8"],
        ["10.0.0.8", PUBLIC],
    ],
)
def test_a_name_that_leads_inside_is_refused_be_it_with_one_of_its_addresses(
    monkeypatch, addresses
):
    lead_to(monkeypatch, *addresses)
    with pytest.raises(InputError) as refusal:
        add("https://example.org/")
    assert (refusal.value.path, refusal.value.code) == ("url", "private_address")


def test_a_name_that_leads_inside_later_is_not_called(receiver, monkeypatch, settings):
    settings.WEBHOOKS_MAY_BE_PRIVATE = False
    lead_to(monkeypatch, PUBLIC)
    add(f"https://example.org:{receiver.server_port}/")
    emit(Endpoint.objects.get().organisation_id, "certificate.changed", {})
    Delivery.objects.update(next_at=NOW)
    lead_to(monkeypatch, "127.0.0.1")
    assert deliver_due(NOW) == (0, 1)
    assert Delivery.objects.get().outcome == "did not arrive: InputError"
    assert receiver.calls == []


def test_a_receiver_that_sends_on_is_not_followed(receiver, team):
    receiver.sends_on = True
    emit(team[1].id, "certificate.changed", {})
    Delivery.objects.update(next_at=NOW)
    assert deliver_due(NOW) == (0, 1)
    assert Delivery.objects.get().outcome == "answered 307"
    assert len(receiver.calls) == 1
