"""Find the command, run it, and turn every refusal into one clear line and exit status 2."""

from __future__ import annotations

import argparse
import io
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from totalize.kernel.errors import TotalizeError

if TYPE_CHECKING:
    from collections.abc import Sequence

# A command is a module here with configure(parser) and run(arguments) -> exit status.
COMMANDS = {
    "check": "which system covers the work of a case, why, and what proves it",
    "new": "answer questions one by one and write a case file",
    "agreements": "the agreements as read, with sources and dates",
    "schema": "print a JSON Schema of the files that go in and come out",
    "completion": "print a completion script for bash, zsh or fish",
    "cost": "what it costs with and without a certificate",
    "filing": "what still has to be filed with the US tax return",
    "benefit": "insured status and US benefit from combined credits",
    "request": "prepare the request for a certificate",
    "specimen": "make a signed specimen, plainly not a certificate",
    "verify": "check a certificate, proof of request or specimen",
    "roster": "decide many people from a table",
    "serve": "run the service: pages and API, with all they need",
    "backup": "write an installation into one file while it serves",
    "restore": "make an installation from a backup",
    "audit": "check that the log of an installation is whole",
}


class _Help(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        # A width of our own: argparse would load shutil to ask the terminal, for 2 ms.
        super().__init__(prog, width=80)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Help, **options)

    def error(self, message: str) -> NoReturn:
        from totalize.cli.layout import printable
        from totalize.cli.refusals import in_one_line

        self.exit(2, f"{self.prog}: {printable(in_one_line(message, self))}\n")


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the whole program or, quicker to make, of one command alone."""
    parser = _Parser(
        prog="totalize",
        description="Which country's social security covers work across a border with the US.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    # Without a name of its own argparse would lay out a usage line to find one, for 2 ms.
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", parser_class=_Parser, prog=parser.prog
    )
    for name in COMMANDS if command is None else (command,):
        summary = COMMANDS[name]
        subparser = commands.add_parser(name, help=summary, description=f"{_opening(summary)}.")
        if name == command:
            import_module(f"totalize.cli.{name}").configure(subparser)
    return parser


def _opening(text: str) -> str:
    return text[0].upper() + text[1:]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 2 bad input."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _prepare_streams()
    parser = build_parser(words[0] if words and words[0] in COMMANDS else None)
    options, unknown = parser.parse_known_args(words)
    if unknown:
        from totalize.cli.refusals import refuse_unknown

        refuse_unknown(unknown, options.command, parser)
    if options.version:
        from importlib.metadata import version

        print(version("totalize"))
        return 0
    if options.command is None:
        parser.print_help()
        return 0
    try:
        status: int = import_module(f"totalize.cli.{options.command}").run(options)
        sys.stdout.flush()
    except TotalizeError as error:
        from totalize.cli.layout import printable

        print(f"totalize {options.command}: {printable(str(error))}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "totalize":
            raise
        print(
            f"totalize {options.command}: needs the package {error.name}, which is not installed",
            file=sys.stderr,
        )
        return 2
    except BrokenPipeError:
        # The reader has gone, `| head` for one.
        _give_up_output()
        return 0
    except OSError as error:
        # What opens a file answers for it by name; a write without one is the answer itself.
        if error.filename is not None:
            raise
        _give_up_output()
        print(
            f"totalize {options.command}: cannot write the answer: {error.strerror}",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def _prepare_streams() -> None:
    """Let no letter and no closed stream stop an answer.

    A letter that the output cannot show is written out, as `printable` does for the eye. A stream
    that the caller closed holds nothing, or takes everything: whoever closes the output wants only
    the exit status, and what is meant for a closed error stream must not land in the output.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115, PTH123 - to the end
            setattr(sys, name, stream)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _give_up_output() -> None:
    """Throw away what is still to be written: Python would flush once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
