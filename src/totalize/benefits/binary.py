"""Sums as SSA's own calculator makes them: in binary numbers of 53 digits.

The calculator adds the yearly ratios in binary floating point. A decimal ratio has no exact
binary form, so a quotient that ends exactly in a half at the eighth decimal may come out a hair
below it and is then rounded down. To give the same relative earnings position, that case, and
only that case, is decided by repeating the binary addition here, in integers.
"""

from __future__ import annotations

from collections.abc import Iterable

_DIGITS = 53
# All numbers are integers over two to this power: far below the last digit of any of them.
_SCALE = 100


def _nearest(number: int) -> int:
    """Round to 53 binary digits, a half to even."""
    drop = number.bit_length() - _DIGITS
    if drop <= 0:
        return number
    return (number + (1 << drop - 1) - 1 + (number >> drop & 1)) >> drop << drop


def _divide(number: int, by: int) -> int:
    """Divide and round to 53 binary digits; what is left over keeps a half from being exact."""
    whole, rest = divmod(number, by)
    return _nearest(whole | (rest > 0))


def half_is_reached(ratios: Iterable[int], scale: int, quarters: int) -> bool:
    """Tell whether a position that is exactly a half too much comes out as one in binary.

    Args:
        ratios: yearly ratios in units of one over `scale`, in order of years.
        scale: 10,000,000.
        quarters: US quarters that the sum is divided by.
    """
    total = exact = 0
    for ratio in ratios:
        if ratio:
            exact += ratio
            total = _nearest(total + _divide(ratio << _SCALE, scale))
    position = _divide(_nearest(total * 4 * scale), quarters)
    reached = _nearest(position + (1 << _SCALE - 1)) >> _SCALE
    return reached > 4 * exact // quarters
