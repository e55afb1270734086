"""Refusals as problem documents (RFC 9457) that name the field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from totalize.kernel.errors import InputError

MEDIA_TYPE = "application/problem+json"

# Codes of refusals that are about the moment and not about what was given.
CONFLICTS = frozenset({"illegal_move", "conflict", "already_withdrawn", "law_changed"})


class RefusedError(Exception):
    """The API refuses a call."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[dict[str, str]] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Return a problem document.

    Args:
        status: of HTTP.
        code: stable, for programs.
        detail: for people; it never holds what was given, which may be somebody's number.
        errors: where the fault is: `path`, `problem`, `expected`, `code`.
        headers: more headers.
    """
    document = {
        "type": f"urn:totalize:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": list(errors),
    }
    return HttpResponse(
        json.dumps(document, ensure_ascii=False),
        content_type=MEDIA_TYPE,
        status=status,
        headers=headers,
    )


def of_input(error: InputError) -> HttpResponse:
    """Return the problem of something that can't be used: 409 when the moment is wrong."""
    status = 409 if error.code in CONFLICTS else 422
    detail = f"{error.path}: {error.problem}" if error.path else error.problem
    if error.expected:
        detail += f"; expected {error.expected}"
    return problem(status, error.code, detail, errors=[error.to_dict()])


def of_fields(errors: Sequence[Any]) -> HttpResponse:
    """Return the problem of a path or query that the framework could not read."""
    found = [
        {
            "path": ".".join(str(part) for part in error["loc"][1:]),
            "problem": error["msg"],
            "expected": "",
            "code": "bad_value",
        }
        for error in errors
    ]
    detail = f"{found[0]['path']}: {found[0]['problem']}" if found else "can't be read"
    return problem(422, "bad_value", detail, errors=found)
