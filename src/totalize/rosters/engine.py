"""Decide rows: read the columns, read the odd rows with care, decide, word the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from totalize.coverage.columns import ColumnDeterminer
from totalize.kernel.errors import InputError
from totalize.law.book import LawBook
from totalize.rosters.answers import Answers, Wording
from totalize.rosters.careful import CarefulReader, CarefulRow, is_blank
from totalize.rosters.cells import Cells, Ints, Positions
from totalize.rosters.facts import Reader, Rows
from totalize.rosters.fields import WORKER_ID
from totalize.rosters.parts import Part


@dataclass(frozen=True, slots=True)
class Histories:
    """What other works of the same person tell about some rows.

    Attributes:
        rows: the rows of people with several works that could be read as columns.
        facts: their facts of history, by name.
        position: which of the person's works each is.
        open_paths: what leaves a history open.
        careful: the other rows of people with several works.
    """

    rows: Positions
    facts: dict[str, Ints]
    position: Ints
    open_paths: dict[int, str] = field(default_factory=dict)
    careful: dict[int, CarefulRow] = field(default_factory=dict)


class Decider:
    """Decide rows under one law book. Safe to use from several threads."""

    def __init__(self, book: LawBook) -> None:
        self.careful = CarefulReader(book)
        self._determiner = ColumnDeterminer(book)
        self._wording = Wording(book)

    def decide(
        self, parts: Sequence[Part], histories: Histories | None = None
    ) -> tuple[Answers, Rows]:
        """Return the answer for each row.

        Args:
            parts: the rows, in order.
            histories: of the people with several works.
        """
        rows = Rows.joined([Reader(part.cells, part.size).read() for part in parts])
        if histories is not None:
            rows.has_history[histories.rows] = True
            rows.position[histories.rows] = histories.position
            for name, values in histories.facts.items():
                rows.facts[name][histories.rows] = values
            rows.open_paths.update(histories.open_paths)
            for row, read in histories.careful.items():
                rows.put(row, read)
        self._read_carefully(parts, rows, histories.careful if histories is not None else {})
        return self._wording.write(rows, self._determiner.decide(rows.frame())), rows

    def _read_carefully(
        self, parts: Sequence[Part], rows: Rows, done: Mapping[int, CarefulRow]
    ) -> None:
        begin = 0
        for part in parts:
            unread = rows.unread[begin : begin + part.size].copy()
            ragged = part.table.ragged if part.table is not None else {}
            unread[list(ragged)] = True
            ids = part.cells.get(WORKER_ID)
            if ids is not None:
                unread |= ids.sizes == 0
            for place in np.flatnonzero(unread).tolist():
                row = begin + place
                if place in ragged:
                    rows.errors[row] = ragged_row(ragged[place], len(part.columns))
                elif row not in done:
                    self._read_one(rows, row, texts_of(part.cells, place))
            begin += part.size

    def _read_one(self, rows: Rows, row: int, texts: dict[str, str]) -> None:
        if is_blank(texts):
            rows.blank.add(row)
        elif not texts.get(WORKER_ID, "-"):
            rows.errors[row] = InputError(WORKER_ID, "is missing and needed", code="missing_field")
        else:
            rows.put(row, self.careful.read([texts])[0])


def ragged_row(found: int, width: int) -> InputError:
    """Return the error for a row with more or fewer cells than the header."""
    return InputError(
        "",
        f"the row has {found} cell{'s' if found != 1 else ''}, the header {width}",
        expected="as many; a text with a separator in it stands in quotation marks",
        code="ragged_row",
    )


def texts_of(cells: Mapping[str, Cells], row: int) -> dict[str, str]:
    """Return the texts of one row by column."""
    return {name: column.text(row) for name, column in cells.items()}
