"""The words of the pages: their own catalogue, and the sentences that answers use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from totalize.kernel.countries import in_sentence
from totalize.kernel.errors import LawError
from totalize.kernel.reading import parse_trusted
from totalize.law.loading import load
from totalize.law.messages import Sentences
from totalize.law.sources import Citation, Sure

from . import markdown

CATALOGUE = Path(__file__).with_name("words.yaml")
SHARED = "messages/agreements.en.yaml"


class _Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What is used of the words of `totalize agreements`."""

    words: dict[str, str]
    kinds: dict[str, str]


def _named(group: str, words: Mapping[str, str]) -> dict[str, str]:
    return {f"{group}.{code}": text for code, text in words.items()}


class Words:
    """Say codes of the law data in words.

    Args:
        sentences: the catalogue that answers use, for conditions and limits.
    """

    def __init__(self, sentences: Sentences) -> None:
        self.sentences = sentences
        own: Mapping[str, Any] = parse_trusted(CATALOGUE.read_text(encoding="utf-8"))
        shared = load(SHARED, _Shared)
        self.catalogue: dict[str, str] = {}
        for group, words in own.items():
            named = {"": words} if isinstance(words, str) else words
            for code, text in named.items():
                self.catalogue[f"{group}.{code}".removesuffix(".")] = text
        # An exact wording of the pages' own stands over the shorter one of the terminal.
        self.catalogue = {**shared.words, **_named("kinds", shared.kinds), **self.catalogue}

    def raw(self, key: str, **names: str) -> str:
        """Return the words of a key, `group.code` or a sentence's own name, not escaped.

        Raises:
            LawError: no catalogue has them; no page leaves anything out in silence.
        """
        found = self.catalogue.get(key)
        if found is None:
            raise LawError(CATALOGUE.name, f"no words for {key}")
        return found.format(**names)

    def say(self, group: str, code: str, **names: str) -> str:
        """Return the words of a code, escaped for Markdown.

        Raises:
            LawError: no catalogue has them.
        """
        return markdown.escape(self.raw(f"{group}.{code}", **names))

    def sentence(self, key: str, **names: str) -> str:
        """Return a sentence that stands by itself, escaped for Markdown.

        Raises:
            LawError: no catalogue has it.
        """
        return markdown.escape(self.raw(key, **names))

    def raw_condition(self, code: str, **names: str) -> str:
        """Return what a condition says when it is met, as answers say it, not escaped.

        Raises:
            LawError: it has no sentences.
        """
        try:
            return self.sentences.reasons[code]["true"].format(**names)
        except KeyError:
            raise LawError("coverage.en.yaml", f"no sentence for {code}") from None

    def condition(self, code: str, **names: str) -> str:
        """Return what a condition says when it is met, escaped for Markdown.

        Raises:
            LawError: it has no sentences.
        """
        return markdown.escape(self.raw_condition(code, **names))

    def rule(self, code: str) -> str:
        """Return what a rule says, as answers say it."""
        return markdown.escape(self.sentences.rules[code])

    def duration(self, months: int) -> str:
        """Return a time as answers say it: 5 years, 18 months; one year is twelve months."""
        if months % 12 == 0 and months > 12:
            return self.sentences.limits["years"].format(years=months // 12)
        return self.sentences.limits["months"].format(months=months)

    def sure(self, sure: Sure, *, short: bool = False) -> str:
        """Return how sure something is, marked so that it can be coloured."""
        said = self.say("sure_short" if short else "sure", sure.value)
        return f"[{said}]{{.sure .{sure.value.replace('_', '-')}}}"

    def program(self, code: str) -> str:
        """Return the name of a branch of insurance."""
        if code.startswith("other:"):
            return markdown.escape(code.removeprefix("other:").replace("_", " "))
        return self.say("programs", code)

    def sources(self, cites: Iterable[Citation]) -> list[str]:
        """Return the sources of a block, one a line."""
        lines = []
        for cite in cites:
            line = f"{markdown.link(cite.ref, cite.url)}, {self.sure(cite.sure)}, "
            line += f"checked {markdown.day(cite.checked_on)}"
            if cite.note:
                line += f". {markdown.escape(cite.note)}"
            lines.append(f"* {line}")
        return ["{.sources}", *lines, ""]


def sides(partner: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names for both directions: from the US to the partner, and back."""
    there, us = in_sentence(partner), in_sentence("US")
    return (
        {"partner": there, "home": us, "host": there},
        {"partner": there, "home": there, "host": us},
    )


def capital(text: str) -> str:
    """Return text with a capital at its start."""
    return text[:1].upper() + text[1:]
