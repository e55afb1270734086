"""`totalize request`: everything to send for a certificate, and by when."""

from __future__ import annotations

import argparse
import sys
import textwrap
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from totalize.cli.documents import add_case, as_of, decided, write_file
from totalize.cli.files import write_json
from totalize.kernel.errors import InputError

if TYPE_CHECKING:
    from totalize.certificates.draft import Subject


PROOF = "proof-of-request.pdf"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_case(parser)
    parser.add_argument("--out", metavar="DIR", required=True, help="folder for the papers")
    parser.add_argument(
        "--key", metavar="FILE", help="PKCS#12 key: adds a signed proof that you asked"
    )
    parser.add_argument(
        "--key-password", metavar="FILE", help="file whose first line is the key's password"
    )
    parser.add_argument(
        "--time-service", metavar="URL", help="time-stamp service (RFC 3161) for that proof"
    )
    parser.add_argument("--json", action="store_true", help="list papers and gaps as JSON")


def run(options: argparse.Namespace) -> int:
    """Write the pack and say what is still missing."""
    from totalize.certificates.pack.assembly import request_pack, write_pack

    for name in ("key_password", "time_service"):
        if getattr(options, name) and not options.key:
            raise InputError(
                f"--{name.replace('_', '-')}",
                "belongs to a signed proof",
                expected="--key beside it",
                code="missing",
            )
    subject, result = decided(options, exceptions=True)
    if options.key and subject.exceptional is not None:
        raise InputError(
            "--key",
            "can sign no proof here: an exception is asked for, and nothing may look like a "
            "certificate before both authorities agree",
            expected="the same command without --key",
            code="needs_consent",
        )
    day = as_of(options)
    pack = request_pack(subject, result, day)
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--out", f"cannot be made: {error.strerror}", value=str(folder)) from None
    written = []
    if options.key:
        write_file(folder / PROOF, _proof(options, subject))
        written.append(PROOF)
    for name, content in write_pack(pack, datetime.combine(day, time(12), UTC)):
        write_file(folder / name, content)
        written.append(name)
    if options.json:
        plain = {
            "contract": 1,
            "draft": pack.is_draft,
            "missing": [{"path": item.path, "label": item.label} for item in pack.missing],
            "files": written,
            "notes": list(pack.notes),
        }
        write_json(plain)
        return 0
    print(f"Wrote {len(written)} files to {folder}. Begin with 00-cover.", file=sys.stderr)
    if pack.missing:
        print("They are drafts. Still missing:", file=sys.stderr)
        for item in pack.missing:
            line = f"{item.path}: {item.label}"
            print(
                textwrap.fill(line, 78, initial_indent="  ", subsequent_indent="    "),
                file=sys.stderr,
            )
    return 0


def _proof(options: argparse.Namespace, subject: Subject) -> bytes:
    """Sign what was asked for, and when; plainly not a certificate."""
    from totalize.certificates.issuing import prove_request
    from totalize.certificates.keys import load_file_key

    password = None
    if options.key_password:
        try:
            lines = Path(options.key_password).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise InputError("--key-password", "cannot be read", code="unreadable") from None
        password = lines[0] if lines else ""
    key = load_file_key(Path(options.key), password)
    service = None
    if options.time_service:
        from totalize.certificates.timeservice import time_service

        service = time_service(options.time_service, "--time-service")
    return prove_request(subject, key, datetime.now(UTC), time_service=service).pdf
