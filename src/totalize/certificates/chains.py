"""A signer and the root above it, made here: for specimens, demonstrations, proofs of request.

The root's private half is forgotten when they are made: nobody can sign under it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from totalize.certificates.keys import FileKey, to_pem

DOCUMENT_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
_LIFETIME: Final = timedelta(days=3653)
_MOST_OF_A_NAME: Final = 64  # characters; X.520 allows an organisation no more


@dataclass(frozen=True, slots=True)
class Chain:
    """A signer and the root above it.

    Attributes:
        private: the signer's private key.
        signer: its certificate.
        root: the certificate under which it can be checked.
    """

    private: ec.EllipticCurvePrivateKey
    signer: x509.Certificate
    root: x509.Certificate

    def key(self) -> FileKey:
        """Return the key to sign with."""
        return FileKey(self.private, self.signer)

    def anchors(self) -> bytes:
        """Return the certificates under which signatures can be checked, as PEM."""
        return to_pem((self.root, self.signer))

    def bundle(self, name: str, password: str) -> bytes:
        """Return everything as a file (PKCS #12) under a password."""
        return pkcs12.serialize_key_and_certificates(
            name.encode(),
            self.private,
            self.signer,
            [self.root],
            BestAvailableEncryption(password.encode()),
        )


def make_chain(
    organisation: str,
    root: str,
    signer: str,
    at: datetime,
    *,
    country: str | None = None,
    policy: x509.ObjectIdentifier | None = None,
) -> Chain:
    """Make a signer and its root.

    Args:
        organisation: whose they are called.
        root: the root's name.
        signer: the signer's name.
        at: they are good from a day before, for ten years.
        country: the organisation's.
        policy: what the signer is marked with.
    """
    above, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, signer_name = (_name(country, organisation, text) for text in (root, signer))
    over = (
        _builder(root_name, root_name, above, at)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .sign(above, hashes.SHA256())
    )
    below = (
        _builder(signer_name, root_name, own, at)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False
        )
    )
    if policy is not None:
        policies = x509.CertificatePolicies([x509.PolicyInformation(policy, None)])
        below = below.add_extension(policies, critical=False)
    return Chain(own, below.sign(above, hashes.SHA256()), over)


def _name(country: str | None, organisation: str, text: str) -> x509.Name:
    parts = {
        NameOID.COUNTRY_NAME: country,
        NameOID.ORGANIZATION_NAME: organisation[:_MOST_OF_A_NAME],
        NameOID.COMMON_NAME: text,
    }
    return x509.Name([x509.NameAttribute(kind, part) for kind, part in parts.items() if part])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + _LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
