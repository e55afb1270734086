"""Say what still has to be filed with the US tax return."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from totalize.cli.files import read_input, write_json

if TYPE_CHECKING:
    from totalize.filing.pages import Page
    from totalize.filing.result import Filing

_AMOUNTS = {
    "income": "gross income of the year from everywhere, before any exclusion",
    "earned": "the part of it that is earned (asked for dependents only)",
    "self-employment": "net profit of all self-employment",
    "foreign-accounts": "highest total of all foreign accounts on any day",
    "foreign-assets-year-end": "foreign financial assets on 31 December",
    "foreign-assets-highest": "their highest value in the year",
}
_TRUTHS = {
    "dependent": "somebody else can claim you as a dependent",
    "blind": "you are blind (counts for dependents only)",
    "lived-with-spouse": "the spouses lived together at the end of the year",
    "spouse-itemizes": "the spouse files separately and itemizes deductions",
    "qualifies-abroad": "tax home abroad, and a whole tax year or 330 days there",
    "abroad-on-due-date": "you live and mainly work abroad on the due date",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("case", metavar="CASE", help="a case file, - for standard input")
    parser.add_argument("--tax-year", required=True, metavar="YEAR", help="the tax year")
    parser.add_argument(
        "--status",
        required=True,
        metavar="STATUS",
        help="single, head_of_household, married_joint, married_separate or "
        "qualifying_surviving_spouse",
    )
    for name, text in _AMOUNTS.items():
        parser.add_argument(f"--{name}", metavar="USD", required=name == "income", help=text)
    for name, text in _TRUTHS.items():
        parser.add_argument(f"--{name}", choices=("yes", "no"), help=text)
    parser.add_argument("--spouse-birth-date", metavar="DATE", help="asked on a joint return")
    parser.add_argument(
        "--special",
        action="append",
        metavar="ITEM",
        help="a special case that applies, or none; may be repeated",
    )
    parser.add_argument("--as-of", metavar="DATE", help="decide coverage as of this day")
    parser.add_argument(
        "--determination", metavar="FILE", help="what `totalize check --json` gave for this case"
    )
    parser.add_argument(
        "--pages", metavar="DIR", help="write the pages to print, as text and as PDF"
    )
    parser.add_argument("--name", help="your name, for the pages")
    parser.add_argument("--notice", metavar="NUMBER", help="an IRS notice to answer, like CP2000")
    parser.add_argument("--notice-date", metavar="DATE", help="the date on that notice")
    parser.add_argument("--sources", action="store_true", help="say where each source was read")
    parser.add_argument("--json", action="store_true", help="JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Assess the year, write the pages if asked, print the answer."""
    from totalize.api import filing_facts
    from totalize.filing.assess import assess_filing
    from totalize.filing.pages import pages_of
    from totalize.kernel.dates import parse_date

    facts, law = filing_facts(
        read_input(options.case),
        as_of=None if options.as_of is None else parse_date(options.as_of, "as_of"),
        determination=_read(options.determination),
        **_given(options),
    )
    result = assess_filing(facts, law)
    pages = pages_of(
        facts,
        law,
        name=options.name,
        notice=options.notice,
        notice_date=_date(options.notice_date),
    )
    if options.pages is not None:
        _write(pages, Path(options.pages))
    if options.json:
        write_json(result.to_dict())
    else:
        _print(result, [] if options.pages else pages, full_sources=options.sources)
    return 0


def _given(options: argparse.Namespace) -> dict[str, object]:
    given: dict[str, object] = {"tax_year": options.tax_year, "status": options.status}
    for name in (*_AMOUNTS, "spouse-birth-date"):
        key = name.replace("-", "_")
        given[key] = getattr(options, key)
    for name in _TRUTHS:
        key = name.replace("-", "_")
        given[key] = {"yes": True, "no": False, None: None}[getattr(options, key)]
    if options.special is not None:
        given["special_items"] = _special_items(options.special)
    return given


def _special_items(given: list[str]) -> list[str]:
    """Return the special cases; `none` says that there are none, however often.

    Raises:
        InputError: `none` stands beside one.
    """
    from totalize.kernel.errors import InputError

    others = [item for item in given if item != "none"]
    if others and len(others) < len(given):
        raise InputError(
            "--special",
            "none goes with no other special case",
            value=others[0],
            expected="none alone, or the cases alone",
            code="contradiction",
        )
    return others


def _read(name: str | None) -> Any:
    return None if name is None else read_input(name)


def _date(text: str | None) -> Any:
    from totalize.kernel.dates import parse_date

    return None if text is None else parse_date(text, "notice_date")


def _write(pages: list[Page], folder: Path) -> None:
    from totalize.filing.pages import as_text
    from totalize.filing.typeset import TypesetterMissingError, as_pdf
    from totalize.kernel.errors import InputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for page in pages:
            path = folder / f"{page.name}.txt"
            path.write_text(as_text(page), encoding="utf-8")
            print(f"written: {path}", file=sys.stderr)
        for page in pages:
            path = folder / f"{page.name}.pdf"
            path.write_bytes(as_pdf(page))
            print(f"written: {path}", file=sys.stderr)
    except TypesetterMissingError as error:
        print(f"no PDF: {error}", file=sys.stderr)
    except OSError as error:
        raise InputError(
            "pages", f"cannot write there: {error.strerror}", value=str(folder), code="unwritable"
        ) from None
    if not pages:
        print("no page to print for this case and year", file=sys.stderr)


def _print(result: Filing, pages: list[Page], *, full_sources: bool) -> None:
    from totalize.filing.text import write_filing

    print(write_filing(result, full_sources=full_sources))
    if pages:
        names = ", ".join(page.name for page in pages)
        print(f"\nPages to print with --pages DIR: {names}")
