"""One door for every form: a PDF, a scanned code, a credential or a reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

from totalize.certificates.face import limits
from totalize.certificates.keys import signer_name
from totalize.certificates.model import Kind, State, StatusEntry
from totalize.certificates.reference import looks_like_reference, parse_reference
from totalize.certificates.statuslist import StatusList, read_status_list
from totalize.certificates.trust import (
    Anchors,
    is_specimen_signer,
    signer_country,
)
from totalize.certificates.verification.credential import examine_credential, is_credential
from totalize.certificates.verification.pdf import examine_pdf, unreadable
from totalize.certificates.verification.report import (
    Covers,
    Facts,
    Note,
    Report,
    Status,
    Time,
    Verdict,
    covers_of,
    verdict_of,
)
from totalize.certificates.verification.sentences import reason, token_limits
from totalize.certificates.verification.tokens import examine_token, find_token

PDF_MARK = b"%PDF-"


@dataclass(frozen=True, slots=True)
class _Finding:
    """What any form of document shows, on the way to the report."""

    change: str | None
    objection: str | None
    kind: Kind | None
    signed_by: str | None
    time: Time
    covers: Covers | None
    reference: str | None
    status: StatusEntry | None
    limits: tuple[str, ...]
    extra: str | None = None
    signed: bool = True
    ended: bool = False


class Verifier:
    """Checks documents under fixed anchors and status lists. Keep one: it remembers chains."""

    def __init__(self, anchors: Anchors, status_lists: Iterable[str] = ()) -> None:
        self._anchors = anchors
        self._lists = [read_status_list(text, anchors) for text in status_lists]

    def check(self, document: bytes | str, at: datetime) -> Report:
        """Check a document.

        Args:
            document: a PDF as bytes; or text: a scanned code, a credential, a reference.
            at: the moment of the check.

        Raises:
            InputError: it cannot be read (code `unreadable`), or a reference was mistyped.
        """
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(document, bytes):
            if PDF_MARK in document[:1024]:
                return self._report(self._pdf(document, at), at)
            try:
                document = document.decode("utf-8")
            except UnicodeDecodeError:
                raise unreadable("it is neither a PDF nor text") from None
        text = document.strip()
        if is_credential(text):
            return self._report(self._credential(text, at), at)
        token = find_token(text)
        if token is not None:
            return self._report(self._token(token, at), at)
        if looks_like_reference(text):
            return self._reference(parse_reference(text), at)
        raise unreadable("it is no certificate, code, credential or reference")

    def _pdf(self, data: bytes, at: datetime) -> _Finding:
        found = examine_pdf(data, self._anchors, at)
        twin = found.twin
        if not found.signed:
            return _nothing("unsigned" if twin is not None else None, twin is not None)
        objection = found.objection
        if objection is None and found.signer is not None and twin is not None:
            objection = _wrong_authority(found.signer, twin.kind, twin.covered_by)
        return _Finding(
            change=found.change,
            objection=objection,
            kind=_kind(twin.kind, found.signer) if twin else None,
            signed_by=signer_name(found.signer) if found.signer else None,
            time=Time(found.claimed, found.proven, found.level),
            covers=covers_of(twin) if twin else None,
            reference=twin.reference if twin else None,
            status=twin.status if twin else None,
            limits=tuple(limits(twin)) if twin else (),
            extra=None if twin else "check_record" if found.check_record else "no_facts",
        )

    def _token(self, text: str, at: datetime) -> _Finding:
        found = examine_token(text, self._anchors, at)
        facts = found.facts
        objection = found.objection
        if objection is None and found.signer is not None and facts is not None:
            objection = _wrong_authority(found.signer, facts.kind, facts.covers.covered_by)
        return _Finding(
            change=None if found.intact else "signature_wrong",
            objection=objection,
            kind=_kind(facts.kind, found.signer) if facts else None,
            signed_by=signer_name(found.signer) if found.signer else None,
            time=Time(facts.made_on if facts else None, None, None),
            covers=facts.covers if facts else None,
            reference=facts.reference if facts else None,
            status=facts.status if facts else None,
            limits=token_limits(facts.kind, facts.covers) if facts else (),
        )

    def _credential(self, text: str, at: datetime) -> _Finding:
        found = examine_credential(text, self._anchors, at)
        objection = found.objection
        if objection is None and found.signer is not None and found.covers is not None:
            kind = found.kind or Kind.CERTIFICATE
            objection = _wrong_authority(found.signer, kind, found.covers.covered_by)
        return _Finding(
            change=found.change,
            objection=objection,
            kind=_kind(found.kind, found.signer) if found.kind else None,
            signed_by=signer_name(found.signer) if found.signer else None,
            time=Time(found.made_on, None, None),
            covers=found.covers,
            reference=found.reference,
            status=found.status,
            limits=token_limits(found.kind, found.covers) if found.kind and found.covers else (),
            extra=None if found.bound else "holder_not_proven",
            ended=found.ended,
        )

    def _reference(self, reference: str, at: datetime) -> Report:
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
            reasons=(reason("reference_alone"),),
            reference=reference,
            at=at,
        )

    def _report(self, finding: _Finding, at: datetime) -> Report:
        status = self._status(finding.status, finding.covers, at)
        covers = finding.covers
        day = at.date()
        verdict = verdict_of(
            Facts(
                kind=finding.kind,
                intact=finding.change is None,
                objection=finding.objection,
                first=covers.first if covers else None,
                last=covers.last if covers else None,
                state=status.state,
                status_unknown=status.checked not in ("yes", "no_list_given", "no_entry"),
                at=day,
                ended=finding.ended,
            )
        )
        believed = finding.signed and finding.change is None and finding.objection is None
        in_force = (
            covers.first <= day and (covers.last is None or day <= covers.last)
            if believed and covers and finding.kind is Kind.CERTIFICATE
            else None
        )
        return Report(
            verdict=verdict,
            kind=finding.kind if believed else None,
            intact=finding.signed and finding.change is None,
            trusted=believed,
            signed_by=finding.signed_by,
            time=finding.time,
            in_force=in_force,
            status=status if believed else Status(None, "no_entry"),
            covers=covers if believed else None,
            does_not_prove=finding.limits if believed else (),
            reasons=_reasons(finding, verdict, status),
            reference=finding.reference if believed else None,
            at=at,
        )

    def _status(self, entry: StatusEntry | None, covers: Covers | None, at: datetime) -> Status:
        if entry is None:
            return Status(None, "no_entry")
        if not self._lists:
            return Status(None, "no_list_given")
        usable = [item for item in self._lists if isinstance(item, StatusList)]
        if not usable:
            return Status(None, next(item for item in self._lists if isinstance(item, str)))
        # A list is its issuer's: one of another authority says nothing, whatever its address.
        country = covers.covered_by if covers else None
        own = [item for item in usable if item.uri == entry.uri]
        own = [item for item in own if item.issuer_country in (None, country)]
        if not own:
            return Status(None, "other_list")
        newest = max(own, key=lambda item: item.made_on)
        age = int((at - newest.made_on).total_seconds())
        state = newest.state(entry.index)
        if state is None:
            return Status(None, "list_broken", age, newest.good_until)
        # What was withdrawn stays so: an old list can still say that, but not the contrary.
        if state is State.VALID and (at >= newest.good_until or age < -300):
            return Status(None, "stale", age, newest.good_until)
        return Status(state, "yes", age, newest.good_until)


def _reasons(finding: _Finding, verdict: Verdict, status: Status) -> tuple[Note, ...]:
    codes = [finding.change, finding.objection if finding.change is None else None]
    if not any(codes) and finding.extra == "check_record":
        return (reason("check_record"),)
    if not any(codes):
        codes.append(f"verdict_{verdict}")
        if finding.signed and finding.time.level == "B-B":
            codes.append("time_not_proven")
        if finding.signed and status.checked != "yes":
            codes.append(f"status_{status.checked}")
        codes.append(finding.extra)
    return tuple(reason(code) for code in codes if code)


def _kind(claimed: Kind, signer: x509.Certificate | None) -> Kind:
    """A signer made for specimens signs nothing else, whatever the document says it is."""
    return Kind.SPECIMEN if signer is not None and is_specimen_signer(signer) else claimed


def _wrong_authority(signer: x509.Certificate, kind: Kind, covered_by: str) -> str | None:
    """An authority certifies its own country's coverage and no other's."""
    if kind is not Kind.CERTIFICATE or is_specimen_signer(signer):
        return None
    return None if signer_country(signer) == covered_by else "signer_of_another_country"


def _nothing(objection: str | None, ours: bool) -> _Finding:
    return _Finding(
        change=None,
        objection=objection,
        kind=None,
        signed_by=None,
        time=Time(None, None, None),
        covers=None,
        reference=None,
        status=None,
        limits=(),
        extra=None if ours else "not_ours",
        signed=False,
    )
