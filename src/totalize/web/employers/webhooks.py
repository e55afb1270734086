"""Webhooks: events signed, sent until they arrive, and sent again when somebody asks.

An event becomes one row for each endpoint in the transaction that makes it happen, so none is lost
and none is invented. A delivery is repeated until the receiver answers 2xx; its identifier stays
the same, so that the receiver takes it once. Headers and signature follow Standard Webhooks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import urllib3
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from totalize.kernel.errors import InputError
from totalize.web.accounts.models import Organisation, User
from totalize.web.audit.services import record
from totalize.web.employers.models import Delivery, Endpoint
from totalize.web.sealing import seal_secret, unseal_secret

EVENTS = {
    "application.moved": "an application changed its state",
    "certificate.changed": "a certificate was issued, amended, replaced or withdrawn",
    "certificate.ends": "a certificate ends soon, or has ended",
}
PREFIX = "whsec_"
TIMEOUT = urllib3.Timeout(connect=5, read=10)
HOLD = timedelta(minutes=2)
# A minute, five, half an hour, two hours, then twice a day: given up after about five days.
WAITS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)]
LAST_WAIT = timedelta(hours=12)
MOST_ATTEMPTS = 14


@transaction.atomic
def add_endpoint(
    *, organisation: Organisation, by: User, url: str, events: list[str]
) -> tuple[Endpoint, str]:
    """Register an endpoint; return it with the secret, which is shown only now.

    Raises:
        InputError: the address is none that may be called, or an event is none.
    """
    _check_address(url)
    for event in events:
        if event not in EVENTS:
            raise InputError("events", "is no event", value=event, expected=", ".join(EVENTS))
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    endpoint = Endpoint(organisation=organisation, url=url, events=events)
    endpoint.secret = seal_secret(f"webhook:{endpoint.id}", secret)
    endpoint.save()
    record("webhook.added", actor=by, subject=f"endpoint:{endpoint.id}")
    return endpoint, secret


@transaction.atomic
def remove_endpoint(endpoint: Endpoint, *, by: User) -> None:
    """Stop telling an endpoint anything; what is on its way goes no further."""
    record("webhook.removed", actor=by, subject=f"endpoint:{endpoint.id}")
    endpoint.delete()


def emit(organisation_id: UUID, event: str, facts: Mapping[str, Any]) -> int:
    """Write an event down for every endpoint that wants it; call it in the event's transaction.

    Args:
        organisation_id: whose event it is.
        event: of `EVENTS`.
        facts: identifiers, states and days; no names and no numbers of people.
    """
    now = timezone.now()
    endpoints = Endpoint.objects.filter(organisation_id=organisation_id, active=True)
    body = json.dumps(
        {"type": event, "timestamp": now.isoformat(), "data": dict(facts)}, sort_keys=True
    )
    rows = [
        Delivery(endpoint=endpoint, event=event, body=body, created_at=now, next_at=now)
        for endpoint in endpoints
        if not endpoint.events or event in endpoint.events
    ]
    Delivery.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def replay(delivery_id: UUID, *, by: User) -> Delivery:
    """Send a delivery once more, with the identifier it had."""
    delivery = Delivery.objects.select_for_update().get(id=delivery_id)
    delivery.next_at, delivery.attempts, delivery.delivered_at = timezone.now(), 0, None
    delivery.save(update_fields=["next_at", "attempts", "delivered_at"])
    record("webhook.replayed", actor=by, subject=f"delivery:{delivery.id}")
    return delivery


def deliver_due(at: datetime | None = None, most: int = 200) -> tuple[int, int]:
    """Send what is due; return how many arrived and how many did not.

    Each is taken for a while before it is sent, so that two workers don't send it at once; who
    dies meanwhile leaves it due again after that while.
    """
    arrived = failed = 0
    for _ in range(most):
        now = at or timezone.now()
        delivery = _take(now)
        if delivery is None:
            break
        outcome, good = _send(delivery, now)
        delivery.outcome = outcome[:200]
        delivery.delivered_at = now if good else None
        delivery.next_at = None if good else _next(delivery.attempts, now)
        delivery.save(update_fields=["outcome", "delivered_at", "next_at"])
        arrived, failed = arrived + good, failed + (not good)
    return arrived, failed


def sign(secret: str, identifier: str, timestamp: str, body: str) -> str:
    """Return the signature of a delivery, as in Standard Webhooks.

    Source: https://www.standardwebhooks.com, scheme v1: HMAC-SHA256 over `id.timestamp.body`.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{identifier}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


@transaction.atomic
def _take(now: datetime) -> Delivery | None:
    due = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint")
    delivery = due.filter(next_at__lte=now).order_by("next_at", "id").first()
    if delivery is None:
        return None
    delivery.attempts += 1
    delivery.next_at = now + HOLD
    delivery.save(update_fields=["attempts", "next_at"])
    return delivery


def _next(attempts: int, now: datetime) -> datetime | None:
    if attempts >= MOST_ATTEMPTS:
        return None
    return now + (WAITS[attempts - 1] if attempts <= len(WAITS) else LAST_WAIT)


def _send(delivery: Delivery, now: datetime) -> tuple[str, bool]:
    endpoint = delivery.endpoint
    timestamp = str(int(now.timestamp()))
    try:
        secret = unseal_secret(f"webhook:{endpoint.id}", endpoint.secret)
        address = _check_address(endpoint.url)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "totalize-webhooks/1",
            "Host": urlsplit(endpoint.url).netloc,
            "webhook-id": str(delivery.id),
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(secret, str(delivery.id), timestamp, delivery.body),
        }
        status = _post(endpoint.url, address, headers, delivery.body.encode())
    except (InputError, OSError, urllib3.exceptions.HTTPError) as error:
        return f"did not arrive: {type(error).__name__}", False
    return f"answered {status}", 200 <= status < 300


def _post(url: str, address: str, headers: dict[str, str], body: bytes) -> int:
    """Post to the address that was checked, not to whatever the name means a moment later."""
    parts = urlsplit(url)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    name = parts.hostname or ""
    if parts.scheme == "https":
        pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
            address, parts.port or 443, server_hostname=name, assert_hostname=name, timeout=TIMEOUT
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, parts.port or 80, timeout=TIMEOUT)
    with pool:
        answer = pool.request(
            "POST",
            target,
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        answer.close()
        return int(answer.status)


def _check_address(url: str) -> str:
    """Return the address to call.

    Raises:
        InputError: it is not https, names no host, or leads into a private network.
    """
    expected = "an https address on the internet"
    parts = urlsplit(url)
    schemes = ("https", "http") if settings.WEBHOOKS_MAY_BE_PRIVATE else ("https",)
    try:
        port = parts.port or 443
    except ValueError:
        raise InputError("url", "names no port", expected=expected, code="bad_address") from None
    if parts.scheme not in schemes or not parts.hostname or parts.username:
        raise InputError("url", "can't be called", expected=expected, code="bad_address")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InputError(
            "url", "names no host that is known", expected=expected, code="bad_address"
        ) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.WEBHOOKS_MAY_BE_PRIVATE and not all(
        ipaddress.ip_address(address.partition("%")[0]).is_global for address in addresses
    ):
        raise InputError(
            "url", "leads into a private network", expected=expected, code="private_address"
        )
    return addresses[0]
