"""From a determination to a document: what may be certified, and in which words.

A determination is the only thing a document is made from; nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from msgspec import UnsetType

from totalize.certificates.details import NO_DETAILS, Details, Place
from totalize.certificates.model import (
    Authority,
    Certificate,
    Employer,
    Ground,
    Kind,
    Party,
    StatusEntry,
    Work,
)
from totalize.certificates.reference import new_fact, new_reference
from totalize.coverage import case as cases
from totalize.coverage.determination import (
    CertificateNeed,
    CoveragePeriod,
    Determination,
    Outcome,
    Proof,
)
from totalize.kernel.countries import US, in_sentence
from totalize.kernel.errors import InputError
from totalize.law.agreements import load_agreement

Value = TypeVar("Value")


SPECIAL_EXCEPTION = "special_exception"
"""The ground of what both authorities agreed to, beside the rules of the determination."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Both authorities have agreed to an exception: for which days, and when.

    Attributes:
        agreed_on: the day on which the second of them agreed.
        file: what the two answers are filed under, for the record.
    """

    first: date
    last: date | None
    agreed_on: date
    file: str


@dataclass(frozen=True, slots=True)
class Exceptional:
    """What is wanted against, or beyond, the rules; from `exceptions.choose_exception`.

    Attributes:
        extends: a certificate under the rules covers the time right before.
        chosen: the country whose system is wanted was named or follows from the case; False
            where it still has to be said.
        consent: None until both authorities have agreed.
    """

    extends: bool
    chosen: bool
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One work of a case, the stretch of it that a certificate is for, and the details.

    Attributes:
        need: the certificate that the determination asks for; or the one that would be issued
            if both authorities agreed to an exception.
        exceptional: set in the second case.
    """

    case: cases.Case
    work: cases.Work
    work_id: str
    period: CoveragePeriod
    need: CertificateNeed
    details: Details
    law: str
    as_of: date
    exceptional: Exceptional | None = None

    @property
    def issuer(self) -> str:
        """The country that covers the work, and whose office issues."""
        return self.need.issued_by

    @property
    def partner(self) -> str:
        """The other country of the agreement, never the US."""
        if self.period.agreement is not None:
            return self.period.agreement
        return self.need.presented_in if self.issuer == US else self.issuer

    @property
    def covered_by(self) -> str:
        """The country whose system covers the work, or is wanted to."""
        if self.exceptional is not None:
            return self.issuer
        covered = self.period.covered_by or ()
        return covered[0] if len(covered) == 1 else self.issuer

    @property
    def exemption_only(self) -> bool:
        """The country that would claim frees by a letter, because the other issues nothing."""
        return self.need.issued_by == self.need.presented_in


def choose(
    case: cases.Case,
    determination: Determination,
    work_id: str,
    details: Details = NO_DETAILS,
    from_day: date | None = None,
) -> Subject:
    """Find the stretch of a work that a certificate is for.

    Args:
        case: the case as it was decided.
        determination: its answer.
        work_id: id of the work.
        details: names and addresses.
        from_day: a day in the stretch that is meant, when a work has several.

    Raises:
        InputError: there is no such work, or no certificate is to be got for it, and why.
    """
    position = position_of(case, work_id)
    periods = determination.for_work(work_id).periods
    if from_day is not None and not any(holds(item, from_day) for item in periods):
        raise InputError(
            f"work[{position}]",
            "does not go on that day",
            value=from_day.isoformat(),
            expected=f"a day from {periods[0].first} to {periods[-1].last or 'an open end'}",
            code="no_such_day",
        )
    fitting = [item for item in periods if item.certificate is not None and holds(item, from_day)]
    if not fitting:
        raise InputError(
            f"work[{position}]",
            f"has no certificate to ask for: {_why_none(periods)}",
            code="no_certificate",
        )
    period = fitting[0]
    if period.certificate is None:
        raise TypeError("filtered above")
    return Subject(
        case=case,
        work=case.work[position],
        work_id=work_id,
        period=period,
        need=period.certificate,
        details=details,
        law=determination.law,
        as_of=determination.as_of,
    )


def position_of(case: cases.Case, work_id: str) -> int:
    """Return the place of a work in its case.

    Raises:
        InputError: the case has no such work.
    """
    ids = [case.work_id(position) for position in range(len(case.work))]
    if work_id not in ids:
        raise InputError(
            "work", "is not in the case", value=work_id, expected=", ".join(ids), code="no_work"
        )
    return ids.index(work_id)


def holds(period: CoveragePeriod, day: date | None) -> bool:
    """Tell whether a day lies in a stretch; no day lies in all of them."""
    return day is None or (period.first <= day and (period.last is None or day <= period.last))


def draft(
    subject: Subject,
    kind: Kind,
    authority: Authority,
    made_on: datetime,
    *,
    decided_on: date | None = None,
    status: StatusEntry | None = None,
    reference: str | None = None,
    fact: str | None = None,
) -> Certificate:
    """Put a determination into the form of a document.

    Args:
        subject: the work and its determination.
        kind: what the document is.
        authority: in whose name it is made.
        made_on: the moment it is made, with a time zone.
        decided_on: day of the decision; default: the day as of which the law was read.
        status: its place in a status list.
        reference: default: a new random one.
        fact: check word; default: a new random one.

    Raises:
        InputError: the determination does not say that exactly one country covers the work.
    """
    if subject.exemption_only:
        raise InputError(
            "work",
            "gets no certificate of coverage: a letter of exemption is asked for instead",
            code="letter_of_exemption",
        )
    work, details = subject.work, subject.details
    first, last, ground, decided = _decided(subject)
    own, host = _parties(subject)
    number = details.text("social_security_number")
    return Certificate(
        kind=kind,
        reference=reference or new_reference(),
        fact=fact or new_fact(),
        worker=Party(
            full_name=details.text("full_name") or "(name of the worker)",
            birth_date=details.get("birth_date") or given(subject.case.worker.birth_date),
            citizenships=tuple(subject.case.worker.citizenships),
            number_ending=number[-4:] if number and subject.issuer == US else None,
        ),
        employer=own,
        host=host,
        work=Work(
            id=subject.work_id,
            activity=work.activity,
            occupation=work.occupation,
            country=work.country,
            place=details.text("work_place"),
        ),
        covered_by=subject.issuer,
        exempt_in=subject.need.presented_in,
        lifts=lifted(subject),
        first=first,
        last=last,
        ground=ground,
        authority=authority,
        decided_on=decided_on or decided,
        made_on=made_on.replace(microsecond=0),
        status=status,
    )


def _decided(subject: Subject) -> tuple[date, date | None, Ground, date]:
    """Return the days, the ground and the day of the decision that a document states."""
    period, exceptional = subject.period, subject.exceptional
    if exceptional is not None:
        consent = exceptional.consent
        if consent is None or not exceptional.chosen:
            raise InputError(
                "work",
                "rests on an exception: nothing can be certified before both authorities agree",
                code="needs_consent",
            )
        exception = load_agreement(subject.partner).special_exception
        refs = [] if exception is None else [item.ref for item in exception.cite]
        if exception is not None and exception.article is not None:
            refs = [exception.article]
        ground = Ground(
            rule=SPECIAL_EXCEPTION, citations=tuple(refs), law=subject.law, as_of=subject.as_of
        )
        return consent.first, consent.last, ground, consent.agreed_on
    if period.outcome is not Outcome.DETERMINED or period.covered_by != (subject.issuer,):
        raise InputError(
            "work", "is not determined: no document can say who covers it", code="not_determined"
        )
    if period.rule is None:
        raise TypeError("a determined period has a rule")
    ground = Ground(
        rule=period.rule.value,
        citations=tuple(item.ref for item in period.citations),
        law=subject.law,
        as_of=subject.as_of,
    )
    return period.first, period.last, ground, subject.as_of


def lifted(subject: Subject) -> tuple[str, ...] | None:
    """Return the contributions that the certificate lifts, as the agreement names them."""
    agreement = load_agreement(subject.partner)
    for scope in agreement.scope:
        if scope.first <= subject.period.first and (
            scope.last is None or subject.period.first <= scope.last
        ):
            names = scope.us if subject.need.presented_in == US else scope.foreign_covered
            return tuple(names) or None
    return None


def given(value: Value | UnsetType | None) -> Value | None:
    """Return a value of the case, None when it was left out."""
    return None if isinstance(value, UnsetType) else value


def _parties(subject: Subject) -> tuple[Employer, Employer | None]:
    work, details = subject.work, subject.details
    employed = work.activity == "employment"
    home: Place | None = details.get("employer_home" if employed else "business_home")
    host: Place | None = details.get("employer_host" if employed else "business_host")
    employer = given(work.employer)
    name = given(employer.name) if employer is not None else None
    if home is None:
        fallback = "(name of the employer)" if employed else "(name of the business)"
        home = Place(
            name or (details.text("full_name") if not employed else None) or fallback, None
        )
    country = given(employer.country) if employer is not None else None
    own = Employer(name=home.name, address=home.address, country=country)
    there = None if host is None else Employer(name=host.name, address=host.address)
    return own, there


def _why_none(periods: tuple[CoveragePeriod, ...]) -> str:
    for period in periods:
        if period.outcome is Outcome.NEEDS_FACTS:
            return f"who covers it turns on {', '.join(period.missing)}"
        if period.outcome is Outcome.NEEDS_CONSENT:
            return "only both authorities together can agree to one system; ask for an exception"
        if period.outcome in (Outcome.UNSETTLED, Outcome.OUT_OF_SCOPE):
            return f"the answer is {period.outcome.value}"
    proofs = {period.proof for period in periods}
    if Proof.NOT_NEEDED in proofs:
        covered = sorted({code for item in periods for code in item.covered_by or ()})
        where = " and ".join(in_sentence(code) for code in covered) or "nobody"
        return f"it is covered by {where}, and no other system claims it"
    return "none can be issued for it"
