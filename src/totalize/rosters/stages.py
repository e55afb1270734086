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
from totalize.rosters.cells import Cells, Mask, Positions
from totalize.rosters.engine import Decider, Histories, texts_of
from totalize.rosters.fields import WORKER_ID, Header
from totalize.rosters.histories import Texts, Works, gather_works, join_works, review_people
from totalize.rosters.namesakes import Numbers, count_ids
from totalize.rosters.parts import Part
from totalize.rosters.summary import Summary, count
from totalize.rosters.writing import Form

PEOPLE_AT_ONCE: Final = 400_000  # works of people with several that are reviewed together


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

    def pick(self, stretch: Any, rows: Positions, /) -> Iterator[Part]:
        """Yield some rows of a stretch, in parts."""

    def ids(self, stretch: Any, /) -> Iterator[tuple[Cells | None, int]]:
        """Yield the ids of a stretch, and how many rows there are."""

    def close(self) -> None:
        """Let go of the file."""


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
        """Note the numbers of a chunk's ids and return how many rows it has."""
        source = self._sources[chunk.source]
        # Rows without an id are numbered within their chunk, far from those of other chunks.
        numbers, rows = count_ids(source.ids(chunk.stretch), number << 40)
        np.save(self._folder / f"numbers-{number}.npy", numbers)
        return rows

    def numbers(self, number: int) -> Numbers:
        """Return the numbers of a chunk, as they lie on disk."""
        path = self._folder / f"numbers-{number}.npy"
        found: Numbers = np.load(path, mmap_mode="r" if path.stat().st_size > 128 else None)
        return found

    def share(self, number: int, mask: Mask) -> None:
        """Hand over which rows of a chunk belong to people who have several."""
        np.save(self._folder / f"shared-{number}.npy", np.flatnonzero(mask))

    def gather(self, number: int, chunk: Chunk, turns: int) -> None:
        """Hand over the works of people who have several, in as many heaps as there are turns."""
        rows = np.load(self._folder / f"shared-{number}.npy")
        if not len(rows):
            return
        source = self._sources[chunk.source]
        works = gather_works(source.pick(chunk.stretch, rows), chunk.begin + rows)
        if works is None:
            return
        heap = works["key"] % np.uint64(turns)
        for turn in range(turns):
            mine = heap == turn
            np.savez(
                self._folder / f"works-{turn}-{number}.npz",
                **{name: values[mine] for name, values in works.items()},
            )

    def review(self, turn: int, chunks: Sequence[Chunk]) -> None:
        """Work out the histories of one heap of people and hand them over by chunk."""
        pieces = []
        for number in range(len(chunks)):
            path = self._folder / f"works-{turn}-{number}.npz"
            if path.exists():
                with np.load(path) as works:
                    pieces.append(dict(works))
                path.unlink()
        joined: Works | None = join_works(pieces)
        if joined is None:
            return
        people = review_people(
            joined, lambda rows: self._texts(rows, chunks), self._decider().careful
        )
        for number, chunk in enumerate(chunks):
            mine = people.within(chunk.begin, chunk.begin + chunk.rows)
            if len(mine.rows) or mine.careful:
                _save(self._folder / f"people-{number}-{turn}", mine)

    def _texts(self, rows: Sequence[int], chunks: Sequence[Chunk]) -> Texts:
        found: dict[int, dict[str, str]] = {}
        wanted = np.array(rows, dtype=np.int64)
        begins = [chunk.begin for chunk in chunks] + [chunks[-1].begin + chunks[-1].rows]
        for chunk, (begin, stop) in zip(chunks, pairwise(begins), strict=True):
            inside = wanted[np.searchsorted(wanted, begin) : np.searchsorted(wanted, stop)]
            if not len(inside):
                continue
            numbers = iter(inside.tolist())
            for part in self._sources[chunk.source].pick(chunk.stretch, inside - begin):
                for place in range(part.size):
                    found[next(numbers)] = texts_of(part.cells, place)
        return found

    def decide(self, number: int, chunk: Chunk) -> tuple[memoryview, Summary]:
        """Return a chunk as it is to be written, and how it came out."""
        if not chunk.rows:
            return memoryview(b""), Summary()
        saved = sorted(self._folder.glob(f"people-{number}-*.npz"))
        histories = Histories.joined([_load(path) for path in saved]) if saved else None
        parts = self._sources[chunk.source].load(chunk.stretch)
        decided = self._decider().decide(parts, histories, self._form.keep, self._reckoners)
        return self._form.render(decided), count(decided)

    def has_ids(self) -> bool:
        """Tell whether works are tied to people at all."""
        return WORKER_ID in self._sources[0].header.place


def _save(path: Path, people: Histories) -> None:
    """Write histories as columns beside a JSON text; nothing in it is run when it is read."""
    with path.with_suffix(".json").open("w", encoding="utf-8") as file:
        json.dump([[row, _plain(read)] for row, read in people.careful.items()], file)
    columns: dict[str, Any] = {
        "rows": people.rows,
        "position": people.position,
        "open_code": people.open_code,
    }
    np.savez(path.with_suffix(".npz"), **columns | people.facts)


def _load(path: Path) -> Histories:
    with np.load(path) as columns:
        facts = dict(columns)
    told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return Histories(
        rows=facts.pop("rows"),
        position=facts.pop("position"),
        open_code=facts.pop("open_code"),
        facts=facts,
        careful={row: _careful(read) for row, read in told},
    )


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


def turns_for(shared: Iterable[Mask]) -> int:
    """Return in how many heaps people with several works are reviewed."""
    return max(1, -(-sum(int(mask.sum()) for mask in shared) // PEOPLE_AT_ONCE))
