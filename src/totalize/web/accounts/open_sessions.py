"""Where somebody is signed in: noted when they sign in, shown to them, ended by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from allauth.account.signals import password_changed, password_set
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from totalize.web.accounts.middleware import BEGAN, SEEN
from totalize.web.accounts.models import OpenSession, User
from totalize.web.audit.services import record

# The first that is found in what a browser says of itself: most claim to be others as well.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "a Chromebook"), ("Mac OS", "a Mac"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One of them, as it is shown."""

    id: int
    browser: str
    began_at: datetime
    seen_at: datetime
    here: bool


def browser_words(agent: str) -> str:
    """Say which browser it is, on what."""
    browser = next((words for mark, words in _BROWSERS if mark in agent), "A browser")
    system = next((words for mark, words in _SYSTEMS if mark in agent), None)
    return browser if system is None else f"{browser} on {system}"


def listen() -> None:
    """Hear of everybody who signs in; a new password gives a session a new key."""
    for signal in (user_logged_in, password_changed, password_set):
        signal.connect(_note, dispatch_uid="totalize.open_sessions")


def _note(request: HttpRequest, user: User, **_named: Any) -> None:
    if request.session.session_key is None:
        request.session.save()
    OpenSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "browser": browser_words(request.META.get("HTTP_USER_AGENT", "")),
            "began_at": timezone.now(),
        },
    )


def places_of(user: User, request: HttpRequest) -> list[Place]:
    """Return where somebody is signed in, this place first; what has ended is forgotten."""
    found: list[Place] = []
    over: list[int] = []
    for row in OpenSession.objects.filter(user=user).order_by("-began_at", "-id"):
        place = _place(row, request.session.session_key)
        if place is None:
            over.append(row.id)
        else:
            found.append(place)
    if over:
        OpenSession.objects.filter(id__in=over).delete()
    return sorted(found, key=lambda each: not each.here)


def _place(row: OpenSession, here: str | None) -> Place | None:
    kept = _store()(row.session_key).load()
    began, seen = kept.get(BEGAN), kept.get(SEEN)
    ended = row.user.sessions_from
    if not kept or (ended is not None and row.began_at < ended):
        return None
    if kept.get("_auth_user_hash") != row.user.get_session_auth_hash():
        return None
    now = timezone.now().timestamp()
    if began is not None and now - began > settings.SESSION_COOKIE_AGE:
        return None
    if seen is not None and now - seen > settings.SESSION_IDLE_SECONDS:
        return None
    seen_at = row.began_at if seen is None else datetime.fromtimestamp(seen, UTC)
    return Place(row.id, row.browser, row.began_at, seen_at, row.session_key == here)


@transaction.atomic
def end_places(*, user: User, request: HttpRequest, only: int | None = None) -> int:
    """End one of somebody's sessions, or all but this one; return how many."""
    ended = OpenSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    if only is not None:
        ended = ended.filter(id=only)
    keys = list(ended.values_list("session_key", flat=True))
    for session_key in keys:
        _store()(session_key).delete()
    ended.delete()
    if keys:
        record(
            "account.sessions_ended",
            actor=user,
            subject=f"user:{user.id}",
            facts={"count": len(keys)},
        )
    return len(keys)


def _store() -> type[SessionBase]:
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    return store
