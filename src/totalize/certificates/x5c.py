"""The signer's certificates inside a token's header (RFC 7515, `x5c`)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from totalize.certificates.keys import SigningKey
from totalize.kernel.errors import InputError

MOST = 6


def chain_header(key: SigningKey) -> dict[str, list[str]]:
    """Return the header that carries the signer's certificate and chain, without the root."""
    own = (key.certificate, *key.chain)
    return {"x5c": [base64.b64encode(item.public_bytes(Encoding.DER)).decode() for item in own]}


def read_chain(header: dict[str, Any]) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    """Read the signer's certificate and its chain. Nothing of it is trusted for being there.

    Raises:
        InputError: the header carries none that can be read.
    """
    listed = header.get("x5c")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST:
        raise InputError("", "the token names no signer", code="unreadable")
    try:
        own, *chain = (
            x509.load_der_x509_certificate(base64.b64decode(item, validate=True)) for item in listed
        )
    except (ValueError, TypeError, binascii.Error):
        raise InputError("", "the token's certificates are damaged", code="unreadable") from None
    return own, tuple(chain)
