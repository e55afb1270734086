"""Keeping people's numbers: seal at once, mask always, reveal as an act with a reason."""

from __future__ import annotations

from django.db import transaction

from totalize.kernel.errors import InputError
from totalize.web.accounts.models import User
from totalize.web.audit.services import record
from totalize.web.people.models import NumberKind, Person, PersonalNumber
from totalize.web.people.vault import lookup, seal, unseal

MASK = "•••"


@transaction.atomic
def keep_number(person: Person, country: str, number: str) -> PersonalNumber:
    """Seal somebody's number of a country, in the place of an earlier one."""
    kept, _ = PersonalNumber.objects.update_or_create(
        person=person,
        country=country,
        defaults={
            "kind": NumberKind.US if country == "US" else NumberKind.FOREIGN,
            "sealed": seal(person, f"number:{country}", number.encode()),
            "lookup": lookup(country, number),
        },
    )
    return kept


def number_for_document(person: Person, country: str) -> str | None:
    """Return a number for a document that must carry it; it is shown to nobody here."""
    kept = PersonalNumber.objects.filter(person=person, country=country).first()
    if kept is None:
        return None
    return unseal(person, f"number:{country}", bytes(kept.sealed)).decode()


def masked(person: Person, country: str) -> str | None:
    """Return how a number is shown: its last two symbols."""
    number = number_for_document(person, country)
    return None if number is None else f"{MASK}{number[-2:]}"


@transaction.atomic
def reveal(person: Person, country: str, *, by: User, reason: str) -> str | None:
    """Show a whole number to somebody who says why; it is written into the log first.

    Raises:
        InputError: no reason was given.
    """
    if len(reason.strip()) < 8:
        raise InputError(
            "reason", "is missing", expected="why you need to see the number", code="missing"
        )
    record("number.revealed", actor=by, subject=f"person:{person.id}", facts={"country": country})
    return number_for_document(person, country)


def known_people(country: str, number: str) -> list[Person]:
    """Find the people who have this number already."""
    rows = PersonalNumber.objects.filter(country=country, lookup=lookup(country, number))
    return [row.person for row in rows.select_related("person")]
