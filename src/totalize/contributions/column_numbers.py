"""Binary numbers that notice when their rounding could matter.

A column of amounts is reckoned in floating point, many times faster than in decimals. That is as
good as exact unless a comparison is so close that an error in the last places turns it, or an
amount lies so near to half a cent that it rounds the other way. Such rows are noted, and whoever
uses this arithmetic reckons them again in decimals. So the result is the exact one in every row.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Cents = npt.NDArray[np.int64]

# A double carries 2**-53, about 1e-16. A formula adds and multiplies at most some hundred times,
# so an error stays below 1e-13 of the largest amount in it. The margins are a hundred times wider.
_CLOSE: Final = 1e-11
_CENT: Final = 100.0


class Number:
    """One number a row, or one for all rows, with the ledger of its table."""

    __slots__ = ("_ledger", "values")

    def __init__(self, values: Any, ledger: Ledger) -> None:
        self.values = values
        self._ledger = ledger

    def _new(self, values: Any) -> Number:
        return Number(values, self._ledger)

    def __add__(self, other: Number) -> Number:
        """Add."""
        return self._new(self.values + other.values)

    def __sub__(self, other: Number) -> Number:
        """Subtract."""
        return self._new(self.values - other.values)

    def __mul__(self, other: Number) -> Number:
        """Multiply."""
        return self._new(self.values * other.values)

    def __neg__(self) -> Number:
        """Change the sign."""
        return self._new(-self.values)

    def __gt__(self, other: Number) -> Any:
        """Tell where it is larger."""
        self._ledger.note_close(self.values, other.values)
        return self.values > other.values

    def __ge__(self, other: Number) -> Any:
        """Tell where it is as large or larger."""
        self._ledger.note_close(self.values, other.values)
        return self.values >= other.values

    def __le__(self, other: Number) -> Any:
        """Tell where it is as small or smaller."""
        self._ledger.note_close(self.values, other.values)
        return self.values <= other.values


class Ledger:
    """The arithmetic of one table, and the rows of it that are to be reckoned again.

    Args:
        scale: the largest amount that goes into each row.
    """

    def __init__(self, scale: Floats) -> None:
        self._margin = _CLOSE * (1.0 + scale)
        self.doubtful: Flags = np.zeros(len(scale), dtype=np.bool_)

    def note_close(self, first: Any, second: Any) -> None:
        """Note the rows in which two numbers are too close to be told apart for certain."""
        margin = self._margin + _CLOSE * np.abs(second)
        self.doubtful |= np.abs(first - second) <= margin

    def of(self, values: Floats) -> Number:
        """Return a column of this table."""
        return Number(values, self)

    def number(self, value: Decimal) -> Number:
        """Return a constant for every row."""
        return Number(float(value), self)

    @staticmethod
    def least(first: Number, second: Number) -> Number:
        """Return the smaller of two in each row; how close they are makes no difference."""
        return first._new(np.minimum(first.values, second.values))  # noqa: SLF001 - its own kind

    @staticmethod
    def most(first: Number, second: Number) -> Number:
        """Return the larger of two in each row."""
        return first._new(np.maximum(first.values, second.values))  # noqa: SLF001 - its own kind

    @staticmethod
    def choose(condition: Any, yes: Number, no: Number) -> Number:
        """Return `yes` in the rows where the condition holds, `no` in the others."""
        return yes._new(np.where(condition, yes.values, no.values))  # noqa: SLF001 - its own kind

    def cents(self, amount: Floats, rate: float) -> Cents:
        """Return amounts in cents of another currency, half a cent away from zero.

        Args:
            amount: not rounded.
            rate: units of the other currency for one of this.
        """
        cents = np.abs(amount) * (rate * _CENT)
        below = np.floor(cents)
        margin = _CENT * rate * self._margin + _CLOSE * cents
        self.doubtful |= np.abs(cents - below - 0.5) <= margin
        rounded = np.where(cents - below >= 0.5, below + 1, below)
        found: Cents = np.where(amount < 0, -rounded, rounded).astype(np.int64)
        return found
