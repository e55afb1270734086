"""The dates of certificates as a calendar: as a file, or at an address only one person knows."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from icalendar import Alarm, Calendar, Event

from totalize.web.accounts.models import User
from totalize.web.audit.services import record
from totalize.web.follow.copies import rechecks_of
from totalize.web.follow.models import Dossier, Feed
from totalize.web.follow.picture import endings_of
from totalize.web.follow.selectors import looked_after, name_of
from totalize.web.sealing import digest_of

MOST = 2000
OLD = timedelta(days=100)


@transaction.atomic
def make(*, by: User) -> str:
    """Make the private address of somebody's calendar, in the place of an earlier one.

    Returns:
        The token; only its digest is kept.
    """
    token = secrets.token_urlsafe(32)
    Feed.objects.update_or_create(
        user=by,
        defaults={"token_digest": digest_of(token), "made_at": timezone.now(), "read_at": None},
    )
    record("feed.made", actor=by, subject=f"user:{by.id}")
    return token


@transaction.atomic
def take_back(*, by: User) -> None:
    """Have the address lead nowhere."""
    if Feed.objects.filter(user=by).delete()[0]:
        record("feed.taken_back", actor=by, subject=f"user:{by.id}")


def read(token: str, at: datetime) -> bytes | None:
    """Return the calendar behind an address, None when there is none any more."""
    found = Feed.objects.select_related("user").filter(token_digest=digest_of(token)).first()
    if found is None or not found.user.is_active:
        return None
    Feed.objects.filter(id=found.id).update(read_at=at)
    return calendar_of(looked_after(found.user).prefetch_related("spells")[:MOST], at)


def calendar_of(dossiers: Iterable[Dossier], at: datetime) -> bytes:
    """Return the ends of certificates, and the days on which to look again, as a calendar.

    Args:
        dossiers: whose.
        at: the moment it is made; ends long before it are left out.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//totalize//follow//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Certificates of coverage")
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"value": "DURATION"})
    for dossier in dossiers:
        for entry in _entries(dossier, at.date()):
            calendar.add_component(_event(dossier, entry, at))
    made: bytes = calendar.to_ical()
    return made


def _entries(dossier: Dossier, today: date) -> Iterable[tuple[str, date, str, str]]:
    name = name_of(dossier)
    for ending in endings_of(dossier, today):
        if ending.ends_on < today - OLD:
            continue
        title = f"Certificate of coverage of {name} ends ({ending.issuer})"
        yield (
            f"end-{ending.ends_on}-{ending.issuer}",
            ending.ends_on,
            title,
            (f"{ending.title}. {ending.text}"),
        )
    for day in rechecks_of(dossier, today):
        if day >= today - OLD:
            yield (
                f"recheck-{day}",
                day,
                f"Show the French client the certificate of {name} again",
                "The client in France checks before the work begins and every six months.",
            )


def _event(dossier: Dossier, entry: tuple[str, date, str, str], at: datetime) -> Event:
    key, day, title, text = entry
    event = Event()
    event.add("uid", f"{dossier.id}-{key.replace(' ', '-')}@totalize")
    event.add("dtstamp", at)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", title)
    link = settings.INSTALLATION.address.rstrip("/") + reverse("follow:person", args=[dossier.id])
    event.add("description", f"{text}\n{link}")
    event.add("url", link)
    event.add("transp", "TRANSPARENT")
    for days in (90, 30):
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", -timedelta(days=days))
        event.add_component(alarm)
    return event
