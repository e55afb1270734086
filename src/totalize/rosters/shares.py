"""Records in files of which everybody reads a share: how stages hand works and histories over.

A file begins with where its shares begin and end; they lie one behind the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from totalize.rosters.loops import Positions, Records

_BOUND = np.dtype(np.int64)


def pick(records: Records, places: Positions) -> Records:
    """Return some records, each copied whole; NumPy would copy them field by field."""
    raw = records.view(np.uint8).reshape(len(records), records.itemsize)
    found: Records = raw.take(places, axis=0).view(records.dtype).reshape(len(places))
    return found


def save_shares(path: Path, records: npt.NDArray[Any], bounds: Sequence[int]) -> None:
    """Write records into a file.

    Args:
        path: the file.
        records: the shares, one behind the other.
        bounds: where each share begins, and where the last one ends.
    """
    places = np.array(bounds, dtype=_BOUND) * records.itemsize + len(bounds) * _BOUND.itemsize
    with path.open("wb") as file:
        places.tofile(file)
        records.tofile(file)


def load_share(paths: Iterable[Path], share: int, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return one share of each file, one behind the other.

    Args:
        paths: the files; one that is not there holds nothing.
        share: which share, from 0.
        kind: of the records.
    """
    found = [np.zeros(0, dtype=kind)]
    for path in paths:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            file.seek(share * _BOUND.itemsize)
            begin, end = np.fromfile(file, dtype=_BOUND, count=2).tolist()
            file.seek(begin)
            found.append(np.fromfile(file, dtype=kind, count=(end - begin) // kind.itemsize))
    return np.concatenate(found)
