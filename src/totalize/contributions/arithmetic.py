"""The few operations a formula needs, so that one formula reckons a case and a column.

Numbers support `+ - *` and comparison; a comparison yields what `choose` accepts. `Exact` reckons
decimals for one case; `totalize.contributions.columns` has the counterpart for a table.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol


class Arithmetic(Protocol):
    """What differs between a single number and a column."""

    def number(self, value: Decimal) -> Any:
        """Return a constant of the law as this arithmetic's number."""

    def least(self, first: Any, second: Any) -> Any:
        """Return the smaller of two."""

    def most(self, first: Any, second: Any) -> Any:
        """Return the larger of two."""

    def choose(self, condition: Any, yes: Any, no: Any) -> Any:
        """Return `yes` where the condition holds, `no` elsewhere."""


class Exact:
    """Decimals, one case at a time."""

    @staticmethod
    def number(value: Decimal) -> Decimal:
        """Return the constant itself."""
        return value

    @staticmethod
    def least(first: Decimal, second: Decimal) -> Decimal:
        """Return the smaller of two."""
        return min(first, second)

    @staticmethod
    def most(first: Decimal, second: Decimal) -> Decimal:
        """Return the larger of two."""
        return max(first, second)

    @staticmethod
    def choose(condition: bool, yes: Decimal, no: Decimal) -> Decimal:
        """Return `yes` where the condition holds, `no` elsewhere."""
        return yes if condition else no


EXACT = Exact()
