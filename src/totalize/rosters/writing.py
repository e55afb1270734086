"""Write decided rows: text, Parquet or a workbook, in pieces that survive a kill."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import polars as pl

from totalize.kernel.errors import InputError
from totalize.rosters.answers import Answers, Entry
from totalize.rosters.cells import Mask
from totalize.rosters.engine import Decided
from totalize.rosters.fields import BENEFIT_ANSWER, COST_ANSWER
from totalize.rosters.parts import Part, views

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

    def keep(self, part: Part, odd: Mask) -> Any:
        """Return what is to be kept of a part; `odd` rows may hold anything."""

    def render(self, decided: Decided[Any]) -> memoryview:
        """Return a chunk as bytes."""


class Writer(Protocol):
    """Where chunks go, in order."""

    def append(self, chunk: int, data: memoryview | Path) -> None:
        """Take the next chunk, as bytes or as a file of them, which it may keep."""

    def sync(self) -> int:
        """Make what was taken outlast a power cut; return how far it reaches."""

    def finish(self, chunks: int) -> Path:
        """Complete the file and return where it stands."""

    def close(self) -> None:
        """Let go of the file, complete or not."""


def write_line(cells: Sequence[str | None], separator: str) -> str:
    """Return cells as a line of text, with its end."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerow(cells)
    return text.getvalue()


class TextForm:
    """Text with a separator: the lines as they came, the answer behind them.

    Args:
        separator: between cells.
    """

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._tails: dict[int, tuple[Entry, str]] = {}

    def render(self, decided: Decided[pl.Series]) -> memoryview:
        """Return the lines of a chunk."""
        answers = decided.answers
        lines = pl.concat(decided.kept)
        first, last = answers.days(as_text=True)
        tails = pl.Series(self._tails_of(answers), dtype=pl.String)
        separator = pl.lit(self._separator)
        amounts = [self._cells(values) for values in decided.amounts.values()]
        text = pl.DataFrame(
            [
                lines.gather(answers.rows).alias("line"),
                first.alias("first"),
                last.alias("last"),
                tails.gather(answers.said).alias("tail"),
                *(values.alias(f"amount {place}") for place, values in enumerate(amounts)),
            ]
        ).select(
            pl.concat_str(
                "line", separator, "first", separator, "last", "tail",
                *(
                    part
                    for place in range(len(amounts))
                    for part in (separator, pl.col(f"amount {place}"))
                ),
                pl.lit("\n"),
            )
        )  # fmt: skip
        array: Any = text.to_series().to_arrow(compat_level=pl.CompatLevel.oldest())
        pieces: list[memoryview] = []
        for chunk in array.chunks if hasattr(array, "chunks") else [array]:
            _, offsets, data = chunk.buffers()
            bounds = np.frombuffer(offsets, dtype=np.int64)
            begin, stop = bounds[chunk.offset], bounds[chunk.offset + len(chunk)]
            pieces.append(
                memoryview(data)[int(begin) : int(stop)] if data is not None else memoryview(b"")
            )
        return pieces[0] if len(pieces) == 1 else memoryview(b"".join(pieces))

    def _tails_of(self, answers: Answers) -> list[str]:
        """Return the text of each entry that some line says; they recur from chunk to chunk."""
        tails = [""] * len(answers.entries)
        used = np.flatnonzero(np.bincount(answers.said, minlength=len(tails)))
        for number in used.tolist():
            entry = answers.entries[number]
            # By identity, which is quick; whoever is kept here stays alive and keeps its own.
            known = self._tails.get(id(entry))
            if known is None:
                known = entry, self._tail(entry)
                if entry.error is None:
                    self._tails[id(entry)] = known
            tails[number] = known[1]
        return tails

    def _tail(self, entry: Entry) -> str:
        texts = [getattr(entry, field) for field in _TEXTS.values()]
        line = write_line([guard(text or "") for text in texts], self._separator)
        return self._separator + line.removesuffix("\n")

    def _cells(self, values: pl.Series) -> pl.Series:
        """Return amounts as they stand in a line; of text only what was made here comes here."""
        texts = values.cast(pl.String).fill_null("")
        quoted = texts.str.contains(self._separator, literal=True)
        return texts.zip_with(~quoted, '"' + texts + '"') if quoted.any() else texts

    def keep(self, part: Part, odd: Mask) -> pl.Series:
        """Return the lines as they are to be written."""
        if part.table is None:
            return self._compose(part, range(part.size))
        running = part.running(odd).tolist()
        table = part.table
        lines = views(table.block, table.line_starts, table.line_sizes)
        again = sorted({*running, *table.ragged})
        if not again:
            return lines
        return lines.scatter(again, self._compose(part, again))

    def _compose(self, part: Part, rows: Sequence[int]) -> pl.Series:
        """Write rows anew, with what a spreadsheet would run made harmless."""
        if part.table is None:
            texts = part.originals.select(pl.all().cast(pl.String))
            values = [[guard(cell or "") for cell in row] for row in texts.rows()]
        else:
            values = []
            for row in rows:
                cells = [column.text(row) for column in part.columns]
                if row in part.table.ragged:
                    start, size = part.table.line_starts[row], part.table.line_sizes[row]
                    raw = part.table.block.data[start : start + size].tobytes().decode()
                    cells = [raw, *[""] * (len(cells) - 1)]
                values.append([guard(cell) for cell in cells])
        return pl.Series(
            [write_line(cells, self._separator).removesuffix("\n") for cells in values],
            dtype=pl.String,
        )


class TextWriter:
    """A file of text.

    Args:
        path: the file to fill.
        names: of its columns.
        separator: between cells.
        reach: bytes that are already good.
    """

    def __init__(self, path: Path, names: Sequence[str], separator: str, reach: int) -> None:
        self._file = path.open("r+b" if reach else "wb")
        self._path = path
        if reach:
            self._file.truncate(reach)
            self._file.seek(reach)
        else:
            self._file.write(write_line(names, separator).encode())

    def append(self, chunk: int, data: memoryview | Path) -> None:  # noqa: ARG002 - pieces need it
        """Take the next chunk."""
        if isinstance(data, Path):
            self._file.flush()
            with data.open("rb") as piece:
                copied = size = data.stat().st_size
                while copied:
                    copied -= os.sendfile(
                        self._file.fileno(), piece.fileno(), size - copied, copied
                    )
            self._file.seek(0, os.SEEK_END)
            data.unlink()
        else:
            self._file.write(data)

    def sync(self) -> int:
        """Make what was taken outlast a power cut; return how far it reaches."""
        self._file.flush()
        os.fdatasync(self._file.fileno())
        return self._file.tell()

    def finish(self, chunks: int) -> Path:  # noqa: ARG002 - pieces need it
        """Complete the file and return where it stands."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._path

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    if text and text[0] in "=+-@\t\r" and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    return text[1:].replace(".", "", 1).isdigit() and text[0] in "+-"


class ArrowForm:
    """Columns, for files that are put together at the end."""

    @staticmethod
    def keep(part: Part, odd: Mask) -> pl.DataFrame:  # noqa: ARG004 - text is written with care
        """Return the columns as they came."""
        return part.originals

    @staticmethod
    def render(decided: Decided[pl.DataFrame]) -> memoryview:
        """Return a chunk as an Arrow file."""
        target = io.BytesIO()
        answer_frame(decided).write_ipc(target, compression="lz4")
        return target.getbuffer()


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

    def append(self, chunk: int, data: memoryview | Path) -> None:
        """Take the next chunk."""
        piece = self._piece(chunk)
        if isinstance(data, Path):
            data.replace(piece)
        else:
            piece.write_bytes(data)
        with piece.open("rb") as file:
            os.fsync(file.fileno())

    def sync(self) -> int:
        """Pieces are safe when they are taken."""
        return 0

    def close(self) -> None:
        """Nothing is held open."""

    def finish(self, chunks: int) -> Path:
        """Put the pieces together."""
        path = self._folder / f"whole.{self._kind}"
        pieces = [self._piece(chunk) for chunk in range(chunks)]
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
