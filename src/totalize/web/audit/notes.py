"""Checkpoints as signed notes that other programs can check.

Source: C2SP tlog-checkpoint and C2SP signed-note (https://c2sp.org), Ed25519 signatures: the key's
identifier is the first four bytes of SHA-256 over name, newline, 0x01 and the public key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from totalize.kernel.errors import InputError

_DASH = "\N{EM DASH}"
_ED25519 = b"\x01"
_ROOT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says: of which log, how many entries, their root, and when."""

    origin: str
    size: int
    root: bytes
    made_at: datetime

    def text(self) -> str:
        """Return the lines that are signed."""
        return (
            f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"
            f"made {self.made_at.isoformat(timespec='microseconds')}\n"
        )


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return the checkpoint as a note signed under the log's own name."""
    text = checkpoint.text()
    signature = _key_id(checkpoint.origin, key.public_key()) + key.sign(text.encode())
    return f"{text}\n{_DASH} {checkpoint.origin} {_b64(signature)}\n"


def open_note(note: str, key: Ed25519PublicKey) -> Checkpoint:
    """Return what a note says if this key signed it.

    Raises:
        InputError: it is no checkpoint (`bad_checkpoint`) or not signed by this key
            (`bad_signature`).
    """
    checkpoint, signatures = _read(note)
    expected = _key_id(checkpoint.origin, key)
    for name, signature in signatures:
        if name == checkpoint.origin and signature[:4] == expected:
            try:
                key.verify(signature[4:], checkpoint.text().encode())
            except InvalidSignature:
                break
            return checkpoint
    raise InputError("checkpoint", "is not signed by the log's key", code="bad_signature")


def verifier_key(origin: str, key: Ed25519PublicKey) -> str:
    """Return the public key in the one-line form that checkers of notes take."""
    return f"{origin}+{_key_id(origin, key).hex()}+{_b64(_ED25519 + key.public_bytes_raw())}"


def read_verifier_key(line: str) -> Ed25519PublicKey:
    """Read the one-line form of a public key.

    Raises:
        InputError: it is none.
    """
    try:
        origin, identifier, encoded = line.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw[1:])
    except ValueError:
        raise InputError("key", "is no key of a log", code="bad_key") from None
    if raw[:1] != _ED25519 or identifier != _key_id(origin, key).hex():
        raise InputError("key", "is no key of a log", code="bad_key")
    return key


def _read(note: str) -> tuple[Checkpoint, list[tuple[str, bytes]]]:
    try:
        text, signed = note.split("\n\n", 1)
        origin, size, root, made = text.split("\n")
        checkpoint = Checkpoint(
            origin,
            int(size),
            base64.b64decode(root, validate=True),
            datetime.fromisoformat(made.removeprefix("made ")),
        )
        signatures = []
        for line in signed.splitlines():
            dash, name, encoded = line.split(" ")
            if dash == _DASH:
                signatures.append((name, base64.b64decode(encoded, validate=True)))
    except (ValueError, binascii.Error):
        raise _no_checkpoint() from None
    # Exactly one text says the same: what is signed is made again from what was read.
    if f"{text}\n" != checkpoint.text() or len(checkpoint.root) != _ROOT_BYTES:
        raise _no_checkpoint()
    return checkpoint, signatures


def _no_checkpoint() -> InputError:
    return InputError("checkpoint", "is no checkpoint of a log", code="bad_checkpoint")


def _key_id(name: str, key: Ed25519PublicKey) -> bytes:
    raw = name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()
    return hashlib.sha256(raw).digest()[:4]


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
