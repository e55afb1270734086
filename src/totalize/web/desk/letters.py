"""The letter of a refusal: what was decided, why, and how it is contested; signed, if it can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from totalize.certificates.pack.assembly import set_paper
from totalize.certificates.pack.documents import (
    Answers,
    Block,
    Heading,
    Lines,
    Paper,
    Paragraph,
)
from totalize.certificates.signing import sign_pdf
from totalize.kernel.countries import country_name
from totalize.kernel.dates import written_day
from totalize.law.sources import places_of
from totalize.web.applications.models import Application, Decision
from totalize.web.certificates.office import Office
from totalize.web.desk import case_text

TITLE = "Decision on your request for a certificate of coverage"


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """A letter, ready to be kept."""

    pdf: bytes
    signed: bool


def make_refusal(
    application: Application, decision: Decision, office: Office, moment: datetime
) -> MadeLetter:
    """Set the letter of a refusal and sign it with the office's key.

    Args:
        application: the request.
        decision: the refusal, with its reasons.
        office: who refuses; it must say how that is contested.
        moment: when the letter is made.
    """
    pdf = set_paper(refusal_paper(application, decision, office, moment), moment)
    key = office.setting.key
    if key is None:
        return MadeLetter(pdf, signed=False)
    signed = sign_pdf(pdf, key, moment, TITLE, time_service=office.setting.time_service)
    return MadeLetter(signed, signed=True)


def refusal_paper(
    application: Application, decision: Decision, office: Office, moment: datetime
) -> Paper:
    """Return the letter in its words."""
    today = timezone.localdate(moment)
    sender = office.setting.office
    person = application.person
    head = [] if sender is None else [sender.name, *(sender.address or "").split(", ")]
    blocks: list[Block] = [
        Lines(tuple(line for line in (*head, "", _name(application)) if line is not None)),
        Paragraph(written_day(today)),
        Paragraph("We have refused your request.", strong=True),
        Answers(("Fact", "Your request"), _rows(application)),
        Heading("Why"),
    ]
    blocks += [Paragraph(part) for part in _paragraphs(decision.reason)]
    said = tuple(
        (answer.when.rstrip("."), _with_sources(answer))
        for answer in case_text.answers(application)
    )
    if said:
        blocks += [
            Heading("What the rules say on the facts you gave"),
            Answers(("Time", "Answer"), said),
        ]
    blocks += [Heading("If you think this is wrong"), *_contest(office, today)]
    blocks.append(
        Paragraph(
            "This letter was decided by two people. "
            "It does not stop you from asking again when the facts change."
        )
    )
    name = "" if person is None else person.full_name
    return Paper(name=f"refusal {name}".strip(), title=TITLE, language="en", blocks=tuple(blocks))


def _contest(office: Office, today: date) -> list[Block]:
    contest = office.contest
    if contest is None:
        raise TypeError("a refusal is proposed only where the office says how it is contested")
    blocks: list[Block] = [Paragraph(contest.words)]
    if contest.within_days is not None:
        last = written_day(today + timedelta(days=contest.within_days))
        blocks.append(
            Paragraph(
                f"You have {contest.within_days} days from the day of this letter, "
                f"to the end of {last}."
            )
        )
    if contest.ground:
        blocks.append(Paragraph(f"This right is given by {contest.ground}."))
    return blocks


def _rows(application: Application) -> tuple[tuple[str, str], ...]:
    sent = "" if application.submitted_at is None else written_day(application.submitted_at.date())
    rows = [
        ("Number of the request", str(application.id)),
        ("Sent on", sent),
        ("For", _name(application)),
        ("Agreement with", country_name(application.partner) if application.partner else ""),
    ]
    if application.first_day is not None:
        last = application.last_day
        until = "an open end" if last is None else written_day(last)
        rows.append(("Time", f"{written_day(application.first_day)} to {until}"))
    return tuple((label, value) for label, value in rows if value)


def _with_sources(answer: case_text.Answer) -> str:
    sources = "; ".join(places_of(cited.ref for cited in answer.period.citations))
    return f"{answer.headline} {sources}".strip()


def _name(application: Application) -> str:
    return "" if application.person is None else application.person.full_name


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
