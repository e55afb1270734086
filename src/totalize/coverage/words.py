"""A determination in words, by the catalogue of one language; how they are laid out is not here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from totalize.coverage.determination import CoveragePeriod, Outcome, Proof, Reason
from totalize.coverage.nearby import Nearby
from totalize.kernel.countries import in_sentence
from totalize.kernel.dates import written_day
from totalize.law.messages import Sentences, load_sentences
from totalize.law.wording import Answers, Variant, Wording, load_answers, load_wording


class Turn(Struct, frozen=True):
    """A fact that would give another answer, in words: the fact, its value, the answer then."""

    label: str
    value: str
    answer: str


class Words:
    """Say answers in one language.

    Args:
        answers: how answers are said.
        wording: what facts are called.
        sentences: what rules are called.
        self_employment: call facts as they are called where the work is self-employment.
    """

    def __init__(
        self,
        answers: Answers,
        wording: Wording,
        sentences: Sentences,
        *,
        self_employment: bool = False,
    ) -> None:
        self._self_employment = self_employment
        self.answers = answers
        self.wording = wording
        self._rules = sentences.rules
        self.lines = answers.lines

    def headline(self, period: CoveragePeriod) -> str:
        """Return the answer for a period in one sentence."""
        lines = self.answers.headlines
        match period.outcome, period.covered_by:
            case Outcome.DETERMINED, (only,):
                return lines["one"].format(System=capital(only))
            case Outcome.DETERMINED, (first, second):
                return lines["both"].format(system=in_sentence(first), other=in_sentence(second))
            case Outcome.DETERMINED, _:
                return lines["none"]
            case Outcome.NEEDS_FACTS, _:
                count = len(period.missing)
                facts = self.lines["facts"].format(count=count)
                return lines["needs_facts"].format(
                    count=self.lines["one_fact"] if count == 1 else facts
                )
        return lines[period.outcome.value]

    def rule(self, period: CoveragePeriod) -> str | None:
        """Return what the rule that decided says, None where none did."""
        if period.rule is None:
            return None
        # The general rule that takes the place of residence instead speaks for itself.
        own = (note.text for note in period.warnings if note.code == "covered_where_they_live")
        return next(own, self._rules[period.rule.value])

    def paper(self, period: CoveragePeriod) -> str | None:
        """Return what there is to say about the proof, None where the answer is open."""
        if period.proof is None:
            return None
        need = period.certificate
        if need is None:
            return self.answers.paper[period.proof.value]
        # A country that lifts its own contributions does it by letter.
        letter = "_letter" if is_letter(period) else ""
        return self.answers.paper[f"{period.proof.value}{letter}"].format(
            issuer=in_sentence(need.issued_by), lifted=in_sentence(need.presented_in)
        )

    def to_get(self, period: CoveragePeriod) -> list[tuple[str, str]]:
        """Return the paper to get as titles and texts, the paper itself first with no title.

        Empty where none has to be got or shown.
        """
        need = period.certificate
        if need is None or period.proof not in {Proof.NEEDED, Proof.HELD}:
            return []
        lines = self.lines
        paper = lines["letter" if is_letter(period) else "certificate"].format(
            issuer=in_sentence(need.issued_by), lifted=in_sentence(need.presented_in)
        )
        ways = [self.answers.ways.get(way, way) for way in need.how]
        rows = (
            ("who", lines[f"who_{need.applicant}"]),
            ("office", need.office),
            ("form", need.form),
            ("how", ", ".join(ways)),
            ("say", "; ".join(need.required_information)),
        )
        return [("", paper), *((lines[name], text) for name, text in rows if text)]

    def stretch(self, period: CoveragePeriod) -> str:
        """Return the days of a period in words."""
        first = written_day(period.first)
        if period.last is None:
            return self.lines["open"].format(first=first)
        if period.last == period.first:
            return self.lines["day"].format(first=first)
        return self.lines["stretch"].format(first=first, last=written_day(period.last))

    def when(self, period: CoveragePeriod) -> str:
        """Return the days of a period as a sentence."""
        return f"{sentence_start(self.stretch(period))}."

    def without_agreement(self, period: CoveragePeriod) -> str | None:
        """Return who would claim without an agreement, None where that is not known."""
        if period.otherwise is None:
            return None
        if not period.otherwise:
            return self.lines["otherwise_none"]
        names = " and ".join(in_sentence(system) for system in period.otherwise)
        return self.lines["otherwise"].format(systems=names)

    def label(self, path: str) -> str:
        """Return what a fact is called."""
        return self._worded(path).label

    def _worded(self, path: str) -> Variant:
        return self.wording.question(path).words_for(self_employment=self._self_employment)

    def turn(self, item: Nearby) -> Turn:
        """Return a fact that would give another answer."""
        value = self.given(item.value, item.path, known=True)
        becomes = self._becomes(item.period)
        if item.beyond:
            value = self.lines["ends_after"].format(day=value)
            if item.period.covered_by is not None and len(item.period.covered_by) == 1:
                becomes = self.lines["any_later"].format(System=capital(item.period.covered_by[0]))
        return Turn(self.label(item.path), value, becomes)

    def _becomes(self, period: CoveragePeriod) -> str:
        lines = self.lines
        match period.outcome, period.covered_by:
            case Outcome.DETERMINED, (only,):
                return lines["becomes"].format(System=capital(only))
            case Outcome.DETERMINED, ():
                return lines["becomes_none"]
            case Outcome.DETERMINED, _:
                return lines["becomes_both"]
        return lines[f"becomes_{period.outcome.value}"]

    def given(self, value: Any, path: str, *, known: bool) -> str:
        """Return a value of a case, or what leaving it out means."""
        if not known:
            return self.lines["unknown"]
        if value is None:
            return self._worded(path).none or self.lines["none"]
        return self.value(value)

    def value(self, value: Any) -> str:
        """Return a value of a case as people write it."""
        lines = self.lines
        match value:
            case None:
                return lines["unknown"]
            case "none":
                return lines["none"]
            case bool():
                return lines["yes" if value else "no"]
            case list() | tuple():
                return ", ".join(str(item) for item in value) or lines["none"]
            case dict():
                return "; ".join(f"{key}: {item}" for key, item in value.items())
        text = str(value)
        try:
            return written_day(date.fromisoformat(text))
        except ValueError:
            return text

    def facts(self, reason: Reason) -> dict[str, str]:
        """Return the facts that decided a test, by path, in words.

        What is unknown and yet left the test with a result did not decide it.
        """
        return {
            path: self.value(value)
            for path, value in reason.facts.items()
            if value is not None or reason.result is None
        }


def english(*, self_employment: bool = False) -> Words:
    """Return the words of English.

    Args:
        self_employment: call facts as they are called where the work is self-employment.
    """
    return Words(load_answers(), load_wording(), load_sentences(), self_employment=self_employment)


def is_letter(period: CoveragePeriod) -> bool:
    """Tell whether the paper is a letter of exemption and not a certificate of coverage."""
    need = period.certificate
    return need is not None and need.issued_by == need.presented_in


def each_once(reasons: Sequence[Reason]) -> Sequence[Reason]:
    """Leave out tests that say the same as one beside them."""
    return list({(reason.text, *reason.facts): reason for reason in reasons}.values())


def capital(code: str) -> str:
    """Return a country as it starts a sentence."""
    return sentence_start(in_sentence(code))


def sentence_start(text: str) -> str:
    """Return a text with a capital letter in front."""
    return text[0].upper() + text[1:]
