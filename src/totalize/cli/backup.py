"""`totalize backup`: one file that holds an installation, made while it serves."""

from __future__ import annotations

import argparse
import sys

from totalize.cli.installations import add_data_dir, ask_passphrase, open_installation


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data_dir(parser)
    parser.add_argument("--out", metavar="FILE", required=True, help="the backup to write")
    parser.add_argument(
        "--keys", action="store_true", help="put the keys in, sealed with a passphrase"
    )
    parser.add_argument("--json", action="store_true", help="say what is in it as JSON")
    parser.epilog = (
        "Without --keys nobody can read a personal number from the backup: keep the folder "
        "`keys` and the office's signing key somewhere else. The passphrase is asked for, or "
        "taken from TOTALIZE_PASSPHRASE."
    )


def run(options: argparse.Namespace) -> int:
    """Write the backup."""
    from datetime import UTC, datetime
    from pathlib import Path

    passphrase = ask_passphrase(twice=True) if options.keys else None
    open_installation(options.data_dir)
    from totalize.web.backup.making import make_backup

    made = make_backup(Path(options.out).absolute(), datetime.now(UTC), passphrase)
    said = made.to_dict()
    if options.json:
        from totalize.cli.files import write_json

        write_json(said)
        return 0
    print(
        f"Wrote {options.out}: {said['rows']} rows, {said['files']} files, "
        f"{said['log_entries']} entries of the log.",
        file=sys.stderr,
    )
    if not made.keys:
        print("The keys are not in it; keep them somewhere else.", file=sys.stderr)
    return 0
