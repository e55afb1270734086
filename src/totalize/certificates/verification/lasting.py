"""Time-stamps and long-term evidence inside a PDF: what was proven when, and if it still holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from totalize.certificates.signing import to_asn1
from totalize.certificates.specimen import DOCUMENT_SIGNING
from totalize.certificates.trust import ALGORITHMS, Anchors

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


async def validate(
    signature: EmbeddedPdfSignature, anchors: Anchors, signer_at: datetime, stamp_at: datetime
) -> Any:
    """Check bytes and chains of a signature: the signer's at one moment, the stamp's at another."""
    return await async_validate_pdf_signature(
        signature,
        signer_validation_context=anchors.context(signer_at),
        ts_validation_context=anchors.context(stamp_at),
        key_usage_settings=USAGE,
        algorithm_policy=ALGORITHMS,
    )


async def judge(
    signature: EmbeddedPdfSignature,
    stamps: list[EmbeddedPdfSignature],
    anchors: Anchors,
    at: datetime,
    status: Any,
) -> Judgement:
    """Weigh signer, time-stamp and evidence of a signature whose bytes are right.

    Args:
        signature: the signature.
        stamps: document time-stamps after it.
        anchors: whom to trust.
        at: the moment of the check.
        status: what `validate` found at that moment.
    """
    for stamp in stamps:
        found = await async_validate_pdf_timestamp(stamp, anchors.context(at))
        if not (found.intact and found.valid):
            return Judgement("time_stamp_wrong", None, None, "B-B")
    if stamps:
        proven = await _lasting(signature, anchors, at)
        if proven is not None:
            return Judgement(None, None, proven, "B-LTA")
    stamp = status.timestamp_validity
    if stamp is None:
        return Judgement(None, objection_of(status), None, "B-B")
    if not (stamp.intact and stamp.valid):
        return Judgement("time_stamp_wrong", None, None, "B-B")
    if not stamp.trusted:
        return Judgement(None, objection_of(status), None, "B-B")
    then = await validate(signature, anchors, stamp.timestamp, at)
    return Judgement(None, objection_of(then), stamp.timestamp, "B-T")


async def _lasting(
    signature: EmbeddedPdfSignature, anchors: Anchors, at: datetime
) -> datetime | None:
    """Follow the chain of time-stamps back (ETSI EN 319 102-1, 5.6.3); None when it breaks."""
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build(to_asn1(anchors.roots)),
                revinfo_policy=CertRevTrustPolicy(
                    RevocationCheckingPolicy.from_legacy("soft-fail")
                ),
                algorithm_usage_policy=ALGORITHMS,
            ),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
            ),
            local_knowledge=LocalKnowledge(known_certs=to_asn1(anchors.others)),
            key_usage_settings=USAGE,
            signature_algorithm_policy=ALGORITHMS,
        )
    )
    timing = ValidationTimingInfo(
        validation_time=at, best_signature_time=at, point_in_time_validation=True
    )
    result = await ades_lta_validation(signature, spec, timing_info=timing)
    if result.ades_subindic is not AdESPassed.OK:
        return None
    return result.best_signature_time


def objection_of(status: Any) -> str | None:
    """Return why the signer's chain is not trusted, None when it is."""
    if status.trusted:
        return None
    return _OBJECTIONS.get(getattr(status.trust_problem_indic, "name", ""), "no_path")
