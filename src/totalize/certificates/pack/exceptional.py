"""Papers for an exception or an extension: letters to the authorities, and the page before them."""

from __future__ import annotations

from datetime import date

from totalize.certificates.draft import Subject
from totalize.certificates.pack.documents import (
    Answers,
    Block,
    Bullets,
    Heading,
    Lines,
    Missing,
    Pack,
    Paper,
    Paragraph,
)
from totalize.certificates.pack.facts import Asked, asked_of, missing_of
from totalize.certificates.pack.languages import language_of
from totalize.certificates.pack.letters import addresses_of, answers_of, names_of, signature_of
from totalize.certificates.provisions import move_on
from totalize.certificates.wording import ENGLISH, Catalogue, catalogue
from totalize.kernel.countries import US, in_sentence
from totalize.law.agreements import SpecialException, Transfer, load_agreement
from totalize.law.requests import Notice, load_requests
from totalize.law.sources import places_of

_SAID_ELSEWHERE = frozenset({"start_date", "end_date"})
# A number is told to the office that keeps it, and to no other.
_NUMBERS = {"social_security_number": US, "foreign_insurance_number": None}


def exception_pack(subject: Subject, made_on: date) -> Pack:
    """Return all papers for asking both authorities for an exception, the first page first."""
    asked = asked_of(subject)
    letters, notes = exception_letters(subject, asked, made_on)
    missing = missing_for(subject, asked)
    cover = _cover(subject, missing, letters, notes, made_on)
    return Pack((cover, *letters), missing, notes)


def exception_letters(
    subject: Subject, asked: tuple[Asked, ...], made_on: date
) -> tuple[tuple[Paper, ...], tuple[str, ...]]:
    """Return the letters, and what is to be known about their languages.

    An extension is asked of the authority whose certificate it prolongs; it consults the other.
    Any other exception is put before both, each in its language.
    """
    exceptional = subject.exceptional
    if exceptional is None:
        raise TypeError("a letter for an exception needs one")
    abroad, notes = language_of(subject.partner)
    if exceptional.extends:
        tongues = [ENGLISH] if subject.issuer == US else list(dict.fromkeys([ENGLISH, abroad]))
        letters = [
            _letter(subject, asked, subject.issuer, tongue, f"exception-letter.{tongue}", made_on)
            for tongue in tongues
        ]
        return tuple(letters), () if subject.issuer == US else notes
    partner = subject.partner
    return (
        _letter(subject, asked, US, ENGLISH, f"exception-letter-us.{ENGLISH}", made_on),
        _letter(
            subject, asked, partner, abroad, f"exception-letter-{partner.lower()}.{abroad}", made_on
        ),
    ), notes


def missing_for(subject: Subject, asked: tuple[Asked, ...]) -> tuple[Missing, ...]:
    """Return what the letters still need."""
    words = catalogue(ENGLISH)
    missing = list(missing_of(asked))
    if subject.details.text("reasons") is None:
        missing.insert(0, Missing("details.reasons", words.say("missing_reasons")))
    if subject.exceptional is not None and not subject.exceptional.chosen:
        label = words.say("missing_wanted", partner=in_sentence(subject.partner))
        missing.insert(0, Missing("details.wanted_coverage", label))
    return tuple(missing)


def _letter(  # noqa: PLR0917 - one letter, and what it says of itself
    subject: Subject,
    asked: tuple[Asked, ...],
    receiver: str,
    language: str,
    name: str,
    made_on: date,
) -> Paper:
    words = catalogue(language)
    exceptional = subject.exceptional
    extends = exceptional is not None and exceptional.extends
    names = names_of(subject, words)
    if exceptional is not None and not exceptional.chosen:
        names |= {"covered": words.gap()}
    reasons = subject.details.text("reasons")
    facts = [item for item in asked if _belongs(item, receiver)]
    other = subject.partner if receiver == US else US
    blocks: list[Block] = [
        Lines(addresses_of(subject, words, _authority(subject, receiver, words))),
        Paragraph(words.say("letter_date", day=words.day(made_on))),
        Paragraph(words.say("exception_subject", **names), strong=True),
        Paragraph(words.say("letter_greeting")),
        Paragraph(words.say("exception_request" if extends else "exception_wish", **names)),
        Heading(words.say("exception_reasons")),
        Paragraph(reasons or words.gap()),
        Heading(words.say("exception_law")),
        Answers(_columns(words), tuple(_law_rows(subject, words))),
        Heading(words.say("letter_facts")),
        answers_of(facts, words),
        Paragraph(words.say("exception_consent")),
    ]
    employed = subject.work.activity == "employment"
    if employed:
        blocks.append(Paragraph(words.say("exception_together")))
    if not extends:
        blocks.append(Paragraph(words.say("exception_both", other=words.country(other))))
    blocks += [
        Paragraph(words.say("letter_closing")),
        Lines(signature_of(subject, words)),
    ]
    if employed:
        worker = subject.details.text("full_name") or names["name"]
        signed = words.say("signature_line")
        blocks.append(Lines(("", signed, worker, words.say("role_worker"))))
    draft = reasons is None or any(item.missing for item in facts)
    draft = draft or (exceptional is not None and not exceptional.chosen)
    return Paper(
        name=name,
        title=words.say("exception_title", **names),
        language=words.language,
        blocks=tuple(blocks),
        draft=words.say("draft") if draft else None,
    )


def _cover(
    subject: Subject,
    missing: tuple[Missing, ...],
    letters: tuple[Paper, ...],
    notes: tuple[str, ...],
    made_on: date,
) -> Paper:
    words = catalogue(ENGLISH)
    exception = _provision(subject)
    wanted = words.gap()
    if subject.exceptional is not None and subject.exceptional.chosen:
        wanted = in_sentence(subject.issuer)
    first = words.day(subject.period.first)
    when = "exception_when_begun" if made_on >= subject.period.first else "exception_when"
    rows = [
        (words.say("cover_what"), words.say("exception_cover_what", wanted=wanted)),
        (words.say("cover_for"), words.span(subject.period.first, subject.period.last)),
        (words.say("exception_now"), _now(subject, words)),
        (words.say("cover_who"), exception.applicant or words.say("exception_who")),
        (words.say("cover_whom"), _authority(subject, US, words)),
        (words.say("exception_and_whom"), _authority(subject, subject.partner, words)),
        (words.say("cover_when"), words.say(when, first=first)),
    ]
    blocks: list[Block] = [
        Paragraph(words.say("exception_cover_first"), strong=True),
        Answers(_columns(words), tuple(rows)),
    ]
    if missing:
        blocks += [
            Heading(words.say("cover_missing")),
            Paragraph(words.say("cover_missing_text"), strong=True),
            Bullets(tuple(f"{item.path}: {item.label}" for item in missing)),
        ]
    blocks += [
        Heading(words.say("exception_law")),
        Answers(_columns(words), tuple(_law_rows(subject, words))),
        Heading(words.say("cover_papers")),
        Bullets(tuple(f"{item.name}: {item.title}" for item in letters)),
        Heading(words.say("cover_know")),
        Bullets(tuple(_to_know(subject, exception, notes))),
        Heading(words.say("cover_sources")),
        Bullets(_sources(subject, exception)),
    ]
    return Paper(
        name="cover",
        title=words.say("exception_cover_title", partner=in_sentence(subject.partner)),
        language=ENGLISH,
        blocks=tuple(blocks),
        draft=words.say("draft") if missing else None,
    )


def _provision(subject: Subject) -> SpecialException:
    found = load_agreement(subject.partner).special_exception
    if found is None:
        raise TypeError("an exception rests on a provision")
    return found


def _authority(subject: Subject, country: str, words: Catalogue) -> str:
    exception = _provision(subject)
    name = exception.us_authority if country == US else exception.foreign_authority
    return name or words.say("office_not_read")


def _belongs(item: Asked, receiver: str) -> bool:
    if item.key in _SAID_ELSEWHERE:
        return False
    return item.key not in _NUMBERS or (receiver == US) == (_NUMBERS[item.key] == US)


def _columns(words: Catalogue) -> tuple[str, str]:
    return words.say("column_asked"), words.say("column_answer")


def _move(subject: Subject) -> Transfer | None:
    return move_on(
        load_agreement(subject.partner),
        subject.period.first,
        employed=subject.work.activity == "employment",
        to_us=subject.work.country == US,
    )


def _law_rows(subject: Subject, words: Catalogue) -> list[tuple[str, str]]:
    """Return the provision and the limits of this agreement, in any language."""
    exception, move, period = _provision(subject), _move(subject), subject.period
    refs = "; ".join(places_of(item.ref for item in exception.cite))
    rows = [
        (words.say("exception_provision"), exception.article or words.say("article_not_read")),
        (words.say("exception_read_in"), refs),
        (words.say("exception_now"), _now(subject, words)),
    ]
    if period.rule is not None:
        cites = "; ".join(places_of(item.ref for item in period.citations))
        rule = words.say(f"rule_{period.rule.value}")
        rows.append((words.say("exception_rule"), f"{rule} ({cites})" if cites else rule))
    if move is not None and move.max_months is not None:
        months = words.say("extract_months", months=str(move.max_months))
        rows.append((words.say("exception_limit"), months))
    if move is not None and move.extension is not None and move.extension.max_months:
        months = words.say("extract_months", months=str(move.extension.max_months))
        rows.append((words.say("exception_most"), months))
    return rows


def _now(subject: Subject, words: Catalogue) -> str:
    covered = subject.period.covered_by
    if covered is None:
        return words.say("exception_unsettled")
    return " + ".join(words.country(code) for code in covered) or words.say("nobody")


def _notices() -> list[Notice]:
    return [item for item in load_requests().notices if item.when == "exception"]


def _to_know(subject: Subject, exception: SpecialException, notes: tuple[str, ...]) -> list[str]:
    texts = [item.text for item in subject.period.warnings]
    texts += [exception.note] if exception.note else []
    texts += [item.text for item in _notices()]
    return [*texts, *notes]


def _sources(subject: Subject, exception: SpecialException) -> tuple[str, ...]:
    lines = [
        f"{item.ref}: {item.url or '-'} (read {item.read_on})" for item in subject.period.citations
    ]
    move = _move(subject)
    cites = [*exception.cite, *(item for notice in _notices() for item in notice.cite)]
    if move is not None:
        cites += move.cite
        cites += [] if move.extension is None else move.extension.cite
    lines += [f"{item.ref}: {item.url or '-'} (read {item.checked_on})" for item in cites]
    return tuple(dict.fromkeys(lines))
