"""An interview in pages: answers by question, the case they make, and what to ask next.

Answers stand in the visitor's session and nowhere else. The case is made anew from them for every
page: an answer that no longer matters is left out of the case, and comes back when it matters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from totalize import api
from totalize.coverage.determine import Determiner
from totalize.coverage.door import read_case
from totalize.coverage.interview import EARLIER, NEEDED, Interview, name_of
from totalize.kernel.errors import InputError

SESSION: Final = "check"
# Stands in for an answer that was not known.
UNKNOWN: Final = {"unknown": True}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked, and what was answered.

    Attributes:
        key: names the question in addresses and in the session.
        path: of the fact in the case; `earlier` for earlier stays.
        value: the answer; None means what the question says of it.
        known: False where the visitor does not know.
    """

    key: str
    path: str
    value: object
    known: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the answers lead.

    Attributes:
        asked: the questions that matter, in order, with their answers.
        next: key of the question to ask next; None when nothing is left to ask.
        problem: why the answer to the next question could not be taken, if there was one.
    """

    interview: Interview
    asked: tuple[Asked, ...]
    next: str | None
    next_path: str | None
    problem: InputError | None = None

    @property
    def case(self) -> dict[str, Any]:
        """The case so far."""
        return self.interview.document

    @property
    def ready(self) -> bool:
        """Whether there is a case to decide."""
        try:
            read_case(self.case)
        except InputError:
            return False
        return self.next_path not in NEEDED

    def find(self, key: str) -> Asked | None:
        """Return a question that was asked."""
        return next((item for item in self.asked if item.key == key), None)


@dataclass(slots=True)
class Answers:
    """Answers by question, as a session keeps them."""

    given: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, session: SessionBase) -> Answers:
        """Read them from a session."""
        kept = session.get(SESSION)
        return cls(dict(kept["answers"]) if isinstance(kept, Mapping) else {})

    def keep(self, session: SessionBase) -> None:
        """Keep them in a session, beside whatever else the check keeps there."""
        session[SESSION] = {**session.get(SESSION, {}), "answers": self.given}

    def give(self, key: str, value: object) -> None:
        """Take an answer in place of an earlier one."""
        self.given[key] = value


def follow(answers: Mapping[str, Any], as_of: date) -> Progress:
    """Ask in order what matters, as long as there are answers.

    Args:
        answers: by key; `UNKNOWN` for what is not known.
        as_of: the day of the decision.
    """
    determiner = _determiner()
    interview = Interview(lambda case: determiner.decide(case, as_of))
    asked: list[Asked] = []
    while (path := interview.next_question()) is not None:
        key = _key(path, interview)
        if key not in answers:
            return Progress(interview, tuple(asked), key, path)
        value = answers[key]
        if value == UNKNOWN and path not in NEEDED:
            interview.skip(path)
        else:
            try:
                _take(interview, path, value)
            except InputError as error:
                return Progress(interview, tuple(asked), key, path, error)
        asked.append(Asked(key, path, value, known=value != UNKNOWN))
    return Progress(interview, tuple(asked), None, None)


def _take(interview: Interview, path: str, value: object) -> None:
    if path != EARLIER:
        interview.answer(path, value)
        return
    if not isinstance(value, list):
        raise InputError(
            path, "are no stays", value=value, expected="a list of days", code="bad_type"
        )
    stays = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in value]
    interview.add_earlier_stays(stays)


def answers_to_case(answers: Mapping[str, Any], as_of: date | None = None) -> dict[str, Any]:
    """Return the case that answers make: section 1 of the contract.

    Args:
        answers: by question, as pages and sessions name them (`work.country`).
        as_of: the day of the question; today when left out.

    Raises:
        InputError: an answer cannot be used, or one that every case needs is not there.
    """
    progress = follow(answers, as_of or timezone.localdate())
    if progress.problem is not None:
        raise progress.problem
    if not progress.ready:
        raise InputError(progress.next or "", "has no answer and is needed", code="missing_field")
    return progress.case


def read_answers(document: object) -> dict[str, Any]:
    """Return the answers that a case file of one work holds, so that it can be gone through.

    Raises:
        InputError: the case cannot be used, or has several works.
    """
    import msgspec  # noqa: PLC0415 - only for files

    case = read_case(document)
    if len(case.work) != 1:
        raise InputError(
            "work",
            "lists several works",
            value=len(case.work),
            expected="one; `totalize check` takes several",
        )
    plain = msgspec.to_builtins(case)
    (work,) = plain["work"]
    if plain["worker"].get("residence") and "residence" not in work:
        work["residence"] = plain["worker"]["residence"]
    occupation = work.pop("occupation", "general")
    if work.pop("activity") == "self_employment":
        occupation = "self_employment"
    answers = {"work.occupation": occupation, EARLIER: []}
    _flatten("worker", plain["worker"], answers)
    _flatten("work", work, answers)
    return answers


def _flatten(prefix: str, mapping: Mapping[str, Any], answers: dict[str, Any]) -> None:
    for name, value in mapping.items():
        if isinstance(value, Mapping):
            _flatten(f"{prefix}.{name}", value, answers)
        else:
            answers[f"{prefix}.{name}"] = value


def _key(path: str, interview: Interview) -> str:
    """Return a name for a question that stays when earlier stays are put before the work."""
    last = len(interview.document["work"]) - 1
    position = re.match(r"work\[(\d+)\]", path)
    return path if position and int(position[1]) != last else name_of(path)


@cache
def _determiner() -> Determiner:
    return Determiner(api.law())
