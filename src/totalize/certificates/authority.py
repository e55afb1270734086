"""Issuing, which only an installation set up as an authority can do.

Turning it on needs an office, a key, a chain to a named root and a place to publish
withdrawals. What is missing is listed, all of it at once, and nothing is issued.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.sign.timestamps import TimeStamper

from totalize.certificates.draft import Subject, draft
from totalize.certificates.issuing import Made, make
from totalize.certificates.keys import SigningKey, algorithm_of, hash_of
from totalize.certificates.model import Authority, Certificate, Kind, StatusEntry
from totalize.certificates.signing import Evidence
from totalize.certificates.trust import Anchors, is_specimen_signer, signer_country
from totalize.kernel.countries import NAMES
from totalize.kernel.errors import InputError, TotalizeError

SHORTEST_LIFE = timedelta(days=30)


class NotAnAuthorityError(TotalizeError):
    """This installation can't issue certificates.

    Attributes:
        problems: everything that is missing, in sentences.
    """

    code = "not_an_authority"

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("this installation cannot issue certificates: " + "; ".join(problems))


@dataclass(frozen=True)
class Setting:
    """How an installation is set up for issuing; whatever is None is missing.

    Attributes:
        office: in whose name it issues.
        key: signs.
        anchors: the root that whoever verifies will be given.
        status_uri: where the status list is published.
        time_service: proves the time of signing.
        evidence: chain and revocation data that make the proof last.
    """

    office: Authority | None = None
    key: SigningKey | None = None
    anchors: Anchors | None = None
    status_uri: str | None = None
    time_service: TimeStamper | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Ready:
    """The part of a setting that issuing can't do without."""

    office: Authority
    key: SigningKey
    status_uri: str


def missing_for_issuing(setting: Setting, at: datetime) -> tuple[str, ...]:
    """Return why this installation can't issue, nothing when it can."""
    problems = []
    if setting.office is None or not setting.office.name.strip():
        problems.append("no issuing office is named")
    elif setting.office.country not in NAMES:
        problems.append(f"the office's country {setting.office.country!r} is none")
    if not setting.status_uri or not setting.status_uri.startswith("https://"):
        problems.append("no https address is set where withdrawals are published")
    if setting.anchors is None:
        problems.append("no root certificate is named for those who verify")
    if setting.key is None:
        problems.append("there is no signing key")
        return tuple(problems)
    return tuple(problems + _problems_of_key(setting.key, setting, at))


def ready(setting: Setting, at: datetime) -> Ready:
    """Return the setting with nothing missing.

    Raises:
        NotAnAuthorityError: something is missing.
    """
    problems = missing_for_issuing(setting, at)
    if problems or setting.office is None or setting.key is None or setting.status_uri is None:
        raise NotAnAuthorityError(problems)
    return Ready(setting.office, setting.key, setting.status_uri)


def prepare(
    subject: Subject,
    setting: Setting,
    made_on: datetime,
    status_index: int,
    *,
    decided_on: date | None = None,
) -> Certificate:
    """Put a decided certificate into its final words, before it is signed.

    Args:
        subject: the work and its determination.
        setting: the installation's.
        made_on: the moment, with a time zone.
        status_index: its place in the status list, from `statuslist.new_index`.
        decided_on: day of the decision; default: the day as of which the law was read.

    Raises:
        NotAnAuthorityError: the installation isn't set up for it.
        InputError: the determination calls for no certificate of this authority.
    """
    own = ready(setting, made_on)
    if subject.issuer != own.office.country:
        refuse_other(subject.issuer, own.office.country)
    if subject.details.text("full_name") is None:
        raise InputError("details.full_name", "is missing", expected="the name", code="missing")
    entry = StatusEntry(uri=own.status_uri, index=status_index)
    return draft(
        subject, Kind.CERTIFICATE, own.office, made_on, decided_on=decided_on, status=entry
    )


def refuse_other(issuer: str, own: str) -> NoReturn:
    """Refuse what only another country's office may certify.

    Raises:
        InputError: always.
    """
    raise InputError(
        "work",
        f"is covered by {issuer}: its office issues the certificate",
        expected=own,
        code="other_authority",
    )


def issue(
    subject: Subject,
    setting: Setting,
    made_on: datetime,
    status_index: int,
    *,
    sealed: str | None = None,
) -> Made:
    """Issue a certificate: the signed file alone (`service.issue` makes everything).

    Args:
        subject: the work and its determination.
        setting: the installation's.
        made_on: the moment, with a time zone.
        status_index: its place in the status list, from `statuslist.new_index`.
        sealed: an encrypted number to attach.

    Raises:
        NotAnAuthorityError: the installation isn't set up for it.
        InputError: the determination calls for no certificate of this authority.
    """
    certificate = prepare(subject, setting, made_on, status_index)
    return sign(certificate, setting, sealed=sealed)


def sign(certificate: Certificate, setting: Setting, *, sealed: str | None = None) -> Made:
    """Set and sign a certificate that was prepared.

    Raises:
        NotAnAuthorityError: the installation isn't set up for it.
        InputError: the time-stamp service did not answer.
    """
    own = ready(setting, certificate.made_on)
    return make(
        certificate,
        own.key,
        time_service=setting.time_service,
        evidence=setting.evidence,
        sealed=sealed,
    )


def _problems_of_key(key: SigningKey, setting: Setting, at: datetime) -> list[str]:
    certificate = key.certificate
    problems = []
    try:
        algorithm_of(certificate)
    except InputError as error:
        return [f"the signing key {error.problem}"]
    if is_specimen_signer(certificate):
        problems.append("the key was made for specimens")
    if setting.office is not None and signer_country(certificate) != setting.office.country:
        problems.append("the signer's certificate names another country than the office")
    if certificate.not_valid_after_utc - at < SHORTEST_LIFE:
        problems.append("the signer's certificate ends within a month")
    if setting.anchors is not None:
        objection = setting.anchors.objection(certificate, key.chain, at)
        if objection is not None:
            problems.append(f"the signer's chain does not hold under the root ({objection})")
    if not _fits(key):
        problems.append("the key does not belong to its certificate")
    return problems


def _fits(key: SigningKey) -> bool:
    public = key.certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    try:
        public.verify(key.sign(b"totalize"), b"totalize", ec.ECDSA(hash_of(key.certificate)))
    except InvalidSignature:
        return False
    return True
