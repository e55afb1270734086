"""The letters: request, exception or extension, substitute letter; in the office's language."""

from __future__ import annotations

from datetime import date

from totalize.certificates.details import Applicant, Refusal
from totalize.certificates.draft import Subject
from totalize.certificates.pack.documents import (
    Answers,
    Block,
    Bullets,
    Heading,
    Lines,
    Paper,
    Paragraph,
)
from totalize.certificates.pack.facts import Asked, in_words, label_of, office_of
from totalize.certificates.wording import ENGLISH, Catalogue, catalogue
from totalize.law.requests import load_requests


def request_letter(
    subject: Subject, asked: tuple[Asked, ...], language: str, made_on: date
) -> Paper:
    """Ask for the certificate: exactly the facts and statements of this agreement."""
    words = catalogue(language)
    names = names_of(subject, words)
    what = "exemption" if subject.exemption_only else "letter"
    draft = any(item.missing for item in asked)
    blocks: list[Block] = [
        Lines(addresses_of(subject, words, _office(subject, words))),
        Paragraph(words.say("letter_date", day=words.day(made_on))),
        Paragraph(words.say(f"{what}_subject", **names), strong=True),
        Paragraph(words.say("letter_greeting")),
        Paragraph(words.say(f"{what}_request_{subject.work.activity}", **names)),
        Heading(words.say("letter_facts")),
        answers_of([item for item in asked if not item.statement], words),
    ]
    statements = [item for item in asked if item.statement]
    if statements:
        blocks += [
            Heading(words.say("letter_statements")),
            Bullets(tuple(_statement(item, words) for item in statements)),
        ]
    blocks += [
        Paragraph(words.say("letter_copies")),
        Paragraph(words.say("letter_closing")),
        Lines(signature_of(subject, words)),
    ]
    return Paper(
        name=f"request-letter.{words.language}",
        title=words.say(f"title_{what}", **names),
        language=words.language,
        blocks=tuple(blocks),
        draft=words.say("draft") if draft else None,
    )


def substitute_letter(subject: Subject, refusal: Refusal, made_on: date) -> Paper:
    """Ask SSA for the letter that does a certificate's work where the office refuses."""
    words = catalogue("en")
    office = load_requests().substitute_office
    names = names_of(subject, words)
    day = words.day(refusal.day) if refusal.day else words.say("date_not_given")
    blocks: tuple[Block, ...] = (
        Lines(addresses_of(subject, words, f"{office.name}, {office.address}")),
        Paragraph(words.say("letter_date", day=words.day(made_on))),
        Paragraph(words.say("substitute_subject", **names), strong=True),
        Paragraph(words.say("letter_greeting")),
        Paragraph(
            words.say(
                "substitute_request",
                **names,
                office=refusal.office,
                day=day,
                rule=words.say(f"rule_{subject.period.rule}"),
            )
        ),
        Paragraph(
            words.say("substitute_reason", reason=refusal.reason) if refusal.reason else words.gap()
        ),
        Paragraph(words.say("substitute_enclosed")),
        Paragraph(words.say("letter_closing")),
        Lines(signature_of(subject, words)),
    )
    return Paper(
        name="substitute-letter.en",
        title=words.say("substitute_title", **names),
        language="en",
        blocks=blocks,
        draft=None if refusal.reason else words.say("draft"),
    )


def names_of(subject: Subject, words: Catalogue) -> dict[str, str]:
    """Return the names and the period that sentences are filled in with."""
    return {
        "name": name_of(subject, words),
        "covered": words.country(subject.covered_by),
        "exempt": words.country(subject.need.presented_in),
        "partner": words.country(subject.partner),
        "place": words.country(subject.work.country),
        "span": words.span(subject.period.first, subject.period.last),
    }


def name_of(subject: Subject, words: Catalogue) -> str:
    """Return the worker's name, or the place for it."""
    return subject.details.text("full_name") or words.gap(words.say("fact_full_name"))


def answers_of(asked: list[Asked], words: Catalogue) -> Answers:
    """Return the answers as a table; what is missing says so."""
    rows = []
    for item in asked:
        value = in_words(item.value, words)
        if value is None and item.optional:
            value = words.say("none_known")
        rows.append((label_of(item, words), value or words.gap()))
    return Answers((words.say("column_asked"), words.say("column_answer")), tuple(rows))


def _statement(item: Asked, words: Catalogue) -> str:
    if item.value is True:
        key = f"statement_{item.key}"
        return words.say(key) if words.has(key) else label_of(item, words)
    if item.value is None:
        return words.gap(label_of(item, words))
    return f"{label_of(item, words)}: {in_words(item.value, words)}"


def addresses_of(subject: Subject, words: Catalogue, office: str) -> tuple[str, ...]:
    """Return who writes and to whom, a line each."""
    sender = _sender(subject)
    own = (
        (_applicant_gap(subject, words),)
        if sender is None
        else tuple(filter(None, [sender.name, sender.address, sender.phone, sender.email]))
    )
    return (*own, "", *(part.strip() for part in office.split(";")))


def _office(subject: Subject, words: Catalogue) -> str:
    """Return one office to write to: where several stand side by side, the first."""
    office = office_of(subject)
    if office is None:
        return subject.need.office or words.say("office_not_read")
    if words.language != ENGLISH and office.letter_to is not None:
        return office.letter_to
    return "; ".join(filter(None, [office.name, office.address]))


def signature_of(subject: Subject, words: Catalogue) -> tuple[str, ...]:
    """Return the place to sign."""
    sender = _sender(subject)
    name = sender.name if sender else _applicant_gap(subject, words)
    role = sender.role if sender else None
    return tuple(
        filter(
            None,
            [
                "",
                words.say("signature_line"),
                name,
                role or words.say("role_employer")
                if subject.need.applicant == "employer"
                else role,
            ],
        )
    )


def _applicant_gap(subject: Subject, words: Catalogue) -> str:
    who = "row_employer_employment" if subject.need.applicant == "employer" else "row_worker"
    return words.gap(words.say(who))


def _sender(subject: Subject) -> Applicant | None:
    sender = subject.details.get("applicant")
    return sender if isinstance(sender, Applicant) else None
