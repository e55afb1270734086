"""Specimens, signed with a key that is made for one of them and thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from totalize.certificates.chains import make_chain
from totalize.certificates.issuing import Made, make
from totalize.certificates.keys import FileKey, to_pem
from totalize.certificates.model import Certificate, Kind

# An identifier of our own (arc 2.25, from a UUID). A signer that carries it can sign nothing
# that is ever found valid, whoever trusts its root.
SPECIMEN_POLICY = x509.ObjectIdentifier("2.25.216508340917276184051172650126741298713")
NOBODY = "No office. Made with totalize as a specimen."


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
    chain = make_chain(
        "SPECIMEN",
        "Specimen root, trusted by nobody",
        "Specimen signer, not an authority",
        made_on,
        policy=SPECIMEN_POLICY,
    )
    return chain.key(), chain.root
