"""Put the pages together: one an agreement, US law, and the list of all."""

from __future__ import annotations

from totalize.kernel.countries import country_name
from totalize.law.agreements import Agreement
from totalize.law.benefits import load_foreign_side
from totalize.law.book import LawBook
from totalize.law.offices import Offices
from totalize.law.us import UsCoverage

from . import markdown, papers
from .provisions import at_a_glance, coverage_sections
from .words import Words, capital

Lines = list[str]


def page_name(country: str) -> str:
    """Return the file name of a country's page, without its ending."""
    return country_name(country).lower().replace(" ", "-")


def title_of(agreement: Agreement) -> str:
    """Return the title of an agreement's page."""
    return capital(agreement.name)


def agreement_page(agreement: Agreement, offices: Offices | None, words: Words, law: str) -> str:
    """Return the page of one agreement as Markdown.

    Args:
        agreement: the agreement.
        offices: who issues certificates under it.
        words: the catalogue.
        law: digest of the law data.
    """
    lines = markdown.heading(1, title_of(agreement))
    if agreement.status == "signed":
        lines += [
            ":::{warning}",
            words.sentence("signed_only"),
            ":::",
            "",
        ]
    lines += papers.dates(agreement, words)
    lines += markdown.heading(2, "Who is covered where, at a glance")
    lines += markdown.paragraph(
        "The system that covers the work, by the newest rules. Conditions, older rules and sources "
        "are below. The rules matter where both systems would claim contributions."
    )
    lines += at_a_glance(agreement, words)
    lines += coverage_sections(agreement, words)
    lines += papers.amendments(agreement, words)
    lines += papers.scope(agreement, words)
    if offices is not None:
        lines += papers.offices(offices, words)
    lines += papers.special_exception(agreement, words)
    lines += papers.notes(agreement, words)
    side = load_foreign_side(agreement.country)
    if side is not None:
        lines += papers.totalization(side, words)
    lines += papers.uncertain(agreement, offices)
    lines += _footer(law)
    return "\n".join(lines)


def _footer(law: str) -> Lines:
    return [
        "---",
        "",
        f"Generated from the law data `{law}`, the same data that decides cases.",
        "",
    ]


def us_page(us: UsCoverage, territories: dict[str, str], words: Words, law: str) -> str:
    """Return the page of US domestic law."""
    lines = markdown.heading(1, "US law without an agreement")
    lines += markdown.paragraph(
        "An agreement matters only where both systems would claim contributions. These are the "
        "tests of US law, and what is presumed of the other country's."
    )
    for provision in us.provisions.values():
        lines += markdown.paragraph(markdown.escape(provision.what))
        lines += words.sources(provision.cite)
    lines += markdown.heading(2, "Places that belong to a country")
    lines += markdown.paragraph(
        "These places have a country code of their own. For social security they count as part of "
        "the country beside them."
    )
    lines += markdown.table(
        ["Place", "Counts as"],
        [
            [markdown.escape(country_name(code)), markdown.escape(country_name(country))]
            for code, country in territories.items()
        ],
    )
    lines += markdown.heading(2, "Not in the data")
    lines += markdown.bullets(markdown.escape(text) for text in us.not_modelled)
    return "\n".join([*lines, *_footer(law)])


def index_page(book: LawBook, words: Words) -> str:
    """Return the list of all law pages."""
    agreements = [found for code in book.countries() if (found := book.agreement(code)) is not None]
    agreements.sort(key=lambda item: item.name)
    lines = markdown.heading(1, "The law")
    lines += markdown.paragraph(
        "A page an agreement, written by the build from the data that decides cases. "
        "[What is modelled, and how sure it is](registry.md), is one table for all."
    )
    rows = []
    for agreement in agreements:
        version = agreement.coverage.detached_worker
        sent = (
            words.duration(version.us_to_foreign[-1].max_months)
            if version is not None and version.us_to_foreign[-1].max_months is not None
            else "no limit in months"
            if agreement.coverage.nationality
            else "not read"
        )
        in_force = markdown.day(agreement.in_force) if agreement.in_force else "not in force"
        rows.append(
            [
                f"[{markdown.escape(title_of(agreement))}]({page_name(agreement.country)}.md)",
                in_force,
                sent,
                str(sum(1 for _ in agreement.amendments)),
            ]
        )
    lines += markdown.table(
        ["Agreement with", "In force since", "Employee sent from the US, at most", "Amendments"],
        rows,
    )
    lines += ["```{toctree}", ":hidden:", "", "registry", "us"]
    lines += [page_name(agreement.country) for agreement in agreements]
    return "\n".join([*lines, "```", "", *_footer(book.version)])
