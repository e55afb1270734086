"""What the commands about an installation share: its folder, its settings, a passphrase."""

from __future__ import annotations

import argparse
import os
import sys

DEFAULT = "totalize-data"
PASSPHRASE = "TOTALIZE_PASSPHRASE"  # noqa: S105 - the name of a variable


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Declare the folder."""
    parser.add_argument("--data-dir", metavar="DIR", help=f"the installation (default: {DEFAULT})")


def open_installation(data_dir: str | None) -> None:
    """Set Django up on an installation that is there.

    Raises:
        InputError: there is none in the folder.
    """
    from pathlib import Path

    from totalize.kernel.errors import InputError
    from totalize.web.serving import setup

    folder = Path(data_dir or os.environ.get("TOTALIZE_DATA_DIR") or DEFAULT)
    if not (folder / "keys").is_dir():
        raise InputError("--data-dir", "holds no installation", value=str(folder), code="nothing")
    setup.load_settings(str(folder), "localhost", 8000)
    from totalize.web.backup.rows import be_readable

    be_readable()


def ask_passphrase(*, asking: bool = True, twice: bool = False) -> str | None:
    """Return the passphrase: from the environment, else asked for at the terminal.

    Raises:
        InputError: there is neither, or two entries differ.
    """
    from totalize.kernel.errors import InputError

    given = os.environ.get(PASSPHRASE)
    if given is not None or not asking:
        return given
    if not sys.stdin.isatty():
        raise InputError("passphrase", "is missing", expected=f"{PASSPHRASE} set", code="missing")
    from getpass import getpass

    entered = getpass("Passphrase of the keys: ")
    if twice and getpass("Once more: ") != entered:
        raise InputError("passphrase", "was not entered the same twice", code="differs")
    return entered
