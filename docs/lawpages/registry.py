"""The coverage registry: what is modelled for which agreement, and how sure each block is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from totalize.kernel.countries import country_name
from totalize.kernel.reading import parse_trusted
from totalize.law import contributions
from totalize.law.agreements import Agreement, Transfer, Version
from totalize.law.benefits import load_foreign_side
from totalize.law.book import LawBook
from totalize.law.offices import Offices
from totalize.law.sources import Citation, Sure

from . import markdown
from .pages import page_name
from .words import Words

Lines = list[str]
NO_RULE = "no rule"


def registry_page(book: LawBook, words: Words, cases: Path) -> str:
    """Return the registry as Markdown.

    Args:
        book: the law.
        words: the catalogue.
        cases: folder of the law cases, one folder a country; counted as what verifies the data.
    """
    countries = sorted(book.countries())
    agreements = [item for code in countries if (item := book.agreement(code)) is not None]
    agreements.sort(key=lambda item: item.name)
    lines = markdown.heading(1, "What is modelled, and how sure it is")
    lines += markdown.paragraph(
        "A row an agreement, a column a block of its law. A cell says how good the best source of "
        "the newest version is. The page of each country has the sources with dates. "
        f"Law data `{book.version}`."
    )
    lines += markdown.table(
        ["Word", "What it means"],
        [
            *(
                [words.sure(sure, short=True), words.say("sure_meaning", sure.value)]
                for sure in Sure
            ),
            [NO_RULE, "The agreement, as read, has no such rule."],
        ],
    )
    lines += markdown.heading(2, "Who is covered where")
    lines += _wide(
        ["Agreement", "Place of work", "Sent", "Self-employed", "Moved business", "Ships",
         "Aircraft", "Government", "Nationality"],
        [[_name(item), *_coverage(item, words)] for item in agreements],
    )  # fmt: skip
    lines += markdown.heading(2, "Points inside the rules")
    lines += markdown.paragraph(
        "A rule may be known while one point of it is not. Such a point leaves only those cases "
        "unsettled that turn on it."
    )
    lines += _wide(
        ["Agreement", "By a third country", "Affiliates from the US", "Repeated stays",
         "Self-employed in both countries", "Classed differently", "Other open conditions"],
        [[_name(item), *_points(item)] for item in agreements],
    )  # fmt: skip
    lines += markdown.heading(2, "Papers, money and benefits")
    lines += markdown.paragraph(
        "Law cases are files of facts with the answer that the source gives; the tests decide "
        "every one of them."
    )
    lines += _wide(
        ["Agreement", "What is lifted", "Office, US", "Office, other side", "Request list",
         "Exceptions", "Combined years", "Contribution rows", "Law cases", "Checked"],
        [[_name(item), *_papers(book, item, words, cases)] for item in agreements],
    )  # fmt: skip
    lines += _without_agreement(countries, words)
    return "\n".join(lines)


def _wide(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Lines:
    return ["{.wide}", *markdown.table(head, rows)]


def _name(agreement: Agreement) -> str:
    name = f"[{markdown.escape(agreement.name)}]({page_name(agreement.country)}.md)"
    return name if agreement.status == "in_force" else f"{name} (signed)"


def _coverage(agreement: Agreement, words: Words) -> list[str]:
    coverage = agreement.coverage
    sent, moved = coverage.detached_worker, coverage.self_employed_transfer
    return [
        _block(coverage.territorial, words),
        NO_RULE if sent is None else _directions(sent.us_to_foreign, sent.foreign_to_us, words),
        "sources disagree"
        if coverage.self_employed[-1].rule == "conflict"
        else _block(coverage.self_employed, words),
        NO_RULE if moved is None else _directions(moved.us_to_foreign, moved.foreign_to_us, words),
        _block(coverage.seafarer, words),
        _block(coverage.aircrew, words),
        _government(agreement, words),
        _block(coverage.nationality, words) if coverage.nationality else NO_RULE,
    ]


def _block(versions: Sequence[Version], words: Words) -> str:
    return words.sure(versions[-1].sure, short=True)


def _directions(out: Sequence[Version], back: Sequence[Version], words: Words) -> str:
    there, here = out[-1].sure, back[-1].sure
    if there is here:
        return words.sure(there, short=True)
    return (
        f"to the country {words.sure(there, short=True)}, to the US {words.sure(here, short=True)}"
    )


def _government(agreement: Agreement, words: Words) -> str:
    newest = agreement.coverage.government[-1]
    unread = [side for side in ("us", "foreign") if getattr(newest, side) == "unread"]
    if len(unread) == 1:
        other = "US staff" if unread == ["us"] else "the other side's staff"
        return f"{words.sure(newest.sure, short=True)}; {other} not read"
    return words.sure(newest.sure, short=True)


def _points(agreement: Agreement) -> list[str]:
    coverage = agreement.coverage
    newest = coverage.self_employed[-1]
    both = {"unread": "not read"}.get(newest.in_both_countries, "known")
    if newest.rule == "residence":
        both = "residence decides"
    return [
        *_points_of_sent(agreement),
        both,
        {"unread": "not read"}.get(newest.classed_differently, "known"),
        _open_conditions(agreement),
    ]


def _points_of_sent(agreement: Agreement) -> list[str]:
    sent = agreement.coverage.detached_worker
    if sent is None:
        return [NO_RULE] * 3
    out = sent.us_to_foreign[-1]
    return [
        {"unread": "not read", "insured_at_home_else_unread": "read in part"}.get(
            out.third_country, "known"
        ),
        "not read" if out.affiliate == "unread" else "known",
        "not read" if out.repeat is None else "known",
    ]


def _open_conditions(agreement: Agreement) -> str:
    names: list[str] = []
    for directions in (
        agreement.coverage.detached_worker,
        agreement.coverage.self_employed_transfer,
    ):
        if directions is not None:
            newest: list[Transfer] = [directions.us_to_foreign[-1], directions.foreign_to_us[-1]]
            for version in newest:
                names += version.unread_conditions
                if version.measured == "unread":
                    names.append("plan or real length")
    return ", ".join(dict.fromkeys(name.replace("_", " ") for name in names)) or "none"


def _papers(book: LawBook, agreement: Agreement, words: Words, cases: Path) -> list[str]:
    offices = book.offices(agreement.country)
    cells = [
        words.sure(_best(agreement.scope[-1].cite), short=True) if agreement.scope else "not read"
    ]
    if offices is None:
        cells += ["not read"] * 3
    else:
        for side in ("us", "foreign"):
            cites = [cite for item in offices.offices if item.issues == side for cite in item.cite]
            cells.append(words.sure(_best(cites), short=True))
        required = offices.required_information
        state = "" if required.complete else ", may be incomplete"
        cells.append(f"{words.sure(_best(required.cite), short=True)}{state}")
    exception = agreement.special_exception
    cells.append("not read" if exception is None else words.sure(_best(exception.cite), short=True))
    return [
        *cells,
        _combined(agreement, words),
        _contributions(agreement.country),
        str(_count_cases(cases / agreement.country.lower())),
        _checked(agreement, offices),
    ]


def _combined(agreement: Agreement, words: Words) -> str:
    side = load_foreign_side(agreement.country)
    if side is None or not side.in_force or side.conversion is None:
        return "not in force"
    text = words.sure(side.conversion.cite.sure, short=True)
    return text if side.conversion.confirmed else f"{text}, common rule stands in"


def _contributions(country: str) -> str:
    if country not in contributions.countries():
        return "none"
    data = contributions.load_country(country)
    return f"{len(data.schemes)}, known until {data.known_until.year}"


def _best(cites: Sequence[Citation]) -> Sure:
    order = list(Sure)
    return min((cite.sure for cite in cites), key=order.index, default=Sure.UNREAD)


def _all_cites(value: object) -> Iterator[Citation]:
    """Yield every source inside a record of the law."""
    if isinstance(value, Citation):
        yield value
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _all_cites(getattr(value, field))
    elif isinstance(value, list):
        for item in value:
            yield from _all_cites(item)


def _checked(agreement: Agreement, offices: Offices | None) -> str:
    """Return the day of the oldest check, and of the newest where that is another."""
    days = [cite.checked_on for cite in (*_all_cites(agreement), *_all_cites(offices))]
    first, last = min(days), max(days)
    return f"[{first}]{{.day}}" if first == last else f"[{first}]{{.day}} to [{last}]{{.day}}"


def _count_cases(folder: Path) -> int:
    return sum(
        len(parse_trusted(path.read_text(encoding="utf-8"))) for path in folder.glob("*.yaml")
    )


def _without_agreement(countries: Sequence[str], words: Words) -> Lines:
    others = [code for code in contributions.countries() if code not in countries]
    lines = markdown.heading(2, "Countries without an agreement")
    lines += markdown.paragraph(
        "Every other country is decided as one without an agreement. For these the contributions "
        "are known as well:"
    )
    return lines + markdown.table(
        ["Country", "Contribution rows", "Best source"],
        [
            [
                markdown.escape(country_name(code)),
                _contributions(code),
                words.sure(
                    _best(list(contributions.load_country(code).sources.values())), short=True
                ),
            ]
            for code in sorted(others, key=country_name)
        ],
    )
