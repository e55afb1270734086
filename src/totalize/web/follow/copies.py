"""Copies of a certificate: who must have one, who has one, and when to show it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from totalize.kernel.countries import US, in_sentence
from totalize.kernel.dates import add_months
from totalize.law.requests import Notice, load_requests
from totalize.web.follow.models import Dossier
from totalize.web.follow.wording import words

FRANCE = "FR"
RECHECK_MONTHS = 6
LONGEST_YEARS = 12


@dataclass(frozen=True, slots=True)
class Need:
    """Somebody who must have a copy, and whether they have.

    Attributes:
        role: stable: `us_employer`, `foreign_employer`, `worker`, `host_office`, `client`,
            `tax_return`.
        code: of the notice in the law that asks for it, empty for plain good sense.
        year: of a tax return.
    """

    role: str
    code: str
    year: int | None = None

    def who(self, host: str) -> str:
        """Return who, in words."""
        return words().holders[self.role].format(host=in_sentence(host), year=self.year)


def needs_of(
    *,
    issuer: str,
    shown_in: str,
    activity: str,
    first: date,
    last: date | None,
    today: date,
) -> tuple[Need, ...]:
    """Return who must have a copy of a certificate.

    Args:
        issuer: whose certificate it is.
        shown_in: where it lifts contributions.
        activity: `employment` or `self_employment`.
        first: first day of the certificate.
        last: last day, None without an end.
        today: returns of later years are not asked for yet.
    """
    employed = activity == "employment"
    found = [Need("worker", "keep_us_certificate" if issuer == US else "")]
    if issuer == US:
        if employed:
            found.append(Need("us_employer", "keep_us_certificate"))
            found.append(Need("foreign_employer", "keep_us_certificate"))
        found.append(Need("host_office", "keep_us_certificate"))
    elif employed:
        found.append(Need("us_employer", "keep_foreign_certificate_employee"))
    if shown_in == FRANCE:
        found.append(Need("client", "france_proof_of_request"))
    if issuer != US and not employed:
        until = min(today.year if last is None else last.year, today.year)
        found += [
            Need("tax_return", "keep_foreign_certificate_self_employed", year)
            for year in range(first.year, until + 1)
        ]
    return tuple(found)


def notice(code: str) -> Notice | None:
    """Return what the law data says about a need, with its source."""
    return next((item for item in load_requests().notices if item.code == code), None)


def rechecks(first: date, last: date | None, today: date) -> tuple[date, ...]:
    """Return the days on which a client in France looks at the certificate.

    Before the work begins, so on its first day at the latest, and every six months; without an
    end up to a year from `today`.

    Source: the notice `france_proof_of_request` of the law data.
    """
    end = add_months(today, 12) if last is None else last
    found, number = [], 0
    while number <= LONGEST_YEARS * 2:
        day = add_months(first, number * RECHECK_MONTHS)
        if day > end:
            break
        found.append(day)
        number += 1
    return tuple(found)


def rechecks_of(dossier: Dossier, today: date) -> tuple[date, ...]:
    """Return the days of every stretch in France that a certificate of the United States proves."""
    found: set[date] = set()
    for spell in dossier.spells.all():
        if is_checked(spell.country, spell.issued_by, spell.activity):
            found |= set(rechecks(spell.first_day, spell.last_day, today))
    return tuple(sorted(found))


def is_checked(country: str, issuer: str, activity: str) -> bool:
    """Tell whether a French client looks at the certificate of this work again and again."""
    return country == FRANCE and issuer == US and activity in {"employment", "self_employment"}


def has_copy(need: Need, held: Iterable[tuple[str, str]]) -> bool:
    """Tell whether somebody with a need is among the roles and names that hold a copy."""
    wanted = f"tax_return:{need.year}" if need.year is not None else need.role
    names = {wanted, "employer"} if need.role == "us_employer" else {wanted}
    return any(role in names for role, _ in held)


def missing_of(needs: Sequence[Need], held: Sequence[tuple[str, str]]) -> tuple[Need, ...]:
    """Return the needs that nobody is known to have met."""
    return tuple(need for need in needs if not has_copy(need, held))
