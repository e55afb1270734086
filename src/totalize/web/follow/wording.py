"""What the follow pages say beside the words of the library."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from totalize.kernel.reading import parse_trusted
from totalize.kernel.typed import convert


class NextWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do after a certificate: title, text, and whom to ask."""

    title: str
    text: str
    office: Literal["issuer", "host", "both", "none"]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The catalogue of one language."""

    lanes: dict[str, str]
    outcomes: dict[str, str]
    next: dict[str, NextWords]
    changes: dict[str, str]
    change_hints: dict[str, str]
    steps: dict[str, str]
    drafts: dict[str, str]
    tell: dict[str, str]
    holders: dict[str, str]
    roles: dict[str, str]
    how: dict[str, str]


@cache
def words(language: str = "en") -> Words:
    """Read the catalogue of one language."""
    path = Path(__file__).parent / f"words.{language}.yaml"
    return convert(parse_trusted(path.read_text(encoding="utf-8")), Words)


def capital(text: str) -> str:
    """Return a sentence with a capital letter in front."""
    return text[:1].upper() + text[1:]


def sentence(text: str, **places: object) -> str:
    """Fill a sentence in, beginning with a capital."""
    return capital(text.format(**places))
