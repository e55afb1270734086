"""The cells of one column as bytes, and how to read a column of codes at once.

A column is the text of all its cells somewhere in one block of bytes, with the start and the
length of each. Reading compares whole words of eight bytes, so no cell becomes an object.
What is not recognised here is not wrong yet: such rows are read one by one, with the checks and
the words of a single case.
"""

from __future__ import annotations

from dataclasses import dataclass
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
        starts = self.starts
        front = self.block.words[starts]
        back = self.block.words[starts + np.where(self.sizes == 10, 2, 0)]
        digits = (front & _DIGIT_PLACES_FRONT) == _DIGIT_ZEROES_FRONT
        digits &= (back & _DIGIT_PLACES_BACK) == _DIGIT_ZEROES_BACK
        low, rest = front & _DIGITS, back & _DIGITS
        year = _digit(low, 0) * 1000 + _digit(low, 1) * 100 + _digit(low, 2) * 10 + _digit(low, 3)
        month = _digit(rest, 3) * 10 + _digit(rest, 4)
        day = _digit(rest, 6) * 10 + _digit(rest, 7)
        code = (year * 12 + month - 1) * 32 + day
        table = _day_table()
        # Half a digit above nine, a wrong month or day and a year out of reach all lie outside
        # of the table or on a place that says so.
        good = digits & (self.sizes == 10) & (month >= 1) & (month <= 12) & (day <= 31)
        good &= ((_over_nine(low) & _FRONT) | (_over_nine(rest) & _BACK)) == 0
        place = np.where(good, code - _FIRST_CODE, 0)
        good &= (place >= 0) & (place < len(table))
        good &= table[np.clip(place, 0, len(table) - 1)]
        found: Ints = np.where(good, code, np.int32(NOT_READ)).astype(np.int32)
        found[self.sizes == 0] = UNKNOWN
        if may_be_null:
            other = np.flatnonzero((self.sizes > 0) & (self.sizes != 10))
            if len(other):
                found[other] = self.take(other).match(dict.fromkeys(NULL_WORDS, NULL))
        return found


def _number(raw: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(raw, "little"))


def _digit(words: npt.NDArray[np.uint64], place: int) -> Ints:
    return ((words >> np.uint64(8 * place)) & 0xFF).astype(np.int32)


def _over_nine(digits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return digits + np.uint64(0x0606060606060606)


# "YYYY-MM-" and "YY-MM-DD": the upper half of a digit's byte is 3, a dash is 2D.
_DIGIT_PLACES_FRONT = _number(b"\xf0\xf0\xf0\xf0\xff\xf0\xf0\xff")
_DIGIT_ZEROES_FRONT = _number(b"0000-00-")
_DIGIT_PLACES_BACK = _number(b"\xf0\xf0\xff\xf0\xf0\xff\xf0\xf0")
_DIGIT_ZEROES_BACK = _number(b"00-00-00")
_DIGITS = np.uint64(0x0F0F0F0F0F0F0F0F)
_FRONT = _number(b"\x10\x10\x10\x10\0\x10\x10\0")
_BACK = _number(b"\x10\x10\0\x10\x10\0\x10\x10")
_FIRST_CODE = FIRST_DAY.year * 12 * 32


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
def _day_table() -> Mask:
    """Return for every encoded day from the first year on whether the calendar has it."""
    first = np.datetime64(FIRST_DAY, "D")
    days = np.arange(first, np.datetime64(LAST_DAY, "D") + 1)
    months = days.astype("datetime64[M]")
    number = months.astype(np.int64) + 1970 * 12
    code = number * 32 + (days - months).astype(np.int64) + 1
    table = np.zeros(int(code[-1]) - _FIRST_CODE + 2, dtype=np.bool_)
    table[code - _FIRST_CODE] = True
    return table
