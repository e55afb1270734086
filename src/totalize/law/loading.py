"""Read a file of law data into its typed model, refusing whatever the schema does not know."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from totalize.kernel.errors import LawError
from totalize.kernel.reading import parse_trusted
from totalize.kernel.typed import convert

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
        return convert(parse_trusted(text), model, str_keys=False)
    except msgspec.ValidationError as error:
        raise LawError(relative, str(error)) from None


def folders(relative: str, root: Path = DATA) -> list[str]:
    """Return the names of the folders below a folder of law data, sorted."""
    return sorted(path.name for path in (root / relative).iterdir() if path.is_dir())


@cache
def digest(root: Path = DATA) -> str:
    """Return a short digest of all law data: the version that a decision names."""
    total: Any = _blake2b(digest_size=8)
    for name in sorted(_files(os.fspath(root), "")):
        total.update(name.encode())
        total.update(b"\0")
        # Straight from the system: this reads every file of the law on every cold start.
        with open(os.path.join(root, name), "rb", buffering=0) as file:  # noqa: PTH118, PTH123
            total.update(file.read())
    return str(total.hexdigest())


def _blake2b(digest_size: int) -> Any:
    # Python's own and a quick one: hashlib loads OpenSSL, 3 ms of every cold start.
    try:
        module = import_module("_blake2")
    except ImportError:
        module = import_module("hashlib")
    return module.blake2b(digest_size=digest_size)


def _files(root: str, below: str) -> Iterator[str]:
    """Yield the names of all law files below a folder, with forward slashes."""
    with os.scandir(os.path.join(root, below)) as entries:  # noqa: PTH118 - see digest
        for entry in entries:
            if entry.is_dir():
                yield from _files(root, f"{below}{entry.name}/")
            elif entry.name.endswith(".yaml"):
                yield below + entry.name
