"""Check the signature of a PDF: every byte of it, offline, whatever it brings along."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import msgspec
from asn1crypto.cms import ContentInfo
from asn1crypto.parser import peek
from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import (
    DecodeLimits,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from totalize.certificates.model import CHECK_RECORD_NAME, TWIN_NAME, Certificate, read_twin
from totalize.certificates.trust import Anchors, to_cryptography
from totalize.certificates.verification.container import frame_is_sound
from totalize.certificates.verification.lasting import (
    Judgement,
    Moment,
    judge,
    objection_of,
    validate,
)
from totalize.certificates.waiting import wait_for
from totalize.kernel.errors import InputError

MEBIBYTE = 1 << 20
MAX_BYTES = 8 * MEBIBYTE
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=4 * MEBIBYTE),
    document_budget=DocumentDecodeBudget(base_allowance=32 * MEBIBYTE, max_ratio=8),
)
# The library reports each fault of a hostile file to the log as well as to us.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class PdfFindings:
    """What the file itself shows.

    Attributes:
        signed: it carries a signature.
        change: why it is not as it was signed, None when it is.
        objection: why the signer is not trusted, None when it is.
        signer: the signer's certificate.
        claimed: signing time as the signer states it.
        proven: signing time as a time-stamp proves it.
        level: PAdES level reached and checked.
        twin: the facts, as attached.
        check_record: it is the record of a check.
    """

    signed: bool
    change: str | None = None
    objection: str | None = None
    signer: x509.Certificate | None = None
    claimed: datetime | None = None
    proven: datetime | None = None
    level: str | None = None
    twin: Certificate | None = None
    check_record: bool = False


def unreadable(problem: str) -> InputError:
    """Return the error for a file that nothing can be said about."""
    return InputError("", f"the file cannot be read: {problem}", code="unreadable")


def read_facts(data: bytes) -> Certificate | None:
    """Return the facts attached to a PDF, believed by nobody yet; None when there are none.

    Raises:
        InputError: it is no PDF, or damaged beyond reading.
    """
    try:
        return _twin(PdfFileReader(BytesIO(data), strict=True, decode_limits=_LIMITS))
    except Exception as error:  # noqa: BLE001 - a hostile file can break a parser anywhere
        raise unreadable(f"it is damaged ({type(error).__name__})") from None


def examine_pdf(data: bytes, anchors: Anchors, at: datetime) -> PdfFindings:
    """Check the signature of a PDF.

    Args:
        data: the whole file.
        anchors: whom to trust.
        at: the moment of the check.

    Raises:
        InputError: it is no PDF, damaged beyond reading, encrypted, or too large.
    """
    if len(data) > MAX_BYTES:
        raise unreadable(f"{len(data):,} bytes, a certificate has less than {MAX_BYTES:,}")
    try:
        return _examine(data, anchors, at)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - a hostile file can break a parser anywhere
        raise unreadable(f"it is damaged ({type(error).__name__})") from None


def _examine(data: bytes, anchors: Anchors, at: datetime) -> PdfFindings:
    reader = PdfFileReader(BytesIO(data), strict=True, decode_limits=_LIMITS)
    if reader.encrypted:
        raise unreadable("it is encrypted")
    everything = reader.embedded_signatures
    signatures = [item for item in everything if item.sig_object_type == "/Sig"]
    if not signatures:
        return PdfFindings(signed=False, twin=_twin(reader))
    signature = signatures[0]
    stamps = [item for item in everything if item.sig_object_type != "/Sig"]
    change = "second_signature" if len(signatures) > 1 else _outside_change(data, everything)
    judgement, change = wait_for(_judge(reader, signature, stamps, anchors, at, change))
    if change is None and judgement.objection is None:
        change = _frame_change(everything, anchors)
    return PdfFindings(
        signed=True,
        change=change,
        objection=judgement.objection,
        signer=to_cryptography(signature.signer_cert),
        claimed=signature.self_reported_timestamp,
        proven=judgement.proven,
        level=judgement.level,
        twin=_twin(reader),
        check_record=_attached(reader, CHECK_RECORD_NAME) is not None,
    )


async def _judge(  # noqa: PLR0917 - one step of the check above
    reader: PdfFileReader,
    signature: EmbeddedPdfSignature,
    stamps: list[EmbeddedPdfSignature],
    anchors: Anchors,
    at: datetime,
    change: str | None,
) -> tuple[Judgement, str | None]:
    moment = Moment(_moment(signature, at))
    status = await validate(signature, anchors, moment, moment)
    change = change or _change(status)
    if change is not None:
        return Judgement(change, None, None, "B-B"), change
    if not stamps and status.timestamp_validity is None:
        return Judgement(None, objection_of(status), None, "B-B"), None
    judgement = await judge(reader, signature, stamps, anchors, moment.at)
    return judgement, judgement.change


def _moment(signature: EmbeddedPdfSignature, at: datetime) -> datetime:
    """Return the moment at which the signer is judged.

    A question about an earlier day is a question about coverage: the signer is judged at the
    time of signing then, not before there was a signature.
    """
    claimed = signature.self_reported_timestamp
    return at if claimed is None else max(at, claimed)


def _outside_change(data: bytes, everything: list[EmbeddedPdfSignature]) -> str | None:
    """Find changes that lie outside what the signature library looks at."""
    for item in everything:
        # The space left over behind a signature object is under no signature: it must be as the
        # writer left it, down to the case of the digits.
        content = item.pkcs7_content
        start, length, resume, _ = (int(number) for number in item.byte_range)
        written = data[start + length + 1 : resume - 1]
        size = peek(content)
        if written != content.hex().upper().encode() or any(content[size:]):
            return "padding_changed"
    last = max(everything, key=lambda item: item.signed_revision)
    if last.evaluate_signature_coverage() is not SignatureCoverageLevel.ENTIRE_FILE:
        return "appended"
    return None


def _frame_change(everything: list[EmbeddedPdfSignature], anchors: Anchors) -> str | None:
    """Find changes inside a signature object that is right in all that it signs."""
    known = (*anchors.roots, *anchors.others)
    for item in everything:
        content = item.pkcs7_content[: peek(item.pkcs7_content)]
        if not frame_is_sound(ContentInfo.load(content), content, known):
            return "frame_changed"
    return None


def _change(status: Any) -> str | None:
    if not status.intact:
        return "content_changed"
    if not status.valid:
        return "signature_wrong"
    if status.modification_level not in (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES):
        return "appended"
    if not status.docmdp_ok:
        return "appended"
    return None


def _twin(reader: PdfFileReader) -> Certificate | None:
    """Read the attached facts; None when there are none that can be read."""
    content = _attached(reader, TWIN_NAME)
    if content is None:
        return None
    try:
        return read_twin(content)
    except (msgspec.DecodeError, ValueError):
        return None


def _attached(reader: PdfFileReader, name: str) -> bytes | None:
    """Return a file inside the file; None when there is none of that name."""
    try:
        files = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    except KeyError:
        return None
    for position in range(0, len(files) - 1, 2):
        if str(files[position]) == name:
            stream = files[position + 1]["/EF"]["/F"]
            return bytes(stream.data) if isinstance(stream, generic.StreamObject) else None
    return None
