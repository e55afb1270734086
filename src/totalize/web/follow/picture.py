"""Putting a dossier together for its page: the time line, what ends next, the clocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from totalize.coverage.clock import Clock
from totalize.kernel.countries import country_name, in_sentence
from totalize.kernel.dates import written_day
from totalize.law.sources import places_of
from totalize.web.applications.models import Application
from totalize.web.applications.states import State
from totalize.web.certificates.models import Foreign, Issued
from totalize.web.follow.models import Dossier, Spell
from totalize.web.follow.offices import Contact, contacts
from totalize.web.follow.proofs import Proof, goes_on, of_foreign, of_issued, other_side
from totalize.web.follow.selectors import foreign_in, issued_in, spell_proven_by
from totalize.web.follow.timeline import Bar, Lane, Stretch, TimeLine, build
from totalize.web.follow.watch import clock_of, next_step
from totalize.web.follow.wording import sentence, words

SHOWN = frozenset(State) - {State.DRAFT, State.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class ClockFace:
    """A clock in words: of which stay, how much is used, when it is over."""

    stay: str
    agreement: str
    used: int
    limit: int | None
    last_day: date | None
    runs_from: date
    over: bool
    earlier_unknown: bool
    earlier_stays: bool
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate that ends, and what to do next.

    Attributes:
        extend: the certificate may be asked for longer, here.
    """

    issuer: str
    ends_on: date
    passed: bool
    title: str
    text: str
    offices: tuple[Contact, ...]
    code: str
    work: str
    link: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a person's page shows."""

    line: TimeLine | None
    clocks: tuple[ClockFace, ...]
    endings: tuple[Ending, ...]
    spells: tuple[tuple[Spell, str], ...]


def label_of(work: str) -> str:
    """Return how a work is called; names that only count are said in words."""
    if work == "work":
        return "Work"
    if work[:1] == "w" and work[1:].isdecimal():
        return f"Work {work[1:]}"
    return work


def picture_of(dossier: Dossier, today: date) -> Picture:
    """Put a dossier together.

    Args:
        dossier: whose.
        today: the day it is looked at.
    """
    spells = list(dossier.spells.all())
    for spell in spells:
        spell.dossier = dossier
    stretches = [_stretch(spell) for spell in spells]
    clocks = [
        (spell, stretch, clock)
        for spell, stretch in zip(spells, stretches, strict=True)
        if (clock := clock_of(spell)) is not None
    ]
    issued, kept = list(issued_in(dossier)), list(foreign_in(dossier))
    others = [*_proofs(issued, kept), *_requests(dossier)]
    line = build(stretches, others, [(stretch, clock) for _, stretch, clock in clocks], today)
    return Picture(
        line=line,
        clocks=tuple(_faces(clocks, today)),
        endings=tuple(_endings(dossier, issued, kept, today)),
        spells=tuple((spell, said_of(spell)) for spell in spells),
    )


def said_of(spell: Spell) -> str:
    """Say what was decided of a stretch."""
    systems = " and ".join(country_name(code) for code in spell.covered_by.split(";") if code)
    if spell.outcome == "determined" and not systems:
        return "No system"
    return words().outcomes[spell.outcome].format(systems=systems)


def endings_of(dossier: Dossier, today: date) -> list[Ending]:
    """Return the certificates that end and that no other one goes on after, in order."""
    return _endings(dossier, list(issued_in(dossier)), list(foreign_in(dossier)), today)


def _endings(
    dossier: Dossier, issued: list[Issued], kept: list[Foreign], today: date
) -> list[Ending]:
    linked = [
        (
            of_issued(row.id, row.first_day, row.last_day, row.record),
            reverse("certificates:show", args=[row.id]),
        )
        for row in issued
    ]
    linked += [
        (
            of_foreign(
                row.id,
                row.first_day,
                row.last_day,
                issuer=row.issuer,
                partner=row.application.partner,
            ),
            reverse("applications:detail", args=[row.application_id]),
        )
        for row in kept
    ]
    held = [proof for proof, _ in linked]
    found = [
        _ending(dossier, proof, link, today) for proof, link in linked if not goes_on(proof, held)
    ]
    return sorted((item for item in found if item is not None), key=lambda item: item.ends_on)


def _ending(dossier: Dossier, held: Proof, link: str, today: date) -> Ending | None:
    if held.last is None:
        return None
    spell = spell_proven_by(dossier, held.issued_by, held.shown_in, held.last)
    step = None if spell is None else next_step(spell, held.last)
    code = "unknown" if step is None else step.code
    limit = None if step is None else step.last_day
    if spell is not None and spell.last_day is not None and spell.last_day < held.last:
        code, limit = "too_long", spell.last_day
    said = words().next[code]
    host = held.shown_in or ("" if spell is None else other_side(held.issued_by, spell.agreement))
    places = {
        "partner": in_sentence(step.agreement) if step else "",
        "limit": "not known" if limit is None else written_day(limit),
        "host": in_sentence(host) if host else "the other country",
        "issuer": in_sentence(held.issued_by),
    }
    wanted = {
        "issuer": (held.issued_by,),
        "host": (host,),
        "both": (held.issued_by, host),
        "none": (),
    }
    offices: tuple[Contact, ...] = ()
    if spell is not None:
        offices = contacts(spell.agreement, wanted[said.office], spell.activity)
    return Ending(
        issuer=in_sentence(held.issued_by),
        ends_on=held.last,
        passed=held.last < today,
        title=sentence(said.title, **places),
        text=sentence(said.text, **places),
        offices=offices,
        code=code,
        work="" if spell is None else spell.work,
        link=link,
    )


def _stretch(spell: Spell) -> Stretch:
    return Stretch(
        work=label_of(spell.work),
        country=spell.country,
        first=spell.first_day,
        last=spell.last_day,
        covered_by=tuple(code for code in spell.covered_by.split(";") if code),
        issued_by=spell.issued_by,
        proof=spell.proof or None,
        proven_until=date.max if spell.endless_proof else spell.proven_until,
    )


def _proofs(issued: list[Issued], kept: list[Foreign]) -> list[Bar]:
    bars = []
    for row in issued:
        country = in_sentence(row.record["certificate"]["authority"]["country"])
        link = reverse("certificates:show", args=[row.id])
        said = f"Certificate of {country}, {row.reference}"
        bars.append(Bar(Lane.PROOF, said, row.first_day, row.last_day, "proof", link))
    for held in kept:
        number = f", {held.number}" if held.number else ""
        link = reverse("applications:detail", args=[held.application_id])
        said = f"Certificate of {in_sentence(held.issuer)}{number}"
        bars.append(Bar(Lane.PROOF, said, held.first_day, held.last_day, "proof", link))
    return bars


def _requests(dossier: Dossier) -> list[Bar]:
    rows = Application.objects.filter(
        person=dossier.person, state__in=SHOWN, first_day__isnull=False
    )
    if dossier.organisation_id is not None:
        rows = rows.filter(employer_id=dossier.organisation_id)
    else:
        rows = rows.filter(worker_id=dossier.worker_id)
    return [
        Bar(
            Lane.REQUEST,
            f"{row.get_kind_display().capitalize()}: {row.get_state_display()}",
            row.first_day,
            row.last_day,
            "asked",
            reverse("applications:detail", args=[row.id]),
        )
        for row in rows.order_by("created_at")
        if row.first_day is not None
    ]


def _faces(clocks: Iterable[tuple[Spell, Stretch, Clock]], today: date) -> Iterable[ClockFace]:
    seen = set()
    for spell, stretch, clock in clocks:
        key = (spell.work, clock.agreement, clock.runs_from, clock.last_day)
        if key in seen:
            continue
        seen.add(key)
        until = today if spell.last_day is None else min(today, spell.last_day)
        yield ClockFace(
            stay=f"{stretch.work} in {in_sentence(stretch.country)}",
            agreement=in_sentence(clock.agreement),
            used=clock.used_months(until),
            limit=clock.limit_months,
            last_day=clock.last_day,
            runs_from=clock.runs_from,
            over=clock.within(spell.last_day) is False,
            earlier_unknown=clock.earlier_stays is None,
            earlier_stays=bool(clock.earlier_stays),
            citations=places_of(clock.citations),
        )
