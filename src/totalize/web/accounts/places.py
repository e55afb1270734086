"""Somebody's places in organisations, read once for a page that is only looked at."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from totalize.web.accounts.models import Membership, User

Handler = Callable[[HttpRequest], HttpResponse]
# Requests that change nothing, so that what was read at their start holds until their end.
READING = frozenset({"GET", "HEAD"})
_KEPT = "places_of_this_request"


def places_of(user: User) -> list[Membership]:
    """Return somebody's places, each with its organisation."""
    kept: list[list[Membership]] | None = getattr(user, _KEPT, None)
    if kept:
        return kept[0]
    places = list(user.memberships.select_related("organisation"))
    if kept is not None:
        kept.append(places)
    return places


def places(get_response: Handler) -> Handler:
    """Let a request that changes nothing read its user's places once; any other reads them anew."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method in READING and request.user.is_authenticated:
            setattr(request.user, _KEPT, [])
        return get_response(request)

    return handle
