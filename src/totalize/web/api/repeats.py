"""Calls that may be repeated: the same key and body get the same answer, and the act is done once.

The answer is kept in the transaction of the act. A server that is killed has done both or neither.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from totalize.web.accounts.requests import SignedInRequest
from totalize.web.api.models import Answer
from totalize.web.api.problems import RefusedError

HEADER = "Idempotency-Key"
KEEP = timedelta(days=7)
LONGEST_KEY = 200


def once(
    request: SignedInRequest, act: Callable[[], tuple[int, dict[str, Any]]]
) -> tuple[int, dict[str, Any]]:
    """Do an act, once for every key; without a key each time.

    Args:
        request: the call.
        act: does it and returns status and body.

    Raises:
        RefusedError: the key was used for something else (422), or can't be used.
    """
    key = request.headers.get(HEADER)
    if key is None:
        with transaction.atomic():
            return act()
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        detail = f"{HEADER}: should be 1 to {LONGEST_KEY} printable characters"
        raise RefusedError(422, "bad_key", detail, errors=[_fault(detail)])
    digest = _digest(request)
    try:
        with transaction.atomic():
            kept = _kept(request, key, digest)
            if kept is not None:
                return kept
            # The row is written first: who sends the same at the same time waits for this one.
            with transaction.atomic():
                row = Answer.objects.create(
                    user=request.user, key=key, digest=digest, at=timezone.now()
                )
            status, body = act()
            row.status, row.body = status, json.dumps(body)
            row.save(update_fields=["status", "body"])
            return status, body
    except IntegrityError:
        kept = _kept(request, key, digest)
        if kept is None:
            raise
        return kept


def _kept(request: SignedInRequest, key: str, digest: str) -> tuple[int, dict[str, Any]] | None:
    row = Answer.objects.filter(user=request.user, key=key).first()
    if row is None:
        return None
    if row.digest != digest:
        detail = f"{HEADER}: was used for another call or another body"
        raise RefusedError(422, "key_reused", detail, errors=[_fault(detail)])
    return row.status, json.loads(row.body)


def _digest(request: SignedInRequest) -> str:
    call = f"{request.method} {request.path}\n".encode()
    return hashlib.sha256(call + request.body).hexdigest()


def _fault(detail: str) -> dict[str, str]:
    return {"path": HEADER, "problem": detail, "expected": "", "code": "bad_key"}
