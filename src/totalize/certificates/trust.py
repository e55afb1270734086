"""Whom a verifier trusts: the anchors given, the algorithms listed, and nothing that a file brings.

Certificates that are signed by themselves are anchors; the others in the same file only help to
find a way to one (and name the signers that a QR code refers to by number).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asn1crypto import algos, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    NotYetValidError,
    PathError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import AlgorithmUsageConstraint

from totalize.certificates.chains import DOCUMENT_SIGNING
from totalize.certificates.keys import key_id
from totalize.certificates.signing import to_asn1
from totalize.certificates.specimen import SPECIMEN_POLICY
from totalize.certificates.waiting import wait_for
from totalize.kernel.errors import InputError

DIGESTS = frozenset({"sha256", "sha384", "sha512"})
SMALLEST_RSA = 3072
CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})


class ListedAlgorithms(CMSAlgorithmUsagePolicy):
    """Allow what is listed and refuse everything else."""

    def digest_algorithm_allowed(
        self,
        algo: algos.DigestAlgorithm,
        moment: datetime | None,  # noqa: ARG002 - the list does not change with time
    ) -> AlgorithmUsageConstraint:
        """Allow SHA-2 from 256 bits."""
        return AlgorithmUsageConstraint(algo["algorithm"].native in DIGESTS)

    def signature_algorithm_allowed(
        self,
        algo: algos.SignedDigestAlgorithm,
        moment: datetime | None,  # noqa: ARG002 - the list does not change with time
        public_key: keys.PublicKeyInfo | None,
    ) -> AlgorithmUsageConstraint:
        """Allow ECDSA on the NIST curves, and RSA from 3072 bits, with a listed digest."""
        try:
            scheme, digest = algo.signature_algo, algo.hash_algo
        except ValueError:
            return AlgorithmUsageConstraint(allowed=False)
        if digest not in DIGESTS:
            return AlgorithmUsageConstraint(allowed=False)
        if scheme == "ecdsa":
            return AlgorithmUsageConstraint(
                public_key is None
                or (public_key.algorithm == "ec" and public_key.curve[1] in CURVES)
            )
        if scheme in {"rsassa_pkcs1v15", "rsassa_pss"}:
            return AlgorithmUsageConstraint(
                public_key is None or public_key.bit_size >= SMALLEST_RSA
            )
        return AlgorithmUsageConstraint(allowed=False)


ALGORITHMS = ListedAlgorithms()


@dataclass(frozen=True)
class Anchors:
    """The roots that a verifier trusts, and certificates that help to reach them."""

    roots: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...] = ()
    _signers: dict[str, x509.Certificate] = field(init=False, repr=False, compare=False)
    _answers: dict[tuple[bytes, int], str | None] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        signers = {key_id(item): item for item in self.others}
        object.__setattr__(self, "_signers", signers)

    def signer(self, identifier: str) -> x509.Certificate | None:
        """Return the known signer with this key number."""
        return self._signers.get(identifier)

    def context(
        self,
        moment: datetime,
        *,
        crls: Iterable[bytes] = (),
        ocsps: Iterable[bytes] = (),
        others: Iterable[x509.Certificate] = (),
    ) -> ValidationContext:
        """Return the rules by which a chain is judged at a moment, without any network."""
        return ValidationContext(
            trust_roots=to_asn1(self.roots),
            other_certs=to_asn1((*self.others, *others)),
            moment=moment,
            best_signature_time=moment,
            crls=list(crls),
            ocsps=list(ocsps),
            allow_fetching=False,
            revocation_mode="soft-fail",
            algorithm_usage_policy=ALGORITHMS,
        )

    def objection(
        self, signer: x509.Certificate, chain: Iterable[x509.Certificate], moment: datetime
    ) -> str | None:
        """Say why a signer is not trusted at a moment, None when it is.

        Returns:
            `no_path`, `signer_expired`, `signer_not_yet_valid`, `signer_revoked` or
            `not_for_documents`.
        """
        known = (signer.fingerprint(hashes.SHA256()), int(moment.timestamp()) // 60)
        if known not in self._answers:
            if len(self._answers) > 4096:
                self._answers.clear()
            self._answers[known] = self._judge(signer, chain, moment)
        return self._answers[known]

    def _judge(
        self, signer: x509.Certificate, chain: Iterable[x509.Certificate], moment: datetime
    ) -> str | None:
        validator = CertificateValidator(
            to_asn1((signer,))[0],
            intermediate_certs=to_asn1(chain),
            validation_context=self.context(moment),
        )
        try:
            wait_for(
                validator.async_validate_usage(  # type: ignore[no-untyped-call]  # theirs
                    key_usage={"digital_signature"},
                    extended_key_usage={DOCUMENT_SIGNING.dotted_string},
                )
            )
        except (PathError, ValidationError) as error:
            return objection_code(error)
        return None


def objection_code(error: Exception) -> str:
    """Return the stable name of a chain's fault."""
    for kind, code in (
        (ExpiredError, "signer_expired"),
        (NotYetValidError, "signer_not_yet_valid"),
        (RevokedError, "signer_revoked"),
    ):
        if isinstance(error, kind):
            return code
    return "not_for_documents" if type(error).__name__ == "InvalidCertificateError" else "no_path"


def read_anchors(pem: bytes, name: str = "the trust anchors") -> Anchors:
    """Read trust anchors from PEM text.

    Raises:
        InputError: it holds no certificate, or no root.
    """
    expected = "certificates in PEM, one of them signed by itself"
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise InputError(
            "", f"{name} cannot be read", expected=expected, code="bad_anchors"
        ) from None
    roots = tuple(item for item in found if item.subject == item.issuer)
    if not roots:
        raise InputError("", f"{name} name no root", expected=expected, code="bad_anchors")
    return Anchors(roots, tuple(item for item in found if item not in roots))


def is_specimen_signer(certificate: x509.Certificate) -> bool:
    """Tell whether the signer was made for specimens only."""
    try:
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return any(item.policy_identifier == SPECIMEN_POLICY for item in policies)


def signer_country(certificate: x509.Certificate) -> str | None:
    """Return the country in the signer's name."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    return str(found[0].value) if found else None


def to_cryptography(certificate: asn1_x509.Certificate) -> x509.Certificate:
    """Return a certificate of the signature library as the other library wants it."""
    return x509.load_der_x509_certificate(certificate.dump())


CLOCK_TOLERANCE = timedelta(minutes=5)
