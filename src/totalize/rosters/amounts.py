"""Columns of money beside the determination: what costs and benefits have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import polars as pl

from totalize.kernel.errors import InputError
from totalize.rosters.answers import Answers
from totalize.rosters.facts import Rows
from totalize.rosters.loops import Positions

MONEY = pl.Decimal(precision=18, scale=2)


@dataclass(slots=True)
class Found:
    """What a reckoner adds to the answer for some rows.

    Attributes:
        rows: the rows that have something, rising.
        columns: their values, by the name of the column.
        errors: rows of which the amounts cannot be given because of what they say.
        totals: sums in cents, by what is summed.
        open: rows without amounts though nothing in them is wrong, by reason.
    """

    rows: Positions
    columns: dict[str, pl.Series]
    errors: dict[int, InputError] = field(default_factory=dict)
    totals: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)


class Reckoner(Protocol):
    """Something that reckons amounts for rows with the answer at hand."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that `reckon` looks at."""

    def reckon(self, texts: pl.DataFrame, rows: Rows, answers: Answers) -> Found:
        """Return the amounts.

        Args:
            texts: the columns of `needs`, for every row.
            rows: the rows as read.
            answers: what was decided.
        """


def money(cents: Positions) -> pl.Series:
    """Return cents as amounts with two places; what is negative is null."""
    whole = pl.Series(cents, dtype=pl.Int64)
    text = (whole // 100).cast(pl.String) + "." + (whole % 100).cast(pl.String).str.zfill(2)
    return text.set(whole < 0, None).cast(MONEY)


def spread(found: Sequence[Found], answers: Answers) -> dict[str, pl.Series]:
    """Return columns for every line: a row's amounts stand on its first line, once.

    Args:
        found: what each reckoner found.
        answers: the lines.
    """
    rows = answers.rows
    first = np.ones(len(rows), dtype=np.bool_)
    first[1:] = rows[1:] != rows[:-1]
    columns: dict[str, pl.Series] = {}
    for each in found:
        if not len(each.rows):
            columns |= {
                name: values.clear().extend_constant(None, len(rows))
                for name, values in each.columns.items()
            }
            continue
        at = np.minimum(np.searchsorted(each.rows, rows), len(each.rows) - 1)
        place = pl.Series(np.where(first & (each.rows[at] == rows), at, -1))
        place = place.set(place < 0, None)
        for name, values in each.columns.items():
            columns[name] = values.gather(place)
    return columns
