"""Find what only both authorities together can agree to, and for whose system to ask.

Three situations lead here: the rules settle nothing (`needs_consent`); a stay was foreseen too
long from the start, so that the host country covers it from its first day; a stay goes on longer
than the certificate can (an extension).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from totalize.certificates.details import NO_DETAILS, Details
from totalize.certificates.draft import (
    Consent,
    Exceptional,
    Subject,
    choose,
    given,
    holds,
    position_of,
)
from totalize.coverage import case as cases
from totalize.coverage.determination import CoveragePeriod, Determination, Outcome, WorkResult
from totalize.coverage.proof import describe_need, kind_of
from totalize.kernel.countries import US, in_sentence
from totalize.kernel.errors import InputError
from totalize.law.agreements import load_agreement
from totalize.law.offices import load_offices

POSSIBLE = "exception_possible"


def choose_exception(
    case: cases.Case,
    determination: Determination,
    work_id: str,
    details: Details = NO_DETAILS,
    from_day: date | None = None,
    *,
    consent: Consent | None = None,
) -> Subject:
    """Find the stretch of a work for which both authorities may agree on one system.

    The system wanted is `details.wanted_coverage`; else the one that an earlier certificate
    continues, that sent the worker, or that covered the work just before.

    Args:
        case: the case as it was decided.
        determination: its answer.
        work_id: id of the work.
        details: names, addresses, reasons.
        from_day: a day in the stretch that is meant, when a work has several.
        consent: what both authorities agreed to; with it, a certificate can be issued.

    Raises:
        InputError: there is no such work, no exception would help it (`no_exception`), the
            agreement has no provision that was read (`no_exception_provision`), the country
            wanted is none of the two, or the consent is for other days.
    """
    law = (determination.law, determination.as_of)
    result = determination.for_work(case.work_id(position_of(case, work_id)))
    return _choose(case, result, details, from_day, law, consent)


def choose_for_request(
    case: cases.Case,
    determination: Determination,
    work_id: str,
    details: Details = NO_DETAILS,
    from_day: date | None = None,
) -> Subject:
    """Find what to ask for: a certificate where the rules give one, otherwise an exception.

    Raises:
        InputError: neither helps, and why.
    """
    try:
        return choose(case, determination, work_id, details, from_day)
    except InputError as error:
        if error.code != "no_certificate":
            raise
        try:
            return choose_exception(case, determination, work_id, details, from_day)
        except InputError as other:
            raise error if other.code == "no_exception" else other from None


def beside(subject: Subject, result: WorkResult) -> Subject | None:
    """Return the exception that may be asked for beside, or after, a certificate.

    Beside it, where the stay is too long from the start: the certificate is the host country's
    then, and the exception would keep the system at home. After it, where the stay goes on longer.

    Raises:
        InputError: as `choose_exception`, but for a work that needs no exception.
    """
    first = subject.period.first
    possible = [item for item in result.periods if may_ask(item) and item.first >= first]
    if not possible or subject.exceptional is not None:
        return None
    law = (subject.law, subject.as_of)
    return _choose(subject.case, result, subject.details, possible[0].first, law, None)


def may_ask(period: CoveragePeriod) -> bool:
    """Tell whether both authorities may agree to something else for a stretch."""
    if period.agreement is None:
        return False
    if period.outcome is Outcome.NEEDS_CONSENT:
        return True
    return period.outcome is Outcome.DETERMINED and any(
        item.code == POSSIBLE for item in period.warnings
    )


def require_provision(partner: str, path: str = "work") -> None:
    """Make sure that a provision on exceptions was read.

    Raises:
        InputError: none was.
    """
    if load_agreement(partner).special_exception is None:
        raise InputError(
            path,
            "would need an exception agreed by both authorities, and no provision on exceptions "
            f"was read for the agreement with {in_sentence(partner)}: ask the Social Security "
            "Administration whether there is one",
            code="no_exception_provision",
        )


def with_consent(subject: Subject, consent: Consent) -> Subject:
    """Return a subject to which both authorities have agreed, ready to be issued."""
    if subject.exceptional is None:
        raise TypeError("only an exception needs consent")
    return replace(subject, exceptional=replace(subject.exceptional, consent=consent))


def _choose(  # noqa: PLR0917 - the public function above names them
    case: cases.Case,
    result: WorkResult,
    details: Details,
    from_day: date | None,
    law: tuple[str, date],
    consent: Consent | None,
) -> Subject:
    position = position_of(case, result.work)
    work, periods = case.work[position], result.periods
    fitting = [item for item in periods if may_ask(item) and holds(item, from_day)]
    if not fitting:
        raise InputError(
            f"work[{position}]",
            "is settled by the rules: no exception is needed, or none would help",
            code="no_exception",
        )
    period = fitting[0]
    partner = str(period.agreement)
    require_provision(partner, f"work[{position}]")
    before = _certificate_before(periods, period)
    wanted, chosen = _wanted(work, details, period, before, partner)
    if consent is not None and not _within(consent, period):
        raise InputError(
            "consent",
            "is for other days than the work needs",
            value=f"{consent.first} to {consent.last}",
            expected=f"days from {period.first} to {period.last or 'an open end'}",
            code="bad_consent",
        )
    other = partner if wanted == US else US
    kind = kind_of(work, employed=work.activity == "employment")
    return Subject(
        case=case,
        work=work,
        work_id=result.work,
        period=period,
        need=describe_need(load_offices(partner), work, kind, wanted, other),
        details=details,
        law=law[0],
        as_of=law[1],
        exceptional=Exceptional(extends=before is not None, chosen=chosen, consent=consent),
    )


def _within(consent: Consent, period: CoveragePeriod) -> bool:
    if consent.last is None and period.last is not None:
        return False
    return holds(period, consent.first) and holds(period, consent.last)


def _certificate_before(
    periods: tuple[CoveragePeriod, ...], period: CoveragePeriod
) -> CoveragePeriod | None:
    """Return the stretch right before, where a certificate of the other side covers it."""
    before = [item for item in periods if item.last is not None and item.last < period.first]
    if not before or before[-1].certificate is None or before[-1].covered_by is None:
        return None
    return before[-1] if before[-1].covered_by != period.covered_by else None


def _wanted(
    work: cases.Work,
    details: Details,
    period: CoveragePeriod,
    before: CoveragePeriod | None,
    partner: str,
) -> tuple[str, bool]:
    """Return the country whose system is wanted, and whether that is known."""
    pair = (US, partner)
    named = details.text("wanted_coverage")
    if named is not None:
        if named not in pair or (named,) == period.covered_by:
            choices = [code for code in pair if (code,) != period.covered_by]
            raise InputError(
                "details.wanted_coverage",
                "is not a country that the exception can be asked for",
                value=named,
                expected=" or ".join(choices),
                code="wrong_country",
            )
        return named, True
    if period.covered_by is not None and len(period.covered_by) == 1:
        return (partner if period.covered_by[0] == US else US), True
    if before is not None and before.covered_by and before.covered_by[0] in pair:
        return before.covered_by[0], True
    for code in (given(work.sent_from), given(work.insured_before)):
        if code in pair:
            return str(code), True
    return US, False
