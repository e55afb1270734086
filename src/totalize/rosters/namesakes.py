"""Find the rows of people who have several, by a number made of the worker's id.

A roster may be larger than memory and a person's works may stand anywhere in it. So the first
reading keeps one number a row, on disk; later ones look only at rows whose number stands twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from totalize.rosters.cells import PADDING, WORD, Block, Cells, Mask

Numbers = npt.NDArray[np.uint64]

SORTED_AT_ONCE: Final = 4_000_000  # rows whose numbers are sorted in memory together
_READ_AT_ONCE: Final = 1 << 20
_FILTER_BITS: Final = 26
_BLANKS: Final = np.zeros(256, dtype=np.bool_)
_BLANKS[[9, 10, 13, 32]] = True


def number_cells(cells: Cells, seed: int = 0) -> Numbers:
    """Return a number for each cell that differs, as good as surely, between different texts."""
    sizes = cells.sizes.astype(np.int64)
    found = mix(cells.first_words() + np.uint64(seed)) ^ mix(sizes.astype(np.uint64))
    beyond = np.flatnonzero(sizes > WORD)
    place = WORD
    while len(beyond):
        rest = np.minimum(sizes[beyond] - place, WORD)
        words = cells.block.words[cells.starts[beyond] + place] & _MASKS[rest]
        found[beyond] = mix(found[beyond] ^ words)
        place += WORD
        beyond = beyond[sizes[beyond] > place]
    last = cells.starts + np.maximum(sizes - 1, 0)
    padded = (sizes > 0) & (
        _BLANKS[cells.block.data[cells.starts]] | _BLANKS[cells.block.data[last]]
    )
    for row in np.flatnonzero(padded).tolist():
        raw = cells.text(row).encode()
        bare = Cells(
            Block.of(raw + PADDING), np.zeros(1, np.int64), np.array([len(raw)], dtype=np.int32)
        )
        found[row] = number_cells(bare, seed)[0]
    return found


def mix(values: Numbers) -> Numbers:
    """Return numbers with their bits spread, so that neighbours lie far apart."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_MASKS: Final = np.array([(1 << (8 * size)) - 1 for size in range(WORD + 1)], dtype=np.uint64)


def count_ids(ids: Iterable[tuple[Cells | None, int]], begin: int) -> tuple[Numbers, int]:
    """Return the numbers of some rows, and how many rows there are.

    Args:
        ids: the cells with the worker's id, None where there are none, and how many rows.
        begin: the first row.
    """
    size = 0
    kept: list[Numbers] = []
    for cells, rows in ids:
        if cells is not None:
            numbers = number_cells(cells)
            # People without an id are nobody's namesakes.
            alone = np.flatnonzero(cells.sizes == 0)
            numbers[alone] = mix((begin + size + alone).astype(np.uint64) + np.uint64(1))
            kept.append(numbers)
        size += rows
    return (np.concatenate(kept) if kept else np.zeros(0, dtype=np.uint64)), size


def find_shared(chunks: Sequence[Numbers]) -> list[Mask] | None:
    """Return which rows share their number with another, None where none does.

    Args:
        chunks: the numbers of all rows, chunk by chunk; they may lie on disk.
    """
    twice = _twice(chunks)
    if not len(twice):
        return None
    bits = min(len(twice).bit_length() + 6, _FILTER_BITS)
    suspects = np.zeros(1 << bits, dtype=np.bool_)
    shift = np.uint64(64 - bits)
    suspects[twice >> shift] = True
    found = []
    for numbers in chunks:
        mask = np.zeros(len(numbers), dtype=np.bool_)
        near = np.flatnonzero(suspects[numbers >> shift])
        at = np.minimum(np.searchsorted(twice, numbers[near]), len(twice) - 1)
        mask[near] = twice[at] == numbers[near]
        found.append(mask)
    return found


def _twice(chunks: Sequence[Numbers]) -> Numbers:
    """Return the numbers that occur more than once, sorted; in as many passes as memory asks."""
    size = sum(len(numbers) for numbers in chunks)
    passes = max(-(-size // SORTED_AT_ONCE), 1)
    found = [np.zeros(0, dtype=np.uint64)]
    for turn in range(passes):
        low = np.uint64(turn * (1 << 64) // passes)
        high = np.uint64((turn + 1) * (1 << 64) // passes - 1)
        chosen = np.concatenate(
            [
                block if passes == 1 else block[(block >= low) & (block <= high)]
                for numbers in chunks
                for begin in range(0, len(numbers), _READ_AT_ONCE)
                for block in (numbers[begin : begin + _READ_AT_ONCE],)
            ]
            or found
        )
        chosen.sort()
        again = chosen[1:][chosen[1:] == chosen[:-1]]
        if len(again):
            found.append(again[np.concatenate(([True], again[1:] != again[:-1]))])
    return np.concatenate(found)
