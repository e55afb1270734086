"""Find the parts of an agreement that a document speaks of, as they held on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from totalize.law.agreements import Agreement, Transfer, Version, version_on

VersionType = TypeVar("VersionType", bound=Version)


def held_on(versions: Sequence[VersionType], day: date) -> VersionType | None:
    """Return the version that held on a day, None where none did."""
    found = version_on(versions, day) if versions else None
    if found is None or found.first > day or (found.last is not None and found.last < day):
        return None
    return found


def move_on(agreement: Agreement, day: date, *, employed: bool, to_us: bool) -> Transfer | None:
    """Return the rule for employees sent, or a business moved, in a direction on a day."""
    coverage = agreement.coverage
    directions = coverage.detached_worker if employed else coverage.self_employed_transfer
    if directions is None:
        return None
    versions: Sequence[Transfer] = directions.foreign_to_us if to_us else directions.us_to_foreign
    return held_on(versions, day)
