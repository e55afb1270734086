"""Sentences for people, by stable code and language; rules never hold text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from totalize.law.loading import DATA, load


class Sentences(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The catalogue of coverage.

    Attributes:
        reasons: for each test what it says when true, false and unknown.
        rules: for each rule what it says.
        warnings: for each warning its text.
        topics: parts of an agreement, as they are called in a warning.
        limits: how limits are written.
    """

    reasons: dict[str, dict[str, str]]
    rules: dict[str, str]
    warnings: dict[str, str]
    topics: dict[str, str]
    limits: dict[str, str]


@cache
def load_sentences(language: str = "en", root: Path = DATA) -> Sentences:
    """Read the catalogue of one language.

    Raises:
        LawError: there is none for it.
    """
    return load(f"messages/coverage.{language}.yaml", Sentences, root)
