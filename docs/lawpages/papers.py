"""What an agreement is about beside coverage: dates, scope, offices, requests, practice."""

from __future__ import annotations

from datetime import date

from totalize.law.agreements import Agreement, Note
from totalize.law.benefits import ForeignSide
from totalize.law.offices import Item, Office, Offices
from totalize.law.sources import Citation

from . import markdown
from .provisions import time_of
from .words import Words, capital, sides

Lines = list[str]


def dates(agreement: Agreement, words: Words) -> Lines:
    """Return when the agreement was signed and entered into force, and where it stands."""
    rows = [
        ["State", words.say("status", agreement.status)],
        ["Signed", _day(agreement.signed)],
        ["In force since", _day(agreement.in_force)],
    ]
    if agreement.territory:
        rows.append(["Territory", markdown.escape(agreement.territory)])
    if agreement.text_url:
        rows.append(["Text", markdown.link("the agreement", agreement.text_url)])
    lines = markdown.table(["Agreement", markdown.escape(agreement.name)], rows)
    return lines + words.sources(agreement.cite)


def amendments(agreement: Agreement, words: Words) -> Lines:
    """Return what changed the agreement, and when."""
    if not agreement.amendments:
        return []
    lines = markdown.heading(2, "What changed the agreement")
    for amendment in agreement.amendments:
        signed, in_force = _day(amendment.signed), _day(amendment.in_force)
        lines += markdown.paragraph(
            f"**Signed {signed or 'on a day that was not read'}, "
            f"in force {f'since {in_force}' if in_force else 'since a day that was not read'}.** "
            f"{markdown.escape(amendment.what)}"
        )
        lines += words.sources(amendment.cite)
    return lines


def _day(value: date | None) -> str:
    return markdown.day(value) if value is not None else ""


def scope(agreement: Agreement, words: Words) -> Lines:
    """Return which contributions a certificate lifts, by version."""
    out, _ = sides(agreement.country)
    lines = markdown.heading(2, "What a certificate lifts")
    if not agreement.scope:
        return lines + markdown.paragraph("This was not read.")
    for version in reversed(agreement.scope):
        lines += markdown.paragraph(f"**{time_of(version)}**")
        lines += markdown.bullets(
            [
                f"In the United States: {_programs(version.us, words)}.",
                f"In {out['partner']}: {_programs(version.foreign_covered, words)}.",
                f"Still due in {out['partner']}: {_still_due(version.foreign_not_covered, words)}",
                *([markdown.escape(version.note)] if version.note else []),
            ]
        )
        lines += words.sources(version.cite)
    return lines


def _programs(codes: list[str], words: Words) -> str:
    return ", ".join(words.program(code) for code in codes) or "nothing"


def _still_due(codes: list[str] | None, words: Words) -> str:
    return "this was not read." if codes is None else f"{_programs(codes, words)}."


def offices(data: Offices, words: Words) -> Lines:
    """Return who issues certificates, on which form, and what a request must say."""
    out, _ = sides(data.country)
    lines = markdown.heading(2, "Who issues certificates")
    for side, title in (
        ("us", "Certificates of US coverage"),
        ("foreign", f"Certificates of coverage in {out['partner']}"),
    ):
        lines += markdown.heading(3, title)
        for office in data.offices:
            if office.issues == side:
                lines += _office(office, words)
    lines += markdown.heading(2, "What a request must say")
    required = data.required_information
    if not required.complete:
        lines += markdown.paragraph("This list is not known to be complete.")
    if required.note:
        lines += markdown.paragraph(markdown.escape(required.note))
    lines += markdown.table(
        ["Item", "Certificate of", "Asked from"],
        [_item(item, out["partner"], words) for item in required.items],
    )
    lines += words.sources(required.cite)
    if data.retroactive:
        lines += markdown.heading(2, "Certificates for the past")
        lines += markdown.paragraph(markdown.escape(data.retroactive))
    return lines


def _office(office: Office, words: Words) -> Lines:
    kinds = ", ".join(words.say("kinds", kind) for kind in office.kinds)
    rows = [f"**{markdown.escape(office.name)}**", f"For {kinds}."]
    if office.regions:
        rows.append(f"Only for {', '.join(office.regions)}.")
    if office.scheme:
        rows.append(f"Only for the scheme: {markdown.escape(office.scheme)}.")
    if office.address:
        rows.append(markdown.escape(office.address))
    if office.website:
        rows.append(markdown.link(office.website, office.website))
    rows.append(f"Form: {markdown.escape(office.form) if office.form else 'none was found'}.")
    if office.how:
        rows.append(f"{capital(', '.join(words.say('how', way) for way in office.how))}.")
    rows.append(f"Who asks: {words.say('applicant', office.applicant)}.")
    if office.processing_days is not None:
        rows.append(f"An answer takes about {office.processing_days} days.")
    if office.note:
        rows.append(markdown.escape(office.note))
    lines = [f"* {rows[0]}", *(f"  * {row}" for row in rows[1:]), ""]
    return lines + words.sources(office.cite)


def _item(item: Item, partner: str, words: Words) -> list[str]:
    issues = {"us": "the United States", "foreign": partner}
    asked = ", ".join(words.say("kinds", kind) for kind in item.kinds) or "everybody"
    when = words.say("item_when", item.when)
    label = markdown.escape(item.label)
    if item.statement:
        label += " (a statement)"
    return [
        label,
        " or ".join(issues[side] for side in item.issues),
        f"{asked}, {when}" if when else asked,
    ]


def special_exception(agreement: Agreement, words: Words) -> Lines:
    """Return how both authorities may agree on something else."""
    found = agreement.special_exception
    lines = markdown.heading(2, "Exceptions that both authorities agree on")
    if found is None:
        return lines + markdown.paragraph("Nothing was read about exceptions.")
    rows: list[tuple[str, str | None]] = [
        ("Provision", found.article),
        ("Who asks, and how", found.applicant),
        ("Authority in the United States", found.us_authority),
        ("Authority in the other country", found.foreign_authority),
        ("Note", found.note),
    ]
    lines += markdown.table(
        ["Point", "What was read"],
        [[title, markdown.escape(text) if text else "not read"] for title, text in rows],
    )
    return lines + words.sources(found.cite)


def notes(agreement: Agreement, words: Words) -> Lines:
    """Return what offices do and what the other side takes; it never decides a case."""
    lines: Lines = []
    for title, said, found in (
        ("What offices do", "Practice of offices", agreement.practice),
        ("What the other side accepts", "What the other side takes", agreement.acceptance),
    ):
        if found:
            lines += markdown.heading(2, title)
            lines += markdown.paragraph(
                f"{said} is not law. It is shown as a warning and never changes an answer."
            )
            for note in found:
                lines += _note(note, agreement.country, words)
    return lines


def _note(note: Note, country: str, words: Words) -> Lines:
    concerns = words.say("trigger", note.when)
    if note.way is not None:
        out, _ = sides(country)
        concerns += f", {words.say('way', note.way, partner=out['partner'])}"
    lines = markdown.paragraph(f"**{capital(concerns)}.** {markdown.escape(note.text)}")
    return lines + words.sources(note.cite)


def totalization(side: ForeignSide, words: Words) -> Lines:
    """Return how the years of both countries are put together for a benefit."""
    lines = markdown.heading(2, "Years of both countries together")
    if not side.in_force:
        return lines + markdown.paragraph("Not in force: nothing is put together yet.")
    kinds = ", ".join(markdown.escape(kind) for kind in side.benefits)
    lines += markdown.paragraph(f"For benefits of these kinds: {kinds}.")
    rows: list[list[str]] = []
    if side.us_minimum_quarters is not None:
        rows.append(
            ["US quarters needed before foreign ones count", str(side.us_minimum_quarters), ""]
        )
    if side.conversion is not None:
        rule = side.conversion
        unit = words.say("unit", rule.unit.value)
        text = (
            f"{rule.per_quarter} {unit} give {_quarters(rule.quarters_each)}, counted "
            f"{words.say('basis', rule.basis.value)}, put "
            f"{words.say('placement', rule.placement.value)}; a remainder "
            f"{'gives one more' if rule.remainder_counts else 'is lost'}."
        )
        if not rule.confirmed:
            text += " The agreement's own rule was not read; the common one stands in."
        if rule.not_counted:
            text += f" Not counted: {'; '.join(markdown.escape(x) for x in rule.not_counted)}."
        rows.append(["From foreign coverage to US quarters", text, _source(rule.cite, words)])
    if side.own_minimum is not None:
        found = side.own_minimum
        rows.append(
            [
                "What the other side asks first",
                markdown.escape(found.text),
                _source(found.cite, words),
            ]
        )
    if side.from_quarters is not None:
        quarters = side.from_quarters
        rows.append(
            [
                "How the other side counts US quarters",
                markdown.escape(quarters.text),
                _source(quarters.cite, words),
            ]
        )
    if side.claim is not None:
        claim = side.claim
        text = markdown.escape(claim.at)
        if claim.form:
            text += f", form {markdown.escape(claim.form)}"
        rows.append(["Where to claim", text, _source(claim.cite, words)])
    lines += markdown.table(["Point", "What was read", "Source"], rows)
    return lines + words.sources([side.cite])


def _quarters(number: int) -> str:
    return "one quarter" if number == 1 else f"{number} quarters"


def _source(cite: Citation, words: Words) -> str:
    return f"{markdown.link(cite.ref, cite.url)}, {words.sure(cite.sure)}"


def uncertain(agreement: Agreement, data: Offices | None) -> Lines:
    """Return what stays doubtful."""
    points = [*agreement.uncertain, *(data.uncertain if data is not None else [])]
    if not points:
        return []
    return markdown.heading(2, "What is not certain") + markdown.bullets(
        markdown.escape(point) for point in points
    )
