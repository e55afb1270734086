"""Write an artificial roster to a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from totalize.kernel.errors import InputError
from totalize.rosters.generate import generate
from totalize.rosters.writing import SHEET_ROWS


def make_roster(path: Path, rows: int, seed: int) -> None:
    """Write an artificial roster as CSV, Parquet or XLSX, by the file's ending.

    Raises:
        InputError: the ending is none of these, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    writers: dict[str, Callable[[Path, int, int], None]] = {
        ".csv": _write_text,
        ".xlsx": _write_workbook,
        ".parquet": _write_parquet,
        ".pq": _write_parquet,
    }
    if suffix not in writers:
        raise InputError("out", "is no roster", value=path.name, expected=".csv, .xlsx or .parquet")
    whole = path.with_name(f".{path.name}.partial")
    try:
        writers[suffix](whole, rows, seed)
        whole.replace(path)
    except OSError as error:
        raise InputError(
            "out", f"cannot write {path}: {error.strerror or error}", code="unwritable"
        ) from None


def _write_text(path: Path, rows: int, seed: int) -> None:
    with path.open("wb") as file:
        for number, frame in enumerate(generate(rows, seed)):
            frame.write_csv(file, include_header=number == 0)


def _write_parquet(path: Path, rows: int, seed: int) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - only where there is Parquet

    writer = None
    for frame in generate(rows, seed):
        table = frame.to_arrow()
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _write_workbook(path: Path, rows: int, seed: int) -> None:
    import xlsxwriter  # noqa: PLC0415 - only where there is XLSX

    if rows > SHEET_ROWS:
        raise InputError("generate", f"a sheet holds {SHEET_ROWS:,} rows", expected=".csv")
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("roster")
        line = 0
        for frame in generate(rows, seed):
            if line == 0:
                sheet.write_row(0, 0, frame.columns)
                line = 1
            for row in frame.iter_rows():
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write_string(line, column, cell)
                line += 1
