"""What the pages of the check say beside the words of the library."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from totalize.kernel.reading import parse_trusted
from totalize.kernel.typed import convert


class PageWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The catalogue of one language.

    Attributes:
        outcomes: what an answer that is not plain means for somebody.
        steps: what to do next.
        applicants: who asks.
        offices: what stands in place of an office.
        paper: what only the paper says.
        reports: how a report about accounts stands, by whether its limits are passed.
        calendar: titles of the entries of a calendar.
    """

    outcomes: dict[str, str]
    steps: dict[str, str]
    applicants: dict[str, str]
    offices: dict[str, str]
    paper: dict[str, str]
    reports: dict[str, str]
    calendar: dict[str, str]


@cache
def page_words(language: str = "en") -> PageWords:
    """Read the catalogue of one language."""
    path = Path(__file__).parent / f"words.{language}.yaml"
    return convert(parse_trusted(path.read_text(encoding="utf-8")), PageWords)
