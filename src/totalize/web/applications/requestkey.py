"""The key that proves requests: the installation's own, made on the first run.

It says that something was asked for here at that moment. It is no authority's: what it signs is
never a certificate.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import pkcs12
from django.conf import settings

from totalize.certificates.chains import make_chain
from totalize.certificates.keys import FileKey, load_file_key, to_pem

NAME = "requests.p12"


def request_key() -> FileKey:
    """Return the key, made when it is asked for first."""
    return _key(_path())


def request_anchors() -> bytes:
    """Return the certificates by which anybody can verify a proof of request (PEM)."""
    return _anchors(_path())


def _path() -> Path:
    folder: Path = settings.INSTALLATION.data_dir
    return folder / "keys" / NAME


def _password() -> str:
    key: bytes = settings.INSTALLATION.key("requests")
    return key.hex()


@cache
def _key(path: Path) -> FileKey:
    if not path.exists():
        _make(path, _password())
    return load_file_key(path, _password())


@cache
def _anchors(path: Path) -> bytes:
    signer = _key(path).certificate
    bundle = pkcs12.load_pkcs12(path.read_bytes(), _password().encode())
    return to_pem((*(item.certificate for item in bundle.additional_certs), signer))


def _make(path: Path, password: str) -> None:
    chain = make_chain(
        settings.INSTALLATION.address.partition("://")[2],
        "Root for proofs of request",
        "Proofs of request, no authority",
        datetime.now(UTC),
    )
    bundle = chain.bundle("requests", password)
    # A link can't be made over an existing file: of two starts at once one key wins.
    fresh = path.with_suffix(f".{secrets.token_hex(8)}")
    _write(fresh, bundle)
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
