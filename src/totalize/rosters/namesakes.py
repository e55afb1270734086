"""Find the rows of people who have several, by a number made of the worker's id.

A roster may be larger than memory and a person's works may stand anywhere in it. So the first
reading keeps one number a row, on disk; later ones look only at rows whose number stands twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from totalize.rosters import loops
from totalize.rosters.cells import PADDING, Block, Cells
from totalize.rosters.loops import Mask, Numbers, Positions
from totalize.rosters.parts import Listed

_PLACES_A_ROW_BITS: Final = 3
_FILTER_BITS: Final = 30
_PART_BYTES: Final = 1 << 22
_COMPARED_AT_ONCE: Final = 1 << 17
_MOST_TURNS: Final = 32
_BLANKS: Final = np.zeros(256, dtype=np.bool_)
_BLANKS[[9, 10, 13, 32]] = True


def number_cells(cells: Cells, seed: int = 0) -> Numbers:
    """Return a number for each cell that differs, as good as surely, between different texts."""
    found = np.empty(len(cells), dtype=np.uint64)
    data = cells.block.data
    if loops.number_texts(data, cells.starts, cells.sizes, seed, _BLANKS, found):
        last = cells.starts + np.maximum(cells.sizes - 1, 0)
        padded = (cells.sizes > 0) & (_BLANKS[data[cells.starts]] | _BLANKS[data[last]])
        for row in np.flatnonzero(padded).tolist():
            raw = cells.text(row).encode()
            bare = Cells(
                Block.of(raw + PADDING), np.zeros(1, np.int64), np.array([len(raw)], dtype=np.int32)
            )
            found[row] = number_cells(bare, seed)[0]
    return found


def mix(values: Numbers) -> Numbers:
    """Return numbers with their bits spread, so that neighbours lie far apart."""
    found = np.empty(len(values), dtype=np.uint64)
    loops.mix_all(values, found)
    return found


def count_ids(listed: Iterable[Listed], begin: int) -> tuple[Numbers, int]:
    """Return the numbers of some rows, none without a column of ids, and how many rows there are.

    Args:
        listed: the rows.
        begin: a number for the first row, told apart from those of other rows.
    """
    size = 0
    kept: list[Numbers] = []
    for rows in listed:
        if rows.ids is not None:
            numbers = number_cells(rows.ids)
            # People without an id are nobody's namesakes.
            alone = np.flatnonzero(rows.ids.sizes == 0)
            numbers[alone] = mix((begin + size + alone).astype(np.uint64) + np.uint64(1))
            kept.append(numbers)
        size += rows.size
    return (np.concatenate(kept) if kept else np.zeros(0, dtype=np.uint64)), size


def find_shared(chunks: Sequence[Numbers], threads: int = 1) -> list[Mask] | None:
    """Return which rows share their number with another, None where none does.

    Args:
        chunks: the numbers of all rows, chunk by chunk; they may lie on disk.
        threads: how many to do it with.
    """
    with ThreadPoolExecutor(threads) as pool:
        near = _near(chunks, pool)
        candidates = [numbers[rows] for numbers, rows in zip(chunks, near, strict=True)]
        size = sum(map(len, candidates))
        turns = min(max(-(-size // _COMPARED_AT_ONCE), threads), _MOST_TURNS)
        twice = [np.zeros(len(numbers), dtype=np.bool_) for numbers in candidates]

        def compare(turn: int) -> None:
            # Twice as many places as numbers are expected, for few to fight for one.
            kept = np.zeros(1 << (2 * size // turns + 64).bit_length(), dtype=np.uint64)
            again = np.zeros(len(kept), dtype=np.bool_)
            for numbers in candidates:
                loops.keep_numbers(numbers, turn, turns, kept, again)
            for numbers, found in zip(candidates, twice, strict=True):
                loops.look_up_numbers(numbers, turn, turns, kept, again, found)

        for _ in pool.map(compare, range(turns)):
            pass
    if not any(found.any() for found in twice):
        return None
    masks = [np.zeros(len(numbers), dtype=np.bool_) for numbers in chunks]
    for mask, rows, found in zip(masks, near, twice, strict=True):
        mask[rows[found]] = True
    return masks


def _near(chunks: Sequence[Numbers], pool: ThreadPoolExecutor) -> list[Positions]:
    """Return all rows that share their number with another, and a few that do not."""
    size = sum(map(len, chunks))
    # A bit for each of many more places than there are rows: most rows are alone in theirs. The
    # places are gone through in parts that the processor has at hand.
    bits = min(max(size.bit_length() + _PLACES_A_ROW_BITS, 12), _FILTER_BITS)
    again = np.zeros(1 << (bits - 3), dtype=np.uint8)
    parts = max(len(again) // _PART_BYTES, 1)

    def mark(part: int) -> None:
        seen = np.zeros(len(again) // parts, dtype=np.uint8)
        for numbers in chunks:
            loops.mark_places(numbers, bits, part, seen, again)

    def look_up(numbers: Numbers) -> Positions:
        mask = np.empty(len(numbers), dtype=np.bool_)
        loops.look_up_places(numbers, bits, again, mask)
        return np.flatnonzero(mask)

    for _ in pool.map(mark, range(parts)):
        pass
    return list(pool.map(look_up, chunks))
