"""Checkpoints outside the database, where whoever can change the database may not reach them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from django.conf import settings

from totalize.kernel.errors import InputError
from totalize.web.audit.notes import read_verifier_key, verifier_key

KEY = "log"


def folder() -> Path:
    """Return where this installation publishes its checkpoints."""
    return Path(settings.INSTALLATION.published) / "checkpoints"


def origin() -> str:
    """Return the log's name: the installation's host."""
    return f"{urlsplit(settings.INSTALLATION.address).netloc}/log"


def signing_key() -> Ed25519PrivateKey:
    """Return the log's key, made when it is asked for first; its public half is published."""
    key = Ed25519PrivateKey.from_private_bytes(settings.INSTALLATION.key(KEY))
    if not _key_file().exists():
        write(_key_file(), verifier_key(origin(), key.public_key()) + "\n")
    return key


def public_key() -> Ed25519PublicKey:
    """Return the key that checks checkpoints: from the installation's own, or as published.

    Raises:
        InputError: there is none, or the published one is not the installation's.
    """
    seed = settings.INSTALLATION.kept(KEY)
    known = _key_file()
    published = read_verifier_key(known.read_text(encoding="utf-8")) if known.exists() else None
    if seed is None:
        if published is None:
            raise InputError("key", "of the log is missing", code="no_key")
        return published
    own = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    if published is not None and published != own:
        raise InputError("key", "as published is not the log's own", code="wrong_key")
    return own


def notes(where: Path) -> Iterator[tuple[str, str]]:
    """Give every checkpoint file of a folder: its name and its text."""
    if where.is_dir():
        for path in sorted(where.glob("*.txt")):
            yield path.name, path.read_text(encoding="utf-8", errors="replace")


def file_of(size: int) -> Path:
    """Return where a checkpoint of a size is published."""
    return folder() / f"{size:012d}.txt"


def write(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{secrets.token_hex(8)}")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _key_file() -> Path:
    return folder().parent / "log-key"
