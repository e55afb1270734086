"""What a backup says of itself: its version, its tables, and a digest of everything in it."""

from __future__ import annotations

import msgspec

from totalize.kernel.typed import decode

NAME = "manifest.json"
FORMAT = 1


class Form(msgspec.Struct, frozen=True):
    """Which form of backup it is; this much every manifest says."""

    format: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of this form.

    Attributes:
        totalize: version of the program that made it.
        made_at: when it was begun, in ISO form.
        database: kind of database it was made from.
        migrations: which version of the tables it holds, as `app.name`.
        rows: number of rows, by table.
        log_entries: size of the log.
        keys: whether the keys are in it, sealed.
        sha256: digest of every other member of the archive in hexadecimal, by name.
    """

    format: int = FORMAT
    totalize: str
    made_at: str
    database: str
    migrations: list[str]
    rows: dict[str, int]
    log_entries: int
    keys: bool
    sha256: dict[str, str]


def member_of(table: str) -> str:
    """Return the name of the archive's member that holds the rows of a table."""
    return f"rows/{table}.jsonl"


def write(manifest: Manifest) -> bytes:
    """Return the manifest as text."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def read(text: bytes) -> Manifest | None:
    """Read a manifest; None when it is of another form.

    Raises:
        ValueError: it is none.
    """
    if decode(text, Form).format != FORMAT:
        return None
    found = decode(text, Manifest)
    if not {member_of(table) for table in found.rows} <= found.sha256.keys():
        raise ValueError("names tables without their rows")
    return found
