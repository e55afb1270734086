"""Keeping people's numbers: seal at once, mask always, reveal as an act with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction

from totalize.kernel.errors import InputError
from totalize.web.accounts.models import User
from totalize.web.audit.services import record
from totalize.web.people.models import DataKey, NumberKind, Person, PersonalNumber, Reading
from totalize.web.people.vault import lookup, seal, unseal, unseal_all

MASK = "•••"
ERASED = "(erased)"


@transaction.atomic
def keep_number(person: Person, country: str, number: str) -> PersonalNumber:
    """Seal somebody's number of a country, in the place of an earlier one."""
    kept, _ = PersonalNumber.objects.update_or_create(
        person=person,
        country=country,
        defaults={
            "kind": NumberKind.US if country == "US" else NumberKind.FOREIGN,
            "sealed": seal(person, _purpose(country), number.encode()),
            "lookup": lookup(country, number),
        },
    )
    return kept


def number_for_document(person: Person, country: str) -> str | None:
    """Return a number for a document that must carry it; it is shown to nobody here."""
    kept = PersonalNumber.objects.filter(person=person, country=country).first()
    if kept is None:
        return None
    return unseal(person, _purpose(country), bytes(kept.sealed)).decode()


def masked(person: Person, country: str) -> str | None:
    """Return how a number is shown: its last two symbols."""
    shown = masked_numbers(person, person.numbers.filter(country=country))
    return shown[0][1] if shown else None


def masked_numbers(
    person: Person | None, numbers: Iterable[PersonalNumber]
) -> list[tuple[str, str]]:
    """Return how numbers of somebody are shown: the country and the last two symbols of each."""
    if person is None:
        return []
    rows = list(numbers)
    opened = unseal_all(person, {_purpose(row.country): bytes(row.sealed) for row in rows})
    return [(row.country, f"{MASK}{opened[_purpose(row.country)].decode()[-2:]}") for row in rows]


def _purpose(country: str) -> str:
    return f"number:{country}"


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
    Reading.objects.create(
        person=person, country=country, by=by, reason=seal(person, "reason", reason.encode())
    )
    record("number.revealed", actor=by, subject=f"person:{person.id}", facts={"country": country})
    return number_for_document(person, country)


def readings(person: Person) -> list[tuple[Reading, str]]:
    """Return who saw a number of somebody, when and why, the latest first."""
    rows = person.readings.select_related("by").order_by("-id")
    return [(row, unseal(person, "reason", bytes(row.reason)).decode()) for row in rows]


def known_people(country: str, number: str) -> list[Person]:
    """Find the people who have this number already."""
    rows = PersonalNumber.objects.filter(country=country, lookup=lookup(country, number))
    return [row.person for row in rows.select_related("person")]


# What other apps do when a person is erased: forget what they hold in clear. They add theirs.
on_erasing: list[Callable[[Person], None]] = []


@transaction.atomic
def erase(person: Person, *, by: User | None) -> None:
    """Make everything sealed for a person unreadable for ever, and forget who they were.

    The rows stay, so that applications, certificates and the log still hang together; nothing in
    them says whose they were. Only the register still answers whether a certificate stands.
    """
    DataKey.objects.filter(person=person).delete()
    PersonalNumber.objects.filter(person=person).delete()
    Reading.objects.filter(person=person).delete()
    for forget in on_erasing:
        forget(person)
    person.full_name = ERASED
    person.birth_date = None
    person.citizenships = []
    person.account = None
    person.save()
    record("person.erased", actor=by, subject=f"person:{person.id}")
