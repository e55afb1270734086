"""How often somebody may call in a minute, counted in the database for all processes together.

A process takes a few calls at a time out of the minute's count, so that not every call writes.
What it does not use of them is lost when the minute ends: the limit is never passed, and may be
reached a little early.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from threading import Lock

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest

from totalize.web.api.models import Window
from totalize.web.api.problems import RefusedError
from totalize.web.verify.limits import address_of

MINUTE = 60
SHARE = 20  # a process takes a twentieth of a limit at a time
KEEP = 60  # minutes

# Calls a minute: of an address without a token, of a token.
ANYBODY, TOKEN = 300, 600

_HELD: dict[tuple[str, int], int] = {}
_LOCK = Lock()


def count(request: HttpRequest, token_id: object | None = None) -> None:
    """Count a call.

    Raises:
        RefusedError: there were too many in this minute (429).
    """
    who = _address(request) if token_id is None else f"token:{token_id}"
    limit = ANYBODY if token_id is None else TOKEN
    now = time.time()
    if not take(who, limit, int(now // MINUTE)):
        wait = MINUTE - int(now % MINUTE)
        raise RefusedError(
            429,
            "too_many_calls",
            f"{limit} calls a minute are allowed; wait {wait} seconds",
            headers={"Retry-After": str(wait)},
        )


def take(who: str, limit: int, minute: int) -> bool:
    """Take one call out of a minute; False when none is left."""
    with _LOCK:
        held = _HELD.get((who, minute), 0)
        if held > 0:
            _HELD[who, minute] = held - 1
            return True
        share = max(limit // SHARE, 1)
        if not _lease(who, minute, share, limit):
            return False
        for old in [key for key in _HELD if key[1] != minute]:
            del _HELD[old]
        _HELD[who, minute] = share - 1
        return True


def _lease(who: str, minute: int, share: int, limit: int) -> bool:
    row = Window.objects.filter(who=who, minute=minute)
    room = row.filter(calls__lte=limit - share)
    if room.update(calls=F("calls") + share):
        return True
    if row.exists():
        return False
    try:
        with transaction.atomic():
            Window.objects.create(who=who, minute=minute, calls=share)
    except IntegrityError:
        return bool(room.update(calls=F("calls") + share))
    return True


def _address(request: HttpRequest) -> str:
    """Return a keyed digest of the caller's address: the address itself is not kept."""
    address = address_of(request)
    key = settings.INSTALLATION.key("lookup")
    return f"address:{hmac.digest(key, address.encode(), hashlib.sha256).hex()[:40]}"
