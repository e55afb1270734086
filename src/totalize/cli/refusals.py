"""What is wrong with a command line, in one line that says what would be right."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NoReturn

from totalize.cli.arguments import actions_of, commands_of

_KINDS = {"int": "a whole number", "float": "a number"}


def in_one_line(message: str, parser: argparse.ArgumentParser) -> str:
    """Put argparse's finding into our words; what is not known here stays as it is.

    Args:
        message: of argparse.
        parser: of the command.
    """
    help_at = f"more: {parser.prog} --help"
    missing = re.fullmatch(r"the following arguments are required: (.*)", message)
    if missing is not None:
        return f"{missing[1]}: missing; expected {_example(parser)} ({help_at})"
    command = re.match(r"argument COMMAND: invalid choice: '(.*?)'", message)
    if command is not None:
        near = _near(command[1], commands_of(parser))
        meant = near or f"one that {parser.prog} --help lists"
        return f"{command[1]} is no command; expected {meant}"
    kind = re.fullmatch(r"argument (\S+): invalid (\w+) value: '(.*)'", message)
    if kind is not None and kind[2] in _KINDS:
        return f"{kind[1]}: is not {_KINDS[kind[2]]} (found '{kind[3]}')"
    return f"{message.removeprefix('argument ')} ({help_at})"


def refuse_unknown(
    unknown: Sequence[str], command: str | None, parser: argparse.ArgumentParser
) -> NoReturn:
    """End with the line about a word that a command does not know, and what may have been meant.

    Args:
        unknown: the words, in order.
        command: the command, None where it is the program itself.
        parser: of the program; left alone, it would speak in its own name of a command's option.
    """
    own = parser if command is None else commands_of(parser)[command]
    option = unknown[0].partition("=")[0]
    if option.startswith("-"):
        near = _near(option, [name for each in actions_of(own) for name in each.option_strings])
        own.error(f"{option} is no option here" + (f"; expected {near}" if near else ""))
    own.error(f"{unknown[0]} is one word too many")


def _near(word: str, known: Iterable[str]) -> str:
    """Return what may have been meant, empty when nothing is near."""
    found = get_close_matches(word, list(known), n=1)
    return f"{found[0]}, perhaps" if found else ""


def _example(parser: argparse.ArgumentParser) -> str:
    """Return a command line with all that is needed."""
    parts = [parser.prog]
    for action in actions_of(parser):
        if action.required or not action.option_strings:
            shown = action.metavar or action.dest
            if action.choices is not None:
                shown = "|".join(map(str, action.choices))
            name = f"{action.option_strings[-1]} " if action.option_strings else ""
            parts.append(f"{name}{shown}")
    return " ".join(parts)
