"""Loops over the bytes of a table, compiled to machine code when they first run.

A file is read byte by byte, and no chain of whole-array operations does that as fast as one loop.
So the loops stand here, in the part of Python that Numba compiles, and everything that needs more
than bytes and numbers stands elsewhere. What was compiled is kept on disk for the next run.

Compiled code does not check where it reads and writes. Callers hand in blocks with padding and
arrays that are large enough; with `NUMBA_DISABLE_JIT=1` the same loops run as plain Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Positions = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Records = npt.NDArray[np.void]

UNKNOWN: Final = -1  # an empty cell
NOT_READ: Final = -2  # something to be read with care

QUOTE: Final = 34
LINE_FEED: Final = 10
CARRIAGE_RETURN: Final = 13
# Places in the bytes are numbers without a sign. At others the compiled code would look each time
# whether they count from the end, which costs as much as the rest of the loop. Only such numbers
# may be added to one another; with others they become fractions.
Place = np.uint64
_0, _1, _3, _7, _8, _32 = (Place(number) for number in (0, 1, 3, 7, 8, 32))
# Eight bytes at once: line feeds, and what tells whether one of the bytes is zero.
_ALL_OF_A_BYTE: Final = Place(0xFF)
_LINE_FEEDS: Final = Place(0x0A0A0A0A0A0A0A0A)
_LOW_BITS, _HIGHEST_BITS = Place(0x7F7F7F7F7F7F7F7F), Place(0x8080808080808080)


def compiled(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Compile a function when it first runs, and keep what was compiled where that can be.

    While it runs, other threads may run too.
    """
    try:
        found: Callable[Parameters, Returned] = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # there is no folder to keep it in
        found = njit(nogil=True)(function)
    return found


@compiled
def strip_quotes(data: Bytes, starts: Positions, sizes: Ints) -> None:
    """Take the quotation marks off cells that stand in them."""
    for row in range(len(starts)):
        first, size = starts[row], sizes[row]
        if size >= 2 and data[first] == QUOTE and data[first + size - 1] == QUOTE:
            starts[row] = first + 1
            sizes[row] = size - 2


@compiled
def holds_byte(data: Bytes, byte: int) -> bool:
    """Tell whether one of many bytes is a certain one."""
    wanted, found = np.uint8(byte), False
    for one in data:  # all of them: many at once are compared sooner than the first is found
        found |= one == wanted
    return found


@compiled
def find_line_feeds(words_at: Numbers, stop: int, places: Positions) -> int:
    """Find all line feeds and return how many there are.

    Args:
        words_at: eight bytes from every place on, the first in the lowest place.
        stop: behind the last byte.
        places: filled with where each stands; it has room for a whole word of them more.
    """
    found, at = 0, _0
    while at < Place(stop):
        word = words_at[at] ^ _LINE_FEEDS
        if ~(((word & _LOW_BITS) + _LOW_BITS) | word) & _HIGHEST_BITS:
            for byte in range(_8):
                places[found] = at + byte
                found += int((word >> (byte << _3)) & _ALL_OF_A_BYTE == _0)
        at += _8
    while found and places[found - 1] >= stop:
        found -= 1
    return found


@compiled
def measure_lines(
    data: Bytes, ends: Positions, quoted: bool, alone: bool, starts: Positions, sizes: Positions
) -> int:
    """Find the line of each row and return how many there are.

    Args:
        data: the bytes.
        ends: where there are line feeds.
        quoted: there are quotation marks, and a line feed between two of them ends no line.
        alone: a row has one cell, so that a line with nothing on it is one.
        starts: filled with where each line begins.
        sizes: filled with its bytes, without the line's end.
    """
    row, at, inside = 0, 0, False
    begin = at
    for line in range(len(ends)):
        end = ends[line]
        if quoted:
            for place in range(Place(begin), Place(end)):
                inside ^= data[place] == QUOTE
            begin = end + 1
            if inside:
                continue
        size = end - at
        if size and data[end - 1] == CARRIAGE_RETURN:
            size -= 1
        if size or alone:
            starts[row] = at
            sizes[row] = size
            row += 1
        at = end + 1
    return row


@compiled
def find_cells(
    data: Bytes, line_starts: Positions, line_sizes: Positions, delimiter: int, place: int,
    starts: Positions, sizes: Ints,
) -> None:  # fmt: skip
    """Find one cell of each row.

    Args:
        data: the bytes.
        line_starts: where the line of each row begins.
        line_sizes: its bytes.
        delimiter: the byte between cells.
        place: the cell's place in its row.
        starts: filled with where each cell begins.
        sizes: filled with its bytes, without quotation marks around it; 0 where there is none.
    """
    between, quote = np.uint8(delimiter), np.uint8(QUOTE)
    for row in range(len(line_starts)):
        at, stop = Place(line_starts[row]), Place(line_starts[row] + line_sizes[row])
        first, cell, inside = at, 0, False
        while at < stop:
            if data[at] == quote:
                inside = not inside
            elif data[at] == between and not inside:
                if cell == place:
                    break
                cell += 1
                first = at + _1
            at += _1
        starts[row] = first
        sizes[row] = at - first if cell == place else _0
    strip_quotes(data, starts, sizes)


@compiled
def copy_bytes(data: Bytes, start: int, size: int, out: Bytes, at: int) -> int:
    """Copy some bytes and return where the next ones go."""
    source, target = Place(start), Place(at)
    for place in range(Place(size)):
        out[target + place] = data[source + place]
    return at + size


@compiled
def copy_lines(data: Bytes, starts: Positions, sizes: Positions, out: Bytes, at: int) -> int:
    """Copy lines, with a line feed behind each, and return where the next byte goes."""
    for row in range(len(starts)):
        at = copy_bytes(data, starts[row], sizes[row], out, at)
        out[at] = LINE_FEED
        at += 1
    return at


@compiled
def number_texts(
    data: Bytes, starts: Positions, sizes: Ints, seed: int, blank: Mask, found: Numbers
) -> int:
    """Make a number of each cell, as good as surely another one for another text.

    Args:
        data: the bytes.
        starts: where each cell begins.
        sizes: its bytes.
        seed: for another set of numbers.
        blank: which bytes are blanks.
        found: filled with the numbers; 0 for a cell with a blank at an end.

    Returns:
        How many cells have a blank at an end.
    """
    padded = 0
    for row in range(len(starts)):
        start, size = starts[row], sizes[row]
        if size and (blank[data[start]] or blank[data[start + size - 1]]):
            found[row] = 0
            padded += 1
            continue
        number = mix(np.uint64(size) ^ np.uint64(seed))
        place, stop = Place(start), Place(start + size)
        while place < stop:
            word = np.uint64(0)
            for byte in range(min(_8, stop - place)):
                word |= np.uint64(data[place + byte]) << (byte << _3)
            number = mix(number ^ word)
            place += _8
        found[row] = number
    return padded


@compiled
def mix(value: np.uint64) -> np.uint64:
    """Return a number with its bits spread, so that neighbours lie far apart."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def mix_all(values: Numbers, found: Numbers) -> None:
    """Spread the bits of many numbers."""
    for place in range(len(values)):
        found[place] = mix(values[place])


@compiled
def mark_places(numbers: Numbers, bits: int, part: int, seen: Bytes, again: Bytes) -> None:
    """Set a bit for each number, told by its first bits, and another one where it was set before.

    Args:
        numbers: evenly spread.
        bits: how many of its first bits are a number's place.
        part: which part of the places is looked at.
        seen: a bit a place of this part.
        again: a bit a place, of all parts.
    """
    shift, own = Place(64 - bits), Place(len(seen))
    begin = Place(part) * own
    for number in numbers:
        place = number >> shift
        byte = (place >> _3) - begin  # of places before this part, far behind it
        if byte < own:
            bit = np.uint8(1) << np.uint8(place & _7)
            if seen[byte] & bit:
                again[place >> _3] |= bit
            else:
                seen[byte] |= bit


@compiled
def look_up_places(numbers: Numbers, bits: int, again: Bytes, found: Mask) -> None:
    """Tell of each number whether its bit is set, as `mark_places` sets them."""
    shift = Place(64 - bits)
    for row in range(len(numbers)):
        place = numbers[row] >> shift
        found[row] = again[place >> _3] & (np.uint8(1) << np.uint8(place & _7)) != 0


@compiled
def turn_of(number: np.uint64, turns: np.uint64) -> np.uint64:
    """Return in which of so many turns a number is looked at, by bits that its place is not of."""
    return ((number >> _32) * turns) >> _32


@compiled
def keep_numbers(numbers: Numbers, turn: int, turns: int, kept: Numbers, again: Mask) -> None:
    """Keep each number of a turn in a table, and mark it there when it comes again.

    Args:
        numbers: evenly spread, and none is 0.
        turn: which of them are looked at (`turn_of`).
        turns: how many turns there are.
        kept: the table, of a length that is a power of two; 0 where it is free.
        again: which places hold a number that came again.
    """
    own, all_turns, last = np.uint64(turn), np.uint64(turns), Place(len(kept) - 1)
    for number in numbers:
        if turn_of(number, all_turns) != own:
            continue
        place = number & last
        while kept[place] != _0 and kept[place] != number:
            place = (place + _1) & last
        again[place] |= kept[place] == number
        kept[place] = number


@compiled
def look_up_numbers(
    numbers: Numbers, turn: int, turns: int, kept: Numbers, again: Mask, found: Mask
) -> None:
    """Tell of each number of a turn whether it came again, as `keep_numbers` marks it."""
    own, all_turns, last = np.uint64(turn), np.uint64(turns), Place(len(kept) - 1)
    for row in range(len(numbers)):
        number = numbers[row]
        if turn_of(number, all_turns) != own:
            continue
        place = number & last
        while kept[place] != number:
            place = (place + _1) & last
        found[row] = again[place]


@compiled
def find_first_bytes(data: Bytes, starts: Positions, sizes: Ints, marks: Mask, found: Mask) -> None:
    """Add to the rows found those whose cell begins with one of the marked bytes."""
    for row in range(len(starts)):
        if sizes[row] and marks[data[starts[row]]]:
            found[row] = True


@compiled
def find_first_bytes_of_cells(
    data: Bytes, starts: Positions, sizes: Positions, delimiter: int, marks: Mask, found: Mask
) -> None:
    """Add to the lines found those with a cell that begins with one of the marked bytes.

    Args:
        data: the bytes.
        starts: where each line begins.
        sizes: its bytes.
        delimiter: the byte between cells.
        marks: which bytes are marked.
        found: set for the lines found.
    """
    for row in range(len(starts)):
        first, inside = True, False
        for at in range(Place(starts[row]), Place(starts[row] + sizes[row])):
            byte = data[at]
            if byte == QUOTE:
                inside = not inside
            else:
                found[row] |= first and marks[byte]
                first = False
            if byte == delimiter and not inside:
                first = True


@compiled
def join_rows(
    out: Bytes,
    at: int,
    data: Bytes,
    others: Bytes,
    starts: Positions,
    sizes: Positions,
    begin: int,
    rows: Positions,
    lines: tuple[int, int],
    days: Ints,
    calendar: Bytes,
    said: Positions,
    tails: Bytes,
    tail_starts: Positions,
    ends: Bytes,
    end_starts: Positions,
    delimiter: int,
) -> int:
    """Write lines: the row as it came, its first and last day, what is said of it, and an end.

    Args:
        out: where to write.
        at: the first byte to write there.
        data: the bytes of some rows.
        others: the bytes of further ones.
        starts: where each begins; below zero: where it begins in the others, counted from -1.
        sizes: its bytes.
        begin: the first of them, counted like `rows`.
        rows: the row of each line.
        lines: the first line to write, and the one behind the last.
        days: by side and line the place of its first or last day in the calendar; 0: none.
        calendar: each day as ten bytes, by side and place.
        said: for each line the position of what is said.
        tails: everything that is said, each with a separator before it.
        tail_starts: where each of them begins, and where the last one ends.
        ends: a further text for each line, or nothing at all.
        end_starts: where each of them begins, and where the last one ends.
        delimiter: the byte between cells.

    Returns:
        Behind the last byte that was written.
    """
    for line in range(lines[0], lines[1]):
        row = rows[line] - begin
        if starts[row] < 0:
            at = copy_bytes(others, -1 - starts[row], sizes[row], out, at)
        else:
            at = copy_bytes(data, starts[row], sizes[row], out, at)
        for side in range(2):
            out[at] = delimiter
            at += 1
            day = days[side, line]
            if day:
                for place in range(10):
                    out[Place(at) + Place(place)] = calendar[side, day, place]
                at += 10
        tail = tail_starts[said[line]]
        at = copy_bytes(tails, tail, tail_starts[said[line] + 1] - tail, out, at)
        if len(end_starts):
            end = end_starts[line]
            at = copy_bytes(ends, end, end_starts[line + 1] - end, out, at)
        out[at] = LINE_FEED
        at += 1
    return at
