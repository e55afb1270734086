"""The cells of one column as bytes, and how to read a column of codes at once.

A column is the text of all its cells somewhere in one block of bytes, with the start and the
length of each. Reading compares whole words of eight bytes, so no cell becomes an object.
What is not recognised here is not wrong yet: such rows are read one by one, with the checks and
the words of a single case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from totalize.coverage.codes import COUNTRY_CODES, NOWHERE
from totalize.kernel.dates import FIRST_DAY, LAST_DAY
from totalize.law.territories import load_territories
from totalize.rosters.fields import NO_LIST, NULL_WORDS

Ints = npt.NDArray[np.int32]
Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

UNKNOWN: Final = -1  # an empty cell
NOT_READ: Final = -2  # something to be read with care
NULL: Final = -3  # a cell that says null

WORD: Final = 8
PADDING: Final = b"\0" * (2 * WORD)  # so that the last cell can be read in whole words
_MASKS: Final = np.array([(1 << (8 * size)) - 1 for size in range(WORD + 1)], dtype="<u8")


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes that cells lie in, padded so that a word can be read anywhere."""

    data: npt.NDArray[np.uint8]
    words: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, data: bytes | bytearray | memoryview) -> Block:
        """Lay a block over bytes that end with `PADDING`."""
        size = len(data)
        return cls(
            np.frombuffer(data, dtype=np.uint8),
            np.ndarray((size - WORD + 1,), dtype="<u8", buffer=data, strides=(1,)),
        )


@dataclass(frozen=True, slots=True)
class Cells:
    """One column: where each cell starts and how many bytes it has."""

    block: Block
    starts: Positions
    sizes: Ints

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, row: int) -> str:
        """Return the text of one cell, without surrounding blanks."""
        start = int(self.starts[row])
        raw = self.block.data[start : start + int(self.sizes[row])].tobytes()
        return raw.decode("utf-8", "replace").replace('""', '"').strip()

    def take(self, rows: npt.NDArray[Any]) -> Cells:
        """Return the cells of some rows."""
        return Cells(self.block, self.starts[rows], self.sizes[rows])

    def first_words(self) -> npt.NDArray[np.uint64]:
        """Return up to eight bytes of each cell as a number."""
        words: npt.NDArray[np.uint64] = self.block.words[self.starts]
        found: npt.NDArray[np.uint64] = words & _MASKS[np.minimum(self.sizes, WORD)]
        return found

    def is_empty(self) -> Mask:
        """Tell which cells are empty."""
        empty: Mask = self.sizes == 0
        return empty

    def match(self, words: dict[str, int]) -> Ints:
        """Return the number of each cell's word, `NOT_READ` where it is none of them."""
        found = np.full(len(self), NOT_READ, dtype=np.int32)
        found[self.sizes == 0] = UNKNOWN
        first = self.first_words()
        last: npt.NDArray[np.uint64] | None = None
        for word, number in words.items():
            raw = word.encode()
            hit = (self.sizes == len(raw)) & (first == _number(raw[:WORD]))
            if len(raw) > WORD:
                if last is None:
                    last = self.block.words[self.starts + np.maximum(self.sizes - WORD, 0)]
                hit &= last == _number(raw[-WORD:])
            found[hit] = number
        return found

    def flags(self) -> Ints:
        """Return 1 for true, 0 for false."""
        return self.match({"true": 1, "false": 0, "TRUE": 1, "FALSE": 0})

    def countries(self, *, may_be_null: bool = True) -> Ints:
        """Return the codes of countries; a null is `NOWHERE`."""
        table = _country_table()
        first = self.block.words[self.starts]
        found: Ints = np.where(self.sizes == 2, table[first & 0xFFFF], np.int32(NOT_READ))
        found[self.sizes == 0] = UNKNOWN
        other = np.flatnonzero(self.sizes > 2)
        if may_be_null and len(other):
            nulls = self.take(other).match(dict.fromkeys(NULL_WORDS, NOWHERE))
            found[other] = nulls
        return found

    def lists(self, *, may_be_empty: bool) -> tuple[Ints, Ints, Ints]:
        """Return up to three countries joined by semicolons, `NOWHERE` for those not there."""
        table = _country_table()
        nothing = np.full(len(self), NOWHERE, dtype=np.int32)
        first = np.full(len(self), NOT_READ, dtype=np.int32)
        first[self.sizes == 0] = UNKNOWN
        second, third = nothing, nothing.copy()
        words = self.block.words[self.starts]
        one = self.sizes == 2
        first[one] = table[words[one] & 0xFFFF]
        more = np.flatnonzero((self.sizes == 5) | (self.sizes == 8))
        if len(more):
            second = nothing.copy()
            chosen, sizes = words[more], self.sizes[more]
            apart = ((chosen >> np.uint64(16)) & 0xFF) == ord(";")
            codes = [table[(chosen >> np.uint64(shift)) & 0xFFFF] for shift in (0, 24, 48)]
            three = sizes == 8
            apart &= ~three | (((chosen >> np.uint64(40)) & 0xFF) == ord(";"))
            codes[2] = np.where(three, codes[2], NOWHERE)
            good = apart & (codes[0] >= 0) & (codes[1] >= 0) & (codes[2] >= 0)
            first[more] = np.where(good, codes[0], NOT_READ)
            second[more], third[more] = codes[1], codes[2]
        if may_be_empty:
            rest = np.flatnonzero((self.sizes > 0) & (first == NOT_READ))
            if len(rest):
                first[rest] = self.take(rest).match(dict.fromkeys(NO_LIST, NOWHERE))
        return first, second, third

    def days(self, *, may_be_null: bool) -> Ints:
        """Return encoded days, `NULL` for null."""
        ends = self.block.words[self.starts + 2]
        # Two digits at a time: each byte holds ten times its digit and the next one's.
        pairs = ends & _DAY_DIGITS
        pairs = pairs * np.uint64(10) + (pairs >> np.uint64(8))
        pairs &= _DAY_PAIRS
        place = (pairs << np.uint64(9)) | (pairs >> np.uint64(19)) | (pairs >> np.uint64(48))
        place &= np.uint64(0xFFFF)
        written, codes, common = _days_of_a_century()
        century = _centuries()[self.block.words[self.starts] & np.uint64(0xFFFF)]
        good = (self.sizes == 10) & (written[place] == ends) & (century >= 0)
        good &= common[place] | (century % 4 == 0)
        found: Ints = np.where(good, codes[place] + century * _CENTURY, np.int32(NOT_READ))
        found[self.sizes == 0] = UNKNOWN
        if may_be_null:
            other = np.flatnonzero((self.sizes > 0) & (self.sizes != 10))
            if len(other):
                found[other] = self.take(other).match(dict.fromkeys(NULL_WORDS, NULL))
        return found


def _number(raw: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(raw, "little"))


# The digits of "YY-MM-DD", and the pairs of them that fit their place in the index below: years
# to 127, months to 15, days to 31. What lies beyond is found out by comparing what stands there.
_DAY_DIGITS = _number(b"\x0f\x0f\0\x0f\x0f\0\x0f\x0f")
_DAY_PAIRS = _number(b"\x7f\0\0\x0f\0\0\x1f\0")
_CENTURY = np.int32(100 * 12 * 32)


@cache
def _country_table() -> Ints:
    """Return the code of every two bytes, `NOT_READ` where they are no country.

    Places that belong to another country are left to careful reading, which replaces them.
    """
    table = np.full(65536, NOT_READ, dtype=np.int32)
    elsewhere = load_territories()
    for name, code in COUNTRY_CODES.items():
        if name not in elsewhere:
            table[int.from_bytes(name.encode(), "little")] = code
    return table


@cache
def _centuries() -> Ints:
    """Return the century of every two bytes, -1 where they are none within reach."""
    table = np.full(65536, -1, dtype=np.int32)
    for century in range(FIRST_DAY.year // 100, LAST_DAY.year // 100 + 1):
        table[int.from_bytes(str(century).encode(), "little")] = century
    return table


@cache
def _days_of_a_century() -> tuple[npt.NDArray[np.uint64], Ints, Mask]:
    """Return the days of a century by year, month and day.

    Returns:
        How each is written after the century, its encoded day, and whether every century has it:
        29 February of the first year is there every four centuries only.
    """
    written = np.zeros(65536, dtype=np.uint64)
    codes = np.zeros(65536, dtype=np.int32)
    common = np.ones(65536, dtype=np.bool_)
    day = date(2000, 1, 1)
    while day.year < 2100:
        year = day.year - 2000
        place = year << 9 | day.month << 5 | day.day
        written[place] = _number(f"{year:02}-{day.month:02}-{day.day:02}".encode())
        codes[place] = (year * 12 + day.month - 1) * 32 + day.day
        day += timedelta(days=1)
    common[2 << 5 | 29] = False
    return written, codes, common
