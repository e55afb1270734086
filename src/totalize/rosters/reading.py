"""Read the rows of a roster one by one, for whoever keeps them: texts by column, errors by row.

The way for files of some ten thousand rows; a roster that is only decided goes through `run`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from totalize.kernel.errors import InputError
from totalize.rosters.engine import ragged_row
from totalize.rosters.run import RunOptions, load_parts


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row as it stands in the file.

    Attributes:
        number: the first below the header is 1.
        texts: by column of the contract; empty cells are left out.
        others: by column that is none of the contract's, as named in the header.
        error: what is wrong with the row as a whole.
    """

    number: int
    texts: dict[str, str]
    others: dict[str, str]
    error: InputError | None = None


def read_rows(path: Path) -> Iterator[RosterRow]:
    """Yield the rows of a CSV, XLSX or Parquet file; columns that are no fields are kept.

    Args:
        path: the file; its ending tells its kind.

    Raises:
        InputError: the file can't be read, or its header is wrong.
    """
    number = 0
    with TemporaryDirectory() as scratch:
        for part in load_parts([str(path)], RunOptions(keep=("*",)), Path(scratch)):
            kept = [
                (name, column)
                for name, field, column in zip(
                    part.header.names, part.header.fields, part.columns, strict=True
                )
                if field is None
            ]
            for place, texts in enumerate(part.all_texts()):
                number += 1
                cells = part.ragged.get(place)
                wrong = None if cells is None else ragged_row(cells, len(part.header.names))
                yield RosterRow(
                    number,
                    {name: text for name, text in texts.items() if text},
                    {name: text for name, column in kept if (text := column.text(place))},
                    wrong,
                )
