"""Totalized and regular benefits on one record: how they share the regular maximum."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from totalize.kernel.money import DIME, down_to, to_nearest

_HUNDRED = Decimal(100)


def share_maximum(amounts: Sequence[Decimal], maximum: Decimal) -> tuple[Decimal, ...]:
    """Return benefits that together are not above the regular family maximum.

    Each keeps its share of the total, to a tenth of a percent, of the maximum, down to the dime.

    Source: GN 01701.215.
    """
    total = sum(amounts, Decimal(0))
    if total <= maximum:
        return tuple(amounts)
    shares = [to_nearest(amount * _HUNDRED / total, DIME) for amount in amounts]
    return tuple(down_to(maximum * share / _HUNDRED, DIME) for share in shares)
