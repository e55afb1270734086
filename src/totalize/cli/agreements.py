"""Show the agreements as read: what holds since when, where it was read, and how sure it is."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from totalize.cli.files import write_json

if TYPE_CHECKING:
    from totalize.law.book import LawBook


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "country", nargs="?", metavar="COUNTRY", help="code or name; left out: list all"
    )
    parser.add_argument("--json", action="store_true", help="JSON and nothing else")


def run(options: argparse.Namespace) -> int:
    """Print one agreement, or the list of all."""
    from totalize import api
    from totalize.kernel.countries import find_country

    book = api.law()
    country = None if options.country is None else find_country(options.country, "country")
    if options.json:
        write_json(_plain_list(book) if country is None else _plain(book, country))
        return 0
    from totalize.cli.agreement_page import AgreementPages
    from totalize.cli.layout import page_for_output

    page = page_for_output()
    pages = AgreementPages(book)
    if country is None:
        pages.list_all(page)
    else:
        pages.show(page, country)
    print(page)
    return 0


def _plain(book: LawBook, country: str) -> dict[str, object]:
    import msgspec

    return {
        "contract": 1,
        "law": book.version,
        "country": country,
        "agreement": msgspec.to_builtins(book.agreement(country)),
        "offices": msgspec.to_builtins(book.offices(country)),
    }


def _plain_list(book: LawBook) -> dict[str, object]:
    found = []
    for country in sorted(book.countries()):
        agreement = book.agreement(country)
        if agreement is not None:
            found.append(
                {
                    "country": country,
                    "name": agreement.name,
                    "status": agreement.status,
                    "signed": None if agreement.signed is None else str(agreement.signed),
                    "in_force": None if agreement.in_force is None else str(agreement.in_force),
                }
            )
    return {"contract": 1, "law": book.version, "agreements": found}
