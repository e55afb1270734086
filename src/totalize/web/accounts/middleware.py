"""Rules of every request by somebody who is signed in: how long, and with which factors."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum, auto

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from totalize.web.accounts.factors import has_second_factor, needs_second_factor
from totalize.web.accounts.kept_forms import note_who_left
from totalize.web.accounts.requests import SignedInRequest, is_signed_in


class _Over(Enum):
    """Why a session is over: its time was up, or its owner ended it from elsewhere."""

    BY_ITSELF = auto()
    ENDED = auto()


Handler = Callable[[HttpRequest], HttpResponse]
BEGAN, SEEN = "began", "seen"
_WRITE_EVERY = 60
# Where somebody without a second factor may still go: to set one up, or away.
_OPEN = ("/account/", "/people/second-factor/", "/static/")


def sessions(get_response: Handler) -> Handler:
    """End a session that was idle, is too old, or was ended from elsewhere."""

    def handle(request: HttpRequest) -> HttpResponse:
        if is_signed_in(request) and (why := _why_over(request, int(time.time()))) is not None:
            who = request.user.pk
            logout(request)
            if why is not _Over.ENDED:
                note_who_left(request.session, who)
            if request.method == "GET":
                return redirect_to_login(request.get_full_path())
        return get_response(request)

    return handle


def second_factor(get_response: Handler) -> Handler:
    """Lead who must have a second factor, and has none, to where it is set up."""

    def handle(request: HttpRequest) -> HttpResponse:
        if (
            request.user.is_authenticated
            and not request.path.startswith(_OPEN)
            and needs_second_factor(request.user)
            and not has_second_factor(request.user)
        ):
            return redirect("accounts:second_factor")
        return get_response(request)

    return handle


def _why_over(request: SignedInRequest, now: int) -> _Over | None:
    """Return why a session is over, None while it goes on."""
    session = request.session
    began = session.setdefault(BEGAN, now)
    seen = session.setdefault(SEEN, now)
    ended = request.user.sessions_from
    if ended is not None and began < int(ended.timestamp()):
        return _Over.ENDED
    if now - began > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
        return _Over.BY_ITSELF
    if now - seen >= _WRITE_EVERY:
        session[SEEN] = now
    return None
