"""Write decided rows: text, Parquet or a workbook, in pieces that survive a kill."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition
from typing import Any, Final, Protocol

import numpy as np
import polars as pl

from totalize.kernel.errors import InputError
from totalize.rosters import loops
from totalize.rosters.answers import Answers, Entry, calendar_bytes
from totalize.rosters.disk import Place, Rendering
from totalize.rosters.engine import Decided
from totalize.rosters.fields import BENEFIT_ANSWER, COST_ANSWER
from totalize.rosters.formulas import guard
from totalize.rosters.loops import Bytes, Ints, Positions
from totalize.rosters.parts import Part

SHEET_ROWS: Final = 1_048_575
_AMOUNTS: Final = len(COST_ANSWER) + len(BENEFIT_ANSWER)  # the last columns there may be
_TEXTS: Final = {
    "outcome": "outcome",
    "covered_by": "covered_by",
    "otherwise": "otherwise",
    "agreement": "agreement",
    "rule": "rule",
    "proof": "proof",
    "certificate.issued_by": "issued_by",
    "missing": "missing",
    "error": "error",
    "reasons": "reasons",
}


def answer_frame(decided: Decided[pl.DataFrame]) -> pl.DataFrame:
    """Return the rows as they came with the answer's columns beside them."""
    answers = decided.answers
    first, last = answers.days()
    return pl.concat(decided.kept, how="vertical_relaxed")[answers.rows].with_columns(
        first.alias("from"),
        last.alias("to"),
        *(answers.column(field).alias(name) for name, field in _TEXTS.items()),
        *(values.alias(name) for name, values in decided.amounts.items()),
    )


class Form(Protocol):
    """How decided chunks are put as bytes."""

    def keep(self, part: Part) -> Any:
        """Return what is to be kept of a part."""

    def render(self, decided: Decided[Any]) -> Rendering:
        """Return a chunk, about to be put as bytes."""


class Writer(Protocol):
    """Where chunks go. Whoever decided one writes it there."""

    def place(self, chunk: int, size: int) -> Place:
        """Return where a chunk of so many bytes goes, once all before it have their place."""

    def give_up(self) -> None:
        """Let nobody wait for a place any longer."""

    def sync(self) -> None:
        """Make what was written outlast a power cut; other chunks may be written meanwhile."""

    def finish(self, chunks: int) -> Path:
        """Complete the file and return where it stands."""

    def close(self) -> None:
        """Let go of the file, complete or not."""


def write_line(cells: Sequence[str | None], separator: str) -> str:
    """Return cells as a line of text, with its end."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerow(cells)
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class LinesKept:
    """The lines of some rows as they are to be written.

    Attributes:
        data: the bytes as they came.
        starts: where each line begins. Those below zero count back from -1: where the line begins
            in `others`.
        sizes: its bytes.
        others: bytes of lines that are written otherwise than they came.
    """

    data: Bytes
    starts: Positions
    sizes: Positions
    others: Bytes = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))

    def with_others(self, rows: Positions, lines: Sequence[str]) -> LinesKept:
        """Return the same lines with other ones for some rows."""
        others, other_starts, other_sizes = _laid_out(lines)
        starts, sizes = self.starts.copy(), self.sizes.copy()
        starts[rows], sizes[rows] = -1 - other_starts, other_sizes
        return LinesKept(self.data, starts, sizes, others)


def _laid_out(texts: Iterable[str]) -> tuple[Bytes, Positions, Positions]:
    """Return texts as bytes, with where each begins and how many bytes it has."""
    raw = [text.encode() for text in texts]
    sizes = np.array([len(text) for text in raw], dtype=np.int64)
    return np.frombuffer(b"".join(raw), dtype=np.uint8), np.cumsum(sizes) - sizes, sizes


class Tails:
    """What is said behind the lines, as text; most of it recurs from chunk to chunk.

    Args:
        separator: between cells.
    """

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._texts: list[bytes] = []

    def of(self, answers: Answers) -> tuple[Bytes, Positions]:
        """Return the texts of all entries, and where each begins and the last one ends."""
        lasting = answers.lasting
        if len(self._texts) < lasting:
            self._texts += map(self._text, answers.entries[len(self._texts) : lasting])
        texts = [*self._texts[:lasting], *map(self._text, answers.entries[lasting:])]
        bounds = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in texts], out=bounds[1:])
        return np.frombuffer(b"".join(texts), dtype=np.uint8), bounds

    def _text(self, entry: Entry) -> bytes:
        texts = [getattr(entry, field) for field in _TEXTS.values()]
        line = write_line([guard(text or "") for text in texts], self._separator)
        return (self._separator + line.removesuffix("\n")).encode()


class TextForm:
    """Text with a separator: the lines as they came, the answer behind them.

    Args:
        separator: between cells.
    """

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._tails = Tails(separator)

    def render(self, decided: Decided[LinesKept]) -> Joined:
        """Return the lines of a chunk."""
        answers, days = decided.answers, decided.answers.places()
        tails, tail_starts = self._tails.of(answers)
        ends, end_starts = self._ends(decided.amounts)
        size = np.diff(tail_starts)[answers.said].sum() + len(ends)
        size += _MARKS_OF_A_LINE * len(answers) + _DAY_BYTES * np.count_nonzero(days)
        runs, begin = [], 0
        for kept in decided.kept:
            stop = begin + len(kept.starts)
            first, last = map(int, np.searchsorted(answers.rows, (begin, stop)))
            size += kept.sizes[answers.rows[first:last] - begin].sum()
            runs.append((kept, begin, (first, last)))
            begin = stop
        said = answers.said, tails, tail_starts, ends, end_starts, ord(self._separator)
        return Joined(int(size), runs, answers.rows, days, said)

    def _ends(self, amounts: Mapping[str, pl.Series]) -> tuple[Bytes, Positions]:
        """Return the amounts of each line as text, and where each line's begin."""
        nothing = np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.int64)
        if not amounts:
            return nothing
        cells = [self._cells(values) for values in amounts.values()]
        texts = pl.select(
            pl.concat_str([part for cell in cells for part in (pl.lit(self._separator), cell)])
        ).to_series()
        sizes = texts.str.len_bytes().to_numpy().astype(np.int64)
        data = "".join(texts.to_list()).encode()
        return np.frombuffer(data, dtype=np.uint8), np.concatenate(([0], np.cumsum(sizes)))

    def _cells(self, values: pl.Series) -> pl.Series:
        """Return amounts as they stand in a line; of text only what was made here comes here."""
        texts = values.cast(pl.String).fill_null("")
        quoted = texts.str.contains(self._separator, literal=True)
        return texts.zip_with(~quoted, '"' + texts + '"') if quoted.any() else texts

    def keep(self, part: Part) -> LinesKept:
        """Return the lines as they are to be written."""
        if part.table is None:
            return LinesKept(*_laid_out(self._compose_frame(part)))
        table = part.table
        begin = int(table.starts[0]) if table.size else 0
        stop = int(table.starts[-1] + table.sizes[-1]) if table.size else 0
        lines = LinesKept(table.lines.block.data[begin:stop], table.starts - begin, table.sizes)
        again = part.running()
        again[list(table.ragged)] = True
        rows = np.flatnonzero(again)
        return lines.with_others(rows, self._compose(part, rows)) if len(rows) else lines

    def _compose(self, part: Part, rows: Positions) -> list[str]:
        """Write rows anew, with what a spreadsheet would run made harmless."""
        some = part.take(rows)
        lines = []
        for row in range(some.size):
            cells = [column.text(row) for column in some.columns]
            if some.table is not None and row in some.ragged:
                cells = [some.table.text(row), *[""] * (len(cells) - 1)]
            lines.append(self._line(cells))
        return lines

    def _compose_frame(self, part: Part) -> list[str]:
        texts = part.originals.select(pl.all().cast(pl.String))
        return [self._line([cell or "" for cell in row]) for row in texts.rows()]

    def _line(self, cells: Sequence[str]) -> str:
        line = write_line([guard(cell) for cell in cells], self._separator)
        return line.removesuffix("\n")


_MARKS_OF_A_LINE: Final = 3  # a separator before each of the two days, and the line's end
_DAY_BYTES: Final = 10


@dataclass(frozen=True, slots=True)
class Joined:
    """Lines of text with their answers, not yet joined.

    Attributes:
        size: their bytes.
        runs: the lines kept of some rows, the first of these rows, and the first and last of
            their lines.
        rows: the row of each line.
        days: by side and line, as `loops.join_rows` takes them.
        said: what is said of the lines, likewise.
    """

    size: int
    runs: Sequence[tuple[LinesKept, int, tuple[int, int]]]
    rows: Positions
    days: Ints
    said: tuple[Positions, Bytes, Positions, Bytes, Positions, int]

    def fill(self, room: Bytes) -> None:
        """Join them."""
        at = 0
        for kept, begin, lines in self.runs:
            at = loops.join_rows(
                room, at, kept.data, kept.others, kept.starts, kept.sizes, begin, self.rows,
                lines, self.days, calendar_bytes(), *self.said,
            )  # fmt: skip
        if at != self.size:
            raise ValueError(f"{at} bytes were joined where {self.size} were counted")


class TextWriter:
    """A file of text.

    Args:
        path: the file to fill.
        names: of its columns.
        separator: between cells.
        chunks: how many are there already.
        reach: the bytes they take.
    """

    def __init__(
        self, path: Path, names: Sequence[str], separator: str, chunks: int, reach: int
    ) -> None:
        self._path = path
        self._file = path.open("r+b" if reach else "wb")
        if reach:
            self._file.truncate(reach)
        else:
            self._file.write(write_line(names, separator).encode())
            self._file.flush()
            reach = self._file.tell()
        self._reach = reach
        self._following: int | None = chunks
        self._changed = Condition()

    def place(self, chunk: int, size: int) -> Place:
        """Return where a chunk of so many bytes goes, once all before it have their place."""
        with self._changed:
            self._changed.wait_for(lambda: self._following in {None, chunk})
            if self._following is None:
                raise InputError("", "another chunk could not be written", code="stopped")
            place = Place(str(self._path), self._reach, self._reach + size)
            self._reach += size
            self._following += 1
            self._changed.notify_all()
        return place

    def give_up(self) -> None:
        """Let nobody wait for a place any longer."""
        with self._changed:
            self._following = None
            self._changed.notify_all()

    def sync(self) -> None:
        """Make what was written outlast a power cut."""
        os.fdatasync(self._file.fileno())

    def finish(self, chunks: int) -> Path:  # noqa: ARG002 - pieces need it
        """Complete the file and return where it stands."""
        os.fsync(self._file.fileno())
        return self._path

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class ArrowForm:
    """Columns, for files that are put together at the end."""

    @staticmethod
    def keep(part: Part) -> pl.DataFrame:
        """Return the columns as they came."""
        return part.originals

    @staticmethod
    def render(decided: Decided[pl.DataFrame]) -> Whole:
        """Return a chunk as an Arrow file."""
        target = io.BytesIO()
        answer_frame(decided).write_ipc(target, compression="lz4")
        return Whole(np.frombuffer(target.getbuffer(), dtype=np.uint8))


@dataclass(frozen=True, slots=True)
class Whole:
    """A chunk that is bytes already."""

    data: Bytes

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.data)

    def fill(self, room: Bytes) -> None:
        """Copy them."""
        room[:] = self.data


class PieceWriter:
    """Parquet or a workbook: a piece a chunk, put together at the end.

    Args:
        folder: where the pieces stand.
        kind: `parquet` or `xlsx`.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder = folder
        self._kind = kind

    def _piece(self, chunk: int) -> Path:
        return self._folder / f"piece-{chunk:06}.arrow"

    def pieces(self, chunks: int) -> list[Path]:
        """Return where the first chunks stand."""
        return [self._piece(chunk) for chunk in range(chunks)]

    def place(self, chunk: int, size: int) -> Place:
        """Return where a chunk goes."""
        return Place(str(self._piece(chunk)), None, size)

    def give_up(self) -> None:
        """Nobody waits here."""

    def sync(self) -> None:
        """Pieces are safe when they are written."""

    def close(self) -> None:
        """Nothing is held open."""

    def finish(self, chunks: int) -> Path:
        """Put the pieces together."""
        path = self._folder / f"whole.{self._kind}"
        pieces = self.pieces(chunks)
        if self._kind == "parquet":
            _write_parquet(path, pieces)
        else:
            _write_workbook(path, pieces)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        return path


def _write_parquet(path: Path, pieces: Sequence[Path]) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - only where there is Parquet

    if not pieces:
        raise InputError("", "there are no rows to write", code="empty")
    writer = None
    for piece in pieces:
        table = pl.read_ipc(piece).to_arrow(compat_level=pl.CompatLevel.oldest())
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table.cast(writer.schema))
    if writer is not None:
        writer.close()


def _write_workbook(path: Path, pieces: Sequence[Path]) -> None:
    import xlsxwriter  # noqa: PLC0415 - only where there is XLSX

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("roster")
        bold = book.add_format({"bold": True})
        line = 0
        for piece in pieces:
            frame = pl.read_ipc(piece)
            numbers = [kind.is_numeric() for kind in frame.dtypes[-_AMOUNTS:]]
            numbers = [False] * (frame.width - len(numbers)) + numbers
            frame = frame.select(pl.all().cast(pl.String))
            if line == 0:
                sheet.freeze_panes(1, 0)
                sheet.write_row(0, 0, frame.columns, bold)
                line = 1
            for row in frame.iter_rows():
                if line > SHEET_ROWS:
                    raise InputError(
                        "out",
                        f"a sheet holds {SHEET_ROWS:,} rows and there are more",
                        expected="a name in .csv or .parquet",
                        code="too_large",
                    )
                for column, cell in enumerate(row):
                    if cell is None:
                        continue
                    if numbers[column]:
                        sheet.write_number(line, column, float(cell))
                    else:
                        sheet.write_string(line, column, cell)
                line += 1
