"""Rosters as tables: Parquet, XLSX and frames, with every cell put as text for reading."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl
import pyarrow as pa

from totalize.kernel.errors import InputError
from totalize.rosters.fields import WORKER_ID, Header, read_header
from totalize.rosters.parts import PART_ROWS, Listed, Part, Picked, pick

MAX_UNPACKED: Final = 1_500_000_000
MAX_RATIO: Final = 250  # real workbooks pack to a tenth
MAX_COLUMNS: Final = 200


def as_text(frame: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return every column as text, as it would stand in a file.

    Raises:
        InputError: a column holds something that is no text, number, day or truth.
    """
    return frame.select(_text(column, where) for column in frame.get_columns())


def _text(column: pl.Series, where: str) -> pl.Series:
    kind = column.dtype
    if kind == pl.String:
        return column
    if kind == pl.Boolean:
        return column.cast(pl.String)
    if isinstance(kind, pl.Datetime):
        midnight = (column.dt.time().fill_null(datetime.min.time()) == datetime.min.time()).all()
        return column.dt.date().cast(pl.String) if midnight else column.dt.to_string("iso")
    if isinstance(kind, pl.List) and kind.inner in (pl.String, pl.Null):
        empty = column.list.len() == 0
        return column.cast(pl.List(pl.String)).list.join(";").set(empty.fill_null(False), "[]")
    if kind.is_float() and (column.drop_nulls().round() == column.drop_nulls()).all():
        return column.cast(pl.Int64).cast(pl.String)
    if kind.is_numeric() or isinstance(kind, (pl.Date, pl.Categorical, pl.Enum, pl.Null)):
        return column.cast(pl.String)
    raise InputError(column.name, f"holds {kind} in {where}", expected="text, days, true and false")


def parts_of(frame: pl.DataFrame, header: Header, where: str) -> list[Part]:
    """Cut a frame into parts."""
    parts = []
    for begin in range(0, frame.height, PART_ROWS):
        given = frame.slice(begin, PART_ROWS)
        parts.append(Part.of_frame(given, as_text(given, where), header))
    return parts


def list_parts(parts: Iterable[Part]) -> Iterator[Listed]:
    """Yield the workers' ids of parts."""
    for part in parts:
        yield Listed(part.size, part.text_cells(WORKER_ID))


class Slice(NamedTuple):
    """Some rows of a table."""

    begin: int
    rows: int


class ParquetSource:
    """A Parquet file, read in slices of its row groups."""

    stretch = Slice

    def __init__(self, path: Path, keep: tuple[str, ...]) -> None:
        import pyarrow.parquet as pq  # noqa: PLC0415 - only where there is Parquet

        self.name = path.name
        self.path = path
        try:
            self._file = pq.ParquetFile(path)
            names = self._file.schema_arrow.names
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.name, "Parquet file", error) from None
        self.header: Header = read_header(names, self.name, keep)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def stretches(self, rows: int) -> Iterator[Slice]:
        """Cut the file into slices of at most so many rows, within its row groups."""
        for group in range(self._file.num_row_groups):
            held = self._file.metadata.row_group(group).num_rows
            for begin in range(0, held, rows):
                yield Slice(group * _GROUP + begin, min(rows, held - begin))

    def load(self, stretch: Slice) -> Iterator[Part]:
        """Yield the rows of a slice, in parts."""
        group, begin = divmod(stretch.begin, _GROUP)
        try:
            table = self._file.read_row_group(group).slice(begin, stretch.rows)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.name, "Parquet file", error) from None
        frame = pl.from_arrow(table)
        if not isinstance(frame, pl.DataFrame):
            raise TypeError("a table becomes a frame")
        yield from parts_of(frame, self.header, self.name)

    def pick(self, stretch: Slice, rows: Picked) -> Iterator[Part]:
        """Yield some rows of a slice, in parts; their positions rise."""
        return pick(self.load(stretch), rows.places)

    def list_rows(self, stretch: Slice) -> Iterator[Listed]:
        """Yield the workers' ids."""
        return list_parts(self.load(stretch))


_GROUP: Final = 1 << 40  # more rows than a row group has


def _unreadable(name: str, kind: str, error: Exception) -> InputError:
    first = str(error).partition("\n")[0][:120]
    return InputError("", f"{name} cannot be read as {kind}: {first}", code="unreadable")


class WorkbookSource:
    """The first sheet of an XLSX workbook, or the one named."""

    stretch = Slice

    def __init__(self, path: Path, keep: tuple[str, ...], sheet: str | None) -> None:
        import python_calamine  # noqa: PLC0415 - only where there is XLSX

        self.name = path.name
        _refuse_bombs(path)
        try:
            with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
                names = book.sheet_names
                if sheet is not None and sheet not in names:
                    raise InputError(
                        "sheet",
                        f"{path.name} has no such sheet",
                        value=sheet,
                        expected=f"one of {', '.join(names)}",
                    )
                rows = book.get_sheet_by_name(sheet or names[0]).to_python(skip_empty_area=True)
        except (python_calamine.CalamineError, OSError, IndexError) as error:
            raise _unreadable(self.name, "XLSX workbook", error) from None
        if not rows:
            raise InputError("", f"{self.name} is empty", code="empty")
        first = [_cell(value) or "" for value in rows[0]]
        while first and not first[-1]:
            first.pop()
        self.header: Header = read_header(first, self.name, keep)
        width = len(first)
        stray = next((n for n, row in enumerate(rows) if any(map(_cell, row[width:]))), None)
        if stray is not None:
            raise InputError(
                "",
                f"row {stray + 1} of {self.name} has a cell beyond the header's {width} columns",
                code="ragged_row",
            )
        columns = [[_cell(row[place]) for row in rows[1:]] for place in range(width)]
        self._frame = pl.DataFrame(
            [pl.Series(f"{place}", values, dtype=pl.String) for place, values in enumerate(columns)]
        )
        self._frame.columns = first

    def close(self) -> None:
        """Nothing is held open."""

    def stretches(self, rows: int) -> Iterator[Slice]:
        """Cut the sheet into slices of at most so many rows."""
        for begin in range(0, self._frame.height, rows):
            yield Slice(begin, min(rows, self._frame.height - begin))

    def load(self, stretch: Slice) -> Iterator[Part]:
        """Yield the rows of a slice, in parts."""
        rows = self._frame.slice(stretch.begin, stretch.rows)
        yield from parts_of(rows, self.header, self.name)

    def pick(self, stretch: Slice, rows: Picked) -> Iterator[Part]:
        """Yield some rows of a slice, in parts; their positions rise."""
        return pick(self.load(stretch), rows.places)

    def list_rows(self, stretch: Slice) -> Iterator[Listed]:
        """Yield the workers' ids."""
        return list_parts(self.load(stretch))


def _cell(value: Any) -> str | None:
    """Return a cell as it would stand in a text file."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        midnight = value.time() == datetime.min.time()
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


_REFERENCE = re.compile(rb'<c [^>]*?r="([A-Z]+)(\d+)"')


def _refuse_bombs(path: Path) -> None:
    """Refuse a workbook that unpacks to far more than it seems, or spreads a few cells far.

    Raises:
        InputError: it is one, or no workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = 0
            for item in archive.infolist():
                with archive.open(item) as stream:
                    corner, cells = (0, 0), 0
                    rest = b""
                    while block := stream.read(1 << 20):
                        unpacked += len(block)
                        if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(
                            path.stat().st_size, 40_000
                        ):
                            raise InputError(
                                "",
                                f"{path.name} unpacks to far more than a workbook of its size does",
                                expected="a workbook, or the same table as CSV or Parquet",
                                code="too_large",
                            )
                        if "worksheets/" in item.filename:
                            text = rest + block
                            cut = text.rfind(b"<c ")
                            rest = text[cut:] if cut >= 0 else b""
                            corner, cells = _corner(text[:cut] if cut >= 0 else text, corner, cells)
                    if rest:
                        corner, cells = _corner(rest, corner, cells)
                _check_spread(path.name, corner, cells)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise _unreadable(path.name, "XLSX workbook", error) from None


def _corner(text: bytes, corner: tuple[int, int], cells: int) -> tuple[tuple[int, int], int]:
    width, height = corner
    found = _REFERENCE.findall(text)
    if found:
        letters = max((name for name, _ in found), key=lambda name: (len(name), name))
        number = 0
        for letter in letters:
            number = number * 26 + letter - 64
        width = max(width, number)
        height = max(height, *(int(row) for _, row in found))
    return (width, height), cells + len(found)


def _check_spread(name: str, corner: tuple[int, int], cells: int) -> None:
    width, height = corner
    if width > MAX_COLUMNS or width * height > max(40 * cells, 1_000_000):
        raise InputError(
            "",
            f"{name} spreads {cells:,} cells over {width:,} columns and {height:,} rows",
            expected="one table without far-off cells",
            code="too_large",
        )
