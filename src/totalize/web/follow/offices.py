"""Whom to ask: the offices of an agreement, by side and kind of worker."""

from __future__ import annotations

from dataclasses import dataclass

from totalize import api
from totalize.kernel.countries import US, in_sentence
from totalize.law.offices import load_offices


@dataclass(frozen=True, slots=True)
class Contact:
    """An office as a page shows it."""

    country: str
    name: str
    address: str
    website: str
    form: str
    applicant: str


def contacts(agreement: str, issuers: tuple[str, ...], activity: str) -> tuple[Contact, ...]:
    """Return the offices that issue certificates of some countries under an agreement.

    Args:
        agreement: the partner country.
        issuers: countries whose offices are wanted.
        activity: `employment` or `self_employment`.
    """
    if not agreement or api.law().agreement(agreement) is None:
        return ()
    kind = "employee" if activity == "employment" else "self_employed"
    found = []
    for office in load_offices(agreement).offices:
        country = US if office.issues == "us" else agreement
        if country in issuers and kind in office.kinds:
            found.append(
                Contact(
                    in_sentence(country),
                    office.name,
                    office.address or "",
                    office.website or "",
                    office.form or "",
                    office.applicant,
                )
            )
    return tuple(found)
