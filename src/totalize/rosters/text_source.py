"""Rosters as text: which character separates, how it is encoded, where rows begin."""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from totalize.kernel.errors import InputError
from totalize.rosters import tokens
from totalize.rosters.cells import Cells, Positions
from totalize.rosters.fields import COLUMNS, WORKER_ID, Header, read_header
from totalize.rosters.parts import PART_ROWS, Part

SEPARATORS: Final = (",", ";", "\t", "|")
_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
MAX_ROW_BYTES: Final = 32_000_000
PART_BYTES: Final = PART_ROWS * 128
_LOOK_AHEAD: Final = 1 << 16
_MARKS: Final = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Stretch(NamedTuple):
    """Whole lines of one file."""

    offset: int
    size: int


class TextSource:
    """A file of text with one row a line.

    Args:
        path: the file.
        keep: columns of the user's own.
        encoding: what the file is encoded in, when it is not UTF-8.
        scratch: folder for a copy in UTF-8, needed only with `encoding`.
    """

    stretch = Stretch

    def __init__(
        self, path: Path, keep: tuple[str, ...], encoding: str | None, scratch: Path
    ) -> None:
        self.name = path.name
        if encoding is not None:
            path = _recode(path, encoding, scratch)
        self.path = path
        self._size = path.stat().st_size
        if not self._size:
            raise InputError("", f"{self.name} is empty", code="empty")
        self._file = path.open("rb")
        try:
            self._read_header(keep)
        except InputError:
            self.close()
            raise

    def _read_header(self, keep: tuple[str, ...]) -> None:
        start = self._skip_mark()
        self._line_end = self._find_line_end()
        stop = self._record_end(start, start + 1, self._read(start, start + 1))
        line = self._lines(start, stop).decode("utf-8", "replace").rstrip("\r\n")
        self._check_encoding(start, stop)
        self.separator = _sniff(line, self.name)
        names = next(csv.reader([line], delimiter=self.separator), [])
        if not names:
            raise InputError("", f"{self.name} has no header", code="missing_column")
        self.header: Header = read_header(names, self.name, keep)
        self._first = stop

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _read(self, start: int, stop: int) -> bytes:
        # Several threads read, so nobody moves the file's own position.
        return os.pread(self._file.fileno(), stop - start, start)

    def _next_line_end(self, start: int) -> int:
        """Return where the line at `start` ends, behind its end."""
        while start < self._size:
            block = self._read(start, start + _LOOK_AHEAD)
            found = block.find(self._line_end)
            if found >= 0:
                return start + found + 1
            start += len(block)
        return self._size

    def _skip_mark(self) -> int:
        begin = self._read(0, 4)
        for mark, encoding in _MARKS.items():
            if begin.startswith(mark):
                raise InputError(
                    "",
                    f"{self.name} is {encoding.upper()} text",
                    expected=f"UTF-8, or --encoding {encoding}",
                    code="not_utf8",
                )
        return 3 if begin.startswith(codecs.BOM_UTF8) else 0

    def _find_line_end(self) -> bytes:
        head = self._read(0, 1 << 20)
        return b"\r" if b"\n" not in head and b"\r" in head else b"\n"

    def _lines(self, start: int, stop: int) -> bytes:
        data = self._read(start, stop)
        if self._line_end == b"\r":
            data = data.replace(b"\r", b"\n")
        return data if data.endswith(b"\n") else data + b"\n"

    def stretches(self, target: int) -> Iterator[Stretch]:
        """Cut the file into stretches of about `target` bytes, between rows.

        Raises:
            InputError: the file is not UTF-8, or a quotation mark is never closed.
        """
        offset = self._first
        while offset < self._size:
            data = self._read(offset, offset + target)
            wanted = offset + len(data)
            stop = self._record_end(offset, wanted, data)
            if not (data.isascii() and self._read(wanted, stop).isascii()):
                self._check_encoding(offset, stop)
            yield Stretch(offset, stop - offset)
            offset = stop

    def _record_end(self, offset: int, wanted: int, data: bytes) -> int:
        """Return where a row ends at or after `wanted`: a line end outside quotation marks.

        Args:
            offset: where a row begins.
            wanted: no row is looked for before.
            data: what stands between them.
        """
        inside = data.count(b'"') % 2 == 1
        at = wanted
        while at < self._size:
            stop = self._next_line_end(at)
            inside ^= self._read(at, stop).count(b'"') % 2 == 1
            if not inside:
                return stop
            at = stop
            if at - wanted > MAX_ROW_BYTES:
                break
        if inside:
            raise InputError(
                "",
                f"{self.name} has a quotation mark that is never closed, after byte {offset:,}",
                expected='quotation marks in pairs; one inside a text is doubled ("")',
                code="open_quote",
            )
        return self._size

    def _check_encoding(self, offset: int, stop: int) -> None:
        data = self._read(offset, stop)
        if data.isascii():
            return
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self._count_lines(offset + error.start) + 1
            raise InputError(
                "",
                f"{self.name} is not UTF-8 text: line {line} holds the byte "
                f"{data[error.start]:#04x}, as files saved in Latin-1 or Windows-1252 do",
                expected="a file saved as UTF-8, or --encoding windows-1252",
                code="not_utf8",
            ) from None

    def _count_lines(self, stop: int) -> int:
        starts = range(0, stop, _LOOK_AHEAD)
        blocks = (self._read(start, min(start + _LOOK_AHEAD, stop)) for start in starts)
        return sum(block.count(self._line_end) for block in blocks)

    def load(self, stretch: Stretch) -> Iterator[Part]:
        """Yield the rows of a stretch, in parts."""
        for data in self._pieces(stretch):
            table = tokens.split(data, ord(self.separator), len(self.header.names))
            if table.size:
                yield Part.of_table(table, self.header)

    def pick(self, stretch: Stretch, rows: Positions) -> Iterator[Part]:
        """Yield some rows of a stretch, in parts.

        Args:
            stretch: where they stand.
            rows: their positions in it, rising.
        """
        at = 0
        width = len(self.header.names)

        def within(size: int) -> Positions:
            nonlocal at
            first, last = np.searchsorted(rows, (at, at + size))
            mine: Positions = rows[first:last] - at
            at += size
            return mine

        # Few lines of each piece are wanted; together they make parts of the usual size.
        plain: list[bytes] = []

        def gathered() -> Iterator[Part]:
            data = b"".join(plain)
            plain.clear()
            if data:
                table = tokens.split(data, ord(self.separator), width)
                yield Part.of_table(table, self.header)

        for data in self._pieces(stretch):
            if b'"' in data:
                yield from gathered()
                table = tokens.split(data, ord(self.separator), width)
                table = table.take(within(table.size))
                if table.size:
                    yield Part.of_table(table, self.header)
                continue
            plain.append(tokens.pick_lines(data, within))
            if sum(map(len, plain)) >= PART_BYTES:
                yield from gathered()
        yield from gathered()

    def ids(self, stretch: Stretch) -> Iterator[tuple[Cells | None, int]]:
        """Yield the workers' ids and the numbers of rows, at less cost where they stand first."""
        place = self.header.place.get(WORKER_ID)
        for data in self._pieces(stretch):
            if place == 0 and b'"' not in data and len(self.header.names) > 1:
                cells = tokens.first_cells(data, ord(self.separator))
                yield cells, len(cells)
            else:
                table = tokens.split(data, ord(self.separator), len(self.header.names))
                yield None if place is None else table.columns[place], table.size

    def _pieces(self, stretch: Stretch) -> Iterator[bytes]:
        data = self._lines(stretch.offset, stretch.offset + stretch.size)
        begin = 0
        while begin < len(data):
            stop = _cut(data, begin)
            yield data[begin:stop]
            begin = stop


def _cut(data: bytes, begin: int) -> int:
    """Return where a part that begins at `begin` may end."""
    if len(data) - begin <= PART_BYTES:
        return len(data)
    at = begin + PART_BYTES
    inside = data.count(b'"', begin, at) % 2 == 1
    while at < len(data):
        stop = data.find(b"\n", at) + 1
        inside ^= data.count(b'"', at, stop) % 2 == 1
        if not inside:
            return stop
        at = stop
    return len(data)


def _sniff(line: str, name: str) -> str:
    """Return the separator under which the header names most columns."""

    def known(separator: str) -> int:
        cells = next(csv.reader([line], delimiter=separator), [])
        return sum(cell.strip().removeprefix("work.") in COLUMNS for cell in cells)

    best = max(SEPARATORS, key=known)
    if known(best) == 0:
        shown = line if len(line) <= 60 else f"{line[:57]}..."
        raise InputError(
            "",
            f"the first line of {name} names no column of a roster",
            value=shown,
            expected="a header like worker_id,worker.citizenships,activity,country,start, "
            f"separated by {', '.join(_NAMES.values())}",
            code="missing_column",
        )
    return best


def _recode(path: Path, encoding: str, scratch: Path) -> Path:
    """Copy a file to UTF-8."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise InputError(
            "encoding", "is no encoding known here", value=encoding, expected="windows-1252, say"
        ) from None
    copy = scratch / f"{path.name}.utf8"
    try:
        with (
            path.open(encoding=encoding, newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            while text := source.read(1 << 20):
                target.write(text)
    except (UnicodeError, ValueError):
        raise InputError(
            "", f"{path.name} cannot be read as {encoding}", code="bad_encoding"
        ) from None
    return copy
