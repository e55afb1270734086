"""The API as one object: its calls, its refusals and its description."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from totalize.certificates.authority import NotAnAuthorityError
from totalize.kernel.errors import InputError, TotalizeError
from totalize.web.api import law, matters, payroll, problems
from totalize.web.api.calling import Bearer
from totalize.web.api.problems import RefusedError, problem
from totalize.web.api.shapes import components
from totalize.web.api.tokens import SCOPES

ROOT = "api/v1/"


class Api(NinjaAPI):
    """Ninja's, with the description that the calls give of themselves."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the published description."""
        document = super().get_openapi_schema(**{**options, "path_prefix": ROOT})
        for path in document["paths"].values():
            for call in path.values():
                call["responses"] = call.pop("x-answers", call["responses"])
        document["components"]["schemas"] = components()
        document["components"]["securitySchemes"] = {
            Bearer.__name__: {
                "type": "http",
                "scheme": "bearer",
                "description": "A token made under your account. Scopes: "
                + "; ".join(f"`{scope}` to {words}" for scope, words in SCOPES.items()),
            }
        }
        return document


api = Api(
    title="totalize",
    version="1",
    description="Which country's social security covers work across a border with the United "
    "States, and the certificates that prove it.",
    docs_url=None,
    urls_namespace="api-1",
)
api.add_router("", law.router)
api.add_router("", matters.router)
api.add_router("", payroll.router)


@api.exception_handler(InputError)
def refuse_input(request: HttpRequest, error: InputError) -> HttpResponse:
    """Answer 422 or, where the moment is wrong, 409."""
    return problems.of_input(error)


@api.exception_handler(NotAnAuthorityError)
def refuse_authority(request: HttpRequest, error: NotAnAuthorityError) -> HttpResponse:
    """Answer 409: this installation issues nothing."""
    return problem(409, error.code, "this installation issues no certificates")


@api.exception_handler(TotalizeError)
def refuse_other(request: HttpRequest, error: TotalizeError) -> HttpResponse:
    """Answer 409: somebody else was first."""
    return problem(409, error.code, str(error))


@api.exception_handler(RefusedError)
def refuse(request: HttpRequest, error: RefusedError) -> HttpResponse:
    """Answer as the refusal says."""
    return problem(
        error.status, error.code, error.detail, errors=error.errors, headers=error.headers
    )


@api.exception_handler(ValidationError)
def refuse_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer 422 to a path or query that can't be read."""
    return problems.of_fields(error.errors)


@api.exception_handler(AuthenticationError)
def refuse_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Answer 401, the same for every reason."""
    return problem(
        401,
        "no_token",
        "send a good token: Authorization: Bearer TOKEN",
        headers={"WWW-Authenticate": "Bearer"},
    )


@api.exception_handler(PermissionDenied)
def refuse_permission(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    """Answer 403."""
    return problem(403, "not_allowed", "your account does not have the role this needs")


@api.exception_handler(Http404)
def refuse_unknown(request: HttpRequest, error: Http404) -> HttpResponse:
    """Answer 404: it does not exist, or not for them."""
    return problem(404, "not_found", "there is nothing here that is yours")


@api.exception_handler(HttpError)
def refuse_call(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what the framework refuses."""
    return problem(error.status_code, "bad_call", str(error))
