"""Compact JOSE tokens, signed with any signing key, checked against one list of algorithms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from totalize.certificates.keys import SigningKey, algorithm_of
from totalize.kernel.errors import InputError

ACCEPTED = ("ES256", "ES384")
MAX_TOKEN = 2_000_000


class _Registry(jws.JWSRegistry):
    """Room for a chain of certificates in the header and for a status list in the payload."""

    max_header_length = 16_384
    max_payload_length = MAX_TOKEN


_registry = _Registry(algorithms=list(ACCEPTED))


class _Signing(ECKey):
    """A public key whose signing half may live elsewhere."""

    def __init__(self, key: SigningKey) -> None:
        public = key.certificate.public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise TypeError(type(public).__name__)
        super().__init__(public, public)
        self._signer = key

    def get_op_key(self, operation: str) -> Any:
        """Hand joserfc an object that signs, wherever the private half is."""
        return _Operation(self._signer) if operation == "sign" else self.public_key


class _Operation:
    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def sign(self, data: bytes, _algorithm: object) -> bytes:
        return self._key.sign(data)


def sign_token(payload: dict[str, Any], key: SigningKey, header: dict[str, Any]) -> str:
    """Return a compact JWS; the algorithm follows from the key."""
    algorithm_of(key.certificate)
    full = {"alg": algorithm_of(key.certificate)[0], **header}
    return jws.serialize_compact(
        full, msgspec.json.encode(payload), _Signing(key), registry=_registry
    )


@dataclass(frozen=True, slots=True)
class Token:
    """A compact JWS taken apart, its signature not yet looked at."""

    text: str
    header: dict[str, Any]
    payload: dict[str, Any]
    parts: jws.CompactSignature

    def signed_by(self, key: ECKey) -> bool:
        """Tell whether the signature is this key's, by an accepted algorithm."""
        try:
            return jws.validate_compact(self.parts, key, registry=_registry)
        except (JoseError, ValueError):
            return False


def read_token(text: str) -> Token:
    """Take a compact JWS apart.

    Raises:
        InputError: it is none, or too large.
    """
    if len(text) > MAX_TOKEN:
        raise InputError("", "the token is too large", code="unreadable")
    try:
        parts = jws.extract_compact(text.encode(), registry=_registry)
        payload = msgspec.json.decode(parts.payload)
        header = parts.headers()
    except (JoseError, ValueError, msgspec.DecodeError, RecursionError, TypeError):
        raise InputError("", "is not a signed token that can be read", code="unreadable") from None
    if not isinstance(payload, dict):
        raise InputError("", "is not a signed token that can be read", code="unreadable")
    return Token(text, dict(header), payload, parts)


def public_jwk(certificate: x509.Certificate) -> ECKey:
    """Return the public key of a certificate for checking tokens.

    Raises:
        InputError: it is not on an accepted curve.
    """
    algorithm_of(certificate)
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise TypeError(type(public).__name__)
    return ECKey(public, public)
