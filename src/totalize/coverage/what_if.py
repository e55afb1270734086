"""Another answer to a changed case: what moved, and which single facts would move it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from msgspec import UNSET, UnsetType

from totalize.coverage.case import Case
from totalize.coverage.determination import CoveragePeriod, Determination, Reason, WorkResult
from totalize.coverage.door import read_case
from totalize.kernel.dates import LAST_DAY, add_months
from totalize.kernel.errors import InputError
from totalize.kernel.plain import to_plain

Decide = Callable[[Case], Determination]
_STEP = re.compile(r"(?:^|\.)([A-Za-z_][A-Za-z0-9_]*)|\[([^\]]+)\]")
# What a missing fact may turn out to be; values of another type than the fact's are refused.
_PROBES: Final = (True, False, None)
_LONGEST = 480  # months; no agreement has a limit anywhere near


@dataclass(frozen=True, slots=True)
class Change:
    """A fact given another value.

    Attributes:
        path: where it stands, as given.
        before: the value in the case; None also when it is left out.
        after: the value tried; None also when it is left out.
        known_before: whether the case gives the fact.
        known_after: whether the changed case gives it.
    """

    path: str
    before: Any
    after: Any
    known_before: bool
    known_after: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A test that came out differently.

    Attributes:
        work: id of the work.
        code: stable name of the test.
        before: its result in the case as it is; None: unknown.
        after: its result in the changed case.
        text: the test and its new result in words.
        text_before: the test and its former result in words.
    """

    work: str
    code: str
    before: bool | None
    after: bool | None
    text: str
    text_before: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Two answers side by side, and the tests that moved between them."""

    changes: tuple[Change, ...]
    before: Determination
    after: Determination
    moved: tuple[Moved, ...]
    contract: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return both answers, the changes and the tests that moved as plain values."""
        plain: dict[str, Any] = to_plain(self)
        for name in ("before", "after"):
            plain[name] = getattr(self, name).to_dict()
        return {"contract": plain.pop("contract"), **plain}


def change_case(
    document: Mapping[str, object], changes: Mapping[str, object]
) -> tuple[dict[str, Any], tuple[Change, ...]]:
    """Return a changed copy of a case and what was changed.

    Args:
        document: the case as plain values; it stays as it is.
        changes: values by path, `work[0].expected_end` or, with the id of a work,
            `work[berlin].expected_end`; `UNSET` leaves the field out.

    Raises:
        InputError: a path leads nowhere.
    """
    changed: dict[str, Any] = copy.deepcopy(dict(document))
    made = []
    for path, value in changes.items():
        before = _put(changed, path, value)
        made.append(
            Change(
                path,
                None if before is UNSET else before,
                None if value is UNSET else value,
                known_before=before is not UNSET,
                known_after=value is not UNSET,
            )
        )
    return changed, tuple(made)


def compare(
    decide: Decide, document: Mapping[str, object], changes: Mapping[str, object]
) -> WhatIf:
    """Decide a case as it is and as it would be.

    Args:
        decide: gives the answer for a case, every test included.
        document: the case as plain values.
        changes: values by path, see `change_case`.

    Raises:
        InputError: a path leads nowhere, or the changed case cannot be used.
    """
    before = decide(read_case(document))
    changed, made = change_case(document, changes)
    after = decide(read_case(changed))
    earlier = {result.work: result for result in before.results}
    moved = [
        item
        for result in after.results
        if result.work in earlier
        for item in _moved(earlier[result.work], result)
    ]
    return WhatIf(made, before, after, tuple(dict.fromkeys(moved)))


def answer_of(period: CoveragePeriod) -> tuple[object, ...]:
    """Return what must be equal for two periods to have the same answer."""
    return period.outcome, period.covered_by


@dataclass(frozen=True, slots=True)
class Nearby:
    """A single fact that, with another value, gives another answer.

    Attributes:
        path: where the fact stands.
        value: the value that changes the answer; for the expected end the last day that
            does not.
        beyond: the answer changes for all later days than `value`.
        period: the answer then, from the first day.
    """

    path: str
    value: Any
    beyond: bool
    period: CoveragePeriod


def find_nearby(
    decide: Decide, document: Mapping[str, object], position: int, period: CoveragePeriod
) -> Iterator[Nearby]:
    """Yield the single facts that would give a work another answer, in the order of the tests.

    Only facts that the tests of the answer looked at are turned, each for itself. Where facts
    are missing, each is tried with the values it may have.

    Args:
        decide: gives the answer for a case.
        document: the case as plain values.
        position: which work.
        period: its first period, as decided.
    """
    present = answer_of(period)

    def answer(path: str, value: object) -> CoveragePeriod | None:
        try:
            changed, _ = change_case(document, {path: value})
            found = decide(read_case(changed)).results[position].periods[0]
        except InputError:
            return None
        decided = found.covered_by is not None or not found.missing
        return found if decided and answer_of(found) != present else None

    for path in period.missing:
        for value in (*_PROBES, *(period.otherwise or ("US",))):
            found = answer(path, value)
            if found is not None:
                yield Nearby(path, value, beyond=False, period=found)
    for path, value in _facts_of(period).items():
        if path.endswith(".expected_end"):
            yield from _nearby_end(answer, path, value, period.first)
            continue
        for other in _other_values(path, value, period):
            found = answer(path, other)
            if found is not None:
                yield Nearby(path, other, beyond=False, period=found)
                break


def _facts_of(period: CoveragePeriod) -> dict[str, Any]:
    """Return the known facts that the tests looked at, in the order of the tests."""
    facts: dict[str, Any] = {}
    for reason in period.reasons:
        for test in _walk(reason):
            for path, value in test.facts.items():
                if path not in period.missing:
                    facts.setdefault(path, value)
    return facts


def _nearby_end(
    answer: Callable[[str, object], CoveragePeriod | None], path: str, value: object, first: date
) -> Iterator[Nearby]:
    """Look for the length of stay at which the answer turns, by whole months."""
    if value == "none":
        return

    def end_after(months: int) -> str:
        return date.fromordinal(add_months(first, months).toordinal() - 1).isoformat()

    low, high = 1, min(_LONGEST, (LAST_DAY.year - first.year - 1) * 12)
    if high <= low:
        return
    found = answer(path, end_after(high))
    if found is None:
        return
    while high - low > 1:
        middle = (low + high) // 2
        candidate = answer(path, end_after(middle))
        if candidate is None:
            low = middle
        else:
            high, found = middle, candidate
    if isinstance(value, str) and value <= end_after(low):
        yield Nearby(path, end_after(low), beyond=True, period=found)


def _other_values(path: str, value: object, period: CoveragePeriod) -> Iterator[object]:
    systems = [*(period.otherwise or ()), period.agreement, "US"]
    match value:
        case bool():
            yield not value
        case "none":
            # A third country is no single value; turning "directly" round says nothing.
            if not path.endswith(".via"):
                yield from dict.fromkeys(code for code in reversed(systems) if code)
        case str() if path.endswith((".via", ".sent_from", ".affiliate_of", ".insured_before")):
            yield None
        case str() if len(value) == 2 and not path.endswith("].country"):
            yield from dict.fromkeys(code for code in systems if code and code != value)
        case _:
            return


def _moved(before: WorkResult, after: WorkResult) -> Iterator[Moved]:
    for period in after.periods:
        earlier = _at(before, period.first)
        known = {test.code: test for reason in earlier.reasons for test in _walk(reason)}
        for reason in period.reasons:
            for test in _walk(reason):
                old = known.get(test.code)
                if old is not None and old.result != test.result:
                    yield Moved(
                        before.work, test.code, old.result, test.result, test.text, old.text
                    )


def _at(result: WorkResult, day: date) -> CoveragePeriod:
    chosen = result.periods[0]
    for period in result.periods:
        if period.first <= day:
            chosen = period
    return chosen


def _walk(reason: Reason) -> Iterator[Reason]:
    yield reason
    for below in reason.because:
        yield from _walk(below)


def _put(document: dict[str, Any], path: str, value: object) -> Any:
    """Put a value in place and return the one before; UNSET when there was none."""
    steps = _steps(path)
    place: Any = document
    for number, step in enumerate(steps[:-1]):
        if isinstance(place, list):
            place = place[_index(place, step, path)]
        elif isinstance(place, dict):
            if place.get(step) is None:
                place[step] = {}
            place = place[step]
        else:
            raise _nowhere(path, ".".join(steps[: number + 1]))
    last = steps[-1]
    if isinstance(place, list):
        index = _index(place, last, path)
        before = place[index]
        if value is UNSET:
            del place[index]
        else:
            place[index] = value
        return before
    if not isinstance(place, dict):
        raise _nowhere(path, path)
    before = place.get(last, UNSET)
    if isinstance(value, UnsetType):
        place.pop(last, None)
    else:
        place[last] = value
    return before


def _steps(path: str) -> list[str]:
    steps: list[str] = []
    position = 0
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None:
            break
        steps.append(found[1] or found[2])
        position = found.end()
    if not steps or position < len(path):
        raise InputError(
            "what_if",
            "is not the path of a fact",
            value=path,
            expected="one like work[0].expected_end or work[berlin].expected_end",
            code="bad_path",
        )
    return steps


def _index(items: list[Any], step: str, path: str) -> int:
    ids = [
        item.get("id", f"w{number + 1}") if isinstance(item, dict) else None
        for number, item in enumerate(items)
    ]
    if step in ids:
        return ids.index(step)
    if step.isdecimal() and len(step) < 6 and int(step) < len(items):
        return int(step)
    named = ", ".join(str(name) for name in ids if name is not None)
    raise InputError(
        path,
        "leads to nothing in the case",
        value=step,
        expected=f"a number from 0 to {len(items) - 1}" + (f", or one of {named}" if named else ""),
        code="bad_path",
    )


def _nowhere(path: str, where: str) -> InputError:
    return InputError(path, f"leads to nothing: {where} has no fields", code="bad_path")
