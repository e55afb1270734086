"""Reading dossiers: whose they are, what ends in them, what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from totalize.kernel.countries import US
from totalize.kernel.dates import written_day
from totalize.web.accounts.access import PARTIES, mandates_held, require, roles_towards
from totalize.web.accounts.models import User
from totalize.web.certificates.models import Foreign, Issued, State
from totalize.web.follow.copies import FRANCE, rechecks_of
from totalize.web.follow.models import Dossier, Reminder, Spell
from totalize.web.follow.proofs import other_side
from totalize.web.pages.waiting import Waiting

Proof = TypeVar("Proof", Issued, Foreign)
# A look at a certificate is announced this long before.
SOON = timedelta(days=14)


def find(user: User, dossier_id: UUID, name: str = "follow.read") -> Dossier:
    """Return a dossier, to whoever may do this with it.

    Raises:
        Http404: it does not exist for them; an office has no part in anybody's dossier.
        PermissionDenied: they may look at it, and not do this.
    """
    found = (
        Dossier.objects.select_related("person", "worker", "organisation", "owner")
        .filter(id=dossier_id)
        .first()
    )
    if found is None or not roles_towards(user, found) & PARTIES:
        raise Http404
    require(user, name, found)
    return found


def mine(user: User) -> QuerySet[Dossier]:
    """Return the dossiers somebody may look at, the latest changed first."""
    mandates = mandates_held(user)
    given = mandates.filter(worker__isnull=False).values("worker")
    by_employers = mandates.filter(employer__isnull=False).values("employer")
    members = user.memberships.values("organisation_id")
    return (
        Dossier.objects.filter(
            Q(worker=user)
            | Q(organisation__in=members)
            | Q(worker__in=given)
            | Q(organisation__in=by_employers)
        )
        .select_related("person", "organisation", "worker")
        .order_by("-changed_at", "id")
    )


def looked_after(user: User) -> QuerySet[Dossier]:
    """Return the dossiers that are somebody's own to watch: their own work, or given to them."""
    return (
        Dossier.objects.filter(Q(worker=user) | Q(id__in=mine(user).values("id"), owner=user))
        .select_related("person")
        .order_by("id")
    )


_HEAVY = tuple(
    f"application__{name}" for name in ("determination", "proof", "proof_facts", "sealed_details")
)


def issued_in(dossier: Dossier) -> QuerySet[Issued]:
    """Return the certificates in force that whoever holds a dossier is a party to."""
    found = Issued.objects.filter(person=dossier.person, state=State.VALID)
    # The signed pages, and what the application was made from, are read by whoever opens one.
    rows = _of_holder(found, dossier).select_related("application", "person")
    return rows.defer("pdf", "credential", *_HEAVY).order_by("first_day", "id")


def foreign_in(dossier: Dossier) -> QuerySet[Foreign]:
    """Return the kept certificates of other offices that its holder is a party to."""
    found = Foreign.objects.filter(person=dossier.person)
    rows = _of_holder(found, dossier).select_related("application", "person")
    return rows.defer(*_HEAVY).order_by("first_day", "id")


def _of_holder(rows: QuerySet[Proof], dossier: Dossier) -> QuerySet[Proof]:
    if dossier.organisation_id is not None:
        return rows.filter(application__employer_id=dossier.organisation_id)
    return rows.filter(application__worker_id=dossier.worker_id)


def open_reminders(dossiers: Iterable[Dossier]) -> QuerySet[Reminder]:
    """Return the reminders that nobody has marked as done, the nearest end first."""
    return (
        Reminder.objects.filter(dossier__in=dossiers, done_at__isnull=True)
        .select_related("dossier", "dossier__person")
        .order_by("ends_on", "stage", "id")
    )


def latest_of_each(reminders: Iterable[Reminder]) -> list[Reminder]:
    """Return one reminder for each certificate: of the last stage that was said."""
    found: dict[tuple[UUID, UUID, date], Reminder] = {}
    for item in reminders:
        key = (item.dossier_id, item.proof, item.ends_on)
        if key not in found or item.stage < found[key].stage:
            found[key] = item
    return sorted(found.values(), key=lambda item: item.ends_on)


def spell_proven_by(dossier: Dossier, issuer: str, shown_in: str, ends_on: date) -> Spell | None:
    """Return the last stretch of work that a certificate proves, None when it proves none.

    Args:
        dossier: whose.
        issuer: whose certificate it is.
        shown_in: where it is shown, empty where that is not known.
        ends_on: its last day.
    """
    found = None
    for spell in dossier.spells.all():
        fits = spell.issued_by == issuer and shown_in in {
            "",
            other_side(issuer, spell.agreement),
        }
        if fits and spell.first_day <= ends_on:
            found = spell
    if found is not None:
        found.dossier = dossier
    return found


def name_of(dossier: Dossier) -> str:
    """Return how a dossier is called."""
    return dossier.person.full_name or dossier.key or "No name yet"


def waiting_for(user: User, most: int = 20) -> list[Waiting]:
    """Return the ends that somebody was reminded of, for the first page after signing in."""
    today = timezone.localdate()
    found = []
    for item in latest_of_each(open_reminders(looked_after(user))[: most * 5])[:most]:
        ended = item.ends_on < today
        found.append(
            Waiting(
                title=f"Certificate of {name_of(item.dossier)}",
                what=f"ended on {written_day(item.ends_on)}: see what to do"
                if ended
                else "ends: see what to do before",
                address=reverse("follow:person", args=[item.dossier_id]),
                due_on=None if ended else item.ends_on,
            )
        )
    return found + _looks_of_clients(user, today, most)


def _looks_of_clients(user: User, today: date, most: int) -> list[Waiting]:
    """Return the days of the next weeks on which a client in France looks at a certificate."""
    dossiers = looked_after(user).filter(spells__country=FRANCE, spells__issued_by=US).distinct()
    return [
        Waiting(
            title=f"Work of {name_of(dossier)} in France",
            what="show the French client the certificate again",
            address=reverse("follow:copies", args=[dossier.id]),
            due_on=day,
        )
        for dossier in dossiers.prefetch_related("spells")[:most]
        for day in rechecks_of(dossier, today)
        if today <= day <= today + SOON
    ]
