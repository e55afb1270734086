"""Loops that read rows of text into numbers, compiled like those of `loops`.

How each column is read is told by a `Coding`; which one a roster has, `coding` says.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from totalize.rosters.loops import (
    CARRIAGE_RETURN,
    LINE_FEED,
    NOT_READ,
    QUOTE,
    UNKNOWN,
    Bytes,
    Ints,
    Mask,
    Place,
    Positions,
    compiled,
    strip_quotes,
)

_ZERO, _NINE, _DASH, _SEMICOLON = 48, 57, 45, 59
_1, _2, _3, _4, _5, _7, _8 = (Place(number) for number in (1, 2, 3, 4, 5, 7, 8))

# How a column's cells are read.
TEXT: Final = 0  # not at all: where each stands is noted
WORD: Final = 1  # one of a few words
PAIR: Final = 2  # two letters, or one of the words
LIST: Final = 3  # up to three times two letters with semicolons between them, or one of the words
DAY: Final = 4  # a day like 2026-03-01, or one of the words


ROWS_AT_ONCE: Final = 1024
BYTES_AT_ONCE: Final = 1 << 16


class Coding(NamedTuple):
    """How the columns of a table are read into numbers.

    Attributes:
        forms: how each column's cells are read.
        places: of a text its row in the arrays of texts, of others in the array of codes. A list
            takes three rows there.
        otherwise: what another text than a column's words is read as, `NOT_READ` for most.
        first_words: the first of each column's words, and behind the last column's last.
        words: a word a row, filled up with zeros.
        word_sizes: the bytes of each.
        word_codes: what each stands for.
        pairs: what two letters stand for, negative for nothing; the first in the lower place.
        nothing: what is put in the places of a list that are left.
        first_year: of days.
        last_year: of days.
        month_lengths: days of each month of a leap year, January in place 1.
    """

    forms: Ints
    places: Ints
    otherwise: Ints
    first_words: Ints
    words: Bytes
    word_sizes: Ints
    word_codes: Ints
    pairs: Ints
    nothing: int
    first_year: int
    last_year: int
    month_lengths: Ints


@compiled
def pair_at(data: Bytes, start: Place, pairs: Ints) -> int:
    """Return what two letters stand for."""
    return int(pairs[Place(data[start]) | Place(data[start + _1]) << _8])


@compiled
def digits_at(data: Bytes, start: Place, count: Place) -> int:
    """Return the number that some digits write, a very small one where others stand there."""
    number = 0
    for place in range(start, start + count):
        byte = int(data[place])
        if byte < _ZERO or byte > _NINE:
            return -1_000_000_000
        number = number * 10 + byte - _ZERO
    return number


@compiled
def day_at(data: Bytes, start: Place, month_lengths: Ints, first_year: int, last_year: int) -> int:
    """Return the encoded day at a place (`logic.expressions.encode_day`)."""
    if data[start + _4] != _DASH or data[start + _7] != _DASH:
        return NOT_READ
    year = digits_at(data, start, _4)
    month, day = digits_at(data, start + _5, _2), digits_at(data, start + _8, _2)
    if year < first_year or year > last_year or month < 1 or month > 12:
        return NOT_READ
    if day < 1 or day > month_lengths[Place(month)]:
        return NOT_READ
    if month == 2 and day == 29 and (year % 4 != 0 or (year % 100 == 0 and year % 400 != 0)):
        return NOT_READ
    return (year * 12 + month - 1) * 32 + day


@compiled
def read_words(
    data: Bytes, starts: Positions, sizes: Ints, words: Bytes, word_sizes: Ints, word_codes: Ints,
    otherwise: int, found: Ints,
) -> None:  # fmt: skip
    """Read what was not read yet, where it is one of some words."""
    for row in range(len(starts)):
        if found[row] != NOT_READ:
            continue
        start, size = Place(starts[row]), sizes[row]
        found[row] = otherwise
        for word in range(len(word_codes)):
            if word_sizes[word] == size:
                place = Place(0)
                while place < Place(size) and data[start + place] == words[word, place]:
                    place += _1
                if place == Place(size):
                    found[row] = word_codes[word]
                    break


@compiled
def read_pairs(data: Bytes, starts: Positions, sizes: Ints, pairs: Ints, found: Ints) -> bool:
    """Read cells of two letters and tell whether something else is left."""
    left = False
    for row in range(len(starts)):
        if sizes[row] == 0:
            found[row] = UNKNOWN
            continue
        code = pair_at(data, Place(starts[row]), pairs) if sizes[row] == 2 else NOT_READ
        left |= code == NOT_READ
        found[row] = code
    return left


@compiled
def read_days(
    data: Bytes, starts: Positions, sizes: Ints, month_lengths: Ints, first_year: int,
    last_year: int, found: Ints,
) -> bool:  # fmt: skip
    """Read cells that hold a day like 2026-03-01 and tell whether something else is left."""
    left = False
    for row in range(len(starts)):
        if sizes[row] == 0:
            found[row] = UNKNOWN
            continue
        code = NOT_READ
        if sizes[row] == 10:
            code = day_at(data, Place(starts[row]), month_lengths, first_year, last_year)
        left |= code == NOT_READ
        found[row] = code
    return left


@compiled
def read_lists(
    data: Bytes, starts: Positions, sizes: Ints, pairs: Ints, nothing: int, found: Ints
) -> bool:
    """Read cells of up to three different pairs of letters with semicolons between them.

    Returns:
        Whether something else is left.
    """
    left = False
    for row in range(len(starts)):
        start, size = Place(starts[row]), sizes[row]
        found[1, row] = found[2, row] = nothing
        good = size in (2, 5, 8)
        if good:
            for number in range((size + 1) // 3):
                at = start + _3 * Place(number)
                code = pair_at(data, at, pairs)
                good &= code >= 0 and (number == 0 or data[at - _1] == _SEMICOLON)
                for other in range(number):
                    good &= found[other, row] != code
                found[number, row] = code
        if not good:
            found[0, row] = NOT_READ if size else UNKNOWN
            left |= size > 0
    return left


@compiled
def mark_filled(sizes: Ints, found: Ints) -> bool:
    """Note which cells are filled and tell whether some are."""
    left = False
    for row in range(len(sizes)):
        found[row] = NOT_READ if sizes[row] else UNKNOWN
        left |= sizes[row] > 0
    return left


@compiled
def read_column(
    data: Bytes, starts: Positions, sizes: Ints, coding: Coding, column: int, codes: Ints,
    unread: Mask,
) -> None:  # fmt: skip
    """Read the cells of one column.

    Args:
        data: the bytes.
        starts: where each cell begins.
        sizes: its bytes.
        coding: how columns are read.
        column: which of them it is.
        codes: filled with what the cells say, by place and row.
        unread: set for rows with something that could not be read.
    """
    form, place = coding.forms[column], coding.places[column]
    found = codes[place]
    if form == PAIR:
        left = read_pairs(data, starts, sizes, coding.pairs, found)
    elif form == DAY:
        left = read_days(
            data, starts, sizes, coding.month_lengths, coding.first_year, coding.last_year, found
        )
    elif form == LIST:
        left = read_lists(
            data, starts, sizes, coding.pairs, coding.nothing, codes[place : place + 3]
        )
    else:
        left = mark_filled(sizes, found)
    if not left:
        return
    own = slice(coding.first_words[column], coding.first_words[column + 1])
    read_words(
        data, starts, sizes, coding.words[own], coding.word_sizes[own], coding.word_codes[own],
        coding.otherwise[column], found,
    )  # fmt: skip
    for row in range(len(starts)):
        unread[row] |= found[row] == NOT_READ


@compiled
def find_breaks(
    data: Bytes, begin: int, stop: int, delimiter: int, quoted: bool, breaks: Positions
) -> int:
    """Find where cells and lines end, outside quotation marks, and return how many there are.

    There is no branch in this loop. A processor guesses wrong at the end of nearly every cell,
    and a wrong guess costs as much as a dozen bytes.

    Args:
        data: the bytes.
        begin: where a row begins.
        stop: where to stop looking.
        delimiter: the byte between cells; a line feed where only lines are looked for.
        quoted: there are quotation marks.
        breaks: filled with the place of each.
    """
    found, outside = Place(0), Place(1)
    between, line, quote = np.uint8(delimiter), np.uint8(LINE_FEED), np.uint8(QUOTE)
    if not quoted:
        for at in range(Place(begin), Place(stop)):
            breaks[found] = at
            found += Place((data[at] == line) | (data[at] == between))
        return int(found)
    for at in range(Place(begin), Place(stop)):
        outside ^= Place(data[at] == quote)
        breaks[found] = at
        found += outside & Place((data[at] == line) | (data[at] == between))
    return int(found)


@compiled
def split_rows(
    data: Bytes, begin: int, stop: int, delimiter: int, quoted: bool, breaks: Positions,
    starts: Positions, sizes: Ints, line_starts: Positions, line_sizes: Positions, cells: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Find the cells of rows, with quotation marks as in RFC 4180.

    Args:
        data: the bytes.
        begin: where a row begins.
        stop: where to stop looking; rows that are not whole by then are left.
        delimiter: the byte between cells.
        quoted: there are quotation marks.
        breaks: room for a number a byte.
        starts: filled with where each cell begins, by column and row.
        sizes: filled with its bytes. A row with more or fewer cells than columns gets empty ones.
        line_starts: filled with where each row's line begins; no more rows are looked for than
            it has room for.
        line_sizes: filled with its bytes, without the line's end.
        cells: filled with how many cells each row has.

    Returns:
        How many rows were found and where the next one begins.
    """
    width = len(starts)
    count = find_breaks(data, begin, stop, delimiter, quoted, breaks)
    row, at, number = 0, begin, 0
    while row < len(line_starts):
        last = number + width - 1
        regular = last < count and fill_row(data, breaks[number:], at, starts, sizes, row)
        if not regular:
            last = number
            while last < count and data[breaks[last]] != LINE_FEED:
                last += 1
            if last >= count:
                break
        line, end = at, breaks[last]
        at = end + 1
        if end > line and data[end - 1] == CARRIAGE_RETURN:
            end -= 1
            if regular and sizes[width - 1, row]:
                sizes[width - 1, row] -= 1
        if end > line or width == 1:  # a line with nothing on it is no row
            line_starts[row] = line
            line_sizes[row] = end - line
            cells[row] = last + 1 - number
            if not regular:
                starts[:, row] = line
                sizes[:, row] = 0
            row += 1
        number = last + 1
    return row, at


@compiled
def fill_row(
    data: Bytes, breaks: Positions, begin: int, starts: Positions, sizes: Ints, row: int
) -> bool:
    """Put down the cells of a row and tell whether it has as many as there are columns."""
    width, first, ends = len(starts), begin, 0
    for column in range(width):
        place = breaks[column]
        ends += int(data[Place(place)] == LINE_FEED)
        starts[column, row] = first
        sizes[column, row] = place - first
        first = place + 1
    return ends == 1 and data[first - 1] == LINE_FEED


@compiled
def read_rows(
    data: Bytes,
    begin: int,
    stop: int,
    delimiter: int,
    quoted: bool,
    coding: Coding,
    starts: Positions,
    sizes: Ints,
    codes: Ints,
    unread: Mask,
    line_starts: Positions,
    line_sizes: Positions,
    cells: Ints,
) -> tuple[int, int]:
    """Read rows, with quotation marks as in RFC 4180.

    Args:
        data: the bytes.
        begin: where a row begins.
        stop: where the last row ends, behind its line feed.
        delimiter: the byte between cells.
        quoted: there are quotation marks.
        coding: how columns are read.
        starts: filled with where each text begins, by place and row.
        sizes: filled with its bytes, without quotation marks around it.
        codes: filled with what the other cells say, by place and row.
        unread: set for rows with something that could not be read, among them rows with more or
            fewer cells than columns, of which every cell counts as empty.
        line_starts: filled with where each row's line begins; no more rows are looked for than
            it has room for.
        line_sizes: filled with its bytes, without the line's end.
        cells: filled with how many cells each row has.

    Returns:
        How many rows were found and where the next one begins.
    """
    width = len(coding.forms)
    # A few rows at a time, so that their cells are still at hand when they are read. The odd
    # number keeps columns from fighting for the same places in the processor's memory.
    some_starts = np.empty((width, ROWS_AT_ONCE + 8), dtype=np.int64)
    some_sizes = np.empty((width, ROWS_AT_ONCE + 8), dtype=np.int32)
    reach = BYTES_AT_ONCE
    breaks = np.empty(reach, dtype=np.int64)
    row, at = 0, begin
    while at < stop and row < len(line_starts):
        rows = slice(row, min(row + ROWS_AT_ONCE, len(line_starts)))
        found, following = split_rows(
            data, at, min(stop, at + reach), delimiter, quoted, breaks, some_starts, some_sizes,
            line_starts[rows], line_sizes[rows], cells[rows],
        )  # fmt: skip
        if following == at:  # a row longer than that
            if at + reach >= stop:
                break
            reach *= 2
            breaks = np.empty(reach, dtype=np.int64)
        at = following
        rows = slice(row, row + found)
        for one in range(row, row + found):
            unread[one] = cells[one] != width
        for column in range(width):
            own_starts, own_sizes = some_starts[column, :found], some_sizes[column, :found]
            if quoted:
                strip_quotes(data, own_starts, own_sizes)
            place = coding.places[column]
            if coding.forms[column] == TEXT:
                starts[place, rows] = own_starts
                sizes[place, rows] = own_sizes
            else:
                read_column(
                    data, own_starts, own_sizes, coding, column, codes[:, rows], unread[rows]
                )
        row += found
    return row, at
