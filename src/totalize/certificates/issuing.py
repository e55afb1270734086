"""Make a document: page, machine twin, offline code and signature, in one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from totalize.certificates.draft import Subject, draft
from totalize.certificates.face import face
from totalize.certificates.keys import SigningKey, signer_name
from totalize.certificates.model import Authority, Certificate, Kind
from totalize.certificates.offline import offline_token, qr_text
from totalize.certificates.qr import qr_svg
from totalize.certificates.rendering import render
from totalize.certificates.signing import Evidence, sign_pdf
from totalize.certificates.wording import ENGLISH, catalogue
from totalize.kernel.errors import InputError


@dataclass(frozen=True, slots=True)
class Made:
    """A document as it was made.

    Attributes:
        pdf: signed.
        token: the signed facts that the QR code holds.
    """

    certificate: Certificate
    pdf: bytes
    token: str


def make(
    certificate: Certificate,
    key: SigningKey,
    *,
    time_service: TimeStamper | None = None,
    evidence: Evidence | None = None,
    sealed: str | None = None,
) -> Made:
    """Set, attach and sign. Who may make what is decided by the caller (`authority`, `specimen`).

    Args:
        certificate: what it says.
        key: signs the file and the code.
        time_service: proves the time (B-T).
        evidence: with a time service, makes the proof last (B-LTA).
        sealed: an encrypted number to attach (`sealing`).

    Raises:
        InputError: the time service gave no time-stamp.
    """
    token = offline_token(certificate, key)
    inputs = {"qr": qr_svg(qr_text(certificate, token)), "twin": certificate.twin().decode()}
    if sealed is not None:
        inputs["sealed"] = sealed
    page = render("certificate.typ", face(certificate), certificate.made_on, inputs)
    reason = catalogue(ENGLISH).say(f"title_{Kind(certificate.kind)}")
    try:
        pdf = sign_pdf(
            page, key, certificate.made_on, reason, time_service=time_service, evidence=evidence
        )
    except TimestampRequestError as error:
        raise no_time_stamp(error) from None
    return Made(certificate, pdf, token)


def prove_request(
    subject: Subject,
    key: SigningKey,
    made_on: datetime,
    *,
    time_service: TimeStamper | None = None,
) -> Made:
    """Sign what was asked for, of whom and when. It is no certificate and says so everywhere.

    Args:
        subject: the work and its determination.
        key: of whoever asks.
        made_on: the moment, with a time zone.
        time_service: proves the moment.

    Raises:
        InputError: nobody is named, or no time service answered.
    """
    if subject.details.text("full_name") is None:
        raise InputError("details.full_name", "is missing", expected="the name", code="missing")
    asked = Authority(name=signer_name(key.certificate), country=subject.issuer)
    certificate = draft(subject, Kind.PROOF_OF_REQUEST, asked, made_on)
    return make(certificate, key, time_service=time_service)


def no_time_stamp(error: Exception) -> InputError:
    """Return the error for a time-stamp service that gave none."""
    return InputError("", f"the time-stamp service did not answer: {error}", code="no_time_stamp")
