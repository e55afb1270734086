"""Find the cells in the bytes of a table with separators, without making an object of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from totalize.rosters.cells import PADDING, WORD, Block, Cells, Mask, Positions

QUOTE = 34
LINE_FEED = 10
CARRIAGE_RETURN = 13


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text: the cells of each column and, for files with lines, the lines.

    Attributes:
        columns: in the order of the file.
        size: number of rows.
        block: the bytes, `PADDING` at their end.
        line_starts: where each row's line starts.
        line_sizes: its bytes without the line's end.
        ragged: rows with another number of cells than the header, and that number.
    """

    columns: tuple[Cells, ...]
    size: int
    block: Block
    line_starts: Positions
    line_sizes: Positions
    ragged: Mapping[int, int]

    def take(self, rows: Positions) -> Table:
        """Return some rows."""
        where = {int(row): place for place, row in enumerate(rows)}
        return Table(
            tuple(column.take(rows) for column in self.columns),
            len(rows),
            self.block,
            self.line_starts[rows],
            self.line_sizes[rows],
            {where[row]: cells for row, cells in self.ragged.items() if row in where},
        )


def pick_lines(data: bytes, rows: Callable[[int], Positions]) -> bytes:
    """Return some lines of data without quotation marks, each with its line end.

    Args:
        data: whole lines, the last one with its line feed.
        rows: told how many lines there are, returns the positions of those wanted.
    """
    everything = np.frombuffer(data, dtype=np.uint8)
    stops = np.flatnonzero(everything == LINE_FEED)
    starts = np.concatenate(([0], stops[:-1] + 1))
    sizes = stops - starts
    filled = (sizes > 1) | ((sizes == 1) & (everything[starts] != CARRIAGE_RETURN))
    if not filled.all():
        starts, sizes = starts[filled], sizes[filled]
    wanted = rows(len(starts))
    starts, lengths = starts[wanted], sizes[wanted] + 1
    ends = np.cumsum(lengths)
    places = np.arange(int(ends[-1]) if len(ends) else 0)
    places += np.repeat(starts - (ends - lengths), lengths)
    return everything[places].tobytes()


def split(data: bytes, delimiter: int, width: int) -> Table:
    """Split whole lines into cells, with quotation marks as in RFC 4180.

    Args:
        data: whole lines, the last one with its line feed.
        delimiter: the byte between cells.
        width: number of cells in the header.
    """
    block = Block.of(data + PADDING)
    if not data:
        nothing = np.zeros(0, dtype=np.int64)
        empty = Cells(block, nothing, nothing.astype(np.int32))
        return Table((empty,) * width, 0, block, nothing, nothing, {})
    everything = block.data[: len(data)]
    breaks = (everything == delimiter) | (everything == LINE_FEED)
    quoted = QUOTE in data
    if quoted:
        inside = np.cumsum(everything == QUOTE, dtype=np.uint8) & 1
        breaks &= inside == 0
    places = np.flatnonzero(breaks)
    line_ends = np.flatnonzero(everything[places] == LINE_FEED)
    cells = np.diff(line_ends, prepend=-1)
    stops = places[line_ends]
    starts = np.concatenate(([0], stops[:-1] + 1))
    sizes = stops - starts
    returns = (sizes > 0) & (everything[np.maximum(stops - 1, 0)] == CARRIAGE_RETURN)
    sizes = sizes - returns
    ragged: dict[int, int] = {}
    regular = cells == width
    if not regular.all():
        # A line with nothing on it is no row.
        rows = sizes > 0
        if width == 1:
            rows |= regular
        wrong = np.flatnonzero(~regular & rows)
        numbers = np.cumsum(rows) - 1
        ragged = {int(numbers[line]): int(cells[line]) for line in wrong}
        places = places[np.repeat(regular & rows, cells)]
        ends = _fill(places.reshape(-1, width), rows, regular & rows, starts)
        starts, sizes = starts[rows], sizes[rows]
    else:
        ends = places.reshape(-1, width)
    return Table(
        _columns(block, ends, starts, sizes, quoted=quoted, ragged=bool(ragged)),
        len(starts),
        block,
        starts,
        sizes,
        ragged,
    )


def first_cells(data: bytes, delimiter: int) -> Cells:
    """Return the first cell of each line; there are no quotation marks in the data.

    Args:
        data: whole lines, the last one with its line feed.
        delimiter: the byte between cells.
    """
    block = Block.of(data + PADDING)
    everything = block.data[: len(data)]
    stops = np.flatnonzero(everything == LINE_FEED)
    starts = np.concatenate(([0], stops[:-1] + 1))
    lengths = stops - starts
    lengths -= (lengths > 0) & (everything[np.maximum(stops - 1, 0)] == CARRIAGE_RETURN)
    rows = lengths > 0
    starts, lengths = starts[rows], lengths[rows]
    sizes = lengths.copy()
    pattern = np.uint64(int.from_bytes(bytes([delimiter]) * WORD, "little"))
    looking, place = np.arange(len(starts)), 0
    while len(looking):
        # A byte that meets the delimiter turns to zero, and only a zero borrows its top bit.
        met = block.words[starts[looking] + place] ^ pattern
        met = (met - _ONES) & ~met & _TOPS
        found = np.flatnonzero(met)
        lowest = met[found] & (~met[found] + np.uint64(1))
        at = place + (np.log2(lowest.astype(np.float64)).astype(np.int64) >> 3)
        sizes[looking[found]] = np.minimum(at, lengths[looking[found]])
        looking = looking[(met == 0) & (lengths[looking] > place + WORD)]
        place += WORD
    return Cells(block, starts, sizes.astype(np.int32))


_ONES = np.uint64(0x0101010101010101)
_TOPS = np.uint64(0x8080808080808080)


def _fill(
    ends: npt.NDArray[np.int64], rows: Mask, regular: Mask, starts: Positions
) -> npt.NDArray[np.int64]:
    """Give ragged rows empty cells, so that every row has as many."""
    filled = np.repeat(starts[rows][:, None] - 1, ends.shape[1], axis=1)
    filled[regular[rows]] = ends
    return filled


def _columns(
    block: Block,
    ends: npt.NDArray[np.int64],
    starts: Positions,
    sizes: Positions,
    *,
    quoted: bool,
    ragged: bool,
) -> tuple[Cells, ...]:
    width = ends.shape[1]
    begins = np.empty((width, len(starts)), dtype=np.int64)
    begins[0] = starts
    np.add(ends.T[:-1], 1, out=begins[1:])
    lengths = np.empty(begins.shape, dtype=np.int32)
    np.subtract(begins[1:], begins[:-1] + 1, out=lengths[:-1], casting="same_kind")
    np.subtract(starts + sizes, begins[-1], out=lengths[-1], casting="same_kind")
    if ragged:
        np.maximum(lengths, 0, out=lengths)
    columns = []
    for first, size in zip(begins, lengths, strict=True):
        if quoted:
            marked = (size >= 2) & (block.data[first] == QUOTE)
            marked &= block.data[np.maximum(first + size - 1, 0)] == QUOTE
            columns.append(Cells(block, first + marked, size - 2 * marked.astype(np.int32)))
        else:
            columns.append(Cells(block, first, size))
    return tuple(columns)
