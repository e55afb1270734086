"""Columns in a file of which everybody reads a share: how stages hand works and histories over.

They lie row by row, so that a share is one stretch of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Columns = dict[str, npt.NDArray[Any]]


def save_shares(path: Path, columns: Mapping[str, npt.NDArray[Any]], bounds: Sequence[int]) -> None:
    """Write columns of one length, in a file that holds no objects.

    Args:
        path: the file, ending with `.npy`.
        columns: the shares, one behind the other.
        bounds: where each share begins, and where the last one ends.
    """
    rows = np.empty(bounds[-1], dtype=[(name, values.dtype) for name, values in columns.items()])
    for name, values in columns.items():
        rows[name] = values
    np.save(_bounds(path), np.array(bounds, dtype=np.int64))
    np.save(path, rows)


def load_share(path: Path, share: int) -> npt.NDArray[Any] | None:
    """Return the rows of one share as they lie in the file, None where there is no file."""
    if not path.exists():
        return None
    bounds = np.load(_bounds(path))
    # A file without rows cannot be looked into, only read.
    rows: npt.NDArray[Any] = np.load(path, mmap_mode="r" if bounds[-1] else None)
    return rows[bounds[share] : bounds[share + 1]]


def join_shares(shares: Sequence[npt.NDArray[Any]]) -> Columns | None:
    """Return shares as columns, one share behind the other; None where there are none."""
    if not shares:
        return None
    rows = np.concatenate(shares)
    return {name: np.ascontiguousarray(rows[name]) for name in rows.dtype.names or ()}


def _bounds(path: Path) -> Path:
    return path.with_suffix(".bounds.npy")
