"""Read lines of text into rows, without making an object of each cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from totalize.rosters import loops, row_loops
from totalize.rosters.cells import PADDING, WORD_BYTES, Block, Cells
from totalize.rosters.coding import Codes, Columns, all_as_texts
from totalize.rosters.loops import CARRIAGE_RETURN, LINE_FEED, QUOTE, Bytes, Mask, Positions

_PLAIN: Final = 128
ROOM: Final = 1 + len(PADDING)  # bytes behind lines
# Columns lie a little further apart than they are long: at a distance that is a power of two they
# would all fight for the same few places in the processor's memory.
_APART: Final = 24


def make_room(size: int) -> Bytes:
    """Return room for so many bytes of lines, and for what has to stand behind them."""
    room = np.empty(size + ROOM, dtype=np.uint8)
    room[size:] = 0
    return room


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text.

    Attributes:
        size: number of rows.
        codes: what the rows say.
        texts: the cells of the columns that are kept as text, by their number in the header.
        lines: which the rows stand in.
        starts: where each row's line starts.
        sizes: its bytes without the line's end.
        ragged: rows with another number of cells than the header, and that number.
    """

    size: int
    codes: Codes
    texts: Mapping[int, Cells]
    lines: Lines
    starts: Positions
    sizes: Positions
    ragged: Mapping[int, int]

    def columns(self) -> tuple[Cells, ...]:
        """Return the cells of all columns."""
        table, _ = self.lines.read(int(self.starts[0]), self.size, self.lines.as_texts())
        return tuple(table.texts[number] for number in range(len(table.texts)))

    def text(self, row: int) -> str:
        """Return one line as it stands."""
        start = int(self.starts[row])
        raw = self.lines.block.data[start : start + int(self.sizes[row])].tobytes()
        return raw.decode("utf-8", "replace")

    def take(self, rows: Positions) -> Lines:
        """Return the lines of some rows."""
        return self.lines.copy(self.starts[rows], self.sizes[rows])

    def find_first_bytes(self, rows: Positions, marks: Mask, found: Mask) -> None:
        """Mark those of some rows that have a cell with a marked byte in front."""
        lines = self.lines
        loops.find_first_bytes_of_cells(
            lines.block.data, self.starts[rows], self.sizes[rows], lines.delimiter, marks, found
        )


class Lines:
    """Whole lines of text, with quotation marks as in RFC 4180.

    Args:
        room: the lines, and behind them `ROOM` bytes for a line feed and the padding
            (`make_room`).
        delimiter: the byte between cells.
        columns: how they are read.
        line_end: what ends a line.
    """

    def __init__(
        self, room: Bytes, delimiter: int, columns: Columns, line_end: int = LINE_FEED
    ) -> None:
        size = len(room) - ROOM
        if line_end == CARRIAGE_RETURN:
            room[room == CARRIAGE_RETURN] = LINE_FEED
        if size and room[size - 1] != LINE_FEED:
            room[size] = LINE_FEED
            size += 1
        self.block = Block.of(room)
        self._size = size
        self.delimiter = delimiter
        self._columns = columns
        self._width = len(columns.coding.forms)

    @cached_property
    def _quoted(self) -> bool:
        return loops.holds_byte(self.block.data, QUOTE)

    def is_ascii(self) -> bool:
        """Tell whether there are only plain characters."""
        return bool(self.block.data.max() < _PLAIN)

    def cuts_through(self) -> bool:
        """Tell whether the last line ends inside quotation marks."""
        return self._quoted and np.count_nonzero(self.block.data == QUOTE) % 2 == 1

    def as_texts(self) -> Columns:
        """Return how all cells are read as they stand."""
        return all_as_texts(self._width)

    def tables(self, rows: int) -> Iterator[Table]:
        """Yield all rows, so many at once."""
        at = 0
        while at < self._size:
            table, at = self.read(at, rows, self._columns)
            if table.size:
                yield table

    def read(self, begin: int, rows: int, columns: Columns) -> tuple[Table, int]:
        """Return some rows and where the next one begins.

        Args:
            begin: where the first one begins.
            rows: how many at most.
            columns: how they are read.
        """
        most = min(rows, self._size - begin)
        texts = len(columns.texts)
        starts = np.empty((texts, most + _APART), dtype=np.int64)
        sizes = np.empty((texts, most + _APART), dtype=np.int32)
        codes = np.empty((columns.places, most + _APART), dtype=np.int32)
        unread = np.empty(most, dtype=np.bool_)
        line_starts, line_sizes = (np.empty(most, dtype=np.int64) for _ in range(2))
        cells = np.empty(most, dtype=np.int32)
        size, stop = row_loops.read_rows(
            self.block.data, self.block.words, begin, self._size, self.delimiter, columns.coding,
            starts, sizes, codes, unread, line_starts, line_sizes, cells,
        )  # fmt: skip
        ragged = np.flatnonzero(cells[:size] != self._width)
        table = Table(
            size,
            Codes(codes[:, :size], unread[:size], columns.codes),
            {
                number: Cells(self.block, starts[place, :size], sizes[place, :size])
                for place, number in enumerate(columns.texts)
            },
            self,
            line_starts[:size],
            line_sizes[:size],
            dict(zip(ragged.tolist(), cells[ragged].tolist(), strict=True)),
        )
        return table, stop

    def rows(self) -> tuple[Positions, Positions]:
        """Return where the line of each row begins, and its bytes without the line's end."""
        ends = np.empty(self._size + WORD_BYTES, dtype=np.int64)  # what is not filled costs nothing
        ends = ends[: loops.find_line_feeds(self.block.words, self._size, ends)]
        starts, sizes = (np.empty(len(ends), dtype=np.int64) for _ in range(2))
        size = loops.measure_lines(
            self.block.data, ends, self._quoted, self._width == 1, starts, sizes
        )
        return starts[:size], sizes[:size]

    def column(self, place: int, rows: tuple[Positions, Positions]) -> Cells:
        """Return the cells of one column, where nothing else of the rows is wanted."""
        starts = np.empty(len(rows[0]), dtype=np.int64)
        sizes = np.empty(len(rows[0]), dtype=np.int32)
        loops.find_cells(self.block.data, *rows, self.delimiter, place, starts, sizes)
        return Cells(self.block, starts, sizes)

    def copy(self, starts: Positions, sizes: Positions) -> Lines:
        """Return some lines, told where each starts and how many bytes it has without its end."""
        room = make_room(int(sizes.sum()) + len(sizes))
        loops.copy_lines(self.block.data, starts, sizes, room, 0)
        return Lines(room, self.delimiter, self._columns)
