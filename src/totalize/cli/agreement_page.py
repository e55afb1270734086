"""Lay out agreements for a terminal, part by part, each with where it was read."""

from __future__ import annotations

from collections.abc import Sequence

from totalize.cli.layout import Page
from totalize.kernel.countries import country_name
from totalize.kernel.dates import written_day
from totalize.law.agreement_text import AgreementText, Section
from totalize.law.book import LawBook
from totalize.law.sources import Citation

_ROW = "{:<4}{:<17}{:<18}{:<20}{}"


class AgreementPages:
    """Show agreements of one law book.

    Args:
        book: the law.
    """

    def __init__(self, book: LawBook) -> None:
        self._book = book
        self._text = AgreementText(book)

    def list_all(self, page: Page) -> None:
        """Add one line for each agreement."""
        lines = self._text.lines
        columns = (lines[f"col_{name}"] for name in ("country", "since", "sent", "self"))
        page.add_row(_ROW.format("", *columns), style="heading")
        rows = self._text.rows()
        for row in rows:
            since = lines["col_not"] if row.in_force is None else written_day(row.in_force)
            page.add_row(_ROW.format(row.country, row.name, since, row.sent, row.self_employed))
        signed = sum(row.in_force is None for row in rows)
        page.add()
        page.add(lines["list"].format(count=len(rows) - signed, signed=signed), style="dim")

    def show(self, page: Page, country: str) -> None:
        """Add everything read of one agreement."""
        agreement = self._book.agreement(country)
        if agreement is None:
            page.add(self._text.none_with(country))
            return
        page.add(f"{country_name(country)} ({country})", style="heading")
        for entry in self._text.dates(agreement):
            page.add(entry.sentences[0], indent=2, hang=2)
        self._cited(page, agreement.cite, 2)
        for section in self._text.sections(agreement):
            self._section(page, section)
        page.add()
        footer = self._text.lines["footer"].format(law=self._book.version, country=country)
        page.add(footer, style="dim")

    def _section(self, page: Page, section: Section) -> None:
        page.heading(section.title, indent=2)
        for entry in section.entries:
            if entry.title is not None:
                hang = 2 if section.key == "offices" else 0
                page.add(entry.title, indent=4, hang=hang, style="bold")
            for text in entry.sentences:
                page.add_after("- ", text, indent=4, hang=2)
            self._cited(page, entry.cited, 6)

    def _cited(self, page: Page, citations: Sequence[Citation], indent: int) -> None:
        for item in citations:
            page.add(self._text.cited(item), indent=indent, hang=2, style="dim")
            if item.note:
                page.add(item.note, indent=indent + 2, style="dim")
            if item.url:
                page.add_link(item.url, indent=indent + 2)
