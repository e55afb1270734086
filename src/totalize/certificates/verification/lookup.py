"""Check a certificate by its reference and the check word on its face, where it was issued.

An unknown reference and a wrong word get the same answer and the same work, so that nothing can
be listed or guessed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from totalize.certificates.face import limits
from totalize.certificates.model import Kind
from totalize.certificates.reference import parse_reference, same_fact, same_reference
from totalize.certificates.register import Record
from totalize.certificates.verification.report import (
    Facts,
    Report,
    Status,
    Time,
    Verdict,
    covers_of,
    verdict_of,
)
from totalize.certificates.verification.sentences import reason

# What a guess is compared with where there is no record. No word is as long.
_NOTHING = "0000-0000-0000-0000-0000-0000-0000"


def check_record(record: Record | None, reference: str, fact: str, at: datetime) -> Report:
    """Answer for a document that was looked up in the register.

    Args:
        record: what the register holds under the reference, None when it holds nothing.
        reference: as it was typed.
        fact: the check word, as it was typed.
        at: the moment of the check.

    Raises:
        InputError: the reference is none, or has a typing error (`mistyped_reference`).
    """
    asked = parse_reference(reference)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    known = _NOTHING if record is None else record.reference
    word = _NOTHING if record is None else record.certificate.fact
    fits = same_reference(asked, known) & same_fact(fact, word)
    if record is None or not fits:
        return _unknown(asked, at)
    return _report(record, at)


def _report(record: Record, at: datetime) -> Report:
    certificate = record.certificate
    covers = covers_of(certificate)
    day = at.date()
    verdict = verdict_of(
        Facts(
            kind=certificate.kind,
            intact=True,
            objection=None,
            first=covers.first,
            last=covers.last,
            state=record.state,
            status_unknown=False,
            at=day,
        )
    )
    in_force = covers.first <= day and (covers.last is None or day <= covers.last)
    return Report(
        verdict=verdict,
        kind=certificate.kind,
        intact=True,
        trusted=True,
        signed_by=certificate.authority.name,
        time=Time(certificate.made_on, None, None),
        in_force=in_force if certificate.kind is Kind.CERTIFICATE else None,
        status=Status(record.state, "yes", 0),
        covers=covers,
        does_not_prove=tuple(limits(certificate)),
        reasons=(reason(f"verdict_{verdict}"), reason("from_register")),
        reference=certificate.reference,
        at=at,
    )


def _unknown(reference: str, at: datetime) -> Report:
    return Report(
        verdict=Verdict.UNKNOWN,
        kind=None,
        intact=False,
        trusted=False,
        signed_by=None,
        time=Time(None, None, None),
        in_force=None,
        status=Status(None, "no_entry"),
        covers=None,
        does_not_prove=(),
        reasons=(reason("no_such_record"),),
        reference=reference,
        at=at,
    )
