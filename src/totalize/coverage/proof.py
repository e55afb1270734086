"""Which paper proves the answer, who issues it and how to ask for it."""

from __future__ import annotations

from typing import Literal

from msgspec import UnsetType

from totalize.coverage.case import Employer, HeldCertificate, Work
from totalize.coverage.determination import CertificateNeed, Outcome, Proof
from totalize.coverage.parameters import host_claim_on
from totalize.coverage.situation import Situation
from totalize.kernel.dates import Period
from totalize.law.offices import Item, Office, Offices, WorkerKind

_OCCUPATION_KINDS: dict[str, WorkerKind] = {
    "general": "employee",
    "seafarer": "seafarer",
    "aircrew": "aircrew",
    "government": "government",
}


def state_of_proof(
    situation: Situation,
    outcome: Outcome,
    covered_by: tuple[str, ...] | None,
    otherwise: tuple[str, ...] | None,
    stretch: Period,
) -> tuple[Proof | None, CertificateNeed | None]:
    """Return the state of the paper and, where one is to be had, how to get it.

    Args:
        situation: the work and the law.
        outcome: what was decided.
        covered_by: the systems whose contributions are due.
        otherwise: the systems that would claim without an agreement.
        stretch: the days in question.
    """
    if outcome is Outcome.NEEDS_CONSENT:
        return Proof.UNAVAILABLE, None
    if outcome is not Outcome.DETERMINED or covered_by is None or otherwise is None:
        return None, None
    lifted = [system for system in otherwise if system not in covered_by]
    if not lifted:
        return (Proof.UNAVAILABLE if len(covered_by) > 1 else Proof.NOT_NEEDED), None
    issuer = _issuer(situation, covered_by)
    need = certificate_need(situation, issuer, lifted[0])
    held = situation.work.certificate
    if isinstance(held, HeldCertificate) and _fits(held, issuer, stretch):
        return Proof.HELD, need
    return Proof.NEEDED, need


def _issuer(situation: Situation, covered_by: tuple[str, ...]) -> str:
    """Return who issues the proof: the covering country, or the US by letter where it does not."""
    if covered_by == ("US",):
        return "US"
    if situation.agreement is not None:
        claim = host_claim_on(situation.agreement, situation.day)
        if claim is not None and not claim.certifies_own_coverage and not situation.to_us:
            return "US"
    return covered_by[0] if covered_by else "US"


def _fits(held: HeldCertificate, issuer: str, stretch: Period) -> bool:
    return held.issued_by == issuer and Period.closed(held.first, held.last).contains(stretch)


def certificate_need(situation: Situation, issuer: str, presented_in: str) -> CertificateNeed:
    """Return the certificate to get, from which office, by whom, with what."""
    employer = situation.work.employer
    key = (
        "certificate",
        issuer,
        presented_in,
        situation.work.occupation,
        situation.work.region,
        isinstance(employer, Employer) and isinstance(employer.affiliate_of, str),
        situation.work.family_accompanies is True,
    )
    return situation.remember(key, lambda: _certificate_need(situation, issuer, presented_in))


def _certificate_need(situation: Situation, issuer: str, presented_in: str) -> CertificateNeed:
    offices = situation.book.offices(situation.partner) if situation.partner is not None else None
    kind = kind_of(situation.work, employed=situation.employed)
    return describe_need(offices, situation.work, kind, issuer, presented_in)


def describe_need(
    offices: Offices | None, work: Work, kind: WorkerKind, issuer: str, presented_in: str
) -> CertificateNeed:
    """Return a certificate as it would have to be asked for, whoever it is due to."""
    chosen = _offices(offices, issuer, kind, work) if offices is not None else []
    return CertificateNeed(
        issued_by=issuer,
        presented_in=presented_in,
        applicant=_applicant(chosen, kind),
        office=_either([_describe(office, among=len(chosen)) for office in chosen]) or None,
        form=chosen[0].form if len({office.form for office in chosen}) == 1 else None,
        how=tuple(dict.fromkeys(way for office in chosen for way in office.how)),
        required_information=tuple(
            item.label for item in required_items(offices, issuer, kind, work)
        ),
    )


def _either(names: list[str]) -> str:
    """Return names as one text; an article is no name, and goes on in small letters."""
    return "; or ".join(
        f"the {name[4:]}" if place and name.startswith("The ") else name
        for place, name in enumerate(names)
    )


def kind_of(work: Work, *, employed: bool) -> WorkerKind:
    """Return the kind of worker that offices tell apart."""
    return _OCCUPATION_KINDS[work.occupation] if employed else "self_employed"


def _applicant(offices: list[Office], kind: WorkerKind) -> str:
    if kind == "self_employed":
        return "worker"
    return "worker" if offices and offices[0].applicant == "worker" else "employer"


def _side(issuer: str) -> Literal["us", "foreign"]:
    return "us" if issuer == "US" else "foreign"


def _offices(offices: Offices, issuer: str, kind: WorkerKind, work: Work) -> list[Office]:
    """Return the offices that may be asked; several when the choice turns on an unknown fact."""
    side = _side(issuer)
    found = [office for office in offices.offices if office.issues == side and kind in office.kinds]
    if not found:
        found = [
            office
            for office in offices.offices
            if office.issues == side and "employee" in office.kinds
        ]
    region = work.region
    if not isinstance(region, UnsetType):
        regional = [office for office in found if region in office.regions]
        found = regional or [office for office in found if not office.regions]
    return sorted(found, key=lambda office: office.scheme is not None)


def _describe(office: Office, *, among: int) -> str:
    """Return an office as text; among several, for whom it is and the form it uses."""
    text = office.name if office.address is None else f"{office.name}, {office.address}"
    notes = []
    if office.regions:
        notes.append(f"for {', '.join(office.regions)}")
    if office.scheme is not None:
        notes.append(f"{office.scheme.replace('_', ' ')} scheme")
    if among > 1 and office.form is not None:
        notes.append(f"form {office.form}")
    return f"{text} ({'; '.join(notes)})" if notes else text


def required_items(
    offices: Offices | None, issuer: str, kind: WorkerKind, work: Work
) -> list[Item]:
    """Return what the request must say for this worker and this certificate."""
    if offices is None:
        return []
    employer = work.employer
    affiliate = isinstance(employer, Employer) and isinstance(employer.affiliate_of, str)
    family = work.family_accompanies is True
    return [
        item
        for item in offices.required_information.items
        if _side(issuer) in item.issues
        and (not item.kinds or kind in item.kinds)
        and (item.when != "affiliate" or affiliate)
        and (item.when != "family" or family)
    ]
