"""A case with some facts given other values, and the tests to compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from msgspec import UNSET, UnsetType

from totalize.coverage.case import Case
from totalize.coverage.determination import Determination, Reason
from totalize.kernel.errors import InputError

Decide = Callable[[Case], Determination]
_STEP: Final = re.compile(r"(?:^|\.)([A-Za-z_][A-Za-z0-9_]*)|\[([^\]]+)\]")


def change_case(
    document: Mapping[str, object], changes: Mapping[str, object]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a changed copy of a case, and the values before by path, `UNSET` for unknown ones.

    Args:
        document: the case as plain values; it stays as it is.
        changes: values by path, `work[0].expected_end` or, with the id of a work,
            `work[berlin].expected_end`; `UNSET` leaves the field out.

    Raises:
        InputError: a path leads nowhere.
    """
    changed: dict[str, Any] = _copied(document)
    return changed, {path: _put(changed, path, value) for path, value in changes.items()}


def _copied(value: Any) -> Any:
    """Copy groups and lists; what stands in them is plain and never changes."""
    if isinstance(value, Mapping):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def walk_reasons(reason: Reason) -> Iterator[Reason]:
    """Yield a test and all tests below it."""
    yield reason
    for below in reason.because:
        yield from walk_reasons(below)


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


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
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
    return tuple(steps)


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
