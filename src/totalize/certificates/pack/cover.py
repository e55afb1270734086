"""The cover page: who must send what to whom, and by when; what is missing; what to know first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from totalize.certificates.details import Affiliate
from totalize.certificates.draft import Subject, given
from totalize.certificates.pack.documents import (
    Answers,
    Block,
    Bullets,
    Heading,
    Missing,
    Paper,
    Paragraph,
)
from totalize.certificates.pack.facts import information, office_of
from totalize.certificates.wording import catalogue
from totalize.coverage.determination import Rule
from totalize.kernel.countries import US, in_sentence
from totalize.kernel.dates import add_months
from totalize.law.offices import Office
from totalize.law.requests import Notice, load_requests

_SHOWN_TIME = 14


@dataclass(frozen=True, slots=True)
class Deadline:
    """When to ask.

    Attributes:
        latest: last day for the certificate to arrive before the work; None when no time is known.
        earliest: first day on which the office takes requests, None when it says nothing.
        processing_days: the office's known time.
    """

    latest: date | None
    earliest: date | None
    processing_days: int | None


def deadline_of(subject: Subject) -> Deadline:
    """Count back from the first day of the work with the times that are known, and no others."""
    office = office_of(subject)
    days = None if office is None else office.processing_days
    first = subject.period.first
    months = next(
        (item.months for item in load_requests().earliest if item.issuer == subject.issuer), None
    )
    return Deadline(
        latest=None if days is None else first - timedelta(days=days + _SHOWN_TIME),
        earliest=None if months is None else add_months(first, -months),
        processing_days=days,
    )


def notices_of(subject: Subject, *, exception: bool) -> tuple[Notice, ...]:
    """Return what must be said before somebody asks, for this request."""
    affiliate = subject.details.get("affiliate_3121l")
    employer = given(subject.work.employer)
    of_affiliate = employer is not None and given(employer.affiliate_of) is not None
    covered = isinstance(affiliate, Affiliate) and affiliate.covered
    covered = covered or (employer is not None and given(employer.section_3121l) is True)
    employed = subject.work.activity == "employment"
    foreign = subject.issuer != US
    holds = {
        "always": True,
        "employment": employed and not foreign,
        "election": subject.period.rule is Rule.ELECTION,
        "affiliate_without_3121l": of_affiliate and not covered and not foreign,
        "issued_by_us": not foreign,
        "foreign_employment": foreign and employed,
        "foreign_self_employment": foreign and not employed,
        "presented_in_france": subject.need.presented_in == "FR",
        "refusal": subject.details.get("refusal") is not None,
        "exception": exception,
    }
    return tuple(item for item in load_requests().notices if holds[item.when])


def cover_page(
    subject: Subject,
    missing: tuple[Missing, ...],
    papers: tuple[Paper, ...],
    notes: tuple[str, ...],
    made_on: date,
    *,
    wish: Subject | None,
) -> Paper:
    """Put the page together; always in English, the language of whoever asks.

    Args:
        subject: what is asked for.
        missing: details that the papers still need.
        papers: what follows the page.
        notes: on the pack itself.
        made_on: the day of the pack.
        wish: the exception or extension that the pack asks for as well.
    """
    words = catalogue("en")
    exception = wish is not None
    need = subject.need
    deadline = deadline_of(subject)
    office = office_of(subject)
    rows = [
        (
            words.say("cover_what"),
            words.say(
                "cover_exemption" if subject.exemption_only else "cover_certificate",
                issuer=in_sentence(need.issued_by),
                shown=in_sentence(need.presented_in),
                form=f" ({need.form})" if need.form else "",
            ),
        ),
        (words.say("cover_for"), words.span(subject.period.first, subject.period.last)),
        (words.say("cover_who"), words.say(f"cover_asks_{need.applicant}")),
        (words.say("cover_whom"), need.office or words.say("office_not_read")),
        (
            words.say("cover_how"),
            ", ".join(words.say(f"way_{item}") for item in need.how) or words.say("way_unknown"),
        ),
        (words.say("cover_when"), _when(subject, deadline, made_on)),
    ]
    if office is not None and office.website:
        rows.append((words.say("cover_where"), office.website))
    if wish is not None:
        rows.append((words.say("cover_exception"), _exception(wish, subject)))
    blocks: list[Block] = [
        Answers((words.say("column_asked"), words.say("column_answer")), tuple(rows))
    ]
    if missing:
        blocks += [
            Heading(words.say("cover_missing")),
            Paragraph(words.say("cover_missing_text"), strong=True),
            Bullets(tuple(f"{item.path}: {item.label}" for item in missing)),
        ]
    blocks += [
        Heading(words.say("cover_papers")),
        Bullets(tuple(f"{item.name}: {item.title}" for item in papers)),
        Heading(words.say("cover_know")),
        Bullets(
            (
                *(item.text for item in subject.period.warnings),
                *(item.text for item in notices_of(subject, exception=exception)),
                *([office.note] if office is not None and office.note else []),
                *notes,
            )
        ),
        Heading(words.say("cover_sources")),
        Bullets(_sources(subject, office, exception=exception)),
    ]
    return Paper(
        name="cover",
        title=words.say("cover_title", country=in_sentence(need.issued_by)),
        language="en",
        blocks=tuple(blocks),
        draft=words.say("draft") if missing else None,
    )


def _exception(wish: Subject, subject: Subject) -> str:
    words = catalogue("en")
    extends = wish.exceptional is not None and wish.exceptional.extends
    return words.say(
        "cover_extension" if extends else "cover_instead",
        wanted=in_sentence(wish.issuer),
        covered=in_sentence(subject.covered_by),
        span=words.span(wish.period.first, wish.period.last),
        first=words.day(wish.period.first),
    )


def _when(subject: Subject, deadline: Deadline, made_on: date) -> str:
    words = catalogue("en")
    first = subject.period.first
    parts = []
    if made_on >= first:
        parts.append(words.say("when_begun", first=words.day(first)))
    elif deadline.latest is None:
        parts.append(words.say("when_unknown", first=words.day(first)))
    else:
        key = "when_latest" if made_on <= deadline.latest else "when_late"
        parts.append(
            words.say(
                key,
                latest=words.day(deadline.latest),
                first=words.day(first),
                days=str(deadline.processing_days),
                shown=str(_SHOWN_TIME),
            )
        )
    if deadline.earliest is not None and made_on < deadline.earliest:
        parts.append(words.say("when_earliest", earliest=words.day(deadline.earliest)))
    return " ".join(parts)


def _sources(subject: Subject, office: Office | None, *, exception: bool) -> tuple[str, ...]:
    listed = information(subject)
    lines = [
        f"{item.ref}: {item.url or '-'} (read {item.read_on})" for item in subject.period.citations
    ]
    cites = [*listed.cite, *(office.cite if office is not None else [])]
    for notice in notices_of(subject, exception=exception):
        cites += notice.cite
    lines += [f"{item.ref}: {item.url or '-'} (read {item.checked_on})" for item in cites]
    if not listed.complete:
        lines.append(catalogue("en").say("list_incomplete", note=listed.note or ""))
    return tuple(dict.fromkeys(lines))
