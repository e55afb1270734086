"""Letters about a change, and claims for what was paid twice: as PDF and as text, to sign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from totalize.certificates.inspection.pack import as_zip
from totalize.certificates.pack.assembly import write_paper
from totalize.certificates.pack.documents import (
    Answers,
    Block,
    Bullets,
    Heading,
    Lines,
    Paper,
    Paragraph,
)
from totalize.contributions.results import Refund
from totalize.coverage.case import works_by_id
from totalize.kernel.countries import country_name, in_sentence
from totalize.kernel.dates import written_day
from totalize.web.follow.changes import DAY, Change, Step
from totalize.web.follow.models import Dossier
from totalize.web.follow.offices import Contact, contacts
from totalize.web.follow.wizard import Preview
from totalize.web.follow.wording import words

BLANK = "________________________"


def change_letters(dossier: Dossier, seen: Preview, made_on: datetime) -> bytes:
    """Return letters to the office that issued the certificate and to the other side, as a ZIP.

    Args:
        dossier: whose.
        seen: the change and what it does.
        made_on: the moment.
    """
    paper = seen.advice.paper
    was = seen.advice.before or seen.advice.after
    issuer = paper.issued_by if paper is not None else ""
    agreement = "" if was is None else was.agreement or ""
    host = agreement if issuer == "US" else "US"
    activity = _activity(dossier, seen)
    papers = []
    if issuer:
        told = contacts(agreement, (issuer,), activity)
        papers.append(
            _letter("to-the-issuing-office", dossier, seen, made_on, told=told, issuer=issuer)
        )
    told = contacts(agreement, (host,), activity)
    papers.append(_letter("to-the-other-side", dossier, seen, made_on, told=told, issuer=issuer))
    return _zip(papers, made_on)


def claim_letters(
    dossier: Dossier, refunds: Sequence[Refund], made_on: datetime, work: str
) -> bytes:
    """Return one draft of a claim for each system that took what it was not owed, as a ZIP."""
    systems = dict.fromkeys(item.system for item in refunds)
    papers = [
        _claim(dossier, system, [item for item in refunds if item.system == system], made_on, work)
        for system in systems
    ]
    return _zip(papers, made_on)


def _letter(
    name: str,
    dossier: Dossier,
    seen: Preview,
    made_on: datetime,
    *,
    told: Sequence[Contact],
    issuer: str,
) -> Paper:
    asked, advice = seen.asked, seen.advice
    blocks: list[Block] = [*_head(told, made_on)]
    person = dossier.person.full_name or BLANK
    change = words().changes[asked.change]
    what = "last day of the work" if asked.change is Change.EARLY_RETURN else "from"
    blocks.append(
        Paragraph(
            f"This is about the work of {person} abroad. It has changed. {change}: {what} "
            f"{written_day(asked.day)}."
        )
    )
    if advice.paper is not None:
        last = advice.paper.last
        until = "without an end" if last is None else f"to {written_day(last)}"
        blocks.append(
            Paragraph(
                f"A certificate of coverage of {in_sentence(issuer)} was issued for the work, "
                f"from {written_day(advice.paper.first)} {until}. Its number: {BLANK}"
            )
        )
    if {Step.SHORTEN, Step.GIVE_BACK} & set(advice.steps) and issuer:
        last = asked.day if asked.change is Change.EARLY_RETURN else asked.day - DAY
        wish = f"The certificate should not count after {written_day(last)}."
        if name == "to-the-issuing-office":
            wish += " Please end it on that day and send us one that says so."
        blocks.append(Paragraph(wish, strong=True))
    settled = [said for said in seen.after if said.determined]
    if settled:
        blocks.append(Paragraph("As we read the law, from the change on:"))
        blocks.append(Bullets(tuple(f"{said.headline} {said.when}" for said in settled)))
    blocks += _foot()
    return Paper(name, "Change of a work abroad", "en", tuple(blocks))


def _claim(
    dossier: Dossier, system: str, refunds: Sequence[Refund], made_on: datetime, work: str
) -> Paper:
    blocks: list[Block] = [Lines((BLANK, BLANK, "", f"Date: {written_day(made_on.date())}"))]
    person = dossier.person.full_name or BLANK
    blocks.append(
        Paragraph(
            f"Contributions were paid to {in_sentence(system)} for the work of {person} ({work}). "
            "Under the agreement on social security they were not owed. We ask for them back."
        )
    )
    blocks.append(
        Answers(
            ("Year", "Amount, reckoned from the pay; compare it with what was paid"),
            tuple((str(item.year), f"{item.amount:,.2f} {item.currency}") for item in refunds),
        )
    )
    last = [item for item in refunds if item.last_day is not None]
    if last:
        blocks.append(Heading("Last safe day of each claim"))
        rows = [(str(item.year), written_day(item.last_day)) for item in last if item.last_day]
        blocks.append(Answers(("Year", "Claim by"), tuple(rows)))
    blocks.append(Heading("What to do"))
    blocks.append(Bullets(tuple(dict.fromkeys(step for item in refunds for step in item.steps))))
    sources = tuple(dict.fromkeys(cite for item in refunds for cite in item.citations))
    if sources:
        blocks += [Heading("Sources"), Bullets(sources)]
    blocks.append(Paragraph("Enclosed: a copy of the certificate of coverage; proof of payment."))
    blocks += _foot()
    return Paper(
        f"claim-{system.lower()}",
        f"Contributions paid to {country_name(system)} that were not owed",
        "en",
        tuple(blocks),
        banner="Draft: look at every amount before you sign",
    )


def _head(told: Sequence[Contact], made_on: datetime) -> list[Block]:
    address = [line for item in told[:1] for line in (item.name, item.address) if line]
    return [Lines((*(address or [BLANK, BLANK]), "", f"Date: {written_day(made_on.date())}"))]


def _foot() -> list[Block]:
    return [Lines(("Yours faithfully,", "", BLANK, "Name, address, signature"))]


def _activity(dossier: Dossier, seen: Preview) -> str:
    work = works_by_id(dossier.case).get(seen.asked.work)
    return "employment" if work is None else str(work["activity"])


def _zip(papers: Sequence[Paper], made_on: datetime) -> bytes:
    notes: list[str] = []
    files: list[tuple[str, bytes]] = []
    for number, paper in enumerate(papers, 1):
        files += write_paper(paper, f"{number:02d}-{paper.name}", made_on, notes)
    if notes:
        files.append(("notes.txt", "\n".join([*notes, ""]).encode()))
    return as_zip(files, made_on)
