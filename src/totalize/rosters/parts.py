"""A stretch of rows with its cells, whatever kind of file or table it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

# Polars imports this with its first frame, in the middle of work, and it takes a while.
import pyarrow.compute

from totalize.rosters import loops, row_loops
from totalize.rosters.cells import PADDING, WORD_BYTES, Block, Cells
from totalize.rosters.coding import Codes, code_columns
from totalize.rosters.fields import ASIDES, Header
from totalize.rosters.formulas import MARKS
from totalize.rosters.loops import Mask, Positions
from totalize.rosters.tokens import Table

# What a spreadsheet would run when it stands first in a cell.
_RUNS = np.zeros(256, dtype=np.bool_)
_RUNS[[ord(mark) for mark in MARKS]] = True

PART_ROWS = 32_768  # so that a part's columns lie near the processor


@dataclass(frozen=True)
class Part:
    """Some rows of a roster.

    Attributes:
        header: of their columns.
        size: number of rows.
        codes: what they say, as far as it is plain.
        table: for files with lines, the lines.
        given: for tables of columns, the columns as they came.
        as_text: the same columns as text.
    """

    header: Header
    size: int
    codes: Codes
    table: Table | None = None
    given: pl.DataFrame | None = None
    as_text: tuple[Cells, ...] = ()

    @classmethod
    def of_table(cls, table: Table, header: Header) -> Part:
        """Make a part of rows that were read from lines."""
        return cls(header, table.size, table.codes, table=table)

    @classmethod
    def of_frame(cls, given: pl.DataFrame, texts: pl.DataFrame, header: Header) -> Part:
        """Make a part of columns and the same columns as text."""
        cells = tuple(cells_of(texts.to_series(number)) for number in range(texts.width))
        return cls(header, given.height, _read(cells, header, given.height), None, given, cells)

    @cached_property
    def columns(self) -> tuple[Cells, ...]:
        """The cells of all columns, in the order of the header."""
        return self.as_text if self.table is None else self.table.columns()

    @property
    def cells(self) -> dict[str, Cells]:
        """The cells of each column of a case."""
        return {
            field: column
            for field, column in zip(self.header.fields, self.columns, strict=True)
            if field is not None and field not in ASIDES
        }

    @property
    def ragged(self) -> Mapping[int, int]:
        """Rows with another number of cells than the header, and that number."""
        return {} if self.table is None else self.table.ragged

    def text_cells(self, field: str) -> Cells | None:
        """Return the cells of a column that is not read into codes, None where there is none."""
        number = self.header.place.get(field)
        if number is None:
            return None
        return self.as_text[number] if self.table is None else self.table.texts[number]

    def take(self, rows: Positions) -> Part:
        """Return some rows."""
        if self.table is not None:
            (table,) = self.table.take(rows).tables(len(rows))
            return Part.of_table(table, self.header)
        given = None if self.given is None else self.given[rows]
        cells = tuple(column.take(rows) for column in self.as_text)
        return Part(self.header, len(rows), self.codes.take(rows), given=given, as_text=cells)

    def rows_as_texts(self, rows: Positions) -> list[dict[str, str]]:
        """Return the texts of some rows by column of a case."""
        return self.take(rows).all_texts() if len(rows) else []

    def all_texts(self) -> list[dict[str, str]]:
        """Return the texts of every row by column of a case."""
        cells = self.cells
        rows = zip(*(column.texts() for column in cells.values()), strict=True)
        return [dict(zip(cells, row, strict=True)) for row in rows]

    @cached_property
    def originals(self) -> pl.DataFrame:
        """The columns as they came, under the names they are written with."""
        if self.given is not None:
            return self.given.rename(
                dict(zip(self.given.columns, self.header.written, strict=True)), strict=True
            )
        return pl.DataFrame(
            {
                name: texts_of_column(cells)
                for name, cells in zip(self.header.written, self.columns, strict=True)
            }
        )

    def texts(self, fields: Iterable[str]) -> pl.DataFrame:
        """Return some columns of the contract as text without surrounding blanks.

        Empty cells are null, and so are all cells of columns that are not there.
        """
        place = self.header.place
        columns = []
        for name in fields:
            if name in place:
                texts = texts_of_column(self.columns[place[name]]).str.strip_chars()
                columns.append(texts.replace("", None).alias(name))
            else:
                columns.append(
                    pl.Series(name, [None], dtype=pl.String).new_from_index(0, self.size)
                )
        return pl.DataFrame(columns)

    def running(self) -> Mask:
        """Return the rows in which a spreadsheet would take a cell for a formula.

        Cells that were read into codes are none; rows with one that was not read are looked at
        whole.
        """
        found = np.zeros(self.size, dtype=np.bool_)
        for cells in self._texts():
            loops.find_first_bytes(cells.block.data, cells.starts, cells.sizes, _RUNS, found)
        odd = np.flatnonzero(self.codes.unread)
        if len(odd):
            some = np.zeros(len(odd), dtype=np.bool_)
            if self.table is not None:
                self.table.find_first_bytes(odd, _RUNS, some)
            else:
                for cells in self.take(odd).columns:
                    loops.find_first_bytes(cells.block.data, cells.starts, cells.sizes, _RUNS, some)
            found[odd] |= some
        return found

    def _texts(self) -> Iterable[Cells]:
        if self.table is not None:
            return self.table.texts.values()
        coded = self.codes.place
        fields = zip(self.header.fields, self.as_text, strict=True)
        return [cells for field, cells in fields if field not in coded]


def _read(cells: Sequence[Cells], header: Header, size: int) -> Codes:
    """Read columns into codes."""
    columns = code_columns(header.fields)
    numbers = np.empty((columns.places, size), dtype=np.int32)
    unread = np.zeros(size, dtype=np.bool_)
    for number, (field, column) in enumerate(zip(header.fields, cells, strict=True)):
        if field in columns.codes:
            row_loops.read_column(
                column.block.words, column.starts, column.sizes, columns.coding, number, numbers,
                unread,
            )  # fmt: skip
    return Codes(numbers, unread, columns.codes)


@dataclass(frozen=True, slots=True)
class Listed:
    """Some rows, before they are read.

    Attributes:
        size: how many.
        ids: the cells with the workers' ids; None where there is no such column.
        lines: for files with lines, where the line of each row begins in its stretch, and its
            bytes without its end.
    """

    size: int
    ids: Cells | None
    lines: npt.NDArray[np.uint32] | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """Some rows of a stretch.

    Attributes:
        places: their positions in it, rising.
        lines: as in `Listed`, of these rows.
    """

    places: Positions
    lines: npt.NDArray[np.uint32] | None = None


def pick(parts: Iterable[Part], rows: Positions) -> Iterator[Part]:
    """Yield some rows of parts that did not come from lines; their positions rise."""
    at = 0
    for part in parts:
        first, last = np.searchsorted(rows, (at, at + part.size))
        if last > first:
            yield part.take(rows[first:last] - at)
        at += part.size


def cells_of(texts: pl.Series) -> Cells:
    """Return the cells of a column of text."""
    array = texts.fill_null("").to_arrow(compat_level=pl.CompatLevel.oldest())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not pa.types.is_large_string(array.type):
        array = array.cast(pa.large_string())
    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    raw = b"" if data is None else data.to_pybytes()
    return Cells(Block.of(raw + PADDING), bounds[:-1].copy(), np.diff(bounds).astype(np.int32))


def texts_of_column(cells: Cells) -> pl.Series:
    """Return a column of cells as text, empty ones as null."""
    texts = views(cells.block, cells.starts, cells.sizes.astype(np.int64))
    texts = texts.str.replace_all('""', '"', literal=True)
    return texts.replace("", None)


def views(block: Block, starts: Positions, sizes: Positions) -> pl.Series:
    """Return stretches of a block as text, without copying it."""
    first = block.words[starts]
    front = np.where(sizes >= WORD_BYTES, first, first & _mask(sizes))
    parts = np.zeros((len(starts), 4), dtype=np.uint32)
    parts[:, 0] = sizes
    parts[:, 1] = front & np.uint64(0xFFFFFFFF)
    short = sizes <= _INLINE
    rest = block.words[np.where(short & (sizes > WORD_BYTES), starts + WORD_BYTES, starts)]
    rest &= _mask(np.clip(sizes - WORD_BYTES, 0, 4))
    parts[:, 2] = np.where(short, front >> np.uint64(32), 0)
    parts[:, 3] = np.where(short, rest, starts)
    array = pa.Array.from_buffers(
        pa.string_view(),
        len(starts),
        [None, pa.py_buffer(parts.tobytes()), pa.py_buffer(block.data)],
    )
    series = pl.from_arrow(array)
    if not isinstance(series, pl.Series):
        raise TypeError("an array becomes a series")
    return series


_INLINE = 12  # text up to this length stands in the view itself


def _mask(sizes: Positions) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return _MASKS[np.minimum(sizes, WORD_BYTES)]


_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(WORD_BYTES + 1)], dtype=np.uint64)
