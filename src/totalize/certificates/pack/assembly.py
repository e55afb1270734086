"""Put a pack together and write it: PDF and plain text of every paper."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from totalize.certificates.draft import Subject
from totalize.certificates.exceptions import beside
from totalize.certificates.pack.cover import cover_page
from totalize.certificates.pack.documents import (
    Amounts,
    Answers,
    Attachment,
    Block,
    Branch,
    Bullets,
    Heading,
    Lines,
    Pack,
    Paper,
    Paragraph,
    Tree,
)
from totalize.certificates.pack.exceptional import (
    exception_letters,
    exception_pack,
    missing_for,
)
from totalize.certificates.pack.facts import asked_of, missing_of, works_at_home
from totalize.certificates.pack.languages import language_of
from totalize.certificates.pack.letters import request_letter, substitute_letter
from totalize.certificates.pack.sheets import (
    answer_sheet,
    employer_confirmation,
    form_sheet,
    health_statement,
)
from totalize.certificates.rendering import CannotSetError, render
from totalize.certificates.wording import ENGLISH, catalogue
from totalize.coverage.determination import WorkResult
from totalize.kernel.countries import US, in_sentence
from totalize.kernel.errors import InputError

WIDTH = 78
NOTES = "notes.txt"


def request_pack(subject: Subject, result: WorkResult, made_on: date) -> Pack:
    """Return all papers for asking, the cover page first.

    For a certificate, with the letters for an exception or an extension where both authorities
    may agree to more; or, where the rules give no certificate, for the exception alone.

    Args:
        subject: the work and the stretch of it that is meant (`draft.choose`,
            `exceptions.choose_for_request`).
        result: the whole answer for the work, for what comes after that stretch.
        made_on: the day the pack is made; letters carry it.
    """
    if subject.exceptional is not None:
        return exception_pack(subject, made_on)
    asked = asked_of(subject)
    missing = missing_of(asked)
    language, notes = language_of(subject.issuer)
    papers = [request_letter(subject, asked, ENGLISH, made_on)]
    if language != ENGLISH:
        papers.append(request_letter(subject, asked, language, made_on))
    sheet = answer_sheet(asked) if subject.issuer == US else form_sheet(subject, asked)
    candidates = [
        sheet,
        health_statement(subject, asked, made_on),
        employer_confirmation(subject, made_on) if _is_sent(subject) else None,
    ]
    wish, refused = _exception(subject, result)
    notes += refused
    if wish is not None:
        own = asked_of(wish)
        letters, more = exception_letters(wish, own, made_on)
        candidates += letters
        known = {item.path for item in missing}
        missing += tuple(item for item in missing_for(wish, own) if item.path not in known)
        notes += tuple(note for note in more if note not in notes)
    refusal = subject.details.get("refusal")
    if refusal is not None:
        candidates.append(substitute_letter(subject, refusal, made_on))
    papers += [paper for paper in candidates if paper is not None]
    cover = cover_page(subject, missing, tuple(papers), notes, made_on, wish=wish)
    return Pack((cover, *papers), missing, notes)


def _is_sent(subject: Subject) -> bool:
    """Tell whether an employer asks for somebody who stays its own while abroad."""
    return subject.need.applicant == "employer" and not works_at_home(subject)


def _exception(subject: Subject, result: WorkResult) -> tuple[Subject | None, tuple[str, ...]]:
    """Return the exception to ask for as well; or a note, where no provision for it was read."""
    try:
        return beside(subject, result), ()
    except InputError as error:
        if error.code != "no_exception_provision":
            raise
        partner = in_sentence(subject.partner)
        return None, (catalogue(ENGLISH).say("exception_not_read", partner=partner),)


def write_pack(pack: Pack, moment: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a pack: its name and its content.

    A letter for which no font is at hand comes as text only, and a note says so.
    """
    notes = list(pack.notes)
    for position, paper in enumerate(pack.papers):
        yield from write_paper(paper, f"{position:02d}-{paper.name}", moment, notes)
    if notes:
        yield NOTES, "\n".join([*notes, ""]).encode()


def write_paper(
    paper: Paper, name: str, moment: datetime, notes: list[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield a paper as PDF and as text; where no font is at hand as text only, with a note."""
    try:
        yield f"{name}.pdf", set_paper(paper, moment)
    except CannotSetError as error:
        notes.append(catalogue(ENGLISH).say("no_font", name=name, problem=error.problem))
    yield f"{name}.txt", as_text(paper).encode()


def set_paper(paper: Paper, moment: datetime, attachment: Attachment | None = None) -> bytes:
    """Return a paper as PDF/UA.

    Raises:
        CannotSetError: no font at hand has a letter that occurs.
    """
    page = page_of(paper)
    if attachment is None:
        return render("paper.typ", page, moment)
    page["attachment"] = {
        "name": attachment.name,
        "type": attachment.media_type,
        "description": attachment.description,
    }
    inputs = {"attachment": attachment.content.decode()}
    return render("paper.typ", page, moment, inputs)


def page_of(paper: Paper) -> dict[str, Any]:
    """Return a paper as plain values for the page."""
    return {
        "title": paper.title,
        "language": paper.language,
        "draft": paper.mark,
        "mark": (paper.mark or "").partition(":")[0].strip(),
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
        case Tree(branches):
            return {"kind": "tree", "branches": [_branch(branch) for branch in branches]}
        case Amounts(columns, rows):
            return {"kind": "amounts", "columns": columns, "rows": rows}


def _branch(branch: Branch) -> dict[str, Any]:
    return {"text": branch.text, "below": [_branch(below) for below in branch.below]}


def as_text(paper: Paper) -> str:
    """Return a paper as plain text, 78 columns wide."""
    lines = [*([f"*** {paper.mark} ***", ""] if paper.mark else []), *_wrapped(paper.title)]
    asked = catalogue(paper.language)
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
                    lines += _wrapped(asked.say("asked", label=label))
                    lines += _wrapped(value, "    ", "    ")
                lines.append("")
            case Tree(branches):
                lines += [*_climbed(branches, 0), ""]
            case Amounts(columns, rows):
                for row in (columns, *rows):
                    figures = "".join(f"{figure:>18}" for figure in row[1:])
                    lines.append(f"{row[0]:<{WIDTH - len(figures)}}{figures}")
                lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _climbed(branches: Iterable[Branch], depth: int) -> Iterator[str]:
    for branch in branches:
        yield from _wrapped(branch.text, f"{'  ' * depth}- ", f"{'  ' * depth}  ")
        yield from _climbed(branch.below, depth + 1)


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
