"""What a parser of argparse takes; argparse itself tells it only in its help."""

from __future__ import annotations

import argparse


def actions_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the options and words that a parser takes, in order."""
    return parser._actions  # noqa: SLF001 - argparse has no other name for it


def commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of a program's commands, by name."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in actions_of(parser):
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - nor for this kind
            found |= action.choices
    return found
