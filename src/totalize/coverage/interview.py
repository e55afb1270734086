"""Which question to ask next: what a case must say, then what the answer turns on, no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from totalize.coverage.changes import Decide, change_case
from totalize.coverage.determination import CoveragePeriod, Rule
from totalize.coverage.door import read_case
from totalize.coverage.nearby import answer_of
from totalize.kernel.errors import InputError

# What no case can do without, in the order of a conversation. The kind of work is asked first
# because it words the other questions.
NEEDED: Final = ("worker.citizenships", "work[0].occupation", "work[0].country", "work[0].start")
# Rules under which earlier stays may count together with this one.
_STAYS: Final = frozenset({Rule.DETACHED_WORKER, Rule.SELF_EMPLOYED_TRANSFER})
EARLIER: Final = "earlier"
# A fact that people know better, and that mostly answers the other: it is asked first.
_ASKED_FIRST: Final = {".employer.american": ".employer.country"}


@dataclass(slots=True)
class Interview:
    """A case that grows answer by answer. The last work of the case is the one asked about.

    Attributes:
        decide: gives the answer for a case.
        document: the case so far, as plain values.
        skipped: questions that stay without an answer, by path without positions.
    """

    decide: Decide
    document: dict[str, Any] = field(
        default_factory=lambda: {"contract": 1, "worker": {}, "work": [{}]}
    )
    skipped: set[str] = field(default_factory=set)
    _last: tuple[dict[str, Any], tuple[CoveragePeriod, ...]] | None = None

    @property
    def work(self) -> Mapping[str, Any]:
        """The work asked about."""
        work: Mapping[str, Any] = self.document["work"][-1]
        return work

    def next_question(self) -> str | None:
        """Return the path of the fact to ask for, `earlier` for earlier stays, None when done."""
        for path in NEEDED:
            if not self._has(path):
                return path
        for path in self.open_facts():
            for question in (_implied_by(path), path):
                if question and not self._has(question) and name_of(question) not in self.skipped:
                    return question
        if EARLIER not in self.skipped and self._earlier_stays_matter():
            return EARLIER
        return None

    def open_facts(self) -> Iterator[str]:
        """Yield the facts on which the answer still turns, most decisive first."""
        if all(self._has(path) for path in NEEDED):
            for period in self.periods():
                yield from period.missing

    def periods(self) -> tuple[CoveragePeriod, ...]:
        """Return the answer so far for the work asked about."""
        if self._last is None or self._last[0] is not self.document:
            # A case that grows is another document; the same one is asked about again and again.
            found = self.decide(read_case(self.document)).results[-1].periods
            self._last = (self.document, found)
        return self._last[1]

    def answer(self, path: str, value: object) -> None:
        """Take an answer.

        Args:
            path: the question.
            value: the fact; for the kind of work, an occupation or `self_employment`.

        Raises:
            InputError: the case cannot hold it; it stays as it was.
        """
        if path == "work[0].occupation":
            changes: dict[str, object] = {"work[0].activity": "employment"}
            if value == "self_employment":
                changes["work[0].activity"] = value
            elif value != "general":
                changes[path] = value
        else:
            changes = {path: value}
        changed, _ = change_case(self.document, changes)
        if all(_has(changed, needed) for needed in NEEDED):
            read_case(changed)
        self.document = changed
        self.skipped.discard(name_of(path))

    def skip(self, path: str) -> None:
        """Leave a question without an answer; it is not asked again."""
        self.skipped.add(name_of(path))

    def add_earlier_stays(self, stays: list[tuple[date, date]]) -> None:
        """Put earlier stays of the same kind before the work asked about.

        Raises:
            InputError: a stay ends before it starts, or starts after the work asked about.
        """
        if not stays:
            self.skipped.add(EARLIER)
            return
        changed = dict(self.document)
        works = [*changed["work"]]
        earlier = [_stay(works[-1], first, last) for first, last in sorted(stays)]
        for stay in earlier:
            if stay["start"] >= str(works[-1]["start"]):
                raise InputError(
                    EARLIER,
                    "does not begin before this work",
                    value=stay["start"],
                    expected=f"a day before {works[-1]['start']}",
                )
        changed["work"] = [*works[:-1], *earlier, works[-1]]
        read_case(changed)
        self.document = changed
        self.skipped.add(EARLIER)

    def _has(self, path: str) -> bool:
        return _has(self.document, path)

    def _earlier_stays_matter(self) -> bool:
        """Try the longest stay that could have gone before: does the answer change?"""
        periods = self.periods()
        if periods[0].rule not in _STAYS:
            return False
        start = date.fromisoformat(str(self.work["start"]))
        last = start - timedelta(days=31)
        changed, _ = change_case(self.document, {})
        changed["work"].insert(-1, _stay(self.work, last - timedelta(days=3650), last))
        try:
            tried = self.decide(read_case(changed)).results[-1].periods
        except InputError:
            return False
        return answer_of(tried[0]) != answer_of(periods[0])


def _implied_by(path: str) -> str | None:
    for ending, better in _ASKED_FIRST.items():
        if path.endswith(ending):
            return path.removesuffix(ending) + better
    return None


@lru_cache(maxsize=1024)
def name_of(path: str) -> str:
    """Return a path without positions, which move when earlier stays are added."""
    return re.sub(r"\[[^\]]*\]", "", path)


def _stay(work: Mapping[str, Any], first: date, last: date) -> dict[str, Any]:
    kept = ("activity", "occupation", "country", "employer", "sent_from")
    return {name: work[name] for name in kept if name in work} | {
        "start": first.isoformat(),
        "expected_end": last.isoformat(),
    }


def _has(document: Mapping[str, Any], path: str) -> bool:
    place: Any = document
    for step in _steps(path):
        if isinstance(place, list):
            place = place[int(step)]
        elif isinstance(place, Mapping) and step in place:
            place = place[step]
        else:
            return False
    return True


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    # The kind of work stands as the activity; the usual occupation is left out.
    return tuple(re.findall(r"[^.\[\]]+", path.replace(".occupation", ".activity")))
