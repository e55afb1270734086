"""Signing keys behind one interface, wherever the private half lives.

A key knows its certificate and the certificates up to, but without, the root: a root is named
by whoever verifies, never by whoever signs.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from totalize.kernel.errors import InputError

# Elliptic curves only: short signatures fit a QR code, and one key serves paper and credential.
ALGORITHMS = {"secp256r1": ("ES256", "sha256"), "secp384r1": ("ES384", "sha384")}


class SigningKey(Protocol):
    """A private key that signs, with its certificate and chain."""

    def __hash__(self) -> int:
        """A key is itself: what follows from it is worked out once."""

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's own certificate."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Certificates between the signer's and the root, without either."""

    def sign(self, data: bytes) -> bytes:
        """Sign data with the key's curve and hash; return the DER form of the ECDSA signature."""


def algorithm_of(certificate: x509.Certificate) -> tuple[str, str]:
    """Return the JOSE name and the hash that go with a signer's certificate.

    Raises:
        InputError: its key is of a kind that is not used here.
    """
    try:
        public = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        public = None
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in ALGORITHMS:
        return ALGORITHMS[public.curve.name]
    raise InputError(
        "key",
        "is of a kind that certificates are not signed with",
        expected="an elliptic curve key on P-256 or P-384",
        code="unsupported_key",
    )


def key_id(certificate: x509.Certificate) -> str:
    """Return the first 128 bits of the certificate's SHA-256 digest, base64url."""
    digest = certificate.fingerprint(hashes.SHA256())
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


class FileKey:
    """A key loaded into memory once, from a PKCS#12 file or as it was just made."""

    def __init__(
        self,
        private: ec.EllipticCurvePrivateKey,
        certificate: x509.Certificate,
        chain: Iterable[x509.Certificate] = (),
    ) -> None:
        self._private = private
        self.certificate = certificate
        self.chain = _without_roots(chain)
        self._hash = hash_of(certificate)

    def sign(self, data: bytes) -> bytes:
        """Sign in this process."""
        return self._private.sign(data, ec.ECDSA(self._hash))


def load_file_key(path: Path, password: str | None) -> FileKey:
    """Open a PKCS#12 file.

    Raises:
        InputError: it cannot be read, the password is wrong, or it holds no usable key.
    """
    where = path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("", f"cannot read {where}: {error.strerror}", code="unreadable") from None
    try:
        bundle = pkcs12.load_pkcs12(data, None if password is None else password.encode())
    except ValueError:
        raise InputError(
            where, "is no PKCS#12 file, or the password is wrong", code="bad_key_file"
        ) from None
    if bundle.cert is None or not isinstance(bundle.key, ec.EllipticCurvePrivateKey):
        raise InputError(
            where,
            "holds no elliptic curve key with its certificate",
            expected="a P-256 or P-384 key, its certificate and the chain",
            code="bad_key_file",
        )
    return FileKey(
        bundle.key,
        bundle.cert.certificate,
        (extra.certificate for extra in bundle.additional_certs),
    )


class TokenKey:
    """A key that never leaves a PKCS#11 token (a smart card or a hardware module)."""

    def __init__(
        self,
        session: Any,
        label: str,
        certificate: x509.Certificate | None = None,
        chain: Iterable[x509.Certificate] = (),
    ) -> None:
        self._session = session
        self._label = label
        self._given = certificate
        self.chain = _without_roots(chain)
        self._one_at_a_time = threading.Lock()

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The certificate given, or the one stored on the token under the same label."""
        if self._given is not None:
            return self._given
        from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - only where a token is used

        found = self._session.get_objects(
            {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: self._label}
        )
        for item in found:
            return x509.load_der_x509_certificate(bytes(item[Attribute.VALUE]))
        raise InputError(
            "key", f"the token holds no certificate labelled {self._label}", code="no_certificate"
        )

    @cached_property
    def _handle(self) -> Any:
        from pkcs11 import KeyType, ObjectClass  # noqa: PLC0415 - only where a token is used

        return self._session.get_key(
            object_class=ObjectClass.PRIVATE_KEY, key_type=KeyType.EC, label=self._label
        )

    def sign(self, data: bytes) -> bytes:
        """Hash here, sign on the token, and give the signature its DER form."""
        from pkcs11 import Mechanism  # noqa: PLC0415 - only where a token is used
        from pkcs11.util.ec import encode_ecdsa_signature  # noqa: PLC0415

        # Not every token hashes; every token signs a digest.
        digest = hashes.Hash(hash_of(self.certificate))
        digest.update(data)
        # A session of a token does one thing at a time.
        with self._one_at_a_time:
            raw = self._handle.sign(digest.finalize(), mechanism=Mechanism.ECDSA)
        encoded: bytes = encode_ecdsa_signature(raw)
        return encoded


def hash_of(certificate: x509.Certificate) -> hashes.HashAlgorithm:
    """Return the hash that goes with a signer's certificate."""
    return {"sha256": hashes.SHA256, "sha384": hashes.SHA384}[algorithm_of(certificate)[1]]()


def _without_roots(chain: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    return tuple(item for item in chain if item.subject != item.issuer)


def to_pem(certificates: Sequence[x509.Certificate]) -> bytes:
    """Return certificates as one PEM text."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    return b"".join(item.public_bytes(Encoding.PEM) for item in certificates)


def signer_name(certificate: x509.Certificate) -> str:
    """Return who signed, in words: organization and common name."""
    parts = [
        str(item.value)
        for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for item in certificate.subject.get_attributes_for_oid(oid)
    ]
    return ", ".join(parts) or certificate.subject.rfc4514_string()
