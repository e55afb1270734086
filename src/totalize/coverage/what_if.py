"""Another answer to a changed case, and the tests that moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from msgspec import UNSET, Struct

from totalize.coverage.changes import Decide, change_case, walk_reasons
from totalize.coverage.determination import CoveragePeriod, Determination, WorkResult
from totalize.coverage.door import read_case
from totalize.kernel.plain import to_plain


class Change(Struct, frozen=True):
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


class Moved(Struct, frozen=True):
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


class WhatIf(Struct, frozen=True):
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
    changed, former = change_case(document, changes)
    after = decide(read_case(changed))
    earlier = {result.work: result for result in before.results}
    moved = [
        item
        for result in after.results
        if result.work in earlier
        for item in _moved(earlier[result.work], result)
    ]
    return WhatIf(_made(former, changes), before, after, tuple(dict.fromkeys(moved)))


def _made(former: Mapping[str, Any], changes: Mapping[str, object]) -> tuple[Change, ...]:
    return tuple(
        Change(
            path,
            None if former[path] is UNSET else former[path],
            None if value is UNSET else value,
            known_before=former[path] is not UNSET,
            known_after=value is not UNSET,
        )
        for path, value in changes.items()
    )


def _moved(before: WorkResult, after: WorkResult) -> Iterator[Moved]:
    for period in after.periods:
        earlier = _at(before, period.first)
        known = {test.code: test for reason in earlier.reasons for test in walk_reasons(reason)}
        for reason in period.reasons:
            for test in walk_reasons(reason):
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
