"""Say a determination to a person: the answer first, then the paper, the reasons, the sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from totalize.cli.layout import Page
from totalize.coverage.determination import CoveragePeriod, Outcome, Reason
from totalize.coverage.words import Words, each_once, english, sentence_start
from totalize.kernel.countries import in_sentence
from totalize.kernel.dates import written_day

if TYPE_CHECKING:
    from totalize.coverage.case import Case
    from totalize.coverage.determination import Determination, WorkResult
    from totalize.coverage.nearby import Nearby
    from totalize.coverage.what_if import WhatIf

# The sentence says how the test came out; the mark must not seem to answer it.
MARKS = {True: ("+ ", "yes"), False: ("- ", "no"), None: ("? ", "open")}


class Speaker:
    """Lay out answers for a terminal.

    Args:
        words: of one language.
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        self._lines = words.lines
        self._headings = words.answers.headings

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
        about = self._lines["decided"].format(as_of=written_day(result.as_of), law=result.law)
        page.add(f"{sentence_start(about)}. {self._lines['full_hint']}", style="dim")

    def what_if(self, page: Page, result: WhatIf) -> None:
        """Say the answer before and after a change, and the tests that moved."""
        for change in result.changes:
            old = self.words.given(change.before, change.path, known=change.known_before)
            new = self.words.given(change.after, change.path, known=change.known_after)
            page.add(f"{change.path}: {old} -> {new}", hang=4, style="bold")
        for title, answer in (("before", result.before), ("after", result.after)):
            page.heading(self._headings[title])
            for work in answer.results:
                for period in work.periods:
                    self._short(page, work, period, several=len(answer.results) > 1)
        page.heading(self._headings["moved"])
        for moved in result.moved:
            page.add_after("- ", moved.text_before, indent=2, hang=2, style="dim")
            page.add_after("+ ", moved.text, indent=2, hang=2, style=MARKS[moved.after][1])
        if not result.moved:
            same = _gist(result.before) == _gist(result.after)
            page.add(self._lines["same" if same else "no_test_moved"], indent=2)

    def missing(self, path: str) -> str:
        """Return a missing fact by its name and path."""
        return f"{self.words.label(path)} ({path})"

    def _overview(self, page: Page, case: Case, result: Determination) -> None:
        for position, work in enumerate(result.results):
            host = in_sentence(case.work[position].country)
            for period in work.periods:
                headline = self.words.headline(period)
                stretch = self.words.stretch(period)
                page.add(f"{work.work} ({host}), {stretch}: {headline}", hang=4)

    def _short(
        self, page: Page, work: WorkResult, period: CoveragePeriod, *, several: bool
    ) -> None:
        name = f"{work.work}, " if several else ""
        headline = self.words.headline(period)
        page.add(f"{name}{self.words.stretch(period)}: {headline}", indent=2, hang=2)
        for path in period.missing:
            page.add_after("? ", self.missing(path), indent=4, hang=2, style="open")
        if paper := self.words.paper(period):
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
            page.heading(self._headings["change"], indent=2)
            for item in nearby:
                turn = self.words.turn(item)
                line = self._lines["change_line"].format(label=turn.label, value=turn.value)
                page.add(f"{line} -> {turn.answer}", indent=4, hang=4)
        self._warnings(page, work.periods)
        self._sources(page, work.periods)

    def _period(self, page: Page, period: CoveragePeriod, position: int) -> None:
        page.add(self.words.headline(period), indent=2, style="bold")
        page.add(self.words.when(period), indent=2)
        if paper := self.words.paper(period):
            page.add(paper, indent=2)
        otherwise = self.words.without_agreement(period)
        if otherwise is not None and period.outcome is not Outcome.DETERMINED:
            page.add(otherwise, indent=2)
        if period.missing:
            self._missing(page, period)
        self._certificate(page, period)
        page.heading(self._headings["why"], indent=2)
        if rule := self.words.rule(period):
            page.add(rule, indent=4)
        for reason in each_once(period.reasons):
            self._reason(page, reason, f"work[{position}].", 4, "")

    def _missing(self, page: Page, period: CoveragePeriod) -> None:
        page.heading(self._headings["missing"], indent=2)
        for path in period.missing:
            page.add_after("? ", self.missing(path), indent=4, hang=2, style="open")
        page.add(self._lines["ask_again"].format(path=period.missing[0]), indent=4)

    def _certificate(self, page: Page, period: CoveragePeriod) -> None:
        rows = self.words.to_get(period)
        if not rows:
            return
        page.heading(self._headings["get"], indent=2)
        for name, text in rows:
            if name:
                page.add_after(f"{name:<10}", text, indent=4, hang=10, style="dim")
            else:
                page.add(text, indent=4)

    def _reason(self, page: Page, reason: Reason, own: str, indent: int, above: str) -> None:
        """Say a test and what decided it; a provision is named once for all tests below it."""
        mark, style = MARKS[reason.result]
        cited = reason.citation or ""
        shown = f" [{cited}]" if cited and cited != above else ""
        page.add_after(mark, reason.text + shown, indent=indent, hang=2, style=style)
        for path, value in self.words.facts(reason).items():
            text = f"{path.removeprefix(own)}: {value}"
            page.add(text, indent=indent + 4, hang=2, style="dim")
        for below in each_once(reason.because):
            self._reason(page, below, own, indent + 2, cited or above)

    def _warnings(self, page: Page, periods: Sequence[CoveragePeriod]) -> None:
        texts = dict.fromkeys(notice.text for period in periods for notice in period.warnings)
        if texts:
            page.heading(self._headings["warnings"], indent=2)
            for text in texts:
                page.add_after("- ", text, indent=4, hang=2)

    def _sources(self, page: Page, periods: Sequence[CoveragePeriod]) -> None:
        cited = dict.fromkeys(item for period in periods for item in period.citations)
        if cited:
            page.heading(self._headings["sources"], indent=2)
            for item in cited:
                sure = self.words.answers.sure[item.sure]
                page.add(f"{item.ref} ({sure}, {item.read_on})", indent=4, hang=2)
                if item.url:
                    page.add_link(item.url, indent=6)


def speaker() -> Speaker:
    """Return a speaker of English."""
    return Speaker(english())


def _gist(result: Determination) -> list[tuple[object, ...]]:
    return [
        (work.work, period.outcome, period.covered_by, period.missing)
        for work in result.results
        for period in work.periods
    ]
