"""Look at the parts of a signature object that no signature covers.

A signature object frames the signed attributes and the signature with versions, names of
algorithms and copies of certificates. Nobody reads a lie in them, but a certificate in which any
bit was changed is called altered, so they must be exactly what follows from the signed parts.
"""

from __future__ import annotations

from collections.abc import Iterable

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from totalize.certificates.trust import to_cryptography

_TIME_STAMP = "signature_time_stamp_token"


def frame_is_sound(
    content: cms.ContentInfo, written: bytes, known: Iterable[x509.Certificate]
) -> bool:
    """Tell whether the frame of a signature object is what follows from its signed parts.

    Args:
        content: the object as parsed.
        written: its bytes.
        known: certificates at hand that are known to be whole.
    """
    data = content["content"]
    signers = data["signer_infos"]
    if len(signers) != 1 or len(data["crls"]) > 0:
        return False
    copies = [item.chosen for item in data["certificates"]]
    if not _certificates_hold(copies, known):
        return False
    rebuilt = _rebuild(data, signers[0])
    if rebuilt is None or rebuilt.dump() != written:
        return False
    for attribute in signers[0]["unsigned_attrs"]:
        if attribute["type"].native != _TIME_STAMP or len(attribute["values"]) != 1:
            return False
        stamp = attribute["values"][0]
        if not frame_is_sound(stamp, stamp.dump(), known):
            return False
    return True


def _rebuild(data: cms.SignedData, signer: cms.SignerInfo) -> cms.ContentInfo | None:
    digest = signer["digest_algorithm"]["algorithm"].native
    own = next(
        (
            item.chosen
            for item in data["certificates"]
            if item.chosen.serial_number == signer["sid"].chosen["serial_number"].native
        ),
        None,
    )
    if own is None:
        return None
    plain = data["encap_content_info"]["content_type"].native == "data"
    parts = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            name="issuer_and_serial_number",
            value=cms.IssuerAndSerialNumber(
                {"issuer": own.issuer, "serial_number": own.serial_number}
            ),
        ),
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": digest}),
        "signed_attrs": signer["signed_attrs"],
        "signature_algorithm": algos.SignedDigestAlgorithm(
            {"algorithm": signer["signature_algorithm"]["algorithm"].native}
        ),
        "signature": signer["signature"],
    }
    if len(signer["unsigned_attrs"]) > 0:
        parts["unsigned_attrs"] = signer["unsigned_attrs"]
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1" if plain else "v3",
                    "digest_algorithms": [algos.DigestAlgorithm({"algorithm": digest})],
                    "encap_content_info": {"content_type": "data"}
                    if plain
                    else data["encap_content_info"],
                    "certificates": data["certificates"],
                    "signer_infos": [cms.SignerInfo(parts)],
                }
            ),
        }
    )


def _certificates_hold(
    copies: list[asn1_x509.Certificate], known: Iterable[x509.Certificate]
) -> bool:
    """Tell whether each copy is a known certificate or signed by another that is at hand."""
    at_hand = set(known)
    unknown = [item for item in map(to_cryptography, copies) if item not in at_hand]
    candidates = [*at_hand, *unknown]
    return all(any(_issued(item, above) for above in candidates) for item in unknown)


def _issued(item: x509.Certificate, above: x509.Certificate) -> bool:
    if item.issuer != above.subject:
        return False
    try:
        item.verify_directly_issued_by(above)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
