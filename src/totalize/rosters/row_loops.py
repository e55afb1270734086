"""Loops that read rows of text into numbers, compiled like those of `loops`.

How each column is read is told by a `Coding`; which one a roster has, `coding` says.

Rows are read straight through: what a column is tells where its cell ends, so most bytes are looked
at once, eight together. Only a row that holds something unusual is split into cells first.
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
    Numbers,
    Place,
    Positions,
    compiled,
    strip_quotes,
)

_SEMICOLON: Final = 59
_0, _1, _2, _3, _8, _10, _16 = (Place(number) for number in (0, 1, 2, 3, 8, 10, 16))
_DIGIT, _BYTE, _PAIR = (Place(number) for number in (0xF, 0xFF, 0xFFFF))
# Eight bytes like 2026-03- and the two behind. Under the first of each pair a digit becomes its
# value and a dash nothing; with the second added, whatever is more than that has its highest bit.
_YEAR_AND_MONTH, _YEAR_AND_MONTH_REST = Place(0x2D30302D30303030), Place(0x7F76767F76767676)
_DAY, _DAY_REST = Place(0x3030), Place(0x7676)
_LOW_BITS, _HIGHEST_BITS = Place(0x7F7F7F7F7F7F7F7F), Place(0x8080808080808080)

# How a column's cells are read.
TEXT: Final = 0  # not at all: where each stands is noted
WORD: Final = 1  # one of a few words
PAIR: Final = 2  # two letters, or one of the words
LIST: Final = 3  # up to three times two letters with semicolons between them, or one of the words
DAY: Final = 4  # a day like 2026-03-01, or one of the words


class Coding(NamedTuple):
    """How the columns of a table are read into numbers.

    Attributes:
        forms: how each column's cells are read.
        places: of a text its row in the arrays of texts, of others in the array of codes. A list
            takes three rows there.
        otherwise: what another text than a column's words is read as, `NOT_READ` for most.
        first_words: the first of each column's words, and behind the last column's last.
        words: a word a row: its first eight bytes, those behind, and which bits of either to
            look at.
        word_sizes: the bytes of each.
        word_codes: what each stands for.
        pairs: what two letters stand for, negative for nothing; the first in the lower place.
        nothing: what is put in the places of a list that are left.
        first_year: of days.
        last_year: of days.
    """

    forms: Ints
    places: Ints
    otherwise: Ints
    first_words: Ints
    words: Numbers
    word_sizes: Ints
    word_codes: Ints
    pairs: Ints
    nothing: int
    first_year: int
    last_year: int


@compiled
def day_of(low: np.uint64, high: np.uint64, first_year: int, last_year: int) -> int:
    """Return the encoded day (`logic.expressions.encode_day`) that some bytes write.

    Args:
        low: the first eight bytes.
        high: those behind; only two of them count.
        first_year: the first one that is read.
        last_year: the last one.
    """
    front, back = low ^ _YEAR_AND_MONTH, (high & _PAIR) ^ _DAY
    odd = front | ((front & _LOW_BITS) + _YEAR_AND_MONTH_REST)
    odd |= back | ((back & _LOW_BITS) + _DAY_REST)
    if odd & _HIGHEST_BITS:
        return NOT_READ
    year, month, day = 0, 0, 0
    for place in range(4):
        year = year * 10 + int(np.int64((front >> Place(8 * place)) & _DIGIT))
    for place in range(2):
        month = month * 10 + int(np.int64((front >> Place(8 * place + 40)) & _DIGIT))
        day = day * 10 + int(np.int64((back >> Place(8 * place)) & _DIGIT))
    if year < first_year or year > last_year or month < 1 or month > 12 or day < 1:
        return NOT_READ
    longest = 30 + ((month + (month >> 3)) & 1)
    if month == 2:
        longest = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return (year * 12 + month - 1) * 32 + day if day <= longest else NOT_READ


@compiled
def read_words(
    words_at: Numbers, starts: Positions, sizes: Ints, words: Numbers, word_sizes: Ints,
    word_codes: Ints, otherwise: int, found: Ints,
) -> None:  # fmt: skip
    """Read what was not read yet, where it is one of some words."""
    for row in range(len(starts)):
        if found[row] != NOT_READ:
            continue
        low, high = words_at[Place(starts[row])], words_at[Place(starts[row]) + _8]
        found[row] = otherwise
        for word in range(len(word_codes)):
            if (
                word_sizes[word] == sizes[row]
                and low & words[word, 2] == words[word, 0]
                and high & words[word, 3] == words[word, 1]
            ):
                found[row] = word_codes[word]
                break


@compiled
def read_pairs(words_at: Numbers, starts: Positions, sizes: Ints, pairs: Ints, found: Ints) -> bool:
    """Read cells of two letters and tell whether something else is left."""
    left = False
    for row in range(len(starts)):
        if sizes[row] == 0:
            found[row] = UNKNOWN
            continue
        code = pairs[words_at[Place(starts[row])] & _PAIR] if sizes[row] == 2 else NOT_READ
        left |= code == NOT_READ
        found[row] = code
    return left


@compiled
def read_days(
    words_at: Numbers, starts: Positions, sizes: Ints, first_year: int, last_year: int,
    found: Ints,
) -> bool:  # fmt: skip
    """Read cells that hold a day like 2026-03-01 and tell whether something else is left."""
    left = False
    for row in range(len(starts)):
        if sizes[row] == 0:
            found[row] = UNKNOWN
            continue
        code = NOT_READ
        if sizes[row] == 10:
            start = Place(starts[row])
            code = day_of(words_at[start], words_at[start + _8], first_year, last_year)
        left |= code == NOT_READ
        found[row] = code
    return left


@compiled
def read_lists(
    words_at: Numbers, starts: Positions, sizes: Ints, pairs: Ints, nothing: int, found: Ints
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
                code = pairs[words_at[at] & _PAIR]
                good &= code >= 0
                good &= number == 0 or words_at[at - _1] & _BYTE == Place(_SEMICOLON)
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
    words_at: Numbers, starts: Positions, sizes: Ints, coding: Coding, column: int, codes: Ints,
    unread: Mask,
) -> None:  # fmt: skip
    """Read the cells of one column.

    Args:
        words_at: eight bytes from every place on.
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
        left = read_pairs(words_at, starts, sizes, coding.pairs, found)
    elif form == DAY:
        left = read_days(words_at, starts, sizes, coding.first_year, coding.last_year, found)
    elif form == LIST:
        left = read_lists(
            words_at, starts, sizes, coding.pairs, coding.nothing, codes[place : place + 3]
        )
    else:
        left = mark_filled(sizes, found)
    if not left:
        return
    own = slice(coding.first_words[column], coding.first_words[column + 1])
    read_words(
        words_at, starts, sizes, coding.words[own], coding.word_sizes[own], coding.word_codes[own],
        coding.otherwise[column], found,
    )  # fmt: skip
    for row in range(len(starts)):
        unread[row] |= found[row] == NOT_READ


@compiled
def empty_cells(coding: Coding, start: int, starts: Positions, sizes: Ints, codes: Ints) -> None:
    """Put down that every cell of some rows is empty."""
    starts[:], sizes[:], codes[:] = start, 0, UNKNOWN
    for column in range(len(coding.forms)):
        if coding.forms[column] == LIST:
            place = coding.places[column]
            codes[place + 1 : place + 3] = coding.nothing


@compiled
def read_plain_rows(  # noqa: C901, PLR0912, PLR0915 - a loop in one piece
    data: Bytes, words_at: Numbers, begin: int, stop: int, delimiter: int, coding: Coding,
    starts: Positions, sizes: Ints, codes: Ints, row: int, line_starts: Positions,
    line_sizes: Positions,
) -> tuple[int, int]:  # fmt: skip
    """Read rows straight through until one holds anything unusual.

    All of it stands in one function: handing arrays on to another one counts in how many hands
    they are, which costs more than a cell. Arguments are those of `read_rows`, and cells of which
    nothing is put down are empty.

    Returns:
        The row that is not read, and where it begins. What is put down of it counts for nothing.
    """
    forms, places, pairs, words = coding.forms, coding.places, coding.pairs, coding.words
    between, quote = np.uint8(delimiter), np.uint8(QUOTE)
    feed, back = np.uint8(LINE_FEED), np.uint8(CARRIAGE_RETURN)
    last = len(forms) - 1
    at = Place(begin)
    while at < Place(stop) and row < len(line_starts):
        line = at
        column = -1
        while column < last:
            column += 1
            while data[at] == between and column < last:
                column += 1
                at += _1
            opened = data[at] == quote
            at += Place(opened)
            form, place = forms[column], places[column]
            if form == TEXT:
                ending = quote if opened else between
                end = at
                while data[end] != ending and data[end] != feed and data[end] != quote:
                    end += _1
                if column == last and not opened and end > at and data[end - _1] == back:
                    end -= _1
                starts[place, row] = at
                sizes[place, row] = end - at
                at = end
            else:
                ending = quote if opened else (between if column < last else feed)
                # The last cell may end with the first byte of a line's end that has two.
                other = back if column == last and not opened else ending
                code, size = NOT_READ, _0
                low = words_at[at]
                if data[at] == ending or data[at] == other:
                    code = UNKNOWN
                elif form == PAIR:
                    code, size = pairs[low & _PAIR], _2
                elif form == DAY:
                    code = day_of(low, words_at[at + _8], coding.first_year, coding.last_year)
                    size = _10
                elif form == LIST:
                    code, size = pairs[low & _PAIR], _2
                if form == LIST:
                    following = 1
                    while code >= 0 and data[at + size] == _SEMICOLON and following < 3:
                        more = pairs[words_at[at + size + _1] & _PAIR]
                        size += _3
                        if more < 0 or more == code or more == codes[place + 1, row]:
                            code = NOT_READ
                        codes[place + following, row] = more
                        following += 1
                if code == NOT_READ or (data[at + size] != ending and data[at + size] != other):
                    code = NOT_READ
                    high = words_at[at + _8]
                    for word in range(coding.first_words[column], coding.first_words[column + 1]):
                        if low & words[word, 2] == words[word, 0] and (
                            high & words[word, 3] == words[word, 1]
                        ):
                            size = Place(coding.word_sizes[word])
                            if data[at + size] == ending or data[at + size] == other:
                                code = coding.word_codes[word]
                                break
                    if form == LIST:
                        codes[place + 1, row] = codes[place + 2, row] = coding.nothing
                    if code == NOT_READ:
                        return row, int(np.int64(line))
                codes[place, row] = code
                at += size
            if opened:
                if data[at] != quote:
                    return row, int(np.int64(line))
                at += _1
            if column < last:
                if data[at] != between:
                    return row, int(np.int64(line))
                at += _1
        line_starts[row] = line
        line_sizes[row] = at - line
        if data[at] == back:
            at += _1
        if data[at] != feed:
            return row, int(np.int64(line))
        at += _1
        row += 1
    return row, int(np.int64(at))


@compiled
def line_end(data: Bytes, begin: int, stop: int) -> int:
    """Return where a row's line feed stands, outside quotation marks.

    Where a mark is never closed the row reaches to the last line feed there is.
    """
    inside = False
    for at in range(Place(begin), Place(stop)):
        inside ^= data[at] == QUOTE
        if data[at] == LINE_FEED and not inside:
            return int(np.int64(at))
    return stop - 1


@compiled
def split_line(
    data: Bytes, begin: int, end: int, delimiter: int, starts: Positions, sizes: Ints
) -> int:
    """Find the cells of a line, with quotation marks as in RFC 4180, and return how many it has.

    Args:
        data: the bytes.
        begin: where the line begins.
        end: where it ends.
        delimiter: the byte between cells.
        starts: filled with where each cell begins, as far as there is room.
        sizes: filled with its bytes, without quotation marks around it.
    """
    cells, first, inside = 0, begin, False
    for at in range(begin, end + 1):
        if at < end:
            inside ^= data[Place(at)] == QUOTE
            if inside or data[Place(at)] != delimiter:
                continue
        if cells < len(starts):
            starts[cells], sizes[cells] = first, at - first
        cells += 1
        first = at + 1
    strip_quotes(data, starts[:cells], sizes[:cells])
    return cells


@compiled
def read_rows(
    data: Bytes,
    words_at: Numbers,
    begin: int,
    stop: int,
    delimiter: int,
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
        words_at: eight bytes from every place on, the first in the lowest place.
        begin: where a row begins.
        stop: where the last row ends, behind its line feed.
        delimiter: the byte between cells.
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
    some_starts, some_sizes = np.empty(width, dtype=np.int64), np.empty(width, dtype=np.int32)
    unread[:], cells[:] = False, width
    empty_cells(coding, begin, starts, sizes, codes)
    row, at = 0, begin
    while True:
        row, at = read_plain_rows(
            data, words_at, at, stop, delimiter, coding, starts, sizes, codes, row, line_starts,
            line_sizes,
        )  # fmt: skip
        if at >= stop or row == len(line_starts):
            return row, at
        own = slice(row, row + 1)
        empty_cells(coding, at, starts[:, own], sizes[:, own], codes[:, own])
        line, end = at, line_end(data, at, stop)
        at = end + 1
        if end > line and data[Place(end - 1)] == CARRIAGE_RETURN:
            end -= 1
        if end == line and width > 1:  # a line with nothing on it is no row
            continue
        line_starts[row], line_sizes[row] = line, end - line
        cells[row] = split_line(data, line, end, delimiter, some_starts, some_sizes)
        if cells[row] != width:
            some_starts[:], some_sizes[:] = line, 0
            unread[row] = True
        for column in range(width):
            cell = slice(column, column + 1)
            if coding.forms[column] == TEXT:
                starts[coding.places[column], own] = some_starts[cell]
                sizes[coding.places[column], own] = some_sizes[cell]
            else:
                read_column(
                    words_at, some_starts[cell], some_sizes[cell], coding, column, codes[:, own],
                    unread[own],
                )  # fmt: skip
        row += 1
