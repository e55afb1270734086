"""`totalize restore`: an installation from a backup."""

from __future__ import annotations

import argparse
import sys

from totalize.cli.installations import add_data_dir, ask_passphrase


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="FILE", help="the backup")
    add_data_dir(parser)
    parser.add_argument("--json", action="store_true", help="say what came out as JSON")
    parser.epilog = (
        "The folder and the database must be empty; DATABASE_URL names one other than the "
        "embedded. A passphrase is asked for when keys are in it, or taken from "
        "TOTALIZE_PASSPHRASE. Exit status 1: restored, but the log is not whole."
    )


def run(options: argparse.Namespace) -> int:
    """Restore."""
    from pathlib import Path

    from totalize.cli.installations import DEFAULT
    from totalize.kernel.errors import InputError
    from totalize.web.backup.restoring import restore_backup

    data_dir = Path(options.data_dir or DEFAULT).absolute()

    def start(folder: Path) -> None:
        from totalize.web.serving import setup

        setup.load_settings(str(folder), "localhost", 8000)
        setup.prepare()

    passphrase = ask_passphrase(asking=False)
    try:
        restored = restore_backup(Path(options.file), data_dir, start, passphrase)
    except InputError as error:
        if error.code != "missing_passphrase":
            raise
        passphrase = ask_passphrase()
        restored = restore_backup(Path(options.file), data_dir, start, passphrase)
    said = restored.to_dict()
    if options.json:
        from totalize.cli.files import write_json

        write_json(said)
    else:
        _tell(said, str(data_dir))
    return 0 if restored.log_whole else 1


def _tell(said: dict[str, object], data_dir: str) -> None:
    whole = "whole" if said["log_whole"] else "NOT whole: run `totalize audit verify`"
    for line in (
        f"Restored the backup of {said['made_at']} into {data_dir}:",
        f"{said['rows']} rows, {said['files']} files; the log is {whole}.",
    ):
        print(line, file=sys.stderr)
    if not said["keys"]:
        print(
            "No keys were in it. Put the folder `keys` and the office's signing key in place\n"
            "before anybody works here; until then personal numbers can't be opened.",
            file=sys.stderr,
        )
