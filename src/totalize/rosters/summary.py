"""Count what was read and decided."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import numpy as np

from totalize.coverage.determination import Outcome
from totalize.kernel.money import CENT
from totalize.rosters.engine import Decided

UNDECIDED: Final = frozenset({Outcome.NEEDS_FACTS, Outcome.NEEDS_CONSENT, Outcome.UNSETTLED})
# How the name of a sum of money ends; the others are counts.
MONEY_NAMES: Final = (" without", " with_certificate", " saved", " a month")
_PLACE: Final = re.compile(r"^work\[\d+\]\.")


@dataclass(slots=True)
class Summary:
    """How a roster came out.

    Attributes:
        rows: rows read.
        decided: rows of which every period is determined or has no US side.
        undecided: rows of which at least one period is not.
        bad: rows that could not be used.
        periods: periods by outcome.
        missing: rows that wait for a fact, by the fact's name.
        errors: rows that could not be used, or have no amounts for what they say, by the
            error's code.
        amounts: sums, by what is summed; money in cents.
        without_amounts: rows that have none though nothing in them is wrong, by reason.
    """

    rows: int = 0
    decided: int = 0
    undecided: int = 0
    bad: int = 0
    periods: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    amounts: Counter[str] = field(default_factory=Counter)
    without_amounts: Counter[str] = field(default_factory=Counter)

    def add(self, other: Summary) -> None:
        """Add the counts of another part of the roster."""
        self.rows += other.rows
        self.decided += other.decided
        self.undecided += other.undecided
        self.bad += other.bad
        self.periods += other.periods
        self.missing += other.missing
        self.errors += other.errors
        self.amounts.update(other.amounts)
        self.without_amounts.update(other.without_amounts)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts, most frequent first."""
        return {
            "rows": self.rows,
            "decided": self.decided,
            "undecided": self.undecided,
            "bad": self.bad,
            "periods": dict(self.periods.most_common()),
            "missing": dict(self.missing.most_common()),
            "errors": dict(self.errors.most_common()),
            "amounts": dict(sorted(self.amounts.items())),
            "without_amounts": dict(self.without_amounts.most_common()),
        }

    def shown_amounts(self) -> dict[str, Decimal | int]:
        """Return the sums with money in whole units, by name."""
        return {
            name: (Decimal(value) / 100).quantize(CENT) if name.endswith(MONEY_NAMES) else value
            for name, value in sorted(self.amounts.items())
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Summary:
        """Return the counts that `to_dict` wrote."""
        names = ("periods", "missing", "errors", "amounts", "without_amounts")
        counts = {name: Counter(plain[name]) for name in names}
        return cls(plain["rows"], plain["decided"], plain["undecided"], plain["bad"], **counts)


def count(decided: Decided[Any]) -> Summary:
    """Count one chunk."""
    rows, answers = decided.rows, decided.answers
    lines = np.bincount(answers.said, minlength=len(answers.entries)).tolist()
    summary = Summary(rows=rows.size - len(rows.blank), bad=len(rows.errors))
    open_entries = np.zeros(len(answers.entries), dtype=np.bool_)
    for number in np.flatnonzero(lines).tolist():
        entry, times = answers.entries[number], lines[number]
        if entry.outcome is None:
            continue
        summary.periods[entry.outcome] += times
        open_entries[number] = entry.outcome in UNDECIDED
        for name in _names_of(entry.missing or ""):
            summary.missing[name] += times
    summary.errors.update(error.code for error in rows.errors.values())
    for found in decided.found:
        summary.errors.update(error.code for error in found.errors.values())
        summary.amounts.update(found.totals)
        summary.without_amounts.update(found.open)
    waiting = answers.rows[open_entries[answers.said]]  # rising
    summary.undecided = int(np.count_nonzero(np.diff(waiting, prepend=-1)))
    summary.decided = summary.rows - summary.bad - summary.undecided
    return summary


@lru_cache(maxsize=1 << 16)
def _names_of(missing: str) -> tuple[str, ...]:
    """Return the names of missing facts from their paths."""
    return tuple(_PLACE.sub("", path) for path in missing.split(";") if path)
