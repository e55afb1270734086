"""Carrying out a change: what it does is shown first, then the case changes and drafts begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from totalize import api
from totalize.coverage.case import works_by_id
from totalize.coverage.determination import CoveragePeriod, Outcome
from totalize.coverage.words import each_once, english
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import may, roles_towards
from totalize.web.accounts.models import User
from totalize.web.applications.models import Application
from totalize.web.applications.services import start
from totalize.web.applications.states import Kind
from totalize.web.audit.services import record
from totalize.web.follow.changes import (
    DAY,
    NAMED,
    Advice,
    Change,
    Changed,
    Step,
    advise,
    apply,
    following,
)
from totalize.web.follow.models import Dossier
from totalize.web.follow.proofs import Proof, proofs_of
from totalize.web.follow.selectors import find
from totalize.web.follow.services import change_case, completed, told_in

# Steps that begin a draft of an application.
DRAFTS = frozenset(
    {Step.SHORTEN, Step.GIVE_BACK, Step.EXTEND, Step.REQUEST, Step.ASK_BOTH, Step.SETTLE}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A change as somebody described it.

    Attributes:
        work: id of the work it happens to.
        day: as in `changes.apply`.
        facts: what is different.
    """

    work: str
    change: Change
    day: date
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer for a stretch in words.

    Attributes:
        headline: the answer.
        when: from when to when.
        why: the tests that led to it.
        missing: facts it turns on.
        determined: it is settled.
    """

    headline: str
    when: str
    why: tuple[str, ...]
    missing: tuple[str, ...]
    determined: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do; nothing is written yet.

    Attributes:
        before: the answer just before the change.
        after: the answers from the change on.
    """

    asked: Asked
    changed: Changed
    advice: Advice
    before: Said | None
    after: tuple[Said, ...]
    drafts: tuple[Step, ...]


def preview(dossier: Dossier, asked: Asked, today: date) -> Preview:
    """Say what a change would do.

    Args:
        dossier: whose case it is.
        asked: the change.
        today: the day of the answers.

    Raises:
        InputError: the change can't be, by path.
    """
    changed = apply(dossier.case, asked.work, asked.change, asked.day, asked.facts)
    then = Dossier(organisation_id=dossier.organisation_id, case=changed.case)
    before, after = (api.check(completed(each), today) for each in (dossier, then))
    held: list[Proof] = [
        *proofs_of([dossier.person_id]).get(dossier.person_id, ()),
        *told_in(dossier.case),
    ]
    advice = advise(changed, before, after, held, asked.work)
    own = _work(dossier.case, asked.work)["activity"] == "self_employment"
    periods = (
        ()
        if asked.change is Change.EARLY_RETURN
        else following(after.for_work(changed.work).periods, asked.day)
    )
    drafts = tuple(
        step for step in advice.steps if step in DRAFTS and _has_draft(step, dossier, asked, advice)
    )
    return Preview(
        asked=asked,
        changed=changed,
        advice=advice,
        before=None if advice.before is None else _said(advice.before, own=own),
        after=tuple(_said(period, own=own) for period in periods),
        drafts=drafts,
    )


@transaction.atomic
def carry_out(
    dossier_id: UUID, asked: Asked, *, by: User, version: int, today: date, begin: bool
) -> list[Application]:
    """Write a change down, and begin the drafts that it calls for.

    Args:
        dossier_id: whose case.
        asked: the change.
        by: who tells of it.
        version: the version of the dossier that was looked at.
        today: the day of the answers.
        begin: begin the drafts as well.

    Returns:
        The drafts, in the order of the steps.

    Raises:
        ConflictError: somebody else changed the case in between.
        InputError: the change can't be.
    """
    dossier = find(by, dossier_id, "follow.change")
    seen = preview(dossier, asked, today)
    change_case(dossier.id, seen.changed.case, by=by, version=version)
    record(
        "dossier.change_told",
        actor=by,
        subject=f"dossier:{dossier.id}",
        facts={"change": asked.change.value, "steps": [step.value for step in seen.advice.steps]},
    )
    if not begin:
        return []
    return [_begin(step, dossier, seen, by) for step in seen.drafts]


def application_of(paper: Proof | None) -> Application | None:
    """Return the application that brought a certificate, None when only the case tells of it."""
    if paper is None or paper.id is None:
        return None
    brought = "certificates" if paper.source == "issued" else "foreign"
    return Application.objects.filter(**{f"{brought}__id": paper.id}).first()


def _has_draft(step: Step, dossier: Dossier, asked: Asked, advice: Advice) -> bool:
    """Tell whether a step has an application of its own; the others are done by letter."""
    if step is Step.GIVE_BACK:
        begun = date.fromisoformat(str(_work(dossier.case, asked.work)["start"]))
        return asked.day > begun and application_of(advice.paper) is not None
    if step is Step.SHORTEN:
        return application_of(advice.paper) is not None
    if step is Step.SETTLE:
        return advice.after is not None and advice.after.outcome is Outcome.NEEDS_FACTS
    return True


def _begin(step: Step, dossier: Dossier, seen: Preview, by: User) -> Application:
    earlier = application_of(seen.advice.paper)
    if earlier is not None and not may(roles_towards(by, earlier, manage=True), "application.fill"):
        earlier = None
    changed, asked = seen.changed, seen.asked
    if step in (Step.SHORTEN, Step.GIVE_BACK):
        case, work = changed.case, asked.work
        if step is Step.GIVE_BACK:
            end = apply(dossier.case, asked.work, Change.EARLY_RETURN, asked.day - DAY, {})
            case = end.case
        return _start(Kind.AMENDMENT, dossier, case, work, by=by, follows=earlier)
    if step is Step.EXTEND:
        return _start(Kind.EXTENSION, dossier, changed.case, changed.work, by=by, follows=earlier)
    if step is Step.ASK_BOTH:
        goes_on = asked.change is Change.EXTENSION and earlier is not None
        kind = Kind.EXTENSION if goes_on else Kind.EXCEPTION
        return _start(
            kind,
            dossier,
            changed.case,
            changed.work,
            by=by,
            follows=earlier if goes_on else None,
        )
    # A new certificate does not take the place of the one before it: that one is ended by itself.
    known = {} if earlier is None or asked.change is Change.NEW_EMPLOYER else earlier.details
    details = {name: value for name, value in known.items() if not isinstance(value, bool)}
    if asked.change in NAMED:
        details.pop("employer_host", None)
    return _start(
        Kind.CERTIFICATE,
        dossier,
        changed.case,
        changed.work,
        by=by,
        follows=None,
        details=details,
    )


def _start(
    kind: Kind,
    dossier: Dossier,
    case: Mapping[str, Any],
    work: str,
    *,
    by: User,
    follows: Application | None,
    details: Mapping[str, Any] | None = None,
) -> Application:
    if follows is not None:
        return start(by=by, kind=kind, case=case, work=work, follows=follows)
    return start(
        by=by,
        kind=kind,
        case=case,
        work=work,
        person=dossier.person,
        employer=dossier.organisation,
        worker=dossier.worker,
        details=details,
    )


def _said(period: CoveragePeriod, *, own: bool) -> Said:
    words = english(self_employment=own)
    why = tuple(
        text
        for reason in each_once(period.reasons)
        for text in (reason.text, *(below.text for below in reason.because))
    )
    missing = tuple(words.label(path) for path in period.missing)
    settled = period.outcome is Outcome.DETERMINED
    return Said(words.headline(period), words.stretch(period), why, missing, settled)


def _work(case: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = works_by_id(case).get(name)
    if found is None:
        raise InputError("work", "is not in the case", value=name, code="no_work")
    return found
