"""Accounts, people and applications for the tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from totalize.web.accounts.models import Membership, Organisation, User
from totalize.web.applications.models import Application
from totalize.web.people.models import Person

_NUMBERS = count(1)

# An engineer sent from Ohio to her employer's branch in Munich for less than five years.
MUNICH = {
    "contract": 1,
    "worker": {"citizenships": ["US"], "residence": "US"},
    "work": [
        {
            "id": "munich",
            "activity": "employment",
            "country": "DE",
            "start": "2027-03-01",
            "expected_end": "2030-02-28",
            "employer": {"country": "US"},
            "sent_from": "US",
            "via": None,
            "employed_before_transfer": True,
        }
    ],
}


def make_user(role: str = "", **fields: Any) -> User:
    """Make an account whose password is `correct horse battery`."""
    number = next(_NUMBERS)
    fields.setdefault("email", f"{role or 'person'}{number}@example.org")
    return User.objects.create_user(password="correct horse battery", office_role=role, **fields)


def make_organisation(*members: User, kind: str = "employer", **fields: Any) -> Organisation:
    """Make an organisation whose owners are the members."""
    fields.setdefault("name", f"Organisation {next(_NUMBERS)}")
    organisation = Organisation.objects.create(kind=kind, **fields)
    for member in members:
        Membership.objects.create(user=member, organisation=organisation, role="owner")
    return organisation


def make_person(**fields: Any) -> Person:
    """Make a person."""
    fields.setdefault("full_name", "Ada Example")
    return Person.objects.create(**fields)


def make_application(worker: User | None = None, **fields: Any) -> Application:
    """Make a draft of the Munich case."""
    worker = worker or make_user()
    fields.setdefault("case", MUNICH)
    fields.setdefault("work", "munich")
    fields.setdefault("person", make_person(account=worker))
    fields.setdefault("started_by", worker)
    return Application.objects.create(worker=worker, **fields)
