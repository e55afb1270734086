"""What a change does to a case, and what that does to the certificate that is held.

`apply` writes the changed case; nothing is decided here but by comparing two determinations.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from totalize.coverage.case import works_by_id
from totalize.coverage.determination import CoveragePeriod, Determination, Outcome
from totalize.kernel.countries import country_name
from totalize.kernel.errors import InputError
from totalize.web.follow.proofs import Proof

DAY = timedelta(days=1)


class Change(StrEnum):
    """What may happen to somebody who is abroad."""

    NEW_JOB = "new_job"
    NEW_EMPLOYER = "new_employer"
    EXTENSION = "extension"
    EARLY_RETURN = "early_return"
    OTHER_COUNTRY = "other_country"
    NEW_AFFILIATE = "new_affiliate"
    STATUS = "status"


class Step(StrEnum):
    """What has to be done about the certificate."""

    KEEP = "keep"
    SHORTEN = "shorten"
    EXTEND = "extend"
    REQUEST = "request"
    GIVE_BACK = "give_back"
    ASK_BOTH = "ask_both"
    SETTLE = "settle"
    NOTHING = "nothing"


# What a certificate names and a change may make wrong on it.
NAMED = frozenset({Change.NEW_JOB, Change.NEW_EMPLOYER, Change.OTHER_COUNTRY, Change.NEW_AFFILIATE})

# Facts that were true of the work before and need not be true of the one after it: left unknown.
FORGOTTEN = {
    Change.NEW_EMPLOYER: frozenset(
        {"employed_before_transfer", "insured_before", "insured_before_since", "via", "elects"}
    ),
    Change.OTHER_COUNTRY: frozenset(
        {"region", "residence", "also_in", "principal_country", "activity_in", "elects", "via"}
        | {"insured_before", "insured_before_since"}
    ),
}


@dataclass(frozen=True, slots=True)
class Changed:
    """A case after a change.

    Attributes:
        work: id of the work that goes on, or of the new one.
    """

    case: dict[str, Any]
    work: str
    change: Change
    day: date


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, in order.

    Attributes:
        steps: what has to be done.
        tell: who has to hear of it: `worker`, `employer`, `issuer`, `other_side`.
        before: the answer for the day before the change, None when there was no work.
        after: the answer from the day of the change.
        paper: the certificate that was in force just before.
    """

    steps: tuple[Step, ...]
    tell: tuple[str, ...]
    before: CoveragePeriod | None
    after: CoveragePeriod | None
    paper: Proof | None = None


def apply(
    case: Mapping[str, Any], work: str, change: Change, day: date, facts: Mapping[str, Any]
) -> Changed:
    """Write down a change.

    Args:
        case: section 1 of the contract.
        work: id of the work it happens to.
        change: what happens.
        day: the first day on which things are different; for an early return the last day of
            the work.
        facts: what is different: fields of the work (`country`, `employer`, ...; `end` of an
            extension, since what was foreseen when the work began stays what it was) or, for a
            change of status, of the worker.

    Raises:
        InputError: there is no such work, or the day lies before it began.
    """
    changed: dict[str, Any] = deepcopy(dict(case))
    works: list[dict[str, Any]] = changed["work"]
    named = works_by_id(changed)
    if work not in named:
        raise InputError("work", "is none of these", value=work, expected=" or ".join(named))
    current = named[work]
    if day < date.fromisoformat(str(current["start"])):
        raise InputError(
            "day",
            "lies before the work began",
            value=day.isoformat(),
            expected=f"{current['start']} or later",
        )
    if change is Change.STATUS:
        changed["worker"].update(facts)
        return Changed(changed, work, change, day)
    if change is Change.EARLY_RETURN:
        current["end"] = day.isoformat()
        return Changed(changed, work, change, day)
    if change is Change.EXTENSION:
        current.update(facts)
        return Changed(changed, work, change, day)
    following = {
        name: value
        for name, value in deepcopy(current).items()
        if name not in {"end", "expected_end", "certificate"} | FORGOTTEN.get(change, frozenset())
    }
    new = deepcopy(dict(facts))
    if change is Change.NEW_AFFILIATE:
        # Of the employer only what is told changes; a new employer shares nothing with the old.
        new["employer"] = {**following.get("employer", {}), **new.get("employer", {})}
    following.update(new)
    following["start"] = day.isoformat()
    place = country_name(str(following["country"])).lower().replace(" ", "-")
    following["id"] = _free(place if change is Change.OTHER_COUNTRY else work, named)
    current["id"] = work
    current["end"] = (day - DAY).isoformat()
    works.append(following)
    return Changed(changed, following["id"], change, day)


def advise(
    changed: Changed, before: Determination, after: Determination, held: Sequence[Proof], work: str
) -> Advice:
    """Say what has to be done about the certificates that are held.

    Args:
        changed: the change.
        before: the answer to the case as it was.
        after: the answer to the changed case.
        held: certificates in force.
        work: id of the work that the change happened to.
    """
    was = _on(before.for_work(work).periods, changed.day - DAY, changed.day)
    now = _on(after.for_work(changed.work).periods, changed.day, changed.day)
    paper = _paper(held, was, changed.day)
    if paper is None and changed.change is Change.EXTENSION:
        paper = _latest(held, was)
    tell = ["worker", "employer"]
    steps: list[Step] = []
    if changed.change is Change.EARLY_RETURN:
        if paper is not None and (paper.last is None or paper.last > changed.day):
            steps.append(Step.SHORTEN)
            tell += ["issuer", "other_side"]
        return Advice(tuple(steps or [Step.NOTHING]), tuple(tell), was, now, paper)
    if now is None:
        return Advice((Step.SETTLE,), tuple(tell), was, now, paper)
    same = was is not None and (now.covered_by, now.rule) == (was.covered_by, was.rule)
    # A certificate that ends before the change says nothing that the change makes wrong.
    reaches = paper is not None and (paper.last is None or paper.last >= changed.day)
    if reaches and changed.change in NAMED:
        steps.append(Step.SHORTEN)
        tell += ["issuer", "other_side"]
    elif reaches and not same:
        steps.append(Step.GIVE_BACK)
        tell += ["issuer", "other_side"]
    if now.outcome is Outcome.NEEDS_CONSENT:
        steps.append(Step.ASK_BOTH)
        tell += ["issuer", "other_side"]
    elif now.outcome is not Outcome.DETERMINED:
        steps.append(Step.SETTLE)
    elif now.certificate is not None:
        steps.append(_about_paper(changed, now, paper, same=same))
    later = following(after.for_work(changed.work).periods, changed.day)
    if Step.ASK_BOTH not in steps and any(_may_be_asked(period) for period in later):
        steps.append(Step.ASK_BOTH)
        tell += ["issuer", "other_side"]
    if not steps:
        steps.append(Step.NOTHING)
    return Advice(tuple(steps), tuple(dict.fromkeys(tell)), was, now, paper)


def following(periods: Sequence[CoveragePeriod], day: date) -> tuple[CoveragePeriod, ...]:
    """Return the periods from the one that a day falls into on."""
    return tuple(period for period in periods if period.last is None or period.last >= day)


def _may_be_asked(period: CoveragePeriod) -> bool:
    return any(notice.code == "exception_possible" for notice in period.warnings)


def _about_paper(changed: Changed, now: CoveragePeriod, paper: Proof | None, *, same: bool) -> Step:
    if paper is None or changed.change in NAMED or not same:
        return Step.REQUEST
    if paper.last is None or (now.last is not None and now.last <= paper.last):
        return Step.KEEP
    return Step.EXTEND


def _paper(held: Sequence[Proof], was: CoveragePeriod | None, day: date) -> Proof | None:
    """Return the certificate in force just before the change that proves what was decided."""
    if was is None or was.certificate is None:
        return None
    for proof in held:
        if not proof.is_for(was.certificate.issued_by, was.certificate.presented_in):
            continue
        if proof.first <= day and (proof.last is None or proof.last >= day - DAY):
            return proof
    return None


def _latest(held: Sequence[Proof], was: CoveragePeriod | None) -> Proof | None:
    """Return the certificate that ended last: it may end before the work that goes on does."""
    if was is None or was.certificate is None:
        return None
    found = [
        proof
        for proof in held
        if proof.is_for(was.certificate.issued_by, was.certificate.presented_in)
        and proof.last is not None
    ]
    return max(found, key=lambda proof: proof.last or date.min, default=None)


def _on(periods: Sequence[CoveragePeriod], day: date, otherwise: date) -> CoveragePeriod | None:
    """Return the period a day falls into; of the other day when it falls into none."""
    for wanted in (day, otherwise):
        for period in periods:
            if period.first <= wanted and (period.last is None or wanted <= period.last):
                return period
    return None


def _free(name: str, taken: Container[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
