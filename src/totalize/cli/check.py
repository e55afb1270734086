"""Say which system covers the work of a case, why, and what proves it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from totalize.cli.files import read_input, write_json
from totalize.kernel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


# Each fact turned round decides the whole case again; a long history would take a while.
_FEW_WORKS = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("case", metavar="CASE", help="a case file, - for standard input")
    parser.add_argument("--as-of", metavar="DATE", help="decide as of this day; today")
    parser.add_argument("--json", action="store_true", help="JSON and nothing else")
    parser.add_argument("--full", action="store_true", help="every test, not only the decisive")
    parser.add_argument(
        "--what-if",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="the answer before and after a change, like work[0].expected_end=2031-06-30; "
        "nothing after = leaves the fact out; may be repeated",
    )


def run(options: argparse.Namespace) -> int:
    """Decide the case and print the answer."""
    from totalize import api
    from totalize.kernel.dates import parse_date

    as_of = None if options.as_of is None else parse_date(options.as_of, "as_of")
    changes = read_changes(options.what_if)
    document = read_input(options.case)
    if changes:
        compared = api.what_if(document, changes, as_of)
        if options.json:
            write_json(compared.to_dict())
            return 0
    else:
        decided = api.check(document, as_of, full=options.full)
        if options.json:
            write_json(decided.to_dict())
            return 0
    from totalize.cli.answer import speaker
    from totalize.cli.layout import page_for_output
    from totalize.coverage.door import read_case

    page = page_for_output()
    if changes:
        speaker().what_if(page, compared)
    else:
        few = len(decided.results) <= _FEW_WORKS
        nearby = api.nearby(document, decided) if few else {}
        speaker().determination(page, read_case(document), decided, nearby)
    print(page)
    return 0


def read_changes(texts: list[str]) -> Mapping[str, object]:
    """Read changes written PATH=VALUE; a value as in a case file, nothing for a fact left out.

    Raises:
        InputError: a change is not written so, or is given twice.
    """
    if not texts:
        return {}
    from msgspec import UNSET

    from totalize.kernel.reading import read_document

    changes: dict[str, object] = {}
    for text in texts:
        path, found, written = text.partition("=")
        path = path.strip()
        if not (path and found):
            raise InputError(
                "what_if",
                "is not a change",
                value=text,
                expected="PATH=VALUE, like work[0].expected_end=2031-06-30",
                code="bad_change",
            )
        if path in changes:
            raise InputError(path, "is changed twice", code="repeated_key")
        if not written.strip():
            changes[path] = UNSET
            continue
        # As the value of a key, so that [US, DE] is read as YAML and not taken for JSON.
        document = read_document(f"value: {written}", f"the value of {path}")
        changes[path] = document["value"]
    return changes
