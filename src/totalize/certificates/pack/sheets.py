"""The sheets: answers in the order of the form, the employer's confirmation, health cover."""

from __future__ import annotations

from datetime import date

from totalize.certificates.draft import Subject
from totalize.certificates.pack.documents import Answers, Block, Heading, Lines, Paper, Paragraph
from totalize.certificates.pack.facts import Asked, answer_to, in_words, label_of
from totalize.certificates.wording import Catalogue, catalogue
from totalize.kernel.countries import in_sentence
from totalize.law.requests import PaperForm, load_requests


def answer_sheet(asked: tuple[Asked, ...]) -> Paper:
    """Put the answers in the order of SSA's online form."""
    words = catalogue("en")
    form = load_requests().online_form
    blocks: list[Block] = [
        Paragraph(words.say("sheet_online", address=form.address, help=form.help)),
        Paragraph(form.note),
    ]
    left = list(asked)
    for section in form.sections:
        rows = [item for key in section.keys for item in left if item.key == key]
        left = [item for item in left if item not in rows]
        if rows:
            blocks += [Heading(section.title), _table(rows, words)]
    if left:
        blocks += [Heading(words.say("sheet_rest")), _table(left, words)]
    return _paper("answer-sheet", words.say("sheet_title"), blocks, asked, words)


def form_sheet(subject: Subject, asked: tuple[Asked, ...]) -> Paper | None:
    """Name the form of the foreign office and fill its boxes, as far as they were read."""
    words = catalogue("en")
    name = subject.need.form
    if name is None:
        return None
    form = next((item for item in load_requests().forms if item.form == name), None)
    blocks: list[Block] = [Paragraph(words.say("form_name", form=name))]
    if form is None:
        blocks += [Paragraph(words.say("form_unread")), _table(list(asked), words)]
    else:
        if form.note:
            blocks.append(Paragraph(form.note))
        blocks.append(_boxes(form, subject, words))
    return _paper("form-answers", words.say("form_title", form=name), blocks, asked, words)


def employer_confirmation(subject: Subject, made_on: date) -> Paper:
    """Let the employer confirm what the request rests on."""
    words = catalogue("en")
    details = subject.details
    place = answer_to(subject, "employer_home")
    name = details.text("full_name")
    employer = in_words(place, words)
    gap = words.gap()
    hired = details.get("hire_date")
    rows = [
        (words.say("row_worker"), name or gap),
        (words.say("row_employer_employment"), employer or gap),
        (words.say("row_work"), in_sentence(subject.work.country)),
        (words.say("row_period"), words.span(subject.period.first, subject.period.last)),
    ]
    if hired is not None:
        rows.append((words.say("confirm_hired"), words.day(hired)))
    blocks: list[Block] = [
        Paragraph(words.say("confirm_text", covered=in_sentence(subject.covered_by))),
        Answers((words.say("column_asked"), words.say("column_answer")), tuple(rows)),
        Paragraph(words.say("confirm_changes")),
        Lines(("", words.say("signature_line"), words.say("role_employer"), words.day(made_on))),
    ]
    return Paper(
        "employer-confirmation",
        words.say("confirm_title"),
        "en",
        tuple(blocks),
        draft=None if name and employer else words.say("draft"),
    )


def health_statement(subject: Subject, asked: tuple[Asked, ...], made_on: date) -> Paper | None:
    """Declare private health cover where the agreement asks for it."""
    item = next((item for item in asked if item.key == "health_insurance_statement"), None)
    if item is None:
        return None
    words = catalogue("en")
    name = subject.details.text("full_name") or words.gap(words.say("fact_full_name"))
    span = words.span(subject.period.first, subject.period.last)
    if item.value is True:
        text = words.say(
            "health_yes", name=name, country=in_sentence(subject.work.country), span=span
        )
    elif item.value is False:
        text = words.say("health_no")
    else:
        text = f"{words.gap()} {words.say('health_unknown')}"
    blocks: tuple[Block, ...] = (
        Paragraph(text, strong=item.value is not True),
        Paragraph(words.say("health_asked", label=item.label)),
        Lines(("", words.say("signature_line"), name, words.day(made_on))),
    )
    return Paper(
        "health-insurance-statement",
        words.say("health_title"),
        "en",
        blocks,
        None if item.value is True else words.say("draft"),
    )


def _table(items: list[Asked], words: Catalogue) -> Answers:
    rows = []
    for item in items:
        value = in_words(item.value, words)
        if value is None:
            value = words.say("none_known") if item.optional else words.gap()
        rows.append((label_of(item, words), value))
    return Answers((words.say("column_asked"), words.say("column_answer")), tuple(rows))


def _boxes(form: PaperForm, subject: Subject, words: Catalogue) -> Answers:
    rows = []
    for box in form.boxes:
        values = [in_words(answer_to(subject, key), words) for key in box.keys]
        text = " · ".join(value for value in values if value)
        rows.append((box.title, text or words.gap()))
    return Answers((words.say("column_box"), words.say("column_answer")), tuple(rows))


def _paper(
    name: str, title: str, blocks: list[Block], asked: tuple[Asked, ...], words: Catalogue
) -> Paper:
    draft = words.say("draft") if any(item.missing for item in asked) else None
    return Paper(name, title, "en", tuple(blocks), draft)
