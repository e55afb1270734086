"""Headers that the frameworks don't set, and refusals of the product's own kind as pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from totalize.kernel.errors import InputError, TotalizeError

Handler = Callable[[HttpRequest], HttpResponse]


def headers(get_response: Handler) -> Handler:
    """Keep answers out of shared caches and away from device features."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return handle


class Refusals:
    """Turn a refusal that no view has answered into a page that says what and where."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; what only takes a form says so to whoever opens it, instead of nothing."""
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        page = render(request, "pages/problem.html", {"status": 405}, status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 400 for bad input and 409 for a conflict."""
        if isinstance(error, InputError):
            page = {"error": error, "said": said_of(error), "ended": error.code == "ended"}
            return render(request, "pages/refused.html", page, status=400)
        if isinstance(error, TotalizeError):
            status = 409 if error.code == "conflict" else 400
            page = {"error": error, "said": str(error)}
            return render(request, "pages/refused.html", page, status=status)
        return None


def said_of(error: InputError) -> str:
    """Return a refusal as a person says it: where it is about one thing, that begins a sentence."""
    if not error.path.replace("_", "").isalpha():
        return str(error)
    said = f"The {error.path.replace('_', ' ')} {error.problem}."
    return f"{said} It should be {error.expected}." if error.expected else said


refusals = Refusals
