"""Decide the example cases under the law that comes with the package, and say the answers.

Each answer in full: `totalize check examples/cases/berlin.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from totalize import api
from totalize.cli.answer import MARKS, Speaker, speaker
from totalize.cli.layout import Page, page_for_output
from totalize.coverage.determination import CoveragePeriod, Determination, Reason
from totalize.kernel.reading import read_document

CASES = Path(__file__).parent / "cases"
AS_OF = date(2026, 11, 22)  # fixed, so that the same law gives the same page


def main() -> None:
    """Print one answer after the other."""
    page = page_for_output()
    said = speaker()
    law = ""
    for path in sorted(CASES.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        determination = api.check(read_document(text, path.name), AS_OF)
        law = determination.law
        page.heading(path.stem)
        page.add(story(text), indent=2, style="dim")
        coverage(page, said, determination)
    page.add()
    page.add(f"Decided as of {AS_OF} under law {law}.", style="dim")
    page.add("One in full:   totalize check examples/cases/berlin.yaml", style="dim")
    page.add(
        "What if:       totalize check examples/cases/berlin.yaml "
        "--what-if work[0].expected_end=2031-06-30",
        style="dim",
        hang=15,
    )
    page.add("Your own:      totalize new --out mine.yaml", style="dim")
    print(page)


def coverage(page: Page, said: Speaker, determination: Determination) -> None:
    """Say which system covers each work, with the deciding tests and the source."""
    for work in determination.results:
        for period in work.periods:
            name = f"{work.work}: " if len(determination.results) > 1 else ""
            page.add(f"{name}{said.words.headline(period)}", indent=2, style="bold")
            page.add(said.words.when(period), indent=4)
            if paper := said.words.paper(period):
                page.add(paper, indent=4)
            for path in period.missing:
                page.add_after("? ", said.missing(path), indent=4, hang=2, style="open")
            for reason in deciding(period):
                mark, style = MARKS[reason.result]
                page.add_after(mark, reason.text, indent=4, hang=2, style=style)
            for source in period.citations[:1]:
                page.add(f"Source: {source.ref}, read {source.read_on}", indent=4, style="dim")
                page.add_link(source.url or "", indent=12)


def deciding(period: CoveragePeriod) -> Iterator[Reason]:
    """Yield the tests right below the answer, and what made one of them fail."""
    for reason in period.reasons:
        if reason.result is not None:
            yield reason
        if reason.result is False:
            yield from reason.because


def story(text: str) -> str:
    """Return the comment at the head of a case file: what happened, in words."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return " ".join(lines)


if __name__ == "__main__":
    main()
