"""Give the reasons for chosen rows of a roster, as for a single case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from totalize.coverage.determine import Determiner
from totalize.coverage.door import read_case
from totalize.kernel.errors import InputError
from totalize.kernel.plain import to_plain
from totalize.law.book import LawBook
from totalize.rosters.careful import document_of
from totalize.rosters.engine import ragged_row
from totalize.rosters.fields import WORKER_ID
from totalize.rosters.parts import Part
from totalize.rosters.run import RunOptions, load_parts


@dataclass(frozen=True, slots=True)
class Explained:
    """The whole answer for one row, or what is wrong with it.

    Attributes:
        row: as asked for; the first below the header is 1.
        worker: the worker's id, empty without one.
        result: section 2 of the contract for this work, None with an error.
        error: in words.
    """

    row: int
    worker: str
    result: dict[str, Any] | None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    def as_text(self) -> str:
        """Return it as indented text."""
        lines = ["", f"Row {self.row}" + (f", {self.worker}" if self.worker else "")]
        if self.result is None:
            return "\n".join([*lines, f"  {self.error}"])
        for period in self.result["periods"]:
            systems = period["covered_by"]
            by = "nobody" if systems == [] else ", ".join(systems or ()) or "-"
            lines.append(
                f"  {period['from']} to {period['to'] or 'no end'}: {period['outcome']}, "
                f"covered by {by}" + (f" ({period['rule']})" if period["rule"] else "")
            )
            if period["missing"]:
                lines.append(f"    waits for {', '.join(period['missing'])}")
            for reason in period["reasons"]:
                lines += _lines(reason, 4)
        return "\n".join(lines)


def _lines(reason: dict[str, Any], indent: int) -> list[str]:
    found = {True: "yes", False: "no", None: "unknown"}[reason["result"]]
    cited = f" [{reason['citation']}]" if reason["citation"] else ""
    lines = [f"{'':{indent}}{found}: {reason['text']}{cited}"]
    for below in reason["because"]:
        lines += _lines(below, indent + 2)
    return lines


def explain(
    patterns: Sequence[str],
    rows: Sequence[int],
    as_of: date,
    book: LawBook,
    options: RunOptions | None = None,
) -> list[Explained]:
    """Decide chosen rows one by one, each with the person's other rows, and keep the reasons.

    Args:
        patterns: the files of the roster.
        rows: their numbers; the first below the header is 1.
        as_of: the day of the decision.
        book: the law.
        options: how the roster is read.

    Raises:
        InputError: the roster has no such row.
    """
    options = options or RunOptions()
    with TemporaryDirectory() as scratch:
        chosen, people = _gather(patterns, set(rows), options, Path(scratch))
    determiner = Determiner(book)
    found = []
    for row in rows:
        if row not in chosen:
            raise InputError("explain", "is no row of the roster", value=row)
        error, texts = chosen[row]
        worker = texts.get(WORKER_ID, "")
        works = people[worker] if worker else [(row, texts)]
        if error is not None:
            found.append(Explained(row, worker, None, error.message()))
            continue
        position = [number for number, _ in works].index(row)
        try:
            case = read_case(document_of([work for _, work in works]))
        except InputError as problem:
            found.append(Explained(row, worker, None, problem.message()))
            continue
        result = determiner.decide(case, as_of).results[position]
        found.append(Explained(row, worker, to_plain(result)))
    return found


def _gather(
    patterns: Sequence[str], rows: set[int], options: RunOptions, scratch: Path
) -> tuple[
    dict[int, tuple[InputError | None, dict[str, str]]],
    dict[str, list[tuple[int, dict[str, str]]]],
]:
    chosen: dict[int, tuple[InputError | None, dict[str, str]]] = {}
    for begin, part in _numbered(patterns, options, scratch):
        mine = [row - begin for row in sorted(rows) if 0 <= row - begin < part.size]
        texts = part.rows_as_texts(np.array(mine, dtype=np.int64))
        for place, told in zip(mine, texts, strict=True):
            cells = part.ragged.get(place)
            error = None if cells is None else ragged_row(cells, len(part.header.names))
            chosen[begin + place] = error, told
    people: dict[str, list[tuple[int, dict[str, str]]]] = {
        texts[WORKER_ID]: [] for _, texts in chosen.values() if texts.get(WORKER_ID)
    }
    if people:
        for begin, part in _numbered(patterns, options, scratch):
            ids = part.text_cells(WORKER_ID)
            if ids is None:
                continue
            mine = [place for place in range(part.size) if ids.text(place) in people]
            texts = part.rows_as_texts(np.array(mine, dtype=np.int64))
            for place, told in zip(mine, texts, strict=True):
                people[told[WORKER_ID]].append((begin + place, told))
    return chosen, people


def _numbered(
    patterns: Sequence[str], options: RunOptions, scratch: Path
) -> Iterator[tuple[int, Part]]:
    begin = 1
    for part in load_parts(patterns, options, scratch):
        yield begin, part
        begin += part.size
