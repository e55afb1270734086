"""Compile what rosters are read with, ahead of the first one: `python -m totalize.rosters.prepare`.

It takes about a quarter of a minute, once for a version of the program on a machine. Without it the
first roster takes that much longer.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from totalize.law.book import LawBook
from totalize.rosters.making import make_roster
from totalize.rosters.run import run_roster

_ROWS = 400


def prepare() -> None:
    """Decide a small artificial roster from each kind of source."""
    book = LawBook()
    with TemporaryDirectory() as name:
        folder = Path(name)
        for kind in ("csv", "parquet"):
            made = folder / f"made.{kind}"
            make_roster(made, _ROWS, seed=1)
            run_roster([str(made)], folder / "decided.csv", book)


if __name__ == "__main__":
    prepare()
