"""The sets of law of all agreements, for works of all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from totalize.coverage.codes import COUNTRY_CODES, NEVER
from totalize.coverage.parameters import build_parameters
from totalize.coverage.reading import changes_of
from totalize.law.agreements import Agreement
from totalize.logic.column_steps import Block, Ints, Mask
from totalize.logic.columns import LawColumns
from totalize.logic.expressions import Value, encode_day

_ANY_DAY: Final = date(2000, 1, 1)  # where there is no agreement, no day makes a difference
NO_COUNTRY: Final = max(COUNTRY_CODES.values()) + 1  # in place of the other country's code: none


class Works(NamedTuple):
    """Where works are done.

    Attributes:
        partner: code of the other country, `NO_COUNTRY` without one.
        to_us: the work is done in the United States.
    """

    partner: npt.NDArray[np.intp]
    to_us: Mask


class LawSets:
    """Every set of law there is, in a fixed order, and how to find a work's own.

    A set of law is an agreement (or none), a direction and a version.

    Args:
        name: of the positions among the sets.
        agreements: whose law it is; the first one stands for all countries that are not here.
        in_force: as it is once the agreement is in force, or as long as it is not.
    """

    def __init__(
        self, name: str, agreements: Sequence[Agreement | None], *, in_force: bool
    ) -> None:
        changes = [() if agreement is None else changes_of(agreement) for agreement in agreements]
        width = max(len(days) for days in changes)
        sets = [
            build_parameters(agreement, _day_of(days, version), to_us=to_us, in_force=in_force)
            for agreement, days in zip(agreements, changes, strict=True)
            for to_us in (False, True)
            for version in range(width + 1)
        ]
        self.columns = LawColumns(name, _by_parameter(sets))
        self._versions = width + 1
        self._base = _by_country(agreements, range(0, len(sets), 2 * self._versions), 0)
        self._changes = [
            _by_country(
                agreements,
                [encode_day(days[place]) if place < len(days) else NEVER for days in changes],
                NEVER,
            )
            for place in range(width)
        ]

    def place(self, block: Block, works: Works, day: Ints) -> None:
        """Tell a block where each work's set of law stands.

        Args:
            block: the works' facts.
            works: where they are done.
            day: the day whose version of the law holds.
        """
        positions = self._base.take(works.partner) + works.to_us * self._versions
        for days in self._changes:
            positions += days.take(works.partner) <= day
        block.positions[self.columns.name] = positions


def entries_of(agreements: Sequence[Agreement], never: int) -> npt.NDArray[np.int32]:
    """Return by country's code the day from which its agreement is in force, else `never`."""
    days = [
        never if agreement.in_force is None else encode_day(agreement.in_force)
        for agreement in agreements
    ]
    return _by_country(agreements, days, never).astype(np.int32)


def _day_of(days: Sequence[date], version: int) -> date:
    """Return a day on which a version is the law; before the first one, the first one is read."""
    return days[max(min(version, len(days)) - 1, 0)] if days else _ANY_DAY


def _by_country(
    agreements: Sequence[Agreement | None], values: Sequence[int], other: int
) -> npt.NDArray[Any]:
    """Return a value for each country's code, and for `NO_COUNTRY`."""
    table = np.full(NO_COUNTRY + 1, other, dtype=np.intp)
    for agreement, value in zip(agreements, values, strict=True):
        if agreement is not None:
            table[COUNTRY_CODES[agreement.country]] = value
    return table


def _by_parameter(sets: Sequence[dict[str, Value]]) -> dict[str, list[Value]]:
    """Return for each parameter its value in every set; 0 or False where a set lacks it."""
    empty = {
        name: False if isinstance(value, bool) else 0 for one in sets for name, value in one.items()
    }
    return {name: [one.get(name, value) for one in sets] for name, value in empty.items()}
