"""The key that proves requests: the installation's own, made on the first run.

It says that something was asked for here at that moment. It is no authority's: what it signs is
never a certificate.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

from totalize.certificates.keys import FileKey, load_file_key, to_pem
from totalize.certificates.specimen import DOCUMENT_SIGNING

_LIFETIME = timedelta(days=3653)
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
    now = datetime.now(UTC)
    root_key, own_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    organisation = settings.INSTALLATION.address.partition("://")[2]
    root_name = _name(organisation, "Root for proofs of request")
    root = (
        _builder(root_name, root_name, root_key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    own = (
        _builder(_name(organisation, "Proofs of request, no authority"), root_name, own_key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    # The root's private half is forgotten here: nobody can sign under it again. A link can't be
    # made over an existing file: of two starts at once one key wins.
    bundle = pkcs12.serialize_key_and_certificates(
        b"requests", own_key, own, [root], BestAvailableEncryption(password.encode())
    )
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


def _name(organisation: str, text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
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
