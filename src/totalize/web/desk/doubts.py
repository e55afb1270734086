"""What the records of the office say against deciding a case in one look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from totalize.certificates.model import State
from totalize.coverage.determination import Notice
from totalize.web.applications.models import Application
from totalize.web.certificates.models import Issued
from totalize.web.people.models import Person, PersonalNumber


def same_people(
    person: Person | None, numbers: Iterable[PersonalNumber] | None = None
) -> list[UUID]:
    """Return the identifiers of everybody who has one of a person's numbers, and of the person.

    Args:
        person: the person.
        numbers: theirs, when they were asked for already.
    """
    if person is None:
        return []
    own = person.numbers.all() if numbers is None else numbers
    digests = [bytes(number.lookup) for number in own]
    found = PersonalNumber.objects.filter(lookup__in=digests).values_list("person_id", flat=True)
    return list({person.id, *found})


def doubts(application: Application, people: Sequence[UUID] | None = None) -> list[Notice]:
    """Return what people should look at before a case is decided.

    Args:
        application: the case.
        people: from `same_people`, when it was asked for already.
    """
    same = same_people(application.person) if people is None else people
    found = []
    others = Person.objects.filter(id__in=[item for item in same if item != application.person_id])
    if others.exclude(account=application.worker_id, account__isnull=False).exists():
        found.append(Notice("number_of_another", "Another person here has the same number."))
    if _overlapping(application, same).exists():
        found.append(
            Notice(
                "other_certificate",
                "This person holds a certificate in force for a part of the same time.",
            )
        )
    return found


def _overlapping(application: Application, people: Sequence[UUID]) -> QuerySet[Issued]:
    rows = Issued.objects.filter(person_id__in=people, state=State.VALID.value)
    rows = rows.exclude(application_id__in=[application.id, application.follows_id])
    if application.first_day is not None:
        rows = rows.filter(Q(last_day__isnull=True) | Q(last_day__gte=application.first_day))
    if application.last_day is not None:
        rows = rows.filter(first_day__lte=application.last_day)
    return rows
