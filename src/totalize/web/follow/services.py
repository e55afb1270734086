"""Keeping dossiers: taking a case in, deciding its works, tying them to the proof that is held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from totalize import api
from totalize.coverage.case import works_by_id
from totalize.coverage.determination import CoveragePeriod
from totalize.kernel.errors import InputError
from totalize.web.accounts.models import Organisation, User
from totalize.web.applications.services import ConflictError
from totalize.web.audit.services import record
from totalize.web.follow.models import Dossier, Reminder, Spell
from totalize.web.follow.proofs import Proof, other_side, proofs_of
from totalize.web.follow.selectors import find
from totalize.web.people.models import Person

CHUNK = 500
# What apps further right add to a case that leaves it open, like an organisation's affiliates.
# Each is asked once for a holder's organisation (None: a worker) and gives what completes a case.
Completer = Callable[[dict[str, Any]], dict[str, Any]]
completing: list[Callable[[UUID | None], Completer]] = []


@transaction.atomic
def open_dossier(
    *,
    by: User,
    person: Person,
    case: Mapping[str, Any],
    organisation: Organisation | None = None,
    key: str = "",
) -> Dossier:
    """Begin to follow a person, for an organisation or, without one, for the worker.

    Raises:
        InputError: the case can't be used; the path names where.
    """
    api.check(case, timezone.localdate())
    dossier = Dossier.objects.create(
        person=person,
        organisation=organisation,
        worker=None if organisation is not None else by,
        key=key,
        case=dict(case),
    )
    record("dossier.opened", actor=by, subject=f"dossier:{dossier.id}")
    decide([dossier])
    return dossier


@transaction.atomic
def change_case(
    dossier_id: UUID, case: Mapping[str, Any], *, by: User, version: int | None = None
) -> Dossier:
    """Put another case in the place of the one that is followed, and decide it.

    Raises:
        InputError: the case can't be used.
        ConflictError: somebody changed it since `version` was read.
    """
    dossier = Dossier.objects.select_for_update().get(id=dossier_id)
    if version is not None and dossier.version != version:
        raise ConflictError("somebody else changed this person's works while you looked at them")
    api.check(case, timezone.localdate())
    dossier.case = dict(case)
    dossier.version += 1
    dossier.save()
    record("dossier.changed", actor=by, subject=f"dossier:{dossier.id}")
    decide([dossier])
    return dossier


def completed(dossier: Dossier) -> dict[str, Any]:
    """Return a dossier's case with what its holder has on record beside it."""
    return completer(dossier.organisation_id)(dossier.case)


def completer(organisation_id: UUID | None) -> Completer:
    """Return what completes the cases of one holder, whose records are read but once."""
    steps = [begin(organisation_id) for begin in completing]

    def complete(case: dict[str, Any]) -> dict[str, Any]:
        for step in steps:
            case = step(case)
        return case

    return complete


def decide(dossiers: Iterable[Dossier], on: date | None = None) -> int:
    """Decide every work of some dossiers anew and tie them to the proofs that are held.

    A case that can't be read loses its spells and keeps the problem, by path.

    Returns:
        How many spells there are now.
    """
    day = on or timezone.localdate()
    count = 0
    chunk: list[Dossier] = []
    for dossier in dossiers:
        chunk.append(dossier)
        if len(chunk) == CHUNK:
            count += _decide_chunk(chunk, day)
            chunk = []
    return count + (_decide_chunk(chunk, day) if chunk else 0)


def tie_proofs(person_id: UUID) -> None:
    """Look again which spells of a person are proven, after a certificate came or went."""
    dossiers = Dossier.objects.filter(person_id=person_id).prefetch_related("spells")
    proofs = proofs_of([person_id]).get(person_id, ())
    with transaction.atomic():
        for dossier in dossiers:
            spells = list(dossier.spells.all())
            for spell in spells:
                prove(spell, proofs)
            Spell.objects.bulk_update(spells, ["proven_until", "endless_proof"])


def prove(spell: Spell, proofs: Iterable[Proof]) -> None:
    """Say until when the proofs that are held cover a spell without a gap from its first day."""
    spell.proven_until, spell.endless_proof = None, False
    until: date | None = None
    for proof in sorted(proofs, key=lambda each: each.first):
        if not proof.is_for(spell.issued_by, other_side(spell.issued_by, spell.agreement)):
            continue
        reached = spell.first_day if until is None else date.fromordinal(until.toordinal() + 1)
        if proof.first > reached:
            continue
        if proof.last is None:
            spell.endless_proof = True
            return
        if proof.last >= reached:
            until = proof.last
    spell.proven_until = until


@transaction.atomic
def mark_done(reminder_id: int, *, by: User) -> Dossier:
    """Mark a reminder as done, with the earlier ones of the same end; a later stage comes anew.

    Raises:
        Http404: there is none for them.
        PermissionDenied: they may look at it only.
    """
    reminder = Reminder.objects.filter(id=reminder_id).first()
    if reminder is None:
        raise Http404
    dossier = find(by, reminder.dossier_id, "follow.change")
    Reminder.objects.filter(
        dossier=dossier,
        proof=reminder.proof,
        ends_on=reminder.ends_on,
        stage__gte=reminder.stage,
        done_at__isnull=True,
    ).update(done_at=timezone.now())
    record("reminder.done", actor=by, subject=f"dossier:{dossier.id}")
    return dossier


def _decide_chunk(dossiers: list[Dossier], day: date) -> int:
    proofs = proofs_of([dossier.person_id for dossier in dossiers])
    completers = {each: completer(each) for each in {each.organisation_id for each in dossiers}}
    spells: list[Spell] = []
    for dossier in dossiers:
        dossier.decided_on, dossier.problem = day, None
        dossier.law = api.law().version
        try:
            determination = api.check(completers[dossier.organisation_id](dossier.case), day)
        except InputError as error:
            dossier.problem = error.to_dict()
            continue
        works = works_by_id(dossier.case)
        held = (*proofs.get(dossier.person_id, ()), *told_in(dossier.case))
        for result in determination.results:
            for period in result.periods:
                spell = _spell(dossier, result.work, works[result.work], period)
                prove(spell, held)
                spells.append(spell)
    with transaction.atomic():
        Spell.objects.filter(dossier__in=dossiers).delete()
        Spell.objects.bulk_create(spells, batch_size=1000)
        # All have the same day and law, and hardly any a problem: one statement for all of them.
        Dossier.objects.filter(id__in=[dossier.id for dossier in dossiers]).update(
            decided_on=day, law=api.law().version, problem=None
        )
        for dossier in dossiers:
            if dossier.problem is not None:
                Dossier.objects.filter(id=dossier.id).update(problem=dossier.problem)
    return len(spells)


def told_in(case: Mapping[str, Any]) -> list[Proof]:
    """Return the certificates that the case itself says are held."""
    found = []
    for work in case["work"]:
        held = work.get("certificate")
        if held:
            last = held.get("to")
            found.append(
                Proof(
                    held["issued_by"],
                    date.fromisoformat(held["from"]),
                    None if last is None else date.fromisoformat(last),
                    "told",
                    None,
                )
            )
    return found


def _spell(dossier: Dossier, name: str, work: Mapping[str, Any], period: CoveragePeriod) -> Spell:
    need = period.certificate
    return Spell(
        dossier=dossier,
        organisation_id=dossier.organisation_id,
        work=name,
        activity=work["activity"],
        country=work["country"],
        first_day=period.first,
        last_day=period.last,
        outcome=period.outcome.value,
        covered_by=";".join(period.covered_by or ()),
        otherwise=";".join(period.otherwise or ()),
        agreement=period.agreement or "",
        rule="" if period.rule is None else period.rule.value,
        proof="" if period.proof is None else period.proof.value,
        issued_by="" if need is None else need.issued_by,
        missing=list(period.missing),
        warnings=[notice.code for notice in period.warnings],
    )
