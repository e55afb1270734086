"""Decide rows: read the columns, read the odd rows with care, decide, word the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import polars as pl

from totalize.coverage.columns import ColumnDeterminer
from totalize.kernel.errors import InputError
from totalize.law.book import LawBook
from totalize.rosters.amounts import Found, Reckoner, spread
from totalize.rosters.answers import Answers, Wording
from totalize.rosters.careful import CarefulReader, CarefulRow, is_blank
from totalize.rosters.facts import Rows, read_facts
from totalize.rosters.fields import WORKER_ID
from totalize.rosters.loops import Records
from totalize.rosters.parts import Part
from totalize.rosters.stays import HISTORY_FACTS

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Decided(Generic[Kept]):
    """Rows with their answer.

    Attributes:
        rows: as read.
        answers: a line a period.
        kept: what was kept of each part.
        amounts: further columns, a value a line.
        found: what each reckoner found.
    """

    rows: Rows
    answers: Answers
    kept: list[Kept]
    amounts: dict[str, pl.Series]
    found: list[Found]


@dataclass(frozen=True, slots=True)
class Histories:
    """What other works of the same person tell about some rows.

    Attributes:
        found: of people with several works that could be read as columns (`stays.HISTORY`), by
            row.
        careful: the other rows of people with several works.
    """

    found: Records
    careful: dict[int, CarefulRow] = field(default_factory=dict)

    def within(self, begin: int, stop: int) -> Histories:
        """Return what concerns the rows from `begin` up to but not including `stop`."""
        first, last = np.searchsorted(self.found["row"], (begin, stop))
        found = self.found[first:last].copy()
        found["row"] -= begin
        return Histories(found, _moved(self.careful, range(begin, stop)))


def _moved(values: Mapping[int, Kept], inside: range) -> dict[int, Kept]:
    if len(values) < len(inside):
        return {row - inside.start: value for row, value in values.items() if row in inside}
    return {row - inside.start: values[row] for row in inside if row in values}


class Decider:
    """Decide rows under one law book, in one thread."""

    def __init__(self, book: LawBook) -> None:
        self.careful = CarefulReader(book)
        self._determiner = ColumnDeterminer(book)
        self._wording = Wording(book)

    def decide(
        self,
        parts: Iterable[Part],
        size: int,
        histories: Histories | None,
        keep: Callable[[Part], Kept],
        reckoners: Sequence[Reckoner] = (),
    ) -> Decided[Kept]:
        """Return the answer for each row.

        Args:
            parts: the rows, in order; each part is let go of once it is read.
            size: how many rows there are.
            histories: of the people with several works.
            keep: returns what is to be kept of a part.
            reckoners: add columns of amounts.
        """
        whole = Rows.room(size)
        kept: list[Kept] = []
        texts: list[list[pl.DataFrame]] = [[] for _ in reckoners]
        begin = 0
        for part in parts:
            stop = begin + part.size
            rows = whole.within(begin, stop)
            self._read(part, rows, histories and histories.within(begin, stop))
            whole.add_left_out(begin, rows)
            kept.append(keep(part))
            for reckoner, taken in zip(reckoners, texts, strict=True):
                taken.append(part.texts(reckoner.needs))
            begin = stop
        answers = self._wording.write(whole, self._determiner.decide_columns(whole.columns()))
        found = [
            reckoner.reckon(pl.concat(taken), whole, answers)
            for reckoner, taken in zip(reckoners, texts, strict=True)
        ]
        for each in found:
            answers = answers.with_errors(each.errors)
        return Decided(whole, answers, kept, spread(found, answers), found)

    def _read(self, part: Part, rows: Rows, histories: Histories | None) -> None:
        read_facts(part, rows)
        done: Mapping[int, CarefulRow] = {}
        if histories is not None:
            found = histories.found
            places = found["row"]
            rows.has_history[places] = True
            rows.position[places] = found["position"]
            rows.open_code[places] = found["open_code"]
            for name in HISTORY_FACTS:
                rows.facts[name][places] = found[name]
            done = histories.careful
            for row, read in done.items():
                rows.put(row, read)
        ids = part.text_cells(WORKER_ID)
        if ids is not None:
            rows.unread |= ids.sizes == 0
        for row, width in part.ragged.items():
            rows.errors[row] = ragged_row(width, len(part.header.names))
        rows.unread[[*done, *part.ragged]] = False
        unread = np.flatnonzero(rows.unread)
        for row, texts in zip(unread.tolist(), part.rows_as_texts(unread), strict=True):
            self._read_one(rows, row, texts)

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
