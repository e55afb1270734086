"""Keys in a backup: sealed with a passphrase, and only when asked for.

Whoever has a backup and the keys can read every number in it. Without the keys a backup may lie
where backups lie; the keys belong somewhere else.
"""

from __future__ import annotations

import base64
import json
import os

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from totalize.kernel.errors import InputError
from totalize.web.sealing import decrypt, encrypt

SHORTEST = 12
_SALT = 16
_PURPOSE = b"keys of a totalize backup"


def seal_files(files: dict[str, bytes], passphrase: str) -> bytes:
    """Seal files under a passphrase.

    Raises:
        InputError: the passphrase is short.
    """
    if len(passphrase) < SHORTEST:
        raise InputError(
            "passphrase", "is too short", expected=f"{SHORTEST} characters or more", code="short"
        )
    plain = {name: base64.b64encode(raw).decode() for name, raw in files.items()}
    salt = os.urandom(_SALT)
    return salt + encrypt(_stretch(passphrase, salt), json.dumps(plain).encode(), _PURPOSE)


def open_files(sealed: bytes, passphrase: str) -> dict[str, bytes]:
    """Open what `seal_files` made.

    Raises:
        InputError: the passphrase is another one, or the file was changed.
    """
    salt, rest = sealed[:_SALT], sealed[_SALT:]
    try:
        plain = json.loads(decrypt(_stretch(passphrase, salt), rest, _PURPOSE))
    except InputError:
        raise InputError("passphrase", "does not open the keys", code="passphrase") from None
    return {name: base64.b64decode(text) for name, text in plain.items()}


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**16, r=8, p=1).derive(passphrase.encode())
