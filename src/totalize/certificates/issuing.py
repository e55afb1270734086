"""Make a document: page, machine twin, offline code and signature, in one step."""

from __future__ import annotations

from dataclasses import dataclass

from pyhanko.sign.timestamps import TimeStamper

from totalize.certificates.face import face
from totalize.certificates.keys import SigningKey
from totalize.certificates.model import Certificate, Kind
from totalize.certificates.offline import offline_token, qr_text
from totalize.certificates.qr import qr_svg
from totalize.certificates.rendering import render
from totalize.certificates.signing import Evidence, sign_pdf
from totalize.certificates.wording import ENGLISH, catalogue


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
    """
    token = offline_token(certificate, key)
    inputs = {"qr": qr_svg(qr_text(certificate, token)), "twin": certificate.twin().decode()}
    if sealed is not None:
        inputs["sealed"] = sealed
    page = render("certificate.typ", face(certificate), certificate.made_on, inputs)
    reason = catalogue(ENGLISH).say(f"title_{Kind(certificate.kind)}")
    pdf = sign_pdf(
        page, key, certificate.made_on, reason, time_service=time_service, evidence=evidence
    )
    return Made(certificate, pdf, token)
