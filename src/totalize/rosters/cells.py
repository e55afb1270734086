"""The cells of a column as bytes: where each starts in one block, and how long it is.

So no cell becomes an object before somebody asks for its text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from totalize.rosters.loops import Bytes, Ints, Positions

WORD_BYTES: Final = 8
PADDING: Final = b"\0" * (2 * WORD_BYTES)  # so that the last cell can be read in whole words


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes that cells lie in, padded so that a word can be read anywhere."""

    data: Bytes
    words: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, data: bytes | Bytes) -> Block:
        """Lay a block over bytes that end with `PADDING`."""
        # Compiled loops are made for arrays that nobody writes to, wherever they come from.
        whole = np.frombuffer(data, dtype=np.uint8)
        whole.flags.writeable = False
        words = len(whole) - WORD_BYTES + 1
        return cls(whole, np.ndarray((words,), dtype="<u8", buffer=whole, strides=(1,)))


@dataclass(frozen=True, slots=True)
class Cells:
    """One column: where each cell starts and how many bytes it has."""

    block: Block
    starts: Positions
    sizes: Ints

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, row: int) -> str:
        """Return the text of one cell, without surrounding blanks."""
        start = int(self.starts[row])
        raw = self.block.data[start : start + int(self.sizes[row])].tobytes()
        return raw.decode("utf-8", "replace").replace('""', '"').strip()

    def texts(self) -> list[str]:
        """Return the texts of all cells."""
        return [self.text(row) if size else "" for row, size in enumerate(self.sizes.tolist())]

    def take(self, rows: npt.NDArray[Any]) -> Cells:
        """Return the cells of some rows."""
        return Cells(self.block, self.starts[rows], self.sizes[rows])
