"""A demonstration office: its own root and key, made for one folder, and named what it is."""

from __future__ import annotations

import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from totalize.certificates.keys import to_pem
from totalize.certificates.specimen import DOCUMENT_SIGNING
from totalize.web.config.installation import DEMONSTRATION_KEY

NAME = "DEMONSTRATION office, no authority"
_LASTS = timedelta(days=3653)


def set_up(folder: Path, now: datetime, *, automatic: bool = False) -> None:
    """Describe a demonstration office in a data folder that has none.

    Certificates of it are real in form and worth nothing: nobody trusts its root, and every one
    of them is signed by, and issued in the name of, a demonstration.

    Args:
        folder: of the installation.
        now: the keys are good from a day before.
        automatic: plain cases are decided by themselves.
    """
    if (folder / "authority.yaml").exists():
        return
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name("Root of a demonstration, trusted by nobody")
    root = (
        _builder(root_name, root_name, root_key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    own = (
        _builder(_name("Signer of a demonstration"), root_name, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    password = secrets.token_hex(16)
    _write(folder / "demonstration.password", password.encode())
    _write(
        folder / DEMONSTRATION_KEY,
        pkcs12.serialize_key_and_certificates(
            b"demonstration", key, own, [root], BestAvailableEncryption(password.encode())
        ),
    )
    _write(folder / "demonstration.pem", to_pem((root, own)))
    described = {
        "office": {
            "name": NAME,
            "country": "US",
            "address": "Made up to try the service. Not an authority of any country.",
        },
        "key": {"file": DEMONSTRATION_KEY, "password_file": "demonstration.password"},
        "anchors": "demonstration.pem",
        "status_uri": "https://demonstration.invalid/certificates/status",
        "automatic": {"enabled": automatic, "sample": "0.1"},
        "contest": {
            "words": "This is a demonstration. There is nothing to contest, and nobody to write to."
        },
    }
    # YAML reads JSON; the file is written last, since it is what turns the office on.
    _write(folder / "authority.yaml", json.dumps(described, indent=2).encode())


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "DEMONSTRATION"),
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
        .not_valid_after(at + _LASTS)
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
