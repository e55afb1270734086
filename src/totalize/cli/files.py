"""Read what a command is given and write what it makes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from totalize.kernel.errors import InputError
from totalize.kernel.reading import MAX_BYTES, read_document


def read_input(name: str) -> Any:
    """Read a YAML or JSON document from a file, or from standard input when the name is `-`.

    Raises:
        InputError: it cannot be opened or read.
    """
    if name == "-":
        return read_document(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input")
    try:
        with Path(name).open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError("", f"cannot read {name}: {error.strerror}", code="unreadable") from None
    except ValueError:
        raise InputError("", "is not the name of a file", value=name, code="unreadable") from None
    return read_document(text, name)


def write_json(value: Any) -> None:
    """Write JSON on standard output, two spaces a level.

    Where the output is not UTF-8, letters beyond ASCII are escaped as JSON has it.
    """
    import json

    encoding = (sys.stdout.encoding or "").lower().replace("-", "").replace("_", "")
    json.dump(value, sys.stdout, ensure_ascii=encoding != "utf8", indent=2)
    sys.stdout.write("\n")
