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
from totalize.certificates.wording import Catalogue, catalogue
from totalize.coverage.determination import CoveragePeriod
from totalize.law.agreements import load_agreement
from totalize.law.requests import load_requests


def request_letter(
    subject: Subject, asked: tuple[Asked, ...], language: str, made_on: date
) -> Paper:
    """Ask for the certificate: exactly the facts and statements of this agreement."""
    words = catalogue(language)
    names = _names(subject, words)
    what = "exemption" if subject.exemption_only else "letter"
    draft = any(item.missing for item in asked)
    blocks: list[Block] = [
        Lines(_addresses(subject, words, _office(subject, words))),
        Paragraph(words.say("letter_date", day=words.day(made_on))),
        Paragraph(words.say(f"{what}_subject", **names), strong=True),
        Paragraph(words.say("letter_greeting")),
        Paragraph(words.say(f"{what}_request_{subject.work.activity}", **names)),
        Heading(words.say("letter_facts")),
        _answers([item for item in asked if not item.statement], words),
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
        Lines(_signature(subject, words)),
    ]
    return Paper(
        name=f"request-letter.{words.language}",
        title=words.say(f"title_{what}", **names),
        language=words.language,
        blocks=tuple(blocks),
        draft=words.say("draft") if draft else None,
    )


def exception_letter(
    subject: Subject,
    asked: tuple[Asked, ...],
    wanted: CoveragePeriod,
    language: str,
    made_on: date,
) -> Paper:
    """Ask both authorities to agree to the issuer's system beyond what the rules give."""
    words = catalogue(language)
    names = {**_names(subject, words), "span": words.span(wanted.first, wanted.last)}
    reasons = subject.details.text("reasons")
    exception = load_agreement(subject.partner).special_exception
    office = None
    if exception is not None:
        to_us = subject.issuer == "US"
        office = exception.us_authority if to_us else exception.foreign_authority
    article = exception.article if exception is not None else None
    blocks: list[Block] = [
        Lines(_addresses(subject, words, office or words.say("office_not_read"))),
        Paragraph(words.say("letter_date", day=words.day(made_on))),
        Paragraph(words.say("exception_subject", **names), strong=True),
        Paragraph(words.say("letter_greeting")),
        Paragraph(words.say("exception_request", **names)),
        Paragraph(words.say("exception_article", article=article or words.say("article_not_read"))),
        Heading(words.say("exception_reasons")),
        Paragraph(reasons or f"[{words.say('to_complete')}: details.reasons]"),
        Heading(words.say("letter_facts")),
        _answers([item for item in asked if item.key not in ("start_date", "end_date")], words),
        Paragraph(words.say("exception_consent")),
        Paragraph(words.say("letter_closing")),
        Lines(_signature(subject, words)),
    ]
    draft = reasons is None or any(item.missing for item in asked)
    return Paper(
        name=f"exception-letter.{words.language}",
        title=words.say("exception_title", **names),
        language=words.language,
        blocks=tuple(blocks),
        draft=words.say("draft") if draft else None,
    )


def substitute_letter(subject: Subject, refusal: Refusal, made_on: date) -> Paper:
    """Ask SSA for the letter that does a certificate's work where the office refuses."""
    words = catalogue("en")
    office = load_requests().substitute_office
    names = _names(subject, words)
    day = words.day(refusal.day) if refusal.day else words.say("date_not_given")
    blocks: tuple[Block, ...] = (
        Lines(_addresses(subject, words, f"{office.name}, {office.address}")),
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
            words.say("substitute_reason", reason=refusal.reason)
            if refusal.reason
            else f"[{words.say('to_complete')}: details.refusal.reason]"
        ),
        Paragraph(words.say("substitute_enclosed")),
        Paragraph(words.say("letter_closing")),
        Lines(_signature(subject, words)),
    )
    return Paper(
        name="substitute-letter.en",
        title=words.say("substitute_title", **names),
        language="en",
        blocks=blocks,
        draft=None if refusal.reason else words.say("draft"),
    )


def _names(subject: Subject, words: Catalogue) -> dict[str, str]:
    name = subject.details.text("full_name")
    return {
        "name": name or f"[{words.say('to_complete')}: full_name]",
        "covered": words.country(subject.covered_by),
        "exempt": words.country(subject.need.presented_in),
        "partner": words.country(subject.partner),
        "span": words.span(subject.period.first, subject.period.last),
    }


def _answers(asked: list[Asked], words: Catalogue) -> Answers:
    gap = f"[{words.say('to_complete')}]"
    rows = []
    for item in asked:
        value = in_words(item.value, words)
        if value is None and item.optional:
            value = words.say("none_known")
        rows.append((label_of(item, words), value or gap))
    return Answers((words.say("column_asked"), words.say("column_answer")), tuple(rows))


def _statement(item: Asked, words: Catalogue) -> str:
    if item.value is True:
        key = f"statement_{item.key}"
        return words.say(key) if words.has(key) else label_of(item, words)
    if item.value is None:
        return f"[{words.say('to_complete')}: {label_of(item, words)}]"
    return f"{label_of(item, words)}: {in_words(item.value, words)}"


def _addresses(subject: Subject, words: Catalogue, office: str) -> tuple[str, ...]:
    sender = _sender(subject)
    gap = f"[{words.say('to_complete')}: applicant]"
    own = (
        (gap,)
        if sender is None
        else tuple(filter(None, [sender.name, sender.address, sender.phone, sender.email]))
    )
    return (*own, "", *(part.strip() for part in office.split(";")))


def _office(subject: Subject, words: Catalogue) -> str:
    """Return one office to write to: where several stand side by side, the first."""
    office = office_of(subject)
    if office is None:
        return subject.need.office or words.say("office_not_read")
    return "; ".join(filter(None, [office.name, office.address]))


def _signature(subject: Subject, words: Catalogue) -> tuple[str, ...]:
    sender = _sender(subject)
    name = sender.name if sender else f"[{words.say('to_complete')}: applicant]"
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


def _sender(subject: Subject) -> Applicant | None:
    sender = subject.details.get("applicant")
    return sender if isinstance(sender, Applicant) else None
