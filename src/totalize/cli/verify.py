"""`totalize verify`: is it real, in force, and for whom. Works without a network."""

from __future__ import annotations

import argparse
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from totalize.cli.files import write_json
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError

if TYPE_CHECKING:
    from totalize.certificates.verification.report import Report

WIDTH = 78


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "document",
        metavar="FILE|REFERENCE",
        help="a PDF, a file with a scanned code or credential, or the code itself",
    )
    parser.add_argument(
        "--trust", metavar="ANCHORS", required=True, help="certificates to trust (PEM)"
    )
    parser.add_argument(
        "--status",
        metavar="LIST",
        action="append",
        default=[],
        help="the issuer's status list; may be given several times",
    )
    parser.add_argument("--at", metavar="TIME", help="moment of the check, default now (UTC)")
    parser.add_argument(
        "--language", metavar="CODE", default="en", help="of the answer, like fr or ja"
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.epilog = (
        "Exit status: 0 valid, 1 not valid (a specimen never is), 2 unreadable. "
        "A date given to --at means noon UTC of that day."
    )


def run(options: argparse.Namespace) -> int:
    """Check and say what was found."""
    from totalize.certificates.trust import read_anchors
    from totalize.certificates.verification.verifier import Verifier

    at = _moment(options.at)
    language = _language(options.language)
    anchors = read_anchors(_read(options.trust), options.trust)
    lists = [_status_list(_read(name), name) for name in options.status]
    verifier = Verifier(anchors, lists)
    report = verifier.check(_document(options.document), at)
    if options.json:
        write_json(report.to_dict())
    else:
        print(describe(report, language))
    return report.exit_status


def describe(report: Report, language: str) -> str:
    """Return the report for a person: the answer first."""
    from totalize.certificates.verification.sentences import in_words

    lines = []
    for title, text in in_words(report, language):
        if not title:
            lines.append(textwrap.fill(text, WIDTH))
        else:
            lines.append(
                textwrap.fill(
                    f"{title}: {text}", WIDTH, initial_indent="  ", subsequent_indent="    "
                )
            )
    return "\n".join(lines)


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    if len(text) == 10:
        day = parse_date(text, "--at")
        return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            "--at", "is not a time", value=text, expected="2027-03-01 or 2027-03-01T12:00Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _language(code: str) -> str:
    from totalize.certificates.wording import languages

    if code not in languages():
        raise InputError(
            "--language",
            "is no language of the answers",
            value=code,
            expected=", ".join(languages()),
        )
    return code


def _document(given: str) -> bytes | str:
    from totalize.certificates.reference import looks_like_reference
    from totalize.certificates.verification.pdf import MAX_BYTES, unreadable
    from totalize.certificates.verification.tokens import find_token

    if given == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    path = Path(given)
    try:
        exists = path.exists()
    except OSError:
        exists = False
    if not exists and (find_token(given) or "~" in given or looks_like_reference(given)):
        return given
    if exists and path.is_file() and path.stat().st_size > MAX_BYTES:
        raise unreadable(f"{path.stat().st_size:,} bytes, more than any certificate has")
    if not exists:
        raise InputError(
            "",
            f"{given} is no file here, and no reference",
            expected="a file, or the 28 letters and digits printed on the paper",
            code="unreadable",
        )
    return _read(given)


def _read(name: str) -> bytes:
    from totalize.certificates.verification.pdf import MAX_BYTES

    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError("", f"cannot read {name}: {error.strerror}", code="unreadable") from None


def _status_list(data: bytes, name: str) -> str:
    """Return the text of a status list; one that is none would be read in the middle of a check."""
    from totalize.certificates.jose import read_token

    try:
        text = data.decode("ascii")
        read_token(text)
    except (UnicodeDecodeError, InputError):
        raise InputError(
            "--status",
            "is no status list",
            value=name,
            expected="the signed list that the issuer publishes",
            code="unreadable",
        ) from None
    return text
