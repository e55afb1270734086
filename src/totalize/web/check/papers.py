"""Papers to take along: the answer as a PDF with the case inside it, and the case as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from totalize.certificates.pack.assembly import set_paper
from totalize.certificates.pack.documents import (
    Amounts,
    Answers,
    Attachment,
    Block,
    Branch,
    Bullets,
    Heading,
    Paper,
    Paragraph,
    Tree,
)
from totalize.contributions.results import Cost, Refund
from totalize.coverage.case_file import write_case
from totalize.coverage.words import english, sentence_start
from totalize.filing.result import Deadline, Filing, Source
from totalize.kernel.countries import country_name
from totalize.kernel.dates import written_day
from totalize.law.agreement_text import Entry
from totalize.web.check.money import Money
from totalize.web.check.result import Result, Test, named
from totalize.web.check.wording import page_words

_MARKS = {True: "Yes", False: "No", None: "Open"}


def case_file(document: Mapping[str, Any]) -> str:
    """Return the case as a file that `totalize check` reads back."""
    return write_case(document, as_json=False)


def answer_pdf(paper: Paper, document: Mapping[str, Any], as_of: date) -> bytes:
    """Return the answer as PDF/UA, the case attached.

    Args:
        paper: from `answer_paper`.
        document: the case.
        as_of: the day of the answer.
    """
    attached = Attachment(
        "case.yaml",
        "application/yaml",
        "The case, for totalize check",
        case_file(document).encode(),
    )
    return set_paper(paper, datetime.combine(as_of, time(12), tzinfo=UTC), attached)


def answer_paper(
    result: Result,
    answers: Iterable[tuple[str, str]],
    money: Money | None,
    filing: Filing | None,
) -> Paper:
    """Return everything that the page shows as a paper, with what each part rests on.

    Args:
        result: the answer.
        answers: questions and answers, as they were given.
        money: the cost, where it was asked.
        filing: what is to be filed, where it was asked.
    """
    title = f"Work in {result.host}: which system covers it"
    return Paper("answer", title, "en", tuple(_blocks(result, answers, money, filing)))


def _blocks(
    result: Result,
    answers: Iterable[tuple[str, str]],
    money: Money | None,
    filing: Filing | None,
) -> Iterator[Block]:
    words = page_words().paper
    yield Paragraph(words["as_of"].format(day=written_day(result.as_of), law=result.law))
    yield from _about_the_answer(result)
    if result.steps:
        yield Heading("What to do")
        yield Bullets(tuple(_dated(step.day, step.text) for step in result.steps))
    if result.is_open:
        for part in result.whom:
            yield Heading(f"Whom to ask: {part.title.lower()}")
            yield Bullets(tuple(_entry(entry) for entry in part.entries))
    yield Heading("Your answers")
    yield Answers(("Question", "Answer"), tuple(answers))
    yield Heading("Why")
    for stretch in result.stretches:
        if stretch.rule:
            yield Paragraph(stretch.rule)
        yield Tree(tuple(_branch(test) for test in stretch.tests))
    for heading, texts in (
        (
            "What would change it",
            [
                f"{sentence_start(turn.label)}: {named(turn.value)}. {turn.answer}."
                for _, turn in result.turns
            ],
        ),
        ("Good to know", result.warnings),
        ("What offices do (this is not law)", result.practice),
    ):
        if texts:
            yield Heading(heading)
            yield Bullets(tuple(texts))
    if money is not None:
        yield from _about_money(money)
    if filing is not None:
        yield from _about_filing(filing)
    yield from _about_sources(result, money, filing)


def _about_the_answer(result: Result) -> Iterator[Block]:
    for stretch in result.stretches:
        yield Paragraph(f"{stretch.headline} {stretch.when}", strong=True)
        yield from (Paragraph(text) for text in (stretch.means, stretch.paper) if text)
        if stretch.missing:
            yield Paragraph("Still open:")
            yield Bullets(tuple(sentence_start(label) for _, label in stretch.missing))
        if stretch.to_get:
            rows = tuple((name.capitalize() or "Paper", text) for name, text in stretch.to_get)
            yield Heading("What to get")
            yield Answers(("What", "Answer"), rows)
            if stretch.to_say:
                yield Paragraph("The request has to say:")
                yield Bullets(stretch.to_say)


def _branch(test: Test) -> Branch:
    cited = f" [{test.citation}]" if test.citation else ""
    below = tuple(_branch(reason) for reason in test.because)
    return Branch(f"{_MARKS[test.result]}: {test.text}{cited}", below)


def _entry(entry: Entry) -> str:
    """Return an office with what is known of it, as sentences."""
    parts = [entry.title, *(sentence_start(text) for text in entry.sentences), entry.website]
    return " ".join(part if part.endswith((".", ":")) else f"{part}." for part in parts if part)


def _dated(day: date | None, text: str) -> str:
    return text if day is None else f"{written_day(day)}: {text}"


def _about_money(money: Money) -> Iterator[Block]:
    cost = money.cost
    yield Heading(f"Contributions in {cost.detail.year}, {cost.currency}")
    yield Paragraph(page_words().paper["pay"].format(pay=money.pay))
    all_of_it = "All (at least)" if cost.detail.at_least else "All"
    rows = [(label, without, proven) for _, label, without, proven in money.rows]
    rows.append((all_of_it, money.without, money.proven))
    yield Amounts(
        ("Who pays where", "Without the paper", "With it"),
        tuple((label, f"{without:,.2f}", f"{proven:,.2f}") for label, without, proven in rows),
    )
    missing = (f"{item.title}: {item.text}" for item in cost.missing)
    notes = (*money.notes, *missing, *(_refund(item) for item in cost.refunds))
    if notes:
        yield Bullets(notes)


def _refund(item: Refund) -> str:
    said = "" if item.last_day is None else f", claim by {written_day(item.last_day)}"
    if item.last_day is not None and item.open is False:
        said = f", too late since {written_day(item.last_day)}"
    where = country_name(item.system)
    return f"{item.year}: {item.amount:,.2f} {item.currency} to ask back ({where}){said}."


def _about_filing(filing: Filing) -> Iterator[Block]:
    """Say all three boxes of the page, and the tests and figures that they rest on."""
    box, tax = filing.income_tax_return, filing.social_security_tax
    yield Heading(f"Income tax return for {filing.tax_year}, to the United States")
    yield Paragraph(box.text, strong=True)
    yield Bullets(tuple(test.text for test in box.tests))
    yield Bullets(tuple(_deadline(item) for item in box.deadlines))
    if box.notes:
        yield Bullets(tuple(note.text for note in box.notes))
    yield Heading("Social security tax on the return")
    found = tuple(said.text for period in tax.periods for said in period.findings)
    if found:
        yield Bullets(found)
    entry = tax.entry
    if entry is not None:
        key = "write_now" if entry.proven else "write_later"
        yield Paragraph(
            page_words().paper[key].format(words=entry.words, form=entry.form, line=entry.line)
        )
        yield Bullets(tuple(said.text for said in (*entry.steps, *entry.notes)))
    yield from (Paragraph(note.text) for note in tax.notes)
    yield Heading("Accounts and assets abroad")
    for report in filing.account_reports:
        yield Paragraph(page_words().reports[_MARKS[report.met].lower()].format(form=report.form))
        dates = (_deadline(item) for item in report.deadlines)
        texts = (*(test.text for test in report.tests), *dates, *(n.text for n in report.notes))
        yield Bullets(texts)


def _deadline(item: Deadline) -> str:
    """Return a date to keep; what already begins with its day is not given it twice."""
    return item.text if item.code == "interest" else _dated(item.day, item.text)


def _about_sources(result: Result, money: Money | None, filing: Filing | None) -> Iterator[Block]:
    words = page_words().paper
    cited = [_source(item.ref, sure, item.read_on, item.url) for item, sure in result.sources]
    if cited:
        yield Heading("Sources of the answer")
        if result.partner:
            yield Paragraph(words["abbreviations"].format(country=result.partner_name))
        yield Bullets(tuple(cited))
    if money is not None:
        yield Heading("Sources of the contributions")
        yield Bullets(tuple(_figures_of(money.cost)))
    if filing is not None:
        yield Heading("Sources of what to file")
        yield Bullets(tuple(dict.fromkeys(_sources_of(filing))))
    yield Paragraph(words["no_certificate"])


def _figures_of(cost: Cost) -> Iterable[str]:
    lines = {
        (line.system, line.source, line.source_date): None for line in cost.lines if line.source
    }
    for system, source, of in lines:
        dated = f" ({of})" if of else ""
        yield f"{country_name(system)}: {source}{dated}"
    for item in cost.exchange:
        dated = f" ({written_day(item.date)})" if item.date else ""
        yield f"1 {item.currency} = {item.rate} {cost.currency}{dated}: {item.source}"


def _sources_of(filing: Filing) -> Iterator[str]:
    sure = english().answers.sure
    box, tax = filing.income_tax_return, filing.social_security_tax
    said = [*box.notes, *tax.notes, *(note for item in tax.periods for note in item.findings)]
    if tax.entry is not None:
        said += [*tax.entry.steps, *tax.entry.notes]
    tests, dates = [*box.tests], [*box.deadlines]
    for report in filing.account_reports:
        tests += report.tests
        dates += report.deadlines
        said += report.notes
    rests: list[tuple[Source, ...]] = [item.sources for item in tests]
    rests += [item.sources for item in dates]
    rests += [item.sources for item in said]
    found = [source for sources in rests for source in sources]
    found += [test.threshold.source for test in tests if test.threshold is not None]
    for source in found:
        yield _source(source.ref, sure[source.sure], source.checked_on, source.url)


def _source(ref: str, sure: str, read_on: date, url: str | None) -> str:
    return f"{ref} ({sure}, read {written_day(read_on)}){f': {url}' if url else ''}"
