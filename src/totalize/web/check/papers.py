"""Papers to take along: the answer as PDF with the case inside it, and its dates as a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from textwrap import shorten
from typing import Any

from icalendar import Calendar, Event

from totalize.certificates.pack.assembly import set_paper
from totalize.certificates.pack.documents import (
    Answers,
    Attachment,
    Block,
    Bullets,
    Heading,
    Paper,
    Paragraph,
)
from totalize.contributions.results import Cost, Refund
from totalize.coverage.case_file import write_case
from totalize.filing.result import Filing
from totalize.kernel.countries import country_name
from totalize.kernel.dates import written_day
from totalize.web.check.money import Money
from totalize.web.check.result import Result, Test, named
from totalize.web.check.wording import page_words

_MARKS = {True: "Yes", False: "No", None: "Open"}


def case_file(document: Mapping[str, Any]) -> str:
    """Return the case as a file that `totalize check` reads back."""
    return write_case(document, as_json=False)


def answer_pdf(
    result: Result,
    answers: Iterable[tuple[str, str]],
    document: Mapping[str, Any],
    money: Money | None,
    filing: Filing | None,
) -> bytes:
    """Return the answer as PDF/UA, the case attached.

    Args:
        result: the answer.
        answers: questions and answers, as they were given.
        document: the case.
        money: the cost, where it was asked.
        filing: what is to be filed, where it was asked.
    """
    blocks: list[Block] = []
    for stretch in result.stretches:
        blocks.append(Paragraph(f"{stretch.headline} {stretch.when}", strong=True))
        blocks += [Paragraph(text) for text in (stretch.means, stretch.paper) if text]
        if stretch.to_get:
            rows = tuple((name.capitalize() or "Paper", text) for name, text in stretch.to_get)
            blocks += [Heading("What to get"), Answers(("What", "Answer"), rows)]
            if stretch.to_say:
                blocks += [Paragraph("The request has to say:"), Bullets(stretch.to_say)]
    blocks += [
        Heading("What to do"),
        Bullets(tuple(_dated(step.day, step.text) for step in result.steps)),
        Heading("Your answers"),
        Answers(("Question", "Answer"), tuple(answers)),
        Heading("Why"),
    ]
    for stretch in result.stretches:
        rule = [stretch.rule] if stretch.rule else []
        blocks.append(Bullets((*rule, *(text for test in stretch.tests for text in _told(test)))))
    for title, texts in (
        (
            "What would change it",
            [f"{turn.label}: {named(turn.value)}. {turn.answer}." for _, turn in result.turns],
        ),
        ("Good to know", result.warnings),
        ("What offices do (this is not law)", result.practice),
    ):
        if texts:
            blocks += [Heading(title), Bullets(tuple(texts))]
    if money is not None:
        blocks += _about_money(money)
    if filing is not None:
        blocks += _about_filing(filing)
    sources = tuple(
        f"{item.ref} ({sure}, read {item.read_on}){f': {item.url}' if item.url else ''}"
        for item, sure in result.sources
    )
    if sources:
        blocks += [Heading("Sources"), Bullets(sources)]
    blocks.append(
        Paragraph(f"As of {written_day(result.as_of)}, law {result.law}. This is no certificate.")
    )
    paper = Paper("answer", f"Work in {result.host}: which system covers it", "en", tuple(blocks))
    attached = Attachment(
        "case.yaml",
        "application/yaml",
        "The case, for totalize check",
        case_file(document).encode(),
    )
    return set_paper(paper, _noon(result.as_of), attached)


def _told(test: Test, depth: int = 0) -> Iterator[str]:
    cited = f" [{test.citation}]" if test.citation else ""
    yield f"{'· ' * depth}{_MARKS[test.result]}: {test.text}{cited}"
    for below in test.because:
        yield from _told(below, depth + 1)


def _dated(day: date | None, text: str) -> str:
    return text if day is None else f"{written_day(day)}: {text}"


def _about_money(money: Money) -> Iterator[Block]:
    cost = money.cost
    yield Heading(f"Contributions in {cost.detail.year}, {cost.currency}")
    rows = [
        (label, f"{without:,.2f} without the paper, {proven:,.2f} with it")
        for _, label, without, proven in money.rows
    ]
    rows.append(("All", f"{money.without:,.2f} without the paper, {money.proven:,.2f} with it"))
    yield Answers(("Who pays where", "Amount"), tuple(rows))
    notes = list(money.notes)
    notes += [_refund(item) for item in cost.refunds]
    if notes:
        yield Bullets(tuple(notes))


def _refund(item: Refund) -> str:
    until = "" if item.last_day is None else f", claim by {written_day(item.last_day)}"
    where = country_name(item.system)
    return f"{item.year}: {item.amount:,.2f} {item.currency} to ask back ({where}){until}"


def _about_filing(filing: Filing) -> Iterator[Block]:
    box = filing.income_tax_return
    yield Heading(f"To file with the United States for {filing.tax_year}")
    yield Paragraph(box.text)
    yield Bullets(tuple(_dated(item.day, item.text) for item in box.deadlines))
    entry = filing.social_security_tax.entry
    if entry is not None:
        yield Bullets(tuple(step.text for step in entry.steps))


def calendar_file(
    result: Result, cost: Cost | None, filing: Filing | None, made_on: datetime
) -> bytes:
    """Return the dates to keep as a calendar, whole days, each with what to do."""
    calendar = Calendar()
    calendar.add("prodid", "-//totalize//check//EN")
    calendar.add("version", "2.0")
    for name, day, title, text in _dates(result, cost, filing):
        event = Event()
        event.add("uid", f"{name}-{day}-{result.work}@totalize")
        event.add("dtstamp", made_on)
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", title)
        event.add("description", text)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made


def _dates(
    result: Result, cost: Cost | None, filing: Filing | None
) -> Iterator[tuple[str, date, str, str]]:
    words = page_words().calendar
    for step in result.steps:
        if step.day is not None and not step.past:
            yield step.code, step.day, words[f"summary_{step.code}"], step.text
    if filing is not None:
        for item in filing.income_tax_return.deadlines:
            if item.day is not None and item.code.startswith("due_"):
                first = shorten(item.text.partition(". ")[0], 80, placeholder=" ...")
                title = words["summary_due"].format(year=filing.tax_year, text=first)
                yield item.code, item.day, title, item.text
    if cost is not None:
        for refund in cost.refunds:
            if refund.last_day is not None and refund.last_day >= result.as_of:
                title = words["summary_refund"].format(
                    year=refund.year, country=country_name(refund.system)
                )
                name = f"refund-{refund.system}-{refund.year}"
                yield name, refund.last_day, title, " ".join(refund.steps)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)
