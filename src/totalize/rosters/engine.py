"""Decide a block of rows: read the columns, read the odd rows with care, decide, word the answer."""

from __future__ import annotations

from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class Histories:
    """What other works of the same person tell about some rows of a block.

    Attributes:
        rows: the rows of people with several works that could be read as columns.
        facts: their facts of history, by name.
        position: which of the person's works each is.
        careful: the other rows of people with several works.
    """

    rows: Positions
    facts: dict[str, Ints]
    position: Ints
    careful: dict[int, CarefulRow] = field(default_factory=dict)


class Decider:
    """Decide blocks of rows under one law book. Safe to use from several threads."""

    def __init__(self, book: LawBook) -> None:
        self.careful = CarefulReader(book)
        self._determiner = ColumnDeterminer(book)
        self._wording = Wording(book)

    def decide(
        self, cells: Mapping[str, Cells], size: int, histories: Histories | None = None
    ) -> tuple[Answers, Rows]:
        """Return the answer for each row.

        Args:
            cells: the cells of each column of the contract that the roster has.
            size: number of rows.
            histories: of the people with several works.
        """
        rows = Reader(cells, size).read()
        if histories is not None:
            rows.has_history[histories.rows] = True
            rows.position[histories.rows] = histories.position
            for name, values in histories.facts.items():
                rows.facts[name][histories.rows] = values
            for row, read in histories.careful.items():
                rows.put(row, read)
                rows.unread[row] = False
        self._check_worker_ids(cells, rows)
        for row in np.flatnonzero(rows.unread).tolist():
            if row in rows.errors:
                continue
            texts = texts_of(cells, row)
            if is_blank(texts):
                rows.blank.add(row)
            else:
                rows.put(row, self.careful.read([texts])[0])
        return self._wording.write(rows, self._determiner.decide(rows.frame())), rows

    @staticmethod
    def _check_worker_ids(cells: Mapping[str, Cells], rows: Rows) -> None:
        ids = cells.get(WORKER_ID)
        if ids is None:
            return
        for row in np.flatnonzero(ids.sizes == 0).tolist():
            if not is_blank(texts_of(cells, row)):
                rows.errors[row] = InputError(
                    WORKER_ID, "is missing and needed", code="missing_field"
                )


def texts_of(cells: Mapping[str, Cells], row: int) -> dict[str, str]:
    """Return the texts of one row by column."""
    return {name: column.text(row) for name, column in cells.items()}
