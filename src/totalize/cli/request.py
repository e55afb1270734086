"""`totalize request`: everything to send for a certificate, and by when."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from datetime import UTC, datetime, time
from pathlib import Path

from totalize.cli.documents import add_case, as_of, decided, write_file
from totalize.kernel.errors import InputError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_case(parser)
    parser.add_argument("--out", metavar="DIR", required=True, help="folder for the papers")
    parser.add_argument("--json", action="store_true", help="list papers and gaps as JSON")


def run(options: argparse.Namespace) -> int:
    """Write the pack and say what is still missing."""
    from totalize.certificates.pack.assembly import request_pack, write_pack

    subject, result = decided(options)
    day = as_of(options)
    pack = request_pack(subject, result, day)
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--out", f"cannot be made: {error.strerror}", value=str(folder)) from None
    written = []
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
        print(json.dumps(plain, ensure_ascii=False, indent=2))
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
