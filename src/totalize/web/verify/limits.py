"""How often anybody may try, counted in the database for all processes together."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest

from totalize.web.unsynced import unsynced
from totalize.web.verify.models import Attempts


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in so many seconds."""

    name: str
    most: int
    seconds: int


# An office behind one address looks at many papers; a reference has one check word of 30 random
# bits, so that thirty guesses an hour find it in four thousand years.
ADDRESS: Final = Limit("address", 120, 3600)
REFERENCE: Final = Limit("reference", 30, 3600)


def spend(limit: Limit, who: str, now: datetime) -> bool:
    """Count an attempt; False when there were too many.

    Args:
        limit: which one.
        who: whose attempts are counted; only a keyed digest is kept.
        now: the moment, with a time zone.
    """
    number = int(now.timestamp()) // limit.seconds
    secret: bytes = settings.INSTALLATION.key("lookup")
    told = f"verify:{limit.name}:{number}:{who}".encode()
    key = hmac.digest(secret, told, hashlib.sha256).hex()
    row = Attempts.objects.filter(key=key)
    if row.update(count=F("count") + 1):
        return row.values_list("count", flat=True).get() <= limit.most
    ends_at = datetime.fromtimestamp((number + 1) * limit.seconds, UTC) + timedelta(seconds=1)
    try:
        with transaction.atomic():
            Attempts.objects.create(key=key, count=1, ends_at=ends_at)
    except IntegrityError:
        # Another process was first.
        row.update(count=F("count") + 1)
    return True


def over(request: HttpRequest, now: datetime, reference: str = "") -> Limit | None:
    """Count an attempt, by page or by program; return the limit that it is over.

    Args:
        request: the call.
        now: the moment, with a time zone.
        reference: the one that is asked about, as it is kept; empty for a file or a code.
    """
    # A few attempts more after a power cut are no help to anybody who guesses.
    with unsynced():
        if not spend(ADDRESS, address_of(request), now):
            return ADDRESS
        if reference and not spend(REFERENCE, reference, now):
            return REFERENCE
    return None


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from."""
    address: str = request.META.get("REMOTE_ADDR", "")
    if settings.INSTALLATION.proxy:
        # The last entry is the proxy's own; the ones before it anybody can write.
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
    return address
