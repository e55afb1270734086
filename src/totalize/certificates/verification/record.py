"""The record of a check: a signed paper that says what was found, to be kept.

It is no certificate, says so, and is never found to be one. The report is attached once more for
machines, with the digest of the file that was checked.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from totalize.certificates.issuing import no_time_stamp
from totalize.certificates.keys import SigningKey, signer_name
from totalize.certificates.model import CHECK_RECORD_NAME
from totalize.certificates.pack.assembly import set_paper
from totalize.certificates.pack.documents import (
    Answers,
    Attachment,
    Block,
    Bullets,
    Heading,
    Paper,
    Paragraph,
)
from totalize.certificates.rendering import CannotSetError
from totalize.certificates.signing import sign_pdf
from totalize.certificates.verification.report import Report
from totalize.certificates.verification.sentences import findings, limits_of, reason_text
from totalize.certificates.wording import ENGLISH, Catalogue, catalogue

MEDIA_TYPE = "application/vnd.totalize.check+json"


def record_of_check(
    report: Report,
    key: SigningKey,
    made_on: datetime,
    *,
    document: bytes | None = None,
    digest: str | None = None,
    language: str = ENGLISH,
    time_service: TimeStamper | None = None,
) -> bytes:
    """Return the signed record of a check as PDF.

    Args:
        report: what the check found.
        key: of whoever made the check.
        made_on: the moment, with a time zone.
        document: the file that was checked; its digest goes into the record.
        digest: the digest (SHA-256, hexadecimal) where the file is not kept.
        language: of the paper; English where no font for it is at hand.
        time_service: proves the moment.

    Raises:
        InputError: the time-stamp service did not answer.
    """
    signer = signer_name(key.certificate)
    if document is not None:
        digest = hashlib.sha256(document).hexdigest()
    plain = {"report": report.to_dict(), "checked_by": signer, "sha256": digest}
    words = catalogue(ENGLISH)
    attachment = Attachment(
        CHECK_RECORD_NAME,
        MEDIA_TYPE,
        words.say("check_record_twin"),
        msgspec.json.encode(plain, order="sorted"),
    )
    try:
        page = set_paper(check_paper(report, signer, digest, language), made_on, attachment)
    except CannotSetError:
        page = set_paper(check_paper(report, signer, digest, ENGLISH), made_on, attachment)
    title = words.say("check_record_title")
    try:
        return sign_pdf(page, key, made_on, title, time_service=time_service)
    except TimestampRequestError as error:
        raise no_time_stamp(error) from None


def check_paper(report: Report, signer: str, digest: str | None, language: str) -> Paper:
    """Return the record as a paper: what was asked, the answer, what it is not."""
    words = catalogue(language)
    rows = [(words.say("check_record_at"), _moment(report.at))]
    if digest is not None:
        rows.append((words.say("check_record_digest"), " ".join(_pieces(digest))))
    rows.append((words.say("check_record_by"), signer))
    blocks: list[Block] = [
        Heading(words.say(f"verdict_{report.verdict}")),
        Bullets(tuple(reason_text(note.code, words) for note in report.reasons)),
        Answers(_columns(words), tuple(rows)),
    ]
    found = findings(report, words)
    if found:
        blocks += [
            Heading(words.say("check_record_found")),
            Answers(_columns(words), tuple(found)),
        ]
    limits = limits_of(report, words)
    if limits:
        blocks += [Heading(words.say("check_record_limits")), Bullets(limits)]
    blocks.append(Paragraph(words.say("check_record_later")))
    return Paper(
        name="record-of-check",
        title=words.say("check_record_title"),
        language=words.language,
        blocks=tuple(blocks),
        banner=words.say("check_record_banner"),
    )


def _columns(words: Catalogue) -> tuple[str, str]:
    return words.say("column_fact"), words.say("column_entry")


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}".strip()


def _pieces(digest: str) -> list[str]:
    return [digest[start : start + 8] for start in range(0, len(digest), 8)]
