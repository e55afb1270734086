"""`totalize audit verify`: whether the log of an installation is whole."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from totalize.cli.installations import add_data_dir, open_installation

if TYPE_CHECKING:
    from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("act", choices=["verify", "checkpoint"], help="check, or sign as it stands")
    add_data_dir(parser)
    parser.add_argument(
        "--checkpoints", metavar="DIR", help="checkpoints that were fetched earlier and kept"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.epilog = "Exit status: 0 the log is whole, 1 it is not, 2 it could not be checked."


def run(options: argparse.Namespace) -> int:
    """Check the log or sign it."""
    from pathlib import Path

    from totalize.kernel.errors import InputError

    kept = None if options.checkpoints is None else Path(options.checkpoints)
    if kept is not None and not kept.is_dir():
        raise InputError("--checkpoints", "is no folder", value=str(kept), code="unreadable")
    open_installation(options.data_dir)
    return _sign() if options.act == "checkpoint" else _verify(kept, options.json)


def _verify(kept: Path | None, as_json: bool) -> int:
    from totalize.web.audit.services import verify

    report = verify(kept)
    if as_json:
        from totalize.cli.files import write_json

        write_json(report.to_dict())
    elif report.whole:
        print(f"The log is whole: {report.entries} entries,")
        print(f"{report.covered} of them under {report.checkpoints} signed checkpoints.")
    else:
        print(f"The log is NOT whole: {len(report.problems)} problems in {report.entries} entries.")
        for problem in report.problems:
            print(f"  {problem.where}: {problem.words}")
    return 0 if report.whole else 1


def _sign() -> int:
    from totalize.web.audit.services import make_checkpoint

    made = make_checkpoint()
    print(made.note if made else "Nothing came since the last checkpoint.")
    return 0
