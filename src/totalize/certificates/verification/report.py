"""What a check found, and the verdict that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from totalize.certificates.model import Certificate, Kind, State
from totalize.kernel.plain import to_plain


class Verdict(StrEnum):
    """One word for whoever is shown the document."""

    VALID = "valid"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    ALTERED = "altered"
    UNTRUSTED = "untrusted"
    SPECIMEN = "specimen"
    PROOF_OF_REQUEST = "proof_of_request"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Covers:
    """What the document certifies, in the order in which somebody asks."""

    person: str
    born: str | None
    employer: str
    work_in: str | None
    covered_by: str
    exempt_in: str
    first: date
    last: date | None

    def to_dict(self) -> dict[str, Any]:
        """Return it with the contract's names for the period."""
        plain: dict[str, Any] = to_plain(self)
        plain["from"], plain["to"] = plain.pop("first"), plain.pop("last")
        return plain


def covers_of(certificate: Certificate) -> Covers:
    """Return what a certificate certifies; of the birth date no more than the year."""
    born = certificate.worker.birth_date
    return Covers(
        person=certificate.worker.full_name,
        born=None if born is None else str(born.year),
        employer=certificate.employer.name,
        work_in=certificate.work.country,
        covered_by=certificate.covered_by,
        exempt_in=certificate.exempt_in,
        first=certificate.first,
        last=certificate.last,
    )


@dataclass(frozen=True, slots=True)
class Time:
    """When it was signed.

    Attributes:
        claimed: by the signer.
        proven: by a time-stamp service under the given anchors; None when nobody proves it.
        level: `B-B`, `B-T` or `B-LTA`; None for a token.
    """

    claimed: datetime | None
    proven: datetime | None
    level: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """What the status list says.

    Attributes:
        state: None when it was not, or could not be, looked up.
        checked: `yes`, `no_list_given`, `no_entry` (the document names no list) or the reason
            why the list cannot be used (`stale`, `other_list`, `list_altered`, ...).
        age_seconds: how old the list was at the moment of the check.
        good_until: when the list stops being good.
    """

    state: State | None
    checked: str
    age_seconds: int | None = None
    good_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A finding: a stable code and a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a check found. Field by field the answer to one question.

    Attributes:
        verdict: the one word.
        kind: what the document says it is; None when that cannot be believed.
        intact: nothing was changed after signing.
        trusted: the signer is one of the given anchors', and may sign this.
        signed_by: whose signature it is.
        time: when it was signed, and whether that is proven.
        in_force: the moment of the check lies in its period; None when unknown.
        status: withdrawn, replaced, or not.
        covers: person, employer, country and period; None when they cannot be believed.
        does_not_prove: sentences.
        reasons: why the verdict is what it is, most important first.
        reference: the document's reference.
        at: the moment of the check.
    """

    verdict: Verdict
    kind: Kind | None
    intact: bool
    trusted: bool
    signed_by: str | None
    time: Time
    in_force: bool | None
    status: Status
    covers: Covers | None
    does_not_prove: tuple[str, ...]
    reasons: tuple[Note, ...]
    reference: str | None
    at: datetime
    contract: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of section 7 of the contract."""
        plain: dict[str, Any] = to_plain(self)
        plain["covers"] = None if self.covers is None else self.covers.to_dict()
        return {"contract": plain.pop("contract"), **plain}

    @property
    def exit_status(self) -> int:
        """0 when valid, 1 when not."""
        return 0 if self.verdict is Verdict.VALID else 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verdict follows from."""

    kind: Kind | None
    intact: bool
    objection: str | None
    first: date | None
    last: date | None
    state: State | None
    status_unknown: bool
    at: date
    ended: bool = False


def verdict_of(facts: Facts) -> Verdict:
    """Weigh the findings: what cannot be believed first, then what it is, then whether it holds."""
    if not facts.intact:
        return Verdict.ALTERED
    if facts.objection is not None:
        return Verdict.UNTRUSTED
    if facts.kind is None or facts.first is None:
        return Verdict.UNKNOWN
    if facts.kind is not Kind.CERTIFICATE:
        return Verdict(facts.kind.value)
    if facts.state is State.WITHDRAWN:
        return Verdict.WITHDRAWN
    # For whoever is shown the old one, an amendment is another paper to ask for, too.
    if facts.state in (State.REPLACED, State.AMENDED):
        return Verdict.REPLACED
    if facts.at < facts.first:
        return Verdict.NOT_YET_VALID
    if facts.ended or (facts.last is not None and facts.at > facts.last):
        return Verdict.EXPIRED
    return Verdict.UNKNOWN if facts.status_unknown else Verdict.VALID
