"""Many requests for a cost as columns, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from totalize.contributions.column_numbers import Cents, Flags, Floats
from totalize.kernel.errors import InputError

Rows = npt.NDArray[np.int64]
Systems = tuple[str, ...]

OPEN_END: Final = 1 << 40  # a day after all others
NO_DAY: Final = -(1 << 40)


@dataclass(frozen=True, slots=True)
class Lines:
    """The stretches of many works; several may belong to one request.

    Attributes:
        request: position of the request, rising.
        first, last: days since 1970, both included; `OPEN_END` for an open end.
        without, proven: position in `sets` of the systems that take contributions when no
            certificate is shown, and when the one that can be had is.
        sets: combinations of systems.
    """

    request: Rows
    first: Rows
    last: Rows
    without: Rows
    proven: Rows
    sets: tuple[Systems, ...]


@dataclass(frozen=True, slots=True)
class Requests:
    """What many costs are asked for.

    Attributes:
        monthly: earnings of a month.
        setting: position in `settings`.
        settings: what requests have in common; `year` in it is the year asked for.
        self_employed: all systems class the work so, otherwise none does.
        born: days since 1970, `NO_DAY` where unknown.
        citizen: position in `citizenships`.
        citizenships: combinations of citizenships.
        other_us_wages: in dollars.
        alone: requests that are to be reckoned one by one.
    """

    monthly: Floats
    setting: Rows
    settings: tuple[Setting, ...]
    self_employed: Flags
    born: Rows
    citizen: Rows
    citizenships: tuple[tuple[str, ...], ...]
    other_us_wages: Floats
    alone: Flags

    def __len__(self) -> int:
        return len(self.monthly)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a group of requests has in common."""

    currency: str
    year: int
    filing_status: str | None = None
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class YearAmounts:
    """What each work costs in its year, in cents; -1 where no cost can be given.

    Attributes:
        with_certificate: with the certificate that can be had.
        saved_up_to: saved when the certificate also lifts what no source settles.
        at_least: position in `bounds` of the systems of which the amounts are lower bounds.
        errors: requests that cannot be answered.
    """

    without: Cents
    with_certificate: Cents
    saved_up_to: Cents
    at_least: Rows
    bounds: list[Systems]
    errors: dict[int, InputError] = field(default_factory=dict)

    @classmethod
    def empty(cls, size: int) -> YearAmounts:
        """Return amounts of which none is known."""
        nothing = [np.full(size, -1, dtype=np.int64) for _ in range(3)]
        return cls(nothing[0], nothing[1], nothing[2], np.zeros(size, dtype=np.int64), [()])

    def bound(self, systems: Systems) -> int:
        """Return the position of a combination of systems, putting it in where it is new."""
        if systems not in self.bounds:
            self.bounds.append(systems)
        return self.bounds.index(systems)
