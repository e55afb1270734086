"""`totalize specimen`: a signed specimen of the certificate that a case calls for."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from totalize.cli.documents import add_case, as_of, subject_of, write_file
from totalize.kernel.errors import InputError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_case(parser)
    parser.add_argument("--out", metavar="FILE", required=True, help="the PDF to write")
    parser.add_argument(
        "--anchors", metavar="FILE", required=True, help="the trust anchors to write (PEM)"
    )


def run(options: argparse.Namespace) -> int:
    """Write the specimen and the anchors under which it can be checked."""
    from totalize.certificates.draft import draft
    from totalize.certificates.model import Authority, Kind
    from totalize.certificates.specimen import NOBODY, make_specimen

    if Path(options.out).resolve() == Path(options.anchors).resolve():
        raise InputError(
            "--anchors",
            "is the file of the specimen itself",
            value=options.anchors,
            expected="another name, like anchors.pem",
            code="contradiction",
        )
    subject = subject_of(options)
    nobody = Authority(name=NOBODY, country=subject.issuer)
    certificate = draft(
        subject, Kind.SPECIMEN, nobody, datetime.now(UTC), decided_on=as_of(options)
    )
    specimen = make_specimen(certificate)
    write_file(Path(options.out), specimen.made.pdf)
    write_file(Path(options.anchors), specimen.anchors)
    print(f"Wrote {options.out}, a specimen (not a certificate),", file=sys.stderr)
    print(f"and {options.anchors}, the anchors to check it with:", file=sys.stderr)
    print(f"  totalize verify {options.out} --trust {options.anchors}", file=sys.stderr)
    return 0
