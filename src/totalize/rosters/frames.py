"""Decide a frame that is in memory, Polars, pandas or Arrow, and give back the same kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from totalize.kernel.errors import InputError
from totalize.law.book import LawBook
from totalize.rosters.engine import Decider, Histories
from totalize.rosters.extras import Extras
from totalize.rosters.fields import WORKER_ID, read_header
from totalize.rosters.histories import gather_works, review_people
from totalize.rosters.namesakes import count_ids, find_shared
from totalize.rosters.parts import Part, pick
from totalize.rosters.summary import Summary, count
from totalize.rosters.table_source import list_parts, parts_of
from totalize.rosters.writing import answer_frame


@cache
def _usual() -> Decider:
    return Decider(LawBook())


def decide_frame(
    frame: pl.DataFrame,
    keep: Sequence[str] = (),
    book: LawBook | None = None,
    extras: Extras | None = None,
) -> pl.DataFrame:
    """Decide a Polars frame.

    Args:
        frame: one row a work, columns as in section 5 of the contract.
        keep: columns of your own; `*` for all.
        book: another law than the one that comes with the package.
        extras: amounts to add.

    Returns:
        The frame with the answer's columns, a row a period, in the order of the rows.

    Raises:
        InputError: the columns cannot be used. Rows that cannot be used carry their error.
    """
    return decide_and_count(frame, keep, book, extras)[0]


def decide_and_count(
    frame: pl.DataFrame,
    keep: Sequence[str] = (),
    book: LawBook | None = None,
    extras: Extras | None = None,
) -> tuple[pl.DataFrame, Summary]:
    """Do as `decide_frame` does, and tell how it came out."""
    chosen = extras or Extras()
    decider = _usual() if book is None else Decider(book)
    header = read_header(frame.columns, "the frame", keep)
    if not frame.height:
        frame = frame.clear()
    parts = parts_of(frame, header, "the frame")
    if not parts:
        return _nothing(frame, header.written, chosen), Summary()
    histories = _histories(parts, decider) if WORKER_ID in header.place else None
    decided = decider.decide(
        parts, frame.height, histories, lambda part: part.originals, chosen.reckoners()
    )
    return answer_frame(decided), count(decided)


def _histories(parts: Sequence[Part], decider: Decider) -> Histories | None:
    """Return what the works of people with several tell about each other."""
    numbers, _ = count_ids(list_parts(parts), 0)
    shared = find_shared([numbers])
    if shared is None:
        return None
    rows = np.flatnonzero(shared[0])
    works = gather_works(pick(parts, rows), rows)

    def texts_of_rows(wanted: Sequence[int]) -> dict[int, dict[str, str]]:
        found = {}
        numbers = iter(wanted)
        for part in pick(parts, np.array(wanted, dtype=np.int64)):
            for texts in part.all_texts():
                found[next(numbers)] = texts
        return found

    return review_people(works, texts_of_rows, decider.careful)


def _nothing(frame: pl.DataFrame, written: Sequence[str], extras: Extras) -> pl.DataFrame:
    empty = frame.rename(dict(zip(frame.columns, written, strict=True)))
    types = extras.types()
    return empty.with_columns(
        pl.lit(None, dtype=types.get(name, pl.String)).alias(name) for name in extras.names()
    )


def decide(
    frame: Any,
    keep: Sequence[str] = (),
    book: LawBook | None = None,
    extras: Extras | None = None,
) -> Any:
    """Decide a Polars frame, a pandas frame or an Arrow table and return the same kind.

    Args:
        frame: one row a work, columns as in section 5 of the contract: text, days and truth
            values; an empty cell is unknown, `null` as text is the contract's null.
        keep: columns of your own, passed through; `*` for all.
        book: another law than the one that comes with the package.
        extras: amounts to add: `Extras(cost=CostOptions(as_of=...), benefit=True)`.

    Raises:
        InputError: it is no such frame, or its columns cannot be used.
    """
    try:
        given = nw.from_native(frame, eager_only=True)
    except TypeError:
        raise InputError(
            "", "is no frame", value=type(frame), expected="a Polars or pandas frame or Arrow table"
        ) from None
    if given.implementation.is_polars():
        return decide_frame(given.to_native(), keep, book, extras)
    table = decide_frame(given.to_polars(), keep, book, extras)
    return nw.from_arrow(table, backend=given.implementation).to_native()
