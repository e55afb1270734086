"""Time-stamps and long-term evidence inside a PDF: what was proven when, and if it still holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints

from totalize.certificates.chains import DOCUMENT_SIGNING
from totalize.certificates.trust import ALGORITHMS, Anchors, to_cryptography

USAGE = KeyUsageConstraints(
    key_usage={"digital_signature"},
    extd_key_usage={DOCUMENT_SIGNING.dotted_string},
    explicit_extd_key_usage_required=True,
)
_OBJECTIONS = {
    "OUT_OF_BOUNDS_NO_POE": "signer_expired",
    "OUT_OF_BOUNDS_NOT_REVOKED": "signer_expired",
    "NOT_YET_VALID": "signer_not_yet_valid",
    "REVOKED": "signer_revoked",
    "REVOKED_NO_POE": "signer_revoked",
    "REVOKED_CA_NO_POE": "signer_revoked",
    "CHAIN_CONSTRAINTS_FAILURE": "not_for_documents",
    "CRYPTO_CONSTRAINTS_FAILURE": "algorithm_not_listed",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "algorithm_not_listed",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a signature whose bytes are right.

    Attributes:
        change: a time-stamp that doesn't fit, None when all do.
        objection: why the signer is not trusted, None when it is.
        proven: when the signature existed for certain; None when nobody proves it.
        level: the PAdES level that was checked.
    """

    change: str | None
    objection: str | None
    proven: datetime | None
    level: str


@dataclass(frozen=True, slots=True)
class Moment:
    """When a chain is judged, and with which evidence.

    Evidence from the file belongs to a time that is proven: it is as old as the file, so at the
    moment of the check it says nothing any more.
    """

    at: datetime
    evidence: dict[str, Any] = field(default_factory=dict)


async def validate(
    signature: EmbeddedPdfSignature, anchors: Anchors, signer: Moment, stamp: Moment
) -> Any:
    """Check bytes and chains of a signature: the signer's at one moment, the stamp's at another."""
    context = anchors.context(signer.at, **signer.evidence)
    return await async_validate_pdf_signature(
        signature,
        signer_validation_context=context,
        ts_validation_context=context
        if signer is stamp
        else anchors.context(stamp.at, **stamp.evidence),
        key_usage_settings=USAGE,
        algorithm_policy=ALGORITHMS,
    )


async def judge(
    reader: PdfFileReader,
    signature: EmbeddedPdfSignature,
    stamps: list[EmbeddedPdfSignature],
    anchors: Anchors,
    at: datetime,
) -> Judgement:
    """Weigh signer, time-stamps and evidence of a signature whose bytes are right.

    From the newest time-stamp back to the signature, each is judged at the time that the next one
    proves, the newest at the moment of the check; the signer is judged at the time that is proven
    in the end. (The past validation of EN 319 102-1, 5.6.3, with the clock as an argument.)

    Args:
        reader: the open file, for the evidence in it.
        signature: the signature.
        stamps: document time-stamps after it.
        anchors: whom to trust.
        at: the moment of the check.
    """
    known = _evidence(reader)
    now = moment = Moment(at, {"others": known["others"]} if known else {})
    level = "B-B"
    for stamp in sorted(stamps, key=lambda item: item.signed_revision, reverse=True):
        context = anchors.context(moment.at, **moment.evidence)
        found = await async_validate_pdf_timestamp(stamp, context)
        if not (found.intact and found.valid):
            return Judgement("time_stamp_wrong", None, None, level)
        if not found.trusted:
            break
        moment, level = Moment(found.timestamp, known), "B-LTA"
    status = await validate(signature, anchors, moment, moment)
    own = status.timestamp_validity
    if own is not None:
        if not (own.intact and own.valid):
            return Judgement("time_stamp_wrong", None, None, level)
        if own.trusted:
            level = level if level == "B-LTA" else "B-T"
            stamped = Moment(own.timestamp, known)
            status = await validate(signature, anchors, stamped, moment)
            moment = stamped
    proven = None if moment is now else moment.at
    return Judgement(None, objection_of(status), proven, level)


def _evidence(reader: PdfFileReader) -> dict[str, Any]:
    """Return certificates and revocation data from the file; nothing of it is trusted for that."""
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return {}
    return {
        "crls": [item.get_object().data for item in store.crls],
        "ocsps": [item.get_object().data for item in store.ocsps],
        "others": [to_cryptography(item) for item in store.load_certs()],
    }


def objection_of(status: Any) -> str | None:
    """Return why the signer's chain is not trusted, None when it is."""
    if status.trusted:
        return None
    return _OBJECTIONS.get(getattr(status.trust_problem_indic, "name", ""), "no_path")
