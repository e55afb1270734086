"""What is done with each chunk of a roster; every stage may run in a process of its own.

Stages hand over files in the run's folder: numbers of ids (`count`), works of people who have
several (`gather`), their histories (`review`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from totalize.kernel.errors import InputError
from totalize.rosters.amounts import Reckoner
from totalize.rosters.careful import CarefulRow
from totalize.rosters.disk import Rendering
from totalize.rosters.engine import Decider, Histories
from totalize.rosters.fields import WORKER_ID, Header
from totalize.rosters.histories import Texts, gather_works, review_people
from totalize.rosters.loops import Mask, Numbers, Positions
from totalize.rosters.namesakes import count_ids, find_shared
from totalize.rosters.parts import Listed, Part, Picked
from totalize.rosters.shares import load_share, pick, save_shares
from totalize.rosters.stays import HISTORY, WORK
from totalize.rosters.summary import Summary, count
from totalize.rosters.text_source import TextSource
from totalize.rosters.writing import Form, Whole

PEOPLE_AT_ONCE: Final = 300_000  # works of people with several that are reviewed together
_FEW_BYTES: Final = 1 << 14
_TEXT: Final = np.dtype(np.uint8)
PEOPLE_WORTH_SHARING: Final = 20_000  # works from which on everybody is given some


class Source(Protocol):
    """A file of rows."""

    header: Header
    name: str

    @property
    def stretch(self) -> Callable[..., Any]:
        """The type of its stretches."""

    def stretches(self, target: int, /) -> Iterator[Any]:
        """Cut it into stretches."""

    def load(self, stretch: Any, /) -> Iterator[Part]:
        """Yield the rows of a stretch, in parts."""

    def pick(self, stretch: Any, rows: Picked, /) -> Iterator[Part]:
        """Yield some rows of a stretch, in parts."""

    def list_rows(self, stretch: Any, /) -> Iterator[Listed]:
        """Yield all rows of a stretch with their ids."""

    def close(self) -> None:
        """Let go of the file."""


def cut(source: Source, target: int, *, with_care: bool) -> Iterator[Any]:
    """Cut a source into stretches; with care where a row could be cut through otherwise."""
    if with_care and isinstance(source, TextSource):
        return source.stretches_with_care(target)
    return source.stretches(target)


@dataclass(slots=True)
class Chunk:
    """Some rows of one source.

    Attributes:
        source: position of the source.
        stretch: where in it.
        begin: its first row in the roster.
        rows: how many it has.
    """

    source: int
    stretch: Any
    begin: int = 0
    rows: int = 0


class Stages:
    """The work on one roster.

    Args:
        sources: its files.
        folder: for what the stages hand over.
        decider: returns what decides rows; not every process needs it.
        form: how chunks are written.
        reckoners: add amounts.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        folder: Path,
        decider: Callable[[], Decider],
        form: Form,
        reckoners: Sequence[Reckoner],
    ) -> None:
        self._sources = sources
        self._folder = folder
        self._decider = decider
        self._form = form
        self._reckoners = reckoners

    def chunk(self, source: int, stretch: Sequence[int], begin: int, rows: int) -> Chunk:
        """Return a chunk from its plain values."""
        return Chunk(source, self._sources[source].stretch(*stretch), begin, rows)

    def count(self, number: int, chunk: Chunk) -> int:
        """Note the numbers of a chunk's ids and where its lines are; return how many there are."""
        listed = list(self._sources[chunk.source].list_rows(chunk.stretch))
        # Rows without an id are numbered within their chunk, far from those of other chunks.
        numbers, rows = count_ids(listed, number << 40)
        np.save(self._folder / f"numbers-{number}.npy", numbers)
        lines = [each.lines for each in listed if each.lines is not None]
        if lines and len(numbers):
            np.save(self._folder / f"lines-{number}.npy", np.concatenate(lines, axis=1))
        return rows

    def numbers(self, number: int) -> Numbers:
        """Return the numbers of a chunk, as they lie on disk."""
        path = self._folder / f"numbers-{number}.npy"
        found: Numbers = np.load(path, mmap_mode="r" if path.stat().st_size > 128 else None)
        return found

    def share(self, number: int, mask: Mask) -> None:
        """Hand over which rows of a chunk belong to people who have several."""
        np.save(self._folder / f"shared-{number}.npy", np.flatnonzero(mask))

    def _picked(self, number: int, places: Positions) -> Picked:
        """Return some rows of a chunk, with their lines where it has lines."""
        lines = self._folder / f"lines-{number}.npy"
        if not lines.exists():
            return Picked(places)
        return Picked(places, np.load(lines, mmap_mode="r")[:, places])

    def gather(self, number: int, chunk: Chunk, turns: int) -> None:
        """Hand over the works of people who have several, in as many heaps as there are turns."""
        places = np.load(self._folder / f"shared-{number}.npy")
        if not len(places):
            return
        rows = self._picked(number, places)
        source = self._sources[chunk.source]
        works = gather_works(source.pick(chunk.stretch, rows), chunk.begin + rows.places)
        heap = (works["key"] % np.uint64(turns)).astype(np.uint16)
        order = np.argsort(heap, kind="stable")
        bounds = np.searchsorted(heap[order], range(turns + 1)).tolist()
        save_shares(self._works(number), pick(works, order), bounds)

    def _works(self, number: int) -> Path:
        return self._folder / f"works-{number}"

    def review(self, turn: int, chunks: Sequence[Chunk]) -> None:
        """Work out the histories of one heap of people and hand them over by chunk."""
        works = load_share(map(self._works, range(len(chunks))), turn, WORK)
        if not len(works):
            return
        people = review_people(
            works, lambda rows: self._texts(rows, chunks), self._decider().careful
        )
        begins = [chunk.begin for chunk in chunks] + [chunks[-1].begin + chunks[-1].rows]
        bounds = np.searchsorted(people.found["row"], begins).tolist()
        save_shares(self._folder / f"people-{turn}", people.found, bounds)
        if people.careful:
            rows = sorted(people.careful)
            lines = [_line_of(row, people.careful[row]) for row in rows]
            places = np.cumsum([0, *map(len, lines)])[np.searchsorted(rows, begins)].tolist()
            text = np.frombuffer(b"".join(lines), dtype=_TEXT)
            save_shares(self._folder / f"careful-{turn}", text, places)

    def _histories(self, number: int, chunk: Chunk) -> Histories | None:
        """Return what was found in all turns about the rows of a chunk."""
        found = load_share(self._folder.glob("people-*"), number, HISTORY)
        text = load_share(self._folder.glob("careful-*"), number, _TEXT)
        careful = dict(map(_of_line, text.tobytes().splitlines()))
        if not len(found) and not careful:
            return None
        found["row"] -= chunk.begin
        careful = {row - chunk.begin: read for row, read in careful.items()}
        return Histories(pick(found, np.argsort(found["row"], kind="stable")), careful)

    def _texts(self, rows: Sequence[int], chunks: Sequence[Chunk]) -> Texts:
        found: dict[int, dict[str, str]] = {}
        wanted = np.array(rows, dtype=np.int64)
        begins = [chunk.begin for chunk in chunks] + [chunks[-1].begin + chunks[-1].rows]
        for number, (begin, stop) in enumerate(pairwise(begins)):
            chunk = chunks[number]
            inside = wanted[np.searchsorted(wanted, begin) : np.searchsorted(wanted, stop)]
            if not len(inside):
                continue
            numbers = iter(inside.tolist())
            picked = self._picked(number, inside - begin)
            for part in self._sources[chunk.source].pick(chunk.stretch, picked):
                for texts in part.all_texts():
                    found[next(numbers)] = texts
        return found

    def decide(self, number: int, chunk: Chunk) -> tuple[Rendering, Summary]:
        """Return a chunk as it is to be written, and how it came out."""
        if not chunk.rows:
            return Whole(np.zeros(0, dtype=np.uint8)), Summary()
        parts = self._sources[chunk.source].load(chunk.stretch)
        histories = self._histories(number, chunk)
        decided = self._decider().decide(
            parts, chunk.rows, histories, self._form.keep, self._reckoners
        )
        return self._form.render(decided), count(decided)

    def rehearse(self) -> None:
        """Do everything once with a few rows, so that what it needs is read and compiled."""
        source, decider = self._sources[0], self._decider()
        stretch = next(cut(source, _FEW_BYTES, with_care=True), None)
        if stretch is None:
            return
        listed = list(source.list_rows(stretch))
        size = sum(rows.size for rows in listed)
        parts = list(source.load(stretch))
        if self.has_ids():
            numbers, _ = count_ids(listed, 0)
            find_shared([numbers, numbers])
            works = gather_works(parts, np.arange(size))
            texts = dict(enumerate(row for part in parts for row in part.all_texts()))
            review_people(works, lambda _: texts, decider.careful)
        rendering = self._form.render(decider.decide(parts, size, None, self._form.keep))
        rendering.fill(np.empty(rendering.size, dtype=np.uint8))

    def has_ids(self) -> bool:
        """Tell whether works are tied to people at all."""
        return WORKER_ID in self._sources[0].header.place


def _line_of(row: int, read: CarefulRow) -> bytes:
    """Write a row that was read with care as a line of JSON; nothing of it is run when read."""
    return json.dumps([row, _plain(read)]).encode() + b"\n"


def _of_line(line: bytes) -> tuple[int, CarefulRow]:
    row, read = json.loads(line)
    return row, _careful(read)


def plain_error(error: InputError) -> list[str | None]:
    """Return an error as values for JSON."""
    return [error.path, error.problem, error.value, error.expected, error.code]


def error_of(plain: Sequence[Any]) -> InputError:
    """Return the error that `plain_error` wrote down."""
    path, problem, value, expected, code = plain
    error = InputError(path, problem, expected=expected, code=code)
    error.value = value
    error.args = (error.message(),)
    return error


def _plain(read: CarefulRow) -> dict[str, Any]:
    return {
        "facts": read.facts,
        "stop": read.stop,
        "held": read.held,
        "residence_told": read.residence_told,
        "position": read.position,
        "open_code": read.open_code,
        "error": None if read.error is None else plain_error(read.error),
    }


def _careful(plain: Mapping[str, Any]) -> CarefulRow:
    held, error = plain["held"], plain["error"]
    return CarefulRow(
        **{
            **plain,
            "held": None if held is None else tuple(held),
            "error": None if error is None else error_of(error),
        }
    )


def turns_for(shared: Iterable[Mask], workers: int) -> int:
    """Return in how many heaps people with several works are reviewed."""
    works = sum(int(mask.sum()) for mask in shared)
    if works < PEOPLE_WORTH_SHARING:
        return 1
    return -(-works // (PEOPLE_AT_ONCE * workers)) * workers
