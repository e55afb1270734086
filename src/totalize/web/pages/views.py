"""The front page, the home of an account, and what people see when something went wrong."""

from __future__ import annotations

import logging

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from totalize import api
from totalize.web.accounts.access import act, public
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.pages.waiting import waiting_for

_LOG = logging.getLogger("totalize.access")


@public
def front(request: HttpRequest) -> HttpResponse:
    """Show what can be done here."""
    book = api.law()
    found = [book.agreement(country) for country in book.countries()]
    in_force = sum(item is not None and item.in_force is not None for item in found)
    return render(request, "pages/front.html", {"in_force": in_force})


@act("account")
def home(request: SignedInRequest) -> HttpResponse:
    """Show an account what waits for it."""
    return render(request, "pages/home.html", {"waiting": waiting_for(request.user)})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400, and 413 to what is too much."""
    status = 413 if isinstance(exception, RequestDataTooBig | TooManyFieldsSent) else 400
    return render(request, "pages/problem.html", {"status": status}, status=status)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403, and leave a line: who asked for what that is not theirs."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    _LOG.warning("refused %s to user:%s", name, request.user.pk)
    return render(request, "pages/problem.html", {"status": 403}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form that did not come from a page of ours, or came too late."""
    return render(request, "pages/problem.html", {"status": "csrf"}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404, and leave a line where somebody asked for an object that is not theirs."""
    if request.resolver_match and request.user.is_authenticated:
        _LOG.warning("nothing for %s to user:%s", request.resolver_match.view_name, request.user.pk)
    return render(request, "pages/problem.html", {"status": 404}, status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer 429."""
    return render(request, "pages/problem.html", {"status": 429}, status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, in the plainest way where what went wrong keeps a page from being made."""
    try:
        return render(request, "pages/problem.html", {"status": 500}, status=500)
    except Exception:  # noqa: BLE001 - whatever it is, somebody waits for an answer
        _LOG.exception("the page that says so failed, too")
        page = render_to_string("pages/problem.html", {"status": 500, "site_name": "totalize"})
        return HttpResponse(page, status=500)
