"""Put a pack together and write it: PDF and plain text of every paper."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from totalize.certificates.draft import Subject
from totalize.certificates.pack.cover import cover_page
from totalize.certificates.pack.documents import (
    Answers,
    Block,
    Bullets,
    Heading,
    Lines,
    Pack,
    Paper,
    Paragraph,
)
from totalize.certificates.pack.facts import asked_of, missing_of
from totalize.certificates.pack.letters import exception_letter, request_letter, substitute_letter
from totalize.certificates.pack.sheets import (
    answer_sheet,
    employer_confirmation,
    form_sheet,
    health_statement,
)
from totalize.certificates.rendering import CannotSetError, render
from totalize.certificates.wording import ENGLISH, OFFICE_LANGUAGES, catalogue
from totalize.coverage.determination import CoveragePeriod, WorkResult
from totalize.kernel.countries import NAMES, US

WIDTH = 78


def request_pack(subject: Subject, result: WorkResult, made_on: date) -> Pack:
    """Return all papers for asking for a certificate, the cover page first.

    Args:
        subject: the work and the stretch of it that the certificate is for.
        result: the whole answer for the work, for what comes after that stretch.
        made_on: the day the pack is made; letters carry it.
    """
    asked = asked_of(subject)
    missing = missing_of(asked)
    language, notes = _office_language(subject)
    papers = [request_letter(subject, asked, ENGLISH, made_on)]
    if language != ENGLISH:
        papers.append(request_letter(subject, asked, language, made_on))
    sheet = answer_sheet(asked) if subject.issuer == US else form_sheet(subject, asked)
    beyond = _beyond(subject, result)
    candidates = [
        sheet,
        health_statement(subject, asked, made_on),
        employer_confirmation(subject, made_on) if subject.need.applicant == "employer" else None,
        exception_letter(subject, asked, beyond, ENGLISH, made_on) if beyond else None,
        exception_letter(subject, asked, beyond, language, made_on)
        if beyond and language != ENGLISH
        else None,
    ]
    refusal = subject.details.get("refusal")
    if refusal is not None:
        candidates.append(substitute_letter(subject, refusal, made_on))
    papers += [paper for paper in candidates if paper is not None]
    cover = cover_page(
        subject, missing, tuple(papers), notes, made_on, exception=beyond is not None
    )
    return Pack((cover, *papers), missing, notes)


def _beyond(subject: Subject, result: WorkResult) -> CoveragePeriod | None:
    """Return a later stretch for which both authorities may agree to the same system."""
    for period in result.periods:
        later = subject.period.last is not None and period.first > subject.period.last
        codes = {item.code for item in period.warnings}
        if later and "exception_possible" in codes and period.covered_by != (subject.issuer,):
            return period
    return None


def _office_language(subject: Subject) -> tuple[str, tuple[str, ...]]:
    """Return the language of the office, English with a note when there's no catalogue."""
    if subject.issuer == US:
        return ENGLISH, ()
    language = OFFICE_LANGUAGES.get(subject.issuer)
    if language is None or not catalogue(language).has("letter_subject"):
        if subject.issuer in ("GB", "IE", "AU", "CA"):
            return ENGLISH, ()
        note = catalogue(ENGLISH).say("language_missing", country=NAMES[subject.issuer])
        return ENGLISH, (note,)
    return language, ()


def write_pack(pack: Pack, moment: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a pack: its name and its content.

    A letter for which no font is at hand comes as text only, and a note says so.
    """
    notes = list(pack.notes)
    for position, paper in enumerate(pack.papers):
        name = f"{position:02d}-{paper.name}"
        try:
            yield f"{name}.pdf", render("paper.typ", page_of(paper), moment)
        except CannotSetError as error:
            notes.append(catalogue(ENGLISH).say("no_font", name=name, problem=error.problem))
        yield f"{name}.txt", as_text(paper).encode()
    if notes:
        yield "notes.txt", "\n".join([*notes, ""]).encode()


def page_of(paper: Paper) -> dict[str, Any]:
    """Return a paper as plain values for the page."""
    return {
        "title": paper.title,
        "language": paper.language,
        "draft": paper.draft,
        "mark": (paper.draft or "").partition(":")[0].strip(),
        "paper": "us-letter" if paper.language == ENGLISH else "a4",
        "blocks": [_plain(block) for block in paper.blocks],
    }


def _plain(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text):
            return {"kind": "heading", "text": text}
        case Paragraph(text, strong):
            return {"kind": "paragraph", "text": text, "strong": strong}
        case Lines(lines):
            return {"kind": "lines", "lines": lines}
        case Bullets(items):
            return {"kind": "bullets", "items": items}
        case Answers(columns, rows):
            return {"kind": "answers", "columns": columns, "rows": rows}


def as_text(paper: Paper) -> str:
    """Return a paper as plain text, 78 columns wide."""
    lines = [*([f"*** {paper.draft} ***", ""] if paper.draft else []), *_wrapped(paper.title)]
    lines += ["=" * min(WIDTH, len(paper.title)), ""]
    for block in paper.blocks:
        match block:
            case Heading(text):
                lines += ["", *_wrapped(text), "-" * min(WIDTH, len(text))]
            case Paragraph(text, _):
                lines += [*_wrapped(text), ""]
            case Lines(own):
                lines += [piece for line in own for piece in _wrapped(line)]
                lines.append("")
            case Bullets(items):
                for item in items:
                    lines += _wrapped(item, "- ", "  ")
                lines.append("")
            case Answers(_, rows):
                for label, value in rows:
                    lines += _wrapped(f"{label}:")
                    lines += _wrapped(value, "    ", "    ")
                lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
