"""The watch over certificates that end: who is told when, once each, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from totalize import api
from totalize.coverage.clock import Clock, read_clock
from totalize.coverage.determination import Rule
from totalize.coverage.door import read_case
from totalize.kernel.dates import add_months
from totalize.kernel.errors import InputError
from totalize.web.accounts.models import MemberRole, User
from totalize.web.audit.services import record
from totalize.web.follow.models import Dossier, Reminder, Spell, Stage
from totalize.web.follow.proofs import Proof, goes_on, proofs_of
from totalize.web.jobs.mail import mail

CHUNK = 500
# A certificate that ended longer ago than this is history, not news.
OLD_NEWS_MONTHS = 3
# Only these rules keep somebody in a system for a time; under others a limit says nothing.
FOR_A_TIME = frozenset({Rule.DETACHED_WORKER.value, Rule.SELF_EMPLOYED_TRANSFER.value})
# Called in the transaction of a reminder, for apps further right.
on_reminded: list[Callable[[Reminder], None]] = []


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do before or after a certificate ends.

    Attributes:
        code: `extend_within`, `ask_both`, `host_country`, `no_limit`, `goes_on` or `done`.
        last_day: last day that the agreement's limit allows, None without one.
        agreement: the agreement's country.
    """

    code: str
    last_day: date | None
    agreement: str


def stage_on(ends_on: date, today: date) -> Stage | None:
    """Return the stage an end has reached, None while it is far off or long past."""
    if add_months(ends_on, OLD_NEWS_MONTHS) < today:
        return None
    if ends_on < today:
        return Stage.PASSED
    for stage in (Stage.MONTH, Stage.QUARTER, Stage.HALF_YEAR, Stage.YEAR):
        if add_months(today, stage.value) >= ends_on:
            return stage
    return None


def remind(today: date | None = None) -> int:
    """Tell every holder of a certificate that reached a stage, once; return how many were told."""
    day = today or timezone.localdate()
    told = 0
    chunk: list[Dossier] = []
    dossiers = Dossier.objects.select_related("worker", "owner", "person").order_by("id")
    for dossier in dossiers.iterator(chunk_size=CHUNK):
        chunk.append(dossier)
        if len(chunk) == CHUNK:
            told += _remind_chunk(chunk, day)
            chunk = []
    return told + _remind_chunk(chunk, day)


def next_step(spell: Spell, ends_on: date) -> NextStep | None:
    """Return what the agreement lets one do after a certificate's last day, None without one.

    Args:
        spell: the stretch that the certificate proves.
        ends_on: the certificate's last day.
    """
    if not spell.agreement:
        return None
    if spell.last_day is not None and spell.last_day <= ends_on:
        return NextStep("done", None, spell.agreement)
    if not spell.rule:
        return None
    if spell.rule not in FOR_A_TIME:
        return NextStep("goes_on", None, spell.agreement)
    clock = clock_of(spell)
    if clock is None:
        return None
    if clock.last_day is None:
        return NextStep("no_limit", None, spell.agreement)
    if ends_on < clock.last_day:
        return NextStep("extend_within", clock.last_day, spell.agreement)
    code = "ask_both" if clock.extension else "host_country"
    return NextStep(code, clock.last_day, spell.agreement)


def clock_of(spell: Spell) -> Clock | None:
    """Return the clock that a spell stands under, None where no limit runs or it can't be read."""
    agreement = api.law().agreement(spell.agreement) if spell.agreement else None
    if agreement is None:
        return None
    try:
        case = read_case(spell.dossier.case)
    except InputError:
        return None
    names = [case.work_id(position) for position in range(len(case.work))]
    if spell.work not in names:
        return None
    return read_clock(case, names.index(spell.work), agreement)


def readers_of(dossier: Dossier) -> list[User]:
    """Return who is told of a dossier: the worker, its owner, or the organisation's owners."""
    if dossier.worker is not None:
        return [dossier.worker]
    if dossier.owner is not None:
        return [dossier.owner]
    if dossier.organisation_id is None:
        return []
    owners = User.objects.filter(
        memberships__organisation_id=dossier.organisation_id,
        memberships__role=MemberRole.OWNER,
        is_active=True,
    )
    return list(owners.distinct())


def _remind_chunk(dossiers: list[Dossier], day: date) -> int:
    proofs = proofs_of([dossier.person_id for dossier in dossiers])
    told = 0
    for dossier in dossiers:
        for proof in _ending(proofs.get(dossier.person_id, ())):
            # What only the case tells of has no row, and what has no end needs no reminder.
            if proof.id is None or proof.last is None:
                continue
            stage = stage_on(proof.last, day)
            if stage is not None:
                told += _say(dossier, proof.id, proof.last, stage)
    return told


def _ending(proofs: Iterable[Proof]) -> list[Proof]:
    """Return the proofs that end and that no other one of the same country goes on after."""
    held = list(proofs)
    return [proof for proof in held if proof.last is not None and not goes_on(proof, held)]


@transaction.atomic
def _say(dossier: Dossier, proof: UUID, ends_on: date, stage: Stage) -> bool:
    """Write down a reminder and queue its mail together; nothing when it was said before."""
    reminder, new = Reminder.objects.get_or_create(
        dossier=dossier,
        proof=proof,
        ends_on=ends_on,
        stage=stage.value,
        defaults={"said_at": timezone.now()},
    )
    if not new:
        return False
    for reader in readers_of(dossier):
        mail(
            reader.email,
            "follow/mail/ends.txt",
            {"dossier": dossier, "ends_on": ends_on, "stage": stage},
        )
    record(
        "reminder.said",
        actor=None,
        subject=f"dossier:{dossier.id}",
        facts={"stage": stage.value, "proof": str(reminder.proof)},
    )
    for hear in on_reminded:
        hear(reminder)
    return True
