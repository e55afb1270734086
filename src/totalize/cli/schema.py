"""Print the JSON Schema of a file that goes in or comes out."""

from __future__ import annotations

import argparse

from totalize.cli.files import write_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="left out: list the names")
    parser.add_argument("--json", action="store_true", help="JSON, as it always is")


def run(options: argparse.Namespace) -> int:
    """Print one schema, or the names of all."""
    from totalize import api

    if options.name is None:
        names = api.SCHEMAS
        if options.json:
            write_json(list(names))
            return 0
        for name, (_, _, title) in names.items():
            print(f"{name:<16}{title}")
        return 0
    write_json(api.schema(options.name))
    return 0
