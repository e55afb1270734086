"""What the commands that make documents have in common."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from totalize.cli.files import read_input
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError

if TYPE_CHECKING:
    from totalize.certificates.draft import Subject
    from totalize.coverage.determination import WorkResult


def add_case(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name a work of a case."""
    parser.add_argument("case", metavar="CASE", help="case file, or - for standard input")
    parser.add_argument("--work", metavar="ID", help="the work; may be left out if there is one")
    parser.add_argument(
        "--details", metavar="FILE", help="names, addresses and numbers for the document"
    )
    parser.add_argument("--as-of", metavar="DATE", help="day of the decision, default today")
    parser.add_argument(
        "--on", metavar="DATE", help="a day in the period meant, if a work has several"
    )


def as_of(options: argparse.Namespace) -> date:
    """Return the day of the decision."""
    return parse_date(options.as_of, "--as-of") if options.as_of else datetime.now(UTC).date()


def subject_of(options: argparse.Namespace) -> Subject:
    """Decide the case and find the work that a document is for.

    Raises:
        InputError: a file can't be used, or the work needs no certificate.
    """
    return decided(options)[0]


def decided(options: argparse.Namespace, *, exceptions: bool = False) -> tuple[Subject, WorkResult]:
    """Decide the case; return what a document is for, and the whole answer for the work.

    Args:
        options: as `add_case` declares them.
        exceptions: where the rules give no certificate, an exception will do.

    Raises:
        InputError: a file can't be used, or the work needs no certificate.
    """
    from totalize import api
    from totalize.certificates import draft
    from totalize.certificates.details import NO_DETAILS, read_details
    from totalize.certificates.exceptions import choose_for_request
    from totalize.coverage.door import read_case

    case = read_case(read_input(options.case))
    work = options.work
    if work is None:
        if len(case.work) > 1:
            ids = ", ".join(case.work_id(position) for position in range(len(case.work)))
            raise InputError("--work", "is missing: the case has several", expected=ids)
        work = case.work_id(0)
    details = read_details(read_input(options.details)) if options.details else NO_DETAILS
    on = parse_date(options.on, "--on") if options.on else None
    determination = api.check(case, as_of(options))
    choose = choose_for_request if exceptions else draft.choose
    subject = choose(case, determination, work, details, on)
    return subject, determination.for_work(work)


def write_file(path: Path, data: bytes) -> None:
    """Write a file.

    Raises:
        InputError: it can't be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError("", f"cannot write {path}: {error.strerror}", code="unwritable") from None
