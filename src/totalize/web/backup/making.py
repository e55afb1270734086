"""Making a backup while the service runs."""

from __future__ import annotations

import hashlib
import io
import os
import secrets as random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection

from totalize.kernel.errors import InputError
from totalize.web.audit.models import Head
from totalize.web.backup import KEYS, rows, secrets
from totalize.web.backup.manifest import NAME, Manifest, member_of, write

# What of the folder goes in as it is: uploads are sealed already, the rest is no secret.
PLAIN = ("uploads", "published", "authority.yaml")
# The database is written as rows; the others are made anew or are of no use elsewhere.
_LEFT_OUT = ("static", "mail", "totalize.sqlite3", "totalize.sqlite3-wal", "totalize.sqlite3-shm")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """What went into a backup.

    Attributes:
        rows: by table.
        files: how many files of the folder.
        keys: whether the keys are in it.
        entries: size of the log.
    """

    rows: dict[str, int]
    files: int
    keys: bool
    entries: int

    def to_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "rows": sum(self.rows.values()),
            "tables": len(self.rows),
            "files": self.files,
            "keys": self.keys,
            "log_entries": self.entries,
        }


def make_backup(target: Path, made_at: datetime, passphrase: str | None = None) -> Made:
    """Write an installation into one file; other people go on working meanwhile.

    The rows are read as of one moment, the files after it: every file that a row names is older
    than the row. The file is there whole or not at all, and for its owner's eyes only.

    Raises:
        InputError: the target is there already or can't be written, the passphrase is short.
    """
    if target.exists():
        raise InputError("--out", "is there already", value=str(target), code="exists")
    fresh = target.with_name(f".{target.name}.{random.token_hex(8)}")
    try:
        handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise InputError("--out", problem, value=str(target), code="unwritable") from None
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                made = _fill(archive, made_at, passphrase)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return made


def _fill(archive: zipfile.ZipFile, made_at: datetime, passphrase: str | None) -> Made:
    folder: Path = settings.INSTALLATION.data_dir
    digests: dict[str, str] = {}
    counts: dict[str, int] = {}
    if passphrase is not None:
        sealed = secrets.seal_files(
            {name: path.read_bytes() for name, path in _secret_files(folder)}, passphrase
        )
        with _member(archive, KEYS, digests) as member:
            member.write(sealed)
    with rows.snapshot():
        entries = Head.objects.values_list("size", flat=True).first() or 0
        applied = rows.migrations()
        for label, model in rows.tables().items():
            with _member(archive, member_of(label), digests) as member:
                counts[label] = rows.write_rows(model, member)
    files = 0
    for name, path in _plain_files(folder):
        try:
            source = path.open("rb")
        except FileNotFoundError:
            continue  # a draft's upload that was taken back meanwhile
        with source, _member(archive, f"files/{name}", digests) as member:
            while chunk := source.read(_CHUNK):
                member.write(chunk)
        files += 1
    manifest = Manifest(
        totalize=version("totalize"),
        made_at=made_at.isoformat(),
        database=connection.vendor,
        migrations=applied,
        rows=counts,
        log_entries=entries,
        keys=passphrase is not None,
        sha256=digests,
    )
    archive.writestr(NAME, write(manifest))
    return Made(counts, files, passphrase is not None, entries)


class _Digesting(io.RawIOBase):
    """A member of the archive that is digested as it is written."""

    def __init__(self, member: IO[bytes], name: str, digests: dict[str, str]) -> None:
        super().__init__()
        self.member, self.name, self.digests = member, name, digests
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        return self.member.write(data)

    def close(self) -> None:
        if not self.closed:
            self.member.close()
            self.digests[self.name] = self.digest.hexdigest()
        super().close()


def _member(archive: zipfile.ZipFile, name: str, digests: dict[str, str]) -> io.BufferedWriter:
    raw = _Digesting(archive.open(name, "w", force_zip64=True), name, digests)
    return io.BufferedWriter(raw, _CHUNK)


def _plain_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for name in PLAIN:
        yield from _files_under(folder, folder / name)


def _secret_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give every file that is neither plain nor left out: keys, and what the office signs with."""
    for path in sorted(folder.iterdir()):
        if path.name not in (*PLAIN, *_LEFT_OUT) and not path.name.startswith("."):
            yield from _files_under(folder, path)


def _files_under(folder: Path, path: Path) -> Iterator[tuple[str, Path]]:
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    for each in found:
        if each.is_file() and not each.is_symlink():
            yield each.relative_to(folder).as_posix(), each
