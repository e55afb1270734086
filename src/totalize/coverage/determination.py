"""The answer: which system covers a work, in which period, and which paper proves it.

Shapes are those of section 2 of the contract. *Entitled* (`covered_by`) and *proven* (`proof`)
are separate fields on purpose.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from totalize.kernel.plain import to_plain


class Outcome(StrEnum):
    """What can be said about a period of work."""

    DETERMINED = "determined"
    NEEDS_FACTS = "needs_facts"
    NEEDS_CONSENT = "needs_consent"
    UNSETTLED = "unsettled"
    OUT_OF_SCOPE = "out_of_scope"


class Rule(StrEnum):
    """The rule that decided."""

    __hash__ = str.__hash__  # an enumeration's own is not made in C

    DOMESTIC = "domestic"
    TERRITORIAL = "territorial"
    DETACHED_WORKER = "detached_worker"
    SELF_EMPLOYED_RESIDENCE = "self_employed_residence"
    SELF_EMPLOYED_ACTIVITY = "self_employed_activity"
    SELF_EMPLOYED_TRANSFER = "self_employed_transfer"
    NATIONALITY = "nationality"
    ELECTION = "election"
    SEAFARER = "seafarer"
    AIRCREW = "aircrew"
    GOVERNMENT = "government"
    NO_AGREEMENT = "no_agreement"
    BEFORE_AGREEMENT = "before_agreement"


class Proof(StrEnum):
    """The state of the paper, which is not the state of the law."""

    NEEDED = "needed"
    HELD = "held"
    NOT_NEEDED = "not_needed"
    UNAVAILABLE = "unavailable"


class CertificateNeed(Struct, frozen=True):
    """The certificate to get: who issues it, where it is shown, who asks which office, and how.

    Attributes:
        issued_by: country whose office issues it (alpha-2).
        presented_in: country where it lifts contributions.
        applicant: `employer` or `worker`.
        office: the office to ask, with its address as far as it was read.
        form: number of the form, None when none was found or none is needed.
        how: ways to ask (`online`, `mail`, `fax`, `email`, `portal`), best first.
        required_information: what the request must say.
    """

    issued_by: str
    presented_in: str
    applicant: str
    office: str | None
    form: str | None
    how: tuple[str, ...]
    required_information: tuple[str, ...]


class Cited(Struct, frozen=True):
    """A provision the answer rests on, and when it was last read."""

    ref: str
    url: str | None
    read_on: date
    sure: str


class Reason(Struct, frozen=True):
    """One test on the way to the answer.

    Attributes:
        code: stable name of the test.
        text: the test and its result in words.
        result: true, false, or None when a fact is unknown.
        facts: the facts looked at, by path, with their values (None: unknown).
        because: the tests that decided this one.
        citation: the provision that asks for the test, None for a combination of tests.
    """

    code: str
    text: str
    result: bool | None
    facts: dict[str, Any] = {}
    because: tuple[Reason, ...] = ()
    citation: str | None = None


class Notice(Struct, frozen=True):
    """Something the reader must know beside the answer."""

    code: str
    text: str


class CoveragePeriod(Struct, frozen=True, kw_only=True):
    """The answer for a stretch of a work in which nothing changes.

    Attributes:
        first: first day.
        last: last day, None when open-ended.
        covered_by: systems whose contributions are due by law; None unless determined.
        otherwise: systems that would be due without an agreement; None when that is unknown.
        agreement: country of the agreement that was read, None without one.
        missing: paths of the facts the answer turns on, most decisive first.
    """

    first: date = field(name="from")
    last: date | None = field(name="to")
    outcome: Outcome
    covered_by: tuple[str, ...] | None
    otherwise: tuple[str, ...] | None
    agreement: str | None
    rule: Rule | None
    proof: Proof | None
    certificate: CertificateNeed | None
    missing: tuple[str, ...]
    citations: tuple[Cited, ...]
    reasons: tuple[Reason, ...]
    warnings: tuple[Notice, ...]


class WorkResult(Struct, frozen=True):
    """The answer for one work, by period."""

    work: str
    periods: tuple[CoveragePeriod, ...]


class Determination(Struct, frozen=True):
    """The answer for a whole case.

    Attributes:
        as_of: the day on which the decision is made.
        law: digest of the law data it was made with.
    """

    as_of: date
    law: str
    results: tuple[WorkResult, ...]
    contract: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of section 2 of the contract."""
        plain: dict[str, Any] = to_plain(self)
        return {"contract": plain.pop("contract"), **plain}

    def for_work(self, work: str) -> WorkResult:
        """Return the answer for one work by its id.

        Raises:
            KeyError: the case has no such work.
        """
        for result in self.results:
            if result.work == work:
                return result
        raise KeyError(work)
