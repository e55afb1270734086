"""Secrets at rest: tokens as digests, values sealed with AES-256-GCM from `cryptography`.

What a sealed value is for is bound into it, so that it opens nowhere else.
"""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from totalize.kernel.errors import InputError

_NONCE = 12
_SECRETS = "secrets"


def encrypt(key: bytes, value: bytes, bound: bytes) -> bytes:
    """Seal a value with a key; `bound` must be the same to open it."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, value, bound)


def decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """Open a sealed value.

    Raises:
        InputError: it was sealed with another key, for something else, or was changed.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except (InvalidTag, ValueError):
        raise closed() from None


def closed() -> InputError:
    """Return the error of a value that can't be opened; it tells nothing about the value."""
    return InputError("", "a sealed value can't be opened", code="sealed")


def digest_of(token: str) -> str:
    """Return what is kept of a token that only its holder has: SHA-256, in hexadecimal.

    A token is 256 random bits: its digest finds it, and nothing finds the token.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def seal_secret(purpose: str, value: str) -> str:
    """Seal a secret of the installation itself (a provider's secret, a code's seed) as text."""
    return encrypt(settings.INSTALLATION.key(_SECRETS), value.encode(), purpose.encode()).hex()


def unseal_secret(purpose: str, sealed: str) -> str:
    """Open what `seal_secret` made.

    Raises:
        InputError: it was sealed for something else, was changed, or its key is gone.
    """
    key = settings.INSTALLATION.kept(_SECRETS)
    if key is None:
        raise closed()
    try:
        raw = bytes.fromhex(sealed)
    except ValueError:
        raise closed() from None
    return decrypt(key, raw, purpose.encode()).decode()
