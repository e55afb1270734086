"""The single facts that would give a work another answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from msgspec import Struct

from totalize.coverage.changes import Decide, change_case, walk_reasons
from totalize.coverage.determination import CoveragePeriod
from totalize.coverage.door import read_case
from totalize.kernel.dates import LAST_DAY, add_months
from totalize.kernel.errors import InputError

# What a missing fact may turn out to be; values of another type than the fact's are refused.
_PROBES: Final = (True, False, None)
_LONGEST = 480  # months; no agreement has a limit anywhere near


def answer_of(period: CoveragePeriod) -> tuple[object, ...]:
    """Return what must be equal for two periods to have the same answer."""
    return period.outcome, period.covered_by


class Nearby(Struct, frozen=True):
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
        for test in walk_reasons(reason):
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
