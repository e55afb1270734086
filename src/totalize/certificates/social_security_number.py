"""US Social Security numbers: how they are written, and which of them are nobody's.

Source: RM 10201.035, https://secure.ssa.gov/apps10/poms.nsf/lnx/0110201035 (read 2026-11-28).
"""

from __future__ import annotations

import re

from totalize.kernel.errors import InputError

# Ten of those that are never issued are kept for advertisements. Examples, specimens and
# demonstrations carry them: whoever copies one from there takes nobody's number.
EXAMPLES = tuple(f"987-65-{serial}" for serial in range(4320, 4330))


def read_social_security_number(value: object, path: str) -> str:
    """Return a number as it is printed, in groups of three, two and four digits.

    The value is a secret: no message repeats it.

    Raises:
        InputError: it is no such number, or one that is never issued and kept for no example.
    """
    digits = re.sub(r"[ -]", "", str(value))
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{9}", digits):
        raise InputError(
            path, "is not a Social Security number", expected="nine digits", code="bad_number"
        )
    number = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
    if _never_issued(digits) and number not in EXAMPLES:
        raise InputError(
            path,
            "is a Social Security number that is never issued",
            expected="the nine digits of the card: none begins with 000, 666 or 9 (a number that"
            " begins with 9 is for taxes only), none has 00 in the middle or 0000 at the end",
            code="never_issued",
        )
    return number


def is_example(number: str) -> bool:
    """Tell whether a number is kept for advertisements and examples."""
    return number in EXAMPLES


def _never_issued(digits: str) -> bool:
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000"
