"""Checking what somebody was shown: by reference and check word, as a file, or as a code."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.core import signing

from totalize.certificates.authority import NotAnAuthorityError
from totalize.certificates.reference import parse_reference
from totalize.certificates.register import Record, read_record
from totalize.certificates.trust import Anchors, read_anchors
from totalize.certificates.verification.lookup import check_record
from totalize.certificates.verification.record import record_of_check
from totalize.certificates.verification.report import Report, Verdict
from totalize.certificates.verification.verifier import Verifier
from totalize.kernel.errors import InputError
from totalize.kernel.typed import convert
from totalize.web.applications.requestkey import request_anchors, request_key
from totalize.web.applications.services.submission import find_proof
from totalize.web.certificates.publishing import status_list
from totalize.web.certificates.selectors import find_record, record_of
from totalize.web.certificates.services import setting
from totalize.web.verify.sample import SAMPLE

# Certificates of other offices that are trusted (`*.pem`), and their status lists (`*.jwt`).
TRUST: Final = "trust"
_SALT: Final = "verify.report"
_KEEP: Final = 3600  # seconds for which a report can be taken along


def verify_reference(reference: str, fact: str, at: datetime) -> Report:
    """Answer for a reference and the check word printed beside it.

    Whatever is asked, a record is read and compared: where there is none, a made-up one, so that
    an unknown reference and a wrong check word take the same work and get the same answer.

    Args:
        reference: as it was typed.
        fact: the check word, as it was typed.
        at: the moment of the check.

    Raises:
        InputError: it is no reference, or was mistyped (`bad_reference`, `mistyped_reference`).
    """
    asked = parse_reference(reference)
    kept = find_record(asked)
    record = read_record(json.loads(SAMPLE) if kept is None else kept.record)
    proof = find_proof(asked)
    if proof is not None:
        record = Record(certificate=proof)
    report = check_record(record, asked, fact, at)
    if kept is None or report.verdict is Verdict.UNKNOWN:
        return report
    # Only whoever has both learns what is sealed beside the record, the year of birth.
    return check_record(record_of(kept), asked, fact, at)


def verify_file(data: bytes, at: datetime) -> Report:
    """Answer for a file: a PDF, a credential, or the text of a code.

    Raises:
        InputError: it cannot be read (`unreadable`).
    """
    return _verifier().check(data, at)


def verify_code(text: str, at: datetime) -> Report:
    """Answer for a scanned code; what its address has in front is left out.

    Raises:
        InputError: it cannot be read (`unreadable`).
    """
    return _verifier().check(text.strip().rpartition("#")[2], at)


def _verifier() -> Verifier:
    """Return the verifier for what is trusted and known of withdrawals at this moment."""
    folder = settings.INSTALLATION.data_dir / TRUST
    lists = [path.read_text(encoding="ascii") for path in sorted(folder.glob("*.jwt"))]
    with suppress(NotAnAuthorityError):
        lists.append(status_list())
    own = setting()
    anchors = None if own is None else own.anchors
    files = tuple((path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.pem")))
    return _kept_verifier(anchors, files, request_anchors(), tuple(lists))


@lru_cache(maxsize=4)
def _kept_verifier(
    own: Anchors | None,
    files: tuple[tuple[Path, int], ...],
    requests: bytes,
    lists: tuple[str, ...],
) -> Verifier:
    # It remembers chains, so that the second paper of an office is checked faster.
    found = [read_anchors(path.read_bytes(), path.name) for path, _ in files]
    found.append(read_anchors(requests))
    if own is not None:
        found.append(own)
    roots = tuple(dict.fromkeys(root for item in found for root in item.roots))
    others = tuple(dict.fromkeys(other for item in found for other in item.others))
    return Verifier(Anchors(roots, others), lists)


def seal_report(report: Report, digest: str | None) -> str:
    """Return a report for its reader to hand back, so that nothing has to be kept here."""
    plain = {"report": msgspec.to_builtins(report), "digest": digest}
    return signing.dumps(plain, salt=_SALT, compress=True)


def signed_record(sealed: str, language: str, at: datetime) -> bytes:
    """Return the signed record of a check that was made here within the hour.

    Args:
        sealed: from `seal_report`.
        language: of the record.
        at: the moment.

    Raises:
        InputError: it is not from here, or too old.
    """
    report, digest = open_report(sealed)
    return record_of_check(report, request_key(), at, digest=digest, language=language)


def open_report(sealed: str) -> tuple[Report, str | None]:
    """Return a report that its reader handed back, and the digest of the file it is about.

    Args:
        sealed: from `seal_report`.

    Raises:
        InputError: it is not from here, or too old.
    """
    try:
        plain = signing.loads(sealed, salt=_SALT, max_age=_KEEP)
    except signing.BadSignature:
        raise InputError(
            "report", "is not from here, or older than an hour", expected="a new check", code="old"
        ) from None
    return convert(plain["report"], Report), plain["digest"]
