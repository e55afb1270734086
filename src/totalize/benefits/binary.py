"""Sums as SSA's own calculator makes them: in binary numbers of 53 digits.

The calculator adds the yearly ratios in binary floating point. A decimal ratio has no exact
binary form, so a quotient that ends exactly in a half at the eighth decimal may come out a hair
below it and is then rounded down. To give the same relative earnings position, that case, and
only that case, is decided by repeating the binary addition here, in integers.
"""

from __future__ import annotations

from collections.abc import Iterable

_DIGITS = 53


def _nearest(numerator: int, denominator: int, exponent: int = 0) -> tuple[int, int]:
    """Return the nearest binary number to a fraction times two to a power, ties to even."""
    shift = _DIGITS - numerator.bit_length() + denominator.bit_length()
    while True:
        top, bottom = (
            (numerator << shift, denominator) if shift >= 0 else (numerator, denominator << -shift)
        )
        whole, rest = divmod(top, bottom)
        if whole.bit_length() <= _DIGITS:
            break
        shift -= 1
    if 2 * rest > bottom or (2 * rest == bottom and whole & 1):
        whole += 1
    return whole, exponent - shift


def _add(first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
    low = min(first[1], second[1])
    total = (first[0] << first[1] - low) + (second[0] << second[1] - low)
    return _nearest(total, 1, low) if total else (0, 0)


def half_is_reached(ratios: Iterable[int], scale: int, quarters: int) -> bool:
    """Tell whether a position that is exactly a half too much comes out as one in binary.

    Args:
        ratios: yearly ratios in units of one over `scale`, in order of years.
        scale: 10,000,000.
        quarters: US quarters that the sum is divided by.
    """
    total = (0, 0)
    exact = 0
    for ratio in ratios:
        exact += ratio
        if ratio:
            total = _add(total, _nearest(ratio, scale))
    mantissa, exponent = _nearest(total[0] * 4 * scale, 1, total[1])
    mantissa, exponent = _nearest(mantissa, quarters, exponent)
    mantissa, exponent = _add((mantissa, exponent), (1, -1))
    reached = mantissa << exponent if exponent >= 0 else mantissa >> -exponent
    return reached > 4 * exact // quarters
