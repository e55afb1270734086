"""Say a determination to a person: the answer first, then the paper, the reasons, the sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from totalize.cli.layout import Page
from totalize.coverage.determination import CoveragePeriod, Outcome, Proof, Reason
from totalize.kernel.countries import in_sentence

if TYPE_CHECKING:
    from totalize.coverage.case import Case
    from totalize.coverage.determination import Determination, WorkResult
    from totalize.coverage.nearby import Nearby
    from totalize.coverage.what_if import WhatIf
    from totalize.law.messages import Sentences
    from totalize.law.wording import Answers, Wording

# The sentence says how the test came out; the mark must not seem to answer it.
MARKS = {True: ("+ ", "yes"), False: ("- ", "no"), None: ("? ", "open")}


class Speaker:
    """Say answers in one language.

    Args:
        answers: how answers are said.
        wording: what facts are called.
        sentences: what rules are called.
    """

    def __init__(self, answers: Answers, wording: Wording, sentences: Sentences) -> None:
        self._answers = answers
        self._wording = wording
        self._rules = sentences.rules
        self._lines = answers.lines

    def determination(
        self,
        page: Page,
        case: Case,
        result: Determination,
        nearby: dict[str, Sequence[Nearby]],
    ) -> None:
        """Say the whole answer, work by work."""
        if len(result.results) > 1:
            self._overview(page, case, result)
        for position, work in enumerate(result.results):
            self._work(page, case, position, work, nearby.get(work.work))
        page.add()
        about = self._lines["decided"].format(as_of=day(result.as_of), law=result.law)
        page.add(f"{about[0].upper()}{about[1:]}. {self._lines['full_hint']}", style="dim")

    def what_if(self, page: Page, result: WhatIf) -> None:
        """Say the answer before and after a change, and the tests that moved."""
        for change in result.changes:
            old = self._given(change.before, change.path, known=change.known_before)
            new = self._given(change.after, change.path, known=change.known_after)
            page.add(f"{change.path}: {old} -> {new}", hang=4, style="bold")
        for title, answer in (("before", result.before), ("after", result.after)):
            page.heading(self._answers.headings[title])
            for work in answer.results:
                for period in work.periods:
                    self._short(page, work, period, several=len(answer.results) > 1)
        page.heading(self._answers.headings["moved"])
        for moved in result.moved:
            page.add_after("- ", moved.text_before, indent=2, hang=2, style="dim")
            page.add_after("+ ", moved.text, indent=2, hang=2, style=MARKS[moved.after][1])
        if not result.moved:
            same = _gist(result.before) == _gist(result.after)
            page.add(self._lines["same" if same else "no_test_moved"], indent=2)

    def headline(self, period: CoveragePeriod) -> str:
        """Return the answer for a period in one sentence."""
        lines = self._answers.headlines
        match period.outcome, period.covered_by:
            case Outcome.DETERMINED, (only,):
                return lines["one"].format(System=_capital(only))
            case Outcome.DETERMINED, (first, second):
                return lines["both"].format(system=in_sentence(first), other=in_sentence(second))
            case Outcome.DETERMINED, _:
                return lines["none"]
            case Outcome.NEEDS_FACTS, _:
                count = len(period.missing)
                facts = self._lines["facts"].format(count=count)
                return lines["needs_facts"].format(
                    count=self._lines["one_fact"] if count == 1 else facts
                )
        return lines[period.outcome.value]

    def paper(self, period: CoveragePeriod) -> str | None:
        """Return what there is to say about the proof, None where the answer is open."""
        if period.proof is None:
            return None
        need = period.certificate
        if need is None:
            return self._answers.paper[period.proof.value]
        # A country that lifts its own contributions does it by letter.
        letter = "_letter" if need.issued_by == need.presented_in else ""
        return self._answers.paper[f"{period.proof.value}{letter}"].format(
            issuer=in_sentence(need.issued_by), lifted=in_sentence(need.presented_in)
        )

    def stretch(self, period: CoveragePeriod) -> str:
        """Return the days of a period in words."""
        first = day(period.first)
        if period.last is None:
            return self._lines["open"].format(first=first)
        if period.last == period.first:
            return self._lines["day"].format(first=first)
        return self._lines["stretch"].format(first=first, last=day(period.last))

    def when(self, period: CoveragePeriod) -> str:
        """Return the days of a period as a sentence."""
        return f"{_sentence_start(self.stretch(period))}."

    def missing(self, path: str) -> str:
        """Return a missing fact by its name and path."""
        return f"{self._wording.question(path).label} ({path})"

    def _overview(self, page: Page, case: Case, result: Determination) -> None:
        for position, work in enumerate(result.results):
            host = in_sentence(case.work[position].country)
            for period in work.periods:
                page.add(
                    f"{work.work} ({host}), {self.stretch(period)}: {self.headline(period)}", hang=4
                )

    def _short(
        self, page: Page, work: WorkResult, period: CoveragePeriod, *, several: bool
    ) -> None:
        name = f"{work.work}, " if several else ""
        page.add(f"{name}{self.stretch(period)}: {self.headline(period)}", indent=2, hang=2)
        for path in period.missing:
            page.add_after("? ", self.missing(path), indent=4, hang=2, style="open")
        if paper := self.paper(period):
            page.add(paper, indent=4)

    def _work(
        self,
        page: Page,
        case: Case,
        position: int,
        work: WorkResult,
        nearby: Sequence[Nearby] | None,
    ) -> None:
        host = in_sentence(case.work[position].country)
        page.heading(f"{work.work}: {self._lines['work_in'].format(host=host)}")
        for number, period in enumerate(work.periods):
            if number:
                page.add()
            self._period(page, period, position)
        if nearby:
            page.heading(self._answers.headings["change"], indent=2)
            for item in nearby:
                self._nearby(page, item)
        self._warnings(page, work.periods)
        self._sources(page, work.periods)

    def _period(self, page: Page, period: CoveragePeriod, position: int) -> None:
        page.add(self.headline(period), indent=2, style="bold")
        page.add(self.when(period), indent=2)
        if paper := self.paper(period):
            page.add(paper, indent=2)
        if period.otherwise is not None and period.outcome is not Outcome.DETERMINED:
            page.add(self._otherwise(period.otherwise), indent=2)
        if period.missing:
            self._missing(page, period)
        if period.proof in {Proof.NEEDED, Proof.HELD} and period.certificate is not None:
            self._certificate(page, period)
        page.heading(self._answers.headings["why"], indent=2)
        if period.rule is not None:
            page.add(self._rules[period.rule.value], indent=4)
        for reason in _each_once(period.reasons):
            self._reason(page, reason, f"work[{position}].", 4, "")

    def _otherwise(self, systems: tuple[str, ...]) -> str:
        if not systems:
            return self._lines["otherwise_none"]
        names = " and ".join(in_sentence(system) for system in systems)
        return self._lines["otherwise"].format(systems=names)

    def _missing(self, page: Page, period: CoveragePeriod) -> None:
        page.heading(self._answers.headings["missing"], indent=2)
        for path in period.missing:
            page.add_after("? ", self.missing(path), indent=4, hang=2, style="open")
        page.add(self._lines["ask_again"].format(path=period.missing[0]), indent=4)

    def _certificate(self, page: Page, period: CoveragePeriod) -> None:
        need = period.certificate
        if need is None:
            return
        lines = self._lines
        page.heading(self._answers.headings["get"], indent=2)
        kind = "letter" if need.issued_by == need.presented_in else "certificate"
        page.add(
            lines[kind].format(
                issuer=in_sentence(need.issued_by), lifted=in_sentence(need.presented_in)
            ),
            indent=4,
        )
        ways = [self._answers.ways.get(way, way) for way in need.how]
        for name, text in (
            ("who", lines[f"who_{need.applicant}"]),
            ("office", need.office),
            ("form", need.form),
            ("how", ", ".join(ways)),
            ("say", "; ".join(need.required_information)),
        ):
            if text:
                page.add_after(f"{lines[name]:<10}", text, indent=4, hang=10, style="dim")

    def _reason(self, page: Page, reason: Reason, own: str, indent: int, above: str) -> None:
        """Say a test and what decided it; a provision is named once for all tests below it."""
        mark, style = MARKS[reason.result]
        cited = reason.citation or ""
        shown = f" [{cited}]" if cited and cited != above else ""
        page.add_after(mark, reason.text + shown, indent=indent, hang=2, style=style)
        for path, value in reason.facts.items():
            # What is unknown and yet left the test with a result did not decide it.
            if value is not None or reason.result is None:
                text = f"{path.removeprefix(own)}: {self._value(value)}"
                page.add(text, indent=indent + 4, hang=2, style="dim")
        for below in _each_once(reason.because):
            self._reason(page, below, own, indent + 2, cited or above)

    def _nearby(self, page: Page, item: Nearby) -> None:
        question = self._wording.question(item.path)
        label = question.label
        value = self._given(item.value, item.path, known=True)
        becomes = self._becomes(item.period)
        if item.beyond:
            value = self._lines["ends_after"].format(day=value)
            if item.period.covered_by is not None and len(item.period.covered_by) == 1:
                becomes = self._lines["any_later"].format(
                    System=_capital(item.period.covered_by[0])
                )
        line = self._lines["change_line"].format(label=label, value=value)
        page.add(f"{line} -> {becomes}", indent=4, hang=4)

    def _becomes(self, period: CoveragePeriod) -> str:
        lines = self._lines
        match period.outcome, period.covered_by:
            case Outcome.DETERMINED, (only,):
                return lines["becomes"].format(System=_capital(only))
            case Outcome.DETERMINED, ():
                return lines["becomes_none"]
            case Outcome.DETERMINED, _:
                return lines["becomes_both"]
        return lines[f"becomes_{period.outcome.value}"]

    def _warnings(self, page: Page, periods: Sequence[CoveragePeriod]) -> None:
        texts = dict.fromkeys(notice.text for period in periods for notice in period.warnings)
        if texts:
            page.heading(self._answers.headings["warnings"], indent=2)
            for text in texts:
                page.add_after("- ", text, indent=4, hang=2)

    def _sources(self, page: Page, periods: Sequence[CoveragePeriod]) -> None:
        cited = dict.fromkeys(item for period in periods for item in period.citations)
        if cited:
            page.heading(self._answers.headings["sources"], indent=2)
            for item in cited:
                page.add(
                    f"{item.ref} ({self._answers.sure[item.sure]}, {item.read_on})",
                    indent=4,
                    hang=2,
                )
                if item.url:
                    page.add_link(item.url, indent=6)

    def _given(self, value: Any, path: str, *, known: bool) -> str:
        """Return a value of a case, or what leaving it out means."""
        if not known:
            return self._lines["unknown"]
        if value is None:
            return self._wording.question(path).none or self._lines["none"]
        return self._value(value)

    def _value(self, value: Any) -> str:
        lines = self._lines
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
            return day(date.fromisoformat(text))
        except ValueError:
            return text


def speaker() -> Speaker:
    """Return a speaker of English."""
    from totalize.law.messages import load_sentences
    from totalize.law.wording import load_answers, load_wording

    return Speaker(load_answers(), load_wording(), load_sentences())


def day(value: date) -> str:
    """Return a day as people write it.

    >>> day(date(2026, 3, 1))
    '1 March 2026'
    """
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _each_once(reasons: Sequence[Reason]) -> Sequence[Reason]:
    """Leave out tests that say the same as one beside them."""
    return list({(reason.text, *reason.facts): reason for reason in reasons}.values())


def _gist(result: Determination) -> list[tuple[object, ...]]:
    return [
        (work.work, period.outcome, period.covered_by, period.missing)
        for work in result.results
        for period in work.periods
    ]


def _capital(code: str) -> str:
    return _sentence_start(in_sentence(code))


def _sentence_start(text: str) -> str:
    return text[0].upper() + text[1:]
