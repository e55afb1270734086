"""References that nobody can guess or list, and that survive being typed from paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from secrets import compare_digest, token_bytes

from totalize.kernel.errors import InputError

# Crockford's base 32: no I, L, O or U, so nothing is mistaken for a digit.
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("ILO", "110")
_RANDOM_SYMBOLS = 26
_CHECK_SYMBOLS = 2
_CHECK_PRIME = 1021
_FACT_SYMBOLS = 6
_GROUP = 4

Randomness = Callable[[int], bytes]


def new_reference(randomness: Randomness = token_bytes) -> str:
    """Return a reference of 130 random bits with two check symbols, in groups of four.

    The check symbols find a typing error before anybody is told that a certificate is unknown;
    they add no secrecy.
    """
    value = int.from_bytes(randomness(17), "big") >> 6
    body = _symbols(value, _RANDOM_SYMBOLS)
    return _grouped(body + _symbols(value % _CHECK_PRIME, _CHECK_SYMBOLS))


def new_fact(randomness: Randomness = token_bytes) -> str:
    """Return the short check word printed on the face: 30 random bits in two groups of three."""
    value = int.from_bytes(randomness(4), "big") >> 2
    word = _symbols(value, _FACT_SYMBOLS)
    return f"{word[:3]}-{word[3:]}"


def parse_reference(text: object, path: str = "reference") -> str:
    """Read a reference as somebody typed it and return its printed form.

    Raises:
        InputError: it is no reference, or a symbol was mistyped.
    """
    expected = "28 letters and digits in groups of four, as printed on the certificate"
    if not isinstance(text, str):
        raise InputError(
            path, "is not a reference", value=text, expected=expected, code="bad_reference"
        )
    symbols = _normal(text)
    if len(symbols) != _RANDOM_SYMBOLS + _CHECK_SYMBOLS or set(symbols) - set(_SYMBOLS):
        raise InputError(
            path, "is not a reference", value=text, expected=expected, code="bad_reference"
        )
    value = _number(symbols[:_RANDOM_SYMBOLS])
    if _number(symbols[_RANDOM_SYMBOLS:]) != value % _CHECK_PRIME:
        raise InputError(
            path,
            "has a mistyped letter or digit: its check symbols do not fit",
            value=text,
            expected=expected,
            code="mistyped_reference",
        )
    return _grouped(symbols)


def looks_like_reference(text: str) -> bool:
    """Tell whether somebody meant this text to be a reference, mistyped or not."""
    return re.fullmatch(r"[0-9A-Za-z]{4}([- ]?[0-9A-Za-z]{4}){6}", text.strip()) is not None


def same_fact(given: str, printed: str) -> bool:
    """Compare a typed check word with the printed one, in a time that tells nothing."""
    return compare_digest(_normal(given).encode(), _normal(printed).encode())


def same_reference(given: str, kept: str) -> bool:
    """Compare two references in their printed form, in a time that tells nothing."""
    return compare_digest(given.encode(), kept.encode())


def _normal(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper().translate(_MISREAD)


def _symbols(value: int, count: int) -> str:
    return "".join(_SYMBOLS[value >> 5 * place & 31] for place in reversed(range(count)))


def _number(symbols: str) -> int:
    value = 0
    for symbol in symbols:
        value = value << 5 | _SYMBOLS.index(symbol)
    return value


def _grouped(symbols: str) -> str:
    return "-".join(symbols[start : start + _GROUP] for start in range(0, len(symbols), _GROUP))
