"""Questions to ask and answers to give in words, by language; loaded only to talk to people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from totalize.kernel.countries import US, in_sentence
from totalize.law.loading import DATA, load

Kind = Literal[
    "yes_no", "country", "country_or_none", "countries", "date", "date_or_open", "choice", "text"
]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record that refuses fields it does not know."""


class Variant(_Record, frozen=True, kw_only=True):
    """The words of a question for another kind of work."""

    label: str
    ask: str
    none: str | None = None


class Question(_Record, frozen=True, kw_only=True):
    """How one fact of a case is called, asked for and answered.

    Attributes:
        label: the fact as it is called in a list.
        ask: the question; `{host}`, `{partner}`, `{home}` and `{start}` are filled in.
        kind: what an answer looks like.
        none: what null means, where it is an answer.
        help: what somebody who hesitates should know.
        choices: for `choice`, the answers with their words, in order.
        self_employment: other words where the work is self-employment.
    """

    label: str
    ask: str
    kind: Kind
    none: str | None = None
    help: str | None = None
    choices: dict[str, str] = {}
    self_employment: Variant | None = None

    def words_for(self, *, self_employment: bool) -> Variant:
        """Return label, question and meaning of null for a kind of work."""
        if self_employment and self.self_employment is not None:
            return self.self_employment
        return Variant(label=self.label, ask=self.ask, none=self.none)


class Wording(_Record, frozen=True, kw_only=True):
    """The catalogue.

    Attributes:
        questions: by the path of the fact, without positions (`work.sent_from`).
        interview: what else an interview says.
    """

    questions: dict[str, Question]
    interview: dict[str, str]

    def question(self, path: str) -> Question:
        """Return the question for a path like `work[0].via`; a bare one for an unknown path."""
        found = self.questions.get(re.sub(r"\[[^\]]*\]", "", path))
        return found or Question(label=path, ask=f"{path}?", kind="text")


@cache
def load_wording(language: str = "en", root: Path = DATA) -> Wording:
    """Read the questions of one language.

    Raises:
        LawError: there are none for it.
    """
    return load(f"messages/questions.{language}.yaml", Wording, root)


def fill_in(text: str, work: Mapping[str, object]) -> str:
    """Return a question with its places filled in from the work it asks about, as far as known."""
    host = str(work.get("country", ""))
    other = "the other country"
    name = in_sentence(host) if host else other
    return text.format_map(
        {
            "host": name,
            "home": other if host == US else in_sentence(US),
            "partner": other if host == US else name,
            "start": work.get("start", ""),
        }
    )


class Answers(_Record, frozen=True, kw_only=True):
    """How an answer is said.

    Attributes:
        headlines: the answer in one line, by what it is.
        paper: what there is to say about the proof.
        headings: titles of the parts of an answer.
        ways: ways to ask an office.
        sure: how sure a source is.
        lines: the remaining lines.
    """

    headlines: dict[str, str]
    paper: dict[str, str]
    headings: dict[str, str]
    ways: dict[str, str]
    sure: dict[str, str]
    lines: dict[str, str]


@cache
def load_answers(language: str = "en", root: Path = DATA) -> Answers:
    """Read how answers are said in one language.

    Raises:
        LawError: there is nothing for it.
    """
    return load(f"messages/answers.{language}.yaml", Answers, root)
