"""Specimens, signed with a key that is made for one of them and thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from totalize.certificates.issuing import Made, make
from totalize.certificates.keys import FileKey, to_pem
from totalize.certificates.model import Certificate, Kind

DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
# An identifier of our own (arc 2.25, from a UUID). A signer that carries it can sign nothing
# that is ever found valid, whoever trusts its root.
SPECIMEN_POLICY = x509.ObjectIdentifier("2.25.216508340917276184051172650126741298713")
NOBODY = "No office. Made with totalize as a specimen."
_LIFETIME = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Specimen:
    """A specimen and the anchors under which its signature can be checked."""

    made: Made
    anchors: bytes


def make_specimen(certificate: Certificate) -> Specimen:
    """Sign a specimen with a throw-away key.

    Raises:
        ValueError: the document is not marked as a specimen.
    """
    if certificate.kind is not Kind.SPECIMEN:
        raise ValueError("only a specimen may be signed with a throw-away key")
    key, root = throw_away_key(certificate.made_on)
    return Specimen(make(certificate, key), to_pem((root, key.certificate)))


def throw_away_key(made_on: datetime) -> tuple[FileKey, x509.Certificate]:
    """Return a new key marked as good for specimens only, and the root above it."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = _name("Specimen root, trusted by nobody")
    root = (
        _builder(root_name, root_name, root_key, made_on)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    own_key = ec.generate_private_key(ec.SECP256R1())
    own = (
        _builder(_name("Specimen signer, not an authority"), root_name, own_key, made_on)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
        .add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(SPECIMEN_POLICY, None)]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    return FileKey(own_key, own), root


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SPECIMEN"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


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
