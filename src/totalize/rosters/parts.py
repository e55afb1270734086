"""A stretch of rows with its cells, whatever kind of file or table it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import pyarrow as pa

# Polars imports this with its first frame, in the middle of work, and it takes a while.
import pyarrow.compute

from totalize.rosters.cells import PADDING, WORD, Block, Cells, Mask, Positions
from totalize.rosters.fields import ASIDES, Header
from totalize.rosters.tokens import Table

# What a spreadsheet would run when it stands first in a cell.
_RUNS = np.zeros(256, dtype=np.bool_)
_RUNS[[ord(mark) for mark in "=+-@\t\r"]] = True

PART_ROWS = 16_384  # a part's columns fit into the processor's cache


@dataclass(frozen=True)
class Part:
    """Some rows of a roster.

    Attributes:
        cells: of each column of the contract that holds anything.
        size: number of rows.
        columns: all columns, in the order of the header.
        table: for files with lines, the lines.
        given: for tables of columns, the columns as they came.
    """

    cells: Mapping[str, Cells]
    size: int
    columns: tuple[Cells, ...]
    header: Header
    table: Table | None = None
    given: pl.DataFrame | None = None

    @classmethod
    def of_table(cls, table: Table, header: Header) -> Part:
        """Make a part of lines that were split into cells."""
        return cls(_filled(table.columns, header), table.size, table.columns, header, table=table)

    @classmethod
    def of_frame(cls, given: pl.DataFrame, texts: pl.DataFrame, header: Header) -> Part:
        """Make a part of columns and the same columns as text."""
        columns = tuple(cells_of(texts.to_series(number)) for number in range(texts.width))
        return cls(_filled(columns, header), given.height, columns, header, given=given)

    def take(self, rows: Positions) -> Part:
        """Return some rows of a part that did not come from lines."""
        given = None if self.given is None else self.given[rows]
        columns = tuple(column.take(rows) for column in self.columns)
        return Part(_filled(columns, self.header), len(rows), columns, self.header, given=given)

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

    def running(self, suspects: Mask) -> Positions:
        """Return the rows in which a spreadsheet would take a cell for a formula.

        Args:
            suspects: rows of which every cell is to be looked at; of the others only the
                columns of free text.
        """
        found = np.zeros(self.size, dtype=np.bool_)
        rows = np.flatnonzero(suspects)
        for cells, field in zip(self.columns, self.header.fields, strict=True):
            if field is None or field in _FREE or field in ASIDES:
                found |= _RUNS[cells.block.data[cells.starts]] & (cells.sizes > 0)
            elif len(rows):
                found[rows] |= _RUNS[cells.block.data[cells.starts[rows]]] & (cells.sizes[rows] > 0)
        return np.flatnonzero(found)


def pick(parts: Iterable[Part], rows: Positions) -> Iterator[Part]:
    """Yield some rows of parts that did not come from lines; their positions rise."""
    at = 0
    for part in parts:
        first, last = np.searchsorted(rows, (at, at + part.size))
        if last > first:
            yield part.take(rows[first:last] - at)
        at += part.size


_FREE = frozenset({"worker_id", "id", "employer.name", "region"})


def _filled(columns: tuple[Cells, ...], header: Header) -> dict[str, Cells]:
    return {
        field: cells
        for field, cells in zip(header.fields, columns, strict=True)
        if field is not None and field not in ASIDES and (field == "worker_id" or cells.sizes.any())
    }


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
    return Cells(Block.of(raw + PADDING), bounds[:-1], np.diff(bounds).astype(np.int32))


def texts_of_column(cells: Cells) -> pl.Series:
    """Return a column of cells as text, empty ones as null."""
    texts = views(cells.block, cells.starts, cells.sizes.astype(np.int64))
    texts = texts.str.replace_all('""', '"', literal=True)
    return texts.replace("", None)


def views(block: Block, starts: Positions, sizes: Positions) -> pl.Series:
    """Return stretches of a block as text, without copying it."""
    first = block.words[starts]
    front = np.where(sizes >= WORD, first, first & _mask(sizes))
    parts = np.zeros((len(starts), 4), dtype=np.uint32)
    parts[:, 0] = sizes
    parts[:, 1] = front & np.uint64(0xFFFFFFFF)
    short = sizes <= _INLINE
    rest = block.words[np.where(short & (sizes > WORD), starts + WORD, starts)]
    rest &= _mask(np.clip(sizes - WORD, 0, 4))
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
    return _MASKS[np.minimum(sizes, WORD)]


_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(WORD + 1)], dtype=np.uint64)
