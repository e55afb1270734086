"""What every call has in common: its limit, its token, its body, its answer and its description."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja.security import HttpBearer

from totalize.kernel.errors import InputError
from totalize.kernel.reading import read_document
from totalize.web.accounts.access import performs
from totalize.web.api import limits, tokens
from totalize.web.api.models import ApiToken
from totalize.web.api.problems import MEDIA_TYPE, RefusedError
from totalize.web.api.repeats import HEADER
from totalize.web.api.shapes import ref

Arguments = ParamSpec("Arguments")
JSON = "application/json"

REASONS = {
    400: "The body cannot be read.",
    401: "There is no token, or it is not good any more.",
    403: "The token, or its account, may not do this.",
    404: "There is nothing of that name that is yours.",
    405: "There is no such call.",
    409: "Not in this state, or somebody else was first.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "Something in it cannot be used; `errors` names it.",
    429: "Too many calls in this minute; `Retry-After` says how long to wait.",
}
EVERYWHERE = (405, 429)
WITH_TOKEN = (401, 403)
WITH_BODY = (400, 413, 415, 422)


class Bearer(HttpBearer):
    """The token of an account, with a scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Find the token; its account makes the call."""
        found = tokens.find(token)
        if found is None:
            return None
        limits.count(request, found.id)
        if self.scope not in found.scopes:
            raise RefusedError(403, "scope", f"the token lacks the scope {self.scope}")
        request.user = found.user
        return found


def public(
    view: Callable[Concatenate[HttpRequest, Arguments], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponse]:
    """Say of a call that it needs no token, and count it by address."""

    @wraps(view)
    def counted(
        request: HttpRequest, /, *given: Arguments.args, **named: Arguments.kwargs
    ) -> HttpResponse:
        limits.count(request)
        return view(request, *given, **named)

    return performs("public", counted)


def acts(
    name: str,
) -> Callable[[Callable[Arguments, HttpResponse]], Callable[Arguments, HttpResponse]]:
    """Name the act that a call with a token performs; the services ask who may.

    Such a call takes a `SignedInRequest`: its route's `Bearer` lets nobody in without an account.
    The framework looks at the function itself, so it is not wrapped.
    """

    def decorate(view: Callable[Arguments, HttpResponse]) -> Callable[Arguments, HttpResponse]:
        return performs(name, view)

    return decorate


def body_of(request: HttpRequest, *, empty: bool = False) -> dict[str, Any]:
    """Read the body: one JSON object.

    Args:
        request: the call.
        empty: no body at all stands for an object without fields.

    Raises:
        RefusedError: it is none (400), too large (413) or no JSON (415).
    """
    try:
        data = request.body
    except RequestDataTooBig:
        raise RefusedError(413, "too_large", "the body is too large") from None
    if empty and not data.strip():
        return {}
    if request.content_type != JSON:
        raise RefusedError(415, "media_type", f"send {JSON}")
    try:
        text = data.decode("utf-8")
        json.loads(text)
        found = read_document(text, "the body")
    except InputError as error:
        raise RefusedError(400, error.code, error.problem, errors=[error.to_dict()]) from None
    except (ValueError, RecursionError):
        raise RefusedError(400, "unreadable", "the body is not JSON") from None
    if not isinstance(found, dict):
        raise RefusedError(400, "unreadable", "the body is not one JSON object")
    return found


def only(document: dict[str, Any], *fields: str, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a document that has no fields but these.

    Raises:
        InputError: it has another one, or lacks one that is needed.
    """
    for name in document:
        if name not in fields:
            raise InputError(
                name, "is no field here", expected=", ".join(fields), code="unknown_field"
            )
    for name in needed:
        if document.get(name) is None:
            raise InputError(name, "is missing", code="missing")
    return document


def text_of(document: dict[str, Any], name: str, default: str = "") -> str:
    """Return a text.

    Raises:
        InputError: it is something else.
    """
    value = document.get(name, default)
    if not isinstance(value, str) or "\x00" in value:
        raise InputError(name, "is not a text", expected="a text", code="bad_type")
    return value


def whole_of(document: dict[str, Any], name: str) -> int | None:
    """Return a whole number, None when it was left out.

    Raises:
        InputError: it is something else.
    """
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise InputError(name, "is no whole number", expected="0 or more", code="bad_type")
    return value


def mapping_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a group of fields, empty when it was left out.

    Raises:
        InputError: it is something else.
    """
    value = document.get(name, {})
    if not isinstance(value, dict):
        raise InputError(name, "is not a group of fields", expected="an object", code="bad_type")
    return value


def texts_of(document: dict[str, Any], name: str) -> list[str]:
    """Return a list of texts, empty when it was left out.

    Raises:
        InputError: it is something else.
    """
    value = document.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(name, "is not a list of texts", expected="a list", code="bad_type")
    return value


def answer(
    document: object, status: int = 200, headers: dict[str, str] | None = None
) -> HttpResponse:
    """Answer with JSON."""
    return HttpResponse(
        json.dumps(document, ensure_ascii=False), content_type=JSON, status=status, headers=headers
    )


def described(
    answers: dict[int, str],
    *,
    takes: str | None = None,
    optional: bool = False,
    repeats: bool = False,
    token: bool = False,
    refusals: tuple[int, ...] = (),
    media: str = JSON,
    shape: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe a call for the published document.

    Args:
        answers: name of the component of each good answer.
        takes: name of the component of the body.
        optional: the body may be left out.
        repeats: the call may be repeated with a key.
        token: it needs one.
        refusals: statuses of refusals beyond those that every call of its kind has.
        media: media type of the good answer.
        shape: of the good answer, where it is no component.
    """
    statuses = set(refusals) | set(EVERYWHERE)
    statuses |= set(WITH_TOKEN) if token else set()
    statuses |= set(WITH_BODY) if takes is not None else set()
    responses: dict[str, Any] = {
        str(status): {
            "description": "Done." if name else "The document.",
            "content": {media: {"schema": shape or ref(name)}},
        }
        for status, name in answers.items()
    }
    for status in sorted(statuses):
        responses[str(status)] = {
            "description": REASONS[status],
            "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
        }
    described: dict[str, Any] = {"x-answers": responses}
    if takes is not None:
        described["requestBody"] = {
            "required": not optional,
            "content": {JSON: {"schema": ref(takes)}},
        }
    if repeats:
        described["parameters"] = [
            {
                "name": HEADER,
                "in": "header",
                "required": False,
                "description": "A key of your own: the same call with it is done once.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            }
        ]
    return described
