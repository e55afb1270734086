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
from totalize.rosters import loops
from totalize.rosters.coding import code_columns
from totalize.rosters.fields import COLUMNS, WORKER_ID, Header, read_header
from totalize.rosters.loops import Bytes
from totalize.rosters.parts import PART_ROWS, Listed, Part, Picked
from totalize.rosters.tokens import Lines, make_room

SEPARATORS: Final = (",", ";", "\t", "|")
_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
OPEN_QUOTE: Final = "open_quote"
MAX_ROW_BYTES: Final = 32_000_000
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
        line = self._read(start, stop).decode("utf-8", "replace").rstrip("\r\n")
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

    def _lines(self, room: Bytes) -> Lines:
        columns = code_columns(self.header.fields)
        return Lines(room, ord(self.separator), columns, self._line_end[0])

    def _whole(self, stretch: Stretch) -> Lines:
        """Read whole lines, once and to where they are worked on."""
        room = make_room(stretch.size)
        self._fill(room[: stretch.size].data, stretch.offset)
        return self._lines(room)

    def _fill(self, rest: memoryview, at: int) -> None:
        """Fill some room with the bytes of the file from a place on."""
        while rest:
            read = os.preadv(self._file.fileno(), [rest], at)
            if not read:
                raise InputError(
                    "", f"{self.name} became shorter while it was read", code="changed"
                )
            rest, at = rest[read:], at + read

    def stretches(self, target: int) -> Iterator[Stretch]:
        """Cut the file into stretches of about `target` bytes, between lines.

        A row may go on over a line's end, inside quotation marks. Who reads the stretches finds
        out (`list_rows`), and then has to cut with care.
        """
        offset = self._first
        while offset < self._size:
            stop = self._next_line_end(min(offset + target, self._size))
            yield Stretch(offset, stop - offset)
            offset = stop

    def stretches_with_care(self, target: int) -> Iterator[Stretch]:
        """Cut the file into stretches of about `target` bytes, between rows; all of it is read.

        Raises:
            InputError: a quotation mark is never closed.
        """
        offset = self._first
        while offset < self._size:
            data = self._read(offset, offset + target)
            stop = self._record_end(offset, offset + len(data), data)
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
            raise self._open_quote(offset)
        return self._size

    def _open_quote(self, offset: int) -> InputError:
        return InputError(
            "",
            f"{self.name} has a quotation mark that is never closed, after byte {offset:,}",
            expected='quotation marks in pairs; one inside a text is doubled ("")',
            code=OPEN_QUOTE,
        )

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
        for table in self._whole(stretch).tables(PART_ROWS):
            yield Part.of_table(table, self.header)

    def list_rows(self, stretch: Stretch) -> Iterator[Listed]:
        """Yield the workers' ids, with the line of each row.

        Raises:
            InputError: the stretch is not UTF-8, or (`open_quote`) it cuts through a row.
        """
        lines = self._whole(stretch)
        if not lines.is_ascii():
            self._check_encoding(stretch.offset, stretch.offset + stretch.size)
        if lines.cuts_through():
            raise self._open_quote(stretch.offset)
        rows = lines.rows()
        place = self.header.place.get(WORKER_ID)
        ids = None if place is None else lines.column(place, rows)
        yield Listed(len(rows[0]), ids, np.stack(rows).astype(np.uint32))

    def pick(self, stretch: Stretch, rows: Picked) -> Iterator[Part]:
        """Yield some rows of a stretch, in parts.

        Args:
            stretch: where they stand.
            rows: which, with the line of each.
        """
        if rows.lines is None:
            raise ValueError("rows of a text are found by their lines")
        starts, sizes = rows.lines.astype(np.int64)
        room, at = make_room(int(sizes.sum()) + len(sizes)), 0
        # What lies far apart is read apart.
        apart = np.flatnonzero(starts[1:] - starts[:-1] > _LOOK_AHEAD) + 1
        for some in np.split(np.arange(len(starts)), apart):
            begin = int(starts[some[0]])
            near = np.empty(int(starts[some[-1]] + sizes[some[-1]]) - begin, dtype=np.uint8)
            self._fill(near.data, stretch.offset + begin)
            near.flags.writeable = False
            at = loops.copy_lines(near, starts[some] - begin, sizes[some], room, at)
        for table in self._lines(room).tables(PART_ROWS):
            yield Part.of_table(table, self.header)


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
