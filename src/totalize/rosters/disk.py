"""Put a chunk's bytes at their place in a file, straight from memory to the disk where that can be.

What goes through the system's own memory for files is copied there, page by page, and takes more of
the processor's time than anything else that is done with a chunk's bytes.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, Protocol

import numpy as np

from totalize.rosters.loops import Bytes

PAGE: Final = 4096  # what goes straight to the disk begins and ends at a multiple of it
# Systems without it, and disks that refuse it, get all bytes the usual way.
STRAIGHT: Final = getattr(os, "O_DIRECT", 0)


class Place(NamedTuple):
    """Where a chunk goes.

    Attributes:
        path: the file.
        begin: its first byte there; None where the file is the chunk's alone.
        end: behind its last byte.
    """

    path: str
    begin: int | None
    end: int


class Rendering(Protocol):
    """A decided chunk, about to be put as bytes."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def fill(self, room: Bytes) -> None:
        """Put its bytes into room of just that size."""


def write(rendering: Rendering, place: Place) -> None:
    """Write a chunk to its place."""
    begin = place.begin or 0
    # Byte by byte, the memory lies in its pages as the file does in its own.
    room = _pages(begin % PAGE + rendering.size)[begin % PAGE :]
    rendering.fill(room)
    with _open(place.path, os.O_TRUNC if place.begin is None else 0) as file:
        first, last = -(-begin // PAGE) * PAGE, (begin + len(room)) // PAGE * PAGE
        if first < last and _write_straight(place.path, room[first - begin : last - begin], first):
            _write_all(file, room[: first - begin], begin)
            _write_all(file, room[last - begin :], last)
        else:
            _write_all(file, room, begin)
        if place.begin is None:
            os.fsync(file)


def _pages(size: int) -> Bytes:
    """Return room that begins with a page of memory."""
    room = np.empty(size + 2 * PAGE, dtype=np.uint8)
    begin = -room.ctypes.data % PAGE
    return room[begin : begin + size]


@contextmanager
def _open(path: str, how: int) -> Iterator[int]:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o666)
    try:
        yield file
    finally:
        os.close(file)


def _write_straight(path: str, pages: Bytes, at: int) -> bool:
    """Write whole pages straight to the disk; tell whether that can be done."""
    if not STRAIGHT:
        return False
    try:
        with _open(path, STRAIGHT) as file:
            _write_all(file, pages, at)
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        return False
    return True


_REFUSED: Final = (errno.EINVAL, errno.EOPNOTSUPP)


def _write_all(file: int, data: Bytes, at: int) -> None:
    rest = data.data
    while rest:
        written = os.pwrite(file, rest, at)
        rest, at = rest[written:], at + written
