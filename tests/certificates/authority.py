"""A test authority with fixed keys: root, signer, time-stamp service, and revocation lists.

Certomancer answers time-stamp requests; keys follow from constants, so nothing is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from certomancer.services import TimeStamper as Certomancer
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import TimeStamper

from totalize.certificates.chains import DOCUMENT_SIGNING
from totalize.certificates.issuing import Made, make
from totalize.certificates.keys import FileKey
from totalize.certificates.model import (
    Authority,
    Certificate,
    Employer,
    Ground,
    Kind,
    Party,
    StatusEntry,
    Work,
)
from totalize.certificates.signing import Evidence, to_asn1
from totalize.certificates.trust import Anchors
from totalize.certificates.verification.verifier import Verifier

SIGNED = datetime(2027, 1, 15, 9, 30, tzinfo=UTC)
IN_FORCE = datetime(2028, 6, 1, 12, tzinfo=UTC)
STATUS_URI = "https://coverage.example.org/status/1"
CHECK_ADDRESS = "https://coverage.example.org/check"


def private(seed: int) -> ec.EllipticCurvePrivateKey:
    """The same key for the same number."""
    return ec.derive_private_key(seed * 7919 + 1234567891011, ec.SECP256R1())


@dataclass(frozen=True)
class Issued:
    """A key with its certificate."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def _name(country: str | None, text: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, country)] if country else []
    return x509.Name(
        [
            *parts,
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test Office of Coverage"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def certify(
    seed: int,
    text: str,
    *,
    issuer: Issued | None = None,
    country: str | None = "US",
    years: tuple[int, int] = (2026, 2036),
    usage: tuple[x509.ObjectIdentifier, ...] | None = (DOCUMENT_SIGNING,),
    ca: bool = False,
    hash_algorithm: Any = None,
    public: Any = None,
) -> Issued:
    """Make a certificate for the key of a number."""
    key = private(seed)
    name = _name(country, text)
    above = issuer or Issued(None, key)  # type: ignore[arg-type]
    own = public or key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name if issuer is None else issuer.certificate.subject)
        .public_key(own)
        .serial_number(1000 + seed)
        .not_valid_before(datetime(years[0], 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(years[1], 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca,
                content_commitment=not ca,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if issuer is not None:
        where = x509.UniformResourceIdentifier("http://revoked.example.org/list.crl")
        point = x509.DistributionPoint([where], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if usage and not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(usage)), critical=True)
    return Issued(builder.sign(above.key, hash_algorithm or hashes.SHA256()), key)


@cache
def root() -> Issued:
    return certify(1, "Test root", years=(2020, 2060), ca=True)


@cache
def intermediate() -> Issued:
    return certify(2, "Test issuing authority", issuer=root(), years=(2020, 2059), ca=True)


@cache
def signer() -> Issued:
    return certify(3, "Coverage signer", issuer=intermediate(), years=(2026, 2036))


@cache
def short_signer() -> Issued:
    """Its certificate ends long before the coverage does."""
    return certify(4, "Short-lived signer", issuer=intermediate(), years=(2027, 2028))


@cache
def stamper() -> Issued:
    return certify(
        5,
        "Test time-stamp service",
        issuer=root(),
        years=(2026, 2050),
        usage=(ExtendedKeyUsageOID.TIME_STAMPING,),
    )


def key(of: Issued | None = None) -> FileKey:
    of = of or signer()
    return FileKey(of.key, of.certificate, (intermediate().certificate, root().certificate))


def anchors() -> Anchors:
    return Anchors((root().certificate,), (intermediate().certificate, signer().certificate))


def verifier(*lists: str) -> Verifier:
    return Verifier(anchors(), lists)


class TestTime(TimeStamper):  # type: ignore[misc]
    """The test authority answers in this process."""

    __test__ = False

    def __init__(self, at: datetime, of: Issued | None = None) -> None:
        super().__init__(include_nonce=True)
        of = of or stamper()
        raw = of.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        own, *others = to_asn1((of.certificate, root().certificate))
        self._service = Certomancer(
            own, asn1_keys.PrivateKeyInfo.load(raw), certs_to_embed=others, fixed_dt=at
        )

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return self.answer(req)

    def answer(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return self._service.request_tsa_response(req)


def revocations(of: Issued, at: datetime, revoked: tuple[x509.Certificate, ...] = ()) -> bytes:
    """A revocation list of an authority, good for 30 days."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(of.certificate.subject)
        .last_update(at - timedelta(hours=1))
        .next_update(at + timedelta(days=30))
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(of.key.public_key()), critical=False
        )
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for item in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(item.serial_number)
            .revocation_date(at - timedelta(days=1))
            .build()
        )
    return builder.sign(of.key, hashes.SHA256()).public_bytes(Encoding.DER)


def evidence(at: datetime) -> Evidence:
    return Evidence(
        roots=(root().certificate,),
        others=(intermediate().certificate, stamper().certificate),
        crls=(revocations(root(), at), revocations(intermediate(), at)),
    )


def certificate(**changes: Any) -> Certificate:
    """A certificate for an engineer sent to Munich."""
    base = Certificate(
        kind=Kind.CERTIFICATE,
        reference="0123-4567-89AB-CDEF-GHJK-MNPQ-RS00",
        fact="7KQ-2MB",
        worker=Party(
            full_name="Ada Example",
            birth_date=date(1985, 4, 2),
            citizenships=("US",),
            number_ending="1234",
        ),
        employer=Employer(name="Example Software Corp.", address="Columbus, OH", country="US"),
        host=Employer(name="Example Software Corp., Munich branch"),
        work=Work(id="munich", activity="employment", country="DE", place="Munich"),
        covered_by="US",
        exempt_in="DE",
        lifts=("pension", "health"),
        first=date(2027, 3, 1),
        last=date(2030, 2, 28),
        ground=Ground(
            rule="detached_worker",
            citations=("Art. 6(2)",),
            law="0123456789abcdef",
            as_of=date(2027, 1, 14),
        ),
        authority=Authority(
            name="Test Office of Coverage", country="US", check_address=CHECK_ADDRESS
        ),
        decided_on=date(2027, 1, 14),
        made_on=SIGNED,
        status=StatusEntry(uri=STATUS_URI, index=4711),
    )
    import msgspec

    return msgspec.structs.replace(base, **changes)


@cache
def issued() -> Made:
    """One certificate, signed B-B, for all tests that only look at it."""
    return make(certificate(), key())


@cache
def stamped() -> Made:
    """The same with a proven time, by a signer whose certificate ends early."""
    return make(certificate(), key(short_signer()), time_service=TestTime(SIGNED))


def stamp_usage() -> tuple[x509.ObjectIdentifier, ...]:
    return (ExtendedKeyUsageOID.TIME_STAMPING,)


def certify_public(public: Any, seed: int, text: str) -> x509.Certificate:
    """A signer whose private key is elsewhere."""
    return certify(seed, text, issuer=intermediate(), public=public).certificate


def der(item: x509.Certificate) -> bytes:
    return item.public_bytes(Encoding.DER)
