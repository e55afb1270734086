"""Read a file of law data into its typed model, refusing whatever the schema does not know."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from totalize.kernel.errors import LawError
from totalize.kernel.reading import parse_trusted

DATA = Path(__file__).parent / "data"

Model = TypeVar("Model")


def load(relative: str, model: type[Model], root: Path = DATA) -> Model:
    """Read one file of law data.

    Args:
        relative: path below the data folder, with forward slashes.
        model: the msgspec type it must fit.
        root: another folder of the same shape, for tests and amended law.

    Raises:
        LawError: there is no such file, or it does not fit the model.
    """
    try:
        text = (root / relative).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LawError(relative, "no such file of law data") from None
    try:
        return msgspec.convert(parse_trusted(text), model, str_keys=False)
    except msgspec.ValidationError as error:
        raise LawError(relative, str(error)) from None


def folders(relative: str, root: Path = DATA) -> list[str]:
    """Return the names of the folders below a folder of law data, sorted."""
    return sorted(path.name for path in (root / relative).iterdir() if path.is_dir())


@cache
def digest(root: Path = DATA) -> str:
    """Return a short digest of all law data: the version that a decision names."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.yaml")):
        total.update(path.relative_to(root).as_posix().encode())
        total.update(b"\0")
        total.update(path.read_bytes())
    return total.hexdigest()[:16]
