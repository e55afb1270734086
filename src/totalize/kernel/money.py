"""Amounts of money: exact decimals with a currency, and the roundings that law prescribes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal, InvalidOperation

from totalize.kernel.errors import InputError

CENT = Decimal("0.01")
DIME = Decimal("0.1")
UNIT = Decimal(1)
LARGEST = Decimal("1e15")


def to_nearest(amount: Decimal, step: Decimal) -> Decimal:
    """Round to the nearest multiple of `step`, a half away from zero."""
    return (amount / step).quantize(UNIT, ROUND_HALF_UP) * step


def down_to(amount: Decimal, step: Decimal) -> Decimal:
    """Drop what exceeds a multiple of `step`."""
    return (amount / step).quantize(UNIT, ROUND_DOWN) * step


def up_to(amount: Decimal, step: Decimal) -> Decimal:
    """Raise to the next multiple of `step`."""
    return (amount / step).quantize(UNIT, ROUND_UP) * step


def parse_amount(value: object, path: str) -> Decimal:
    """Read a non-negative amount given as a decimal string or a number.

    Raises:
        InputError: it is no number, negative, not finite, or larger than any real amount.
    """
    expected = "an amount like 62000 or 62000.50"
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise InputError(
            path, "is not an amount", value=value, expected=expected, code="bad_amount"
        )
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise InputError(
            path, "is not an amount", value=value, expected=expected, code="bad_amount"
        ) from None
    if not amount.is_finite() or amount < 0 or amount > LARGEST:
        raise InputError(
            path,
            "is out of reach",
            value=value,
            expected="an amount from 0 to 1,000,000,000,000,000",
            code="amount_out_of_range",
        )
    return amount


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency.

        Raises:
            ValueError: the currencies differ; convert first.
        """
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)
