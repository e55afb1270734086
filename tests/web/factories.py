"""Accounts, people and applications for the tests."""

from __future__ import annotations

from itertools import count
from typing import Any

import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from totalize.web.accounts.factors import has_second_factor
from totalize.web.accounts.models import Membership, Organisation, User
from totalize.web.applications.models import Application
from totalize.web.people.models import Person

_NUMBERS = count(1)
SEED = "JBSWY3DPEHPK3PXP"

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
    """Make an account whose password is `correct horse battery`; an office has a second factor."""
    number = next(_NUMBERS)
    fields.setdefault("email", f"{role or 'person'}{number}@example.org")
    user = User.objects.create_user(password="correct horse battery", office_role=role, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if role:
        give_second_factor(user)
    return user


def give_second_factor(user: User) -> str:
    """Set up codes from an app for somebody; return the seed."""
    Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.TOTP,
        data={"secret": get_adapter().encrypt(SEED)},
    )
    return SEED


def code_from_app(seed: str = SEED) -> str:
    """Return what an app with this seed shows now.

    It is good until the half minute is over, however busy the machine: the clock has to stand.
    """
    assert time_machine.escape_hatch.is_travelling(), "let the clock stand: use `standing_clock`"
    [counter] = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(seed, counter))


def make_organisation(*members: User, kind: str = "employer", **fields: Any) -> Organisation:
    """Make an organisation whose owners are the members."""
    fields.setdefault("name", f"Organisation {next(_NUMBERS)}")
    organisation = Organisation.objects.create(kind=kind, **fields)
    for member in members:
        Membership.objects.create(user=member, organisation=organisation, role="owner")
        if not has_second_factor(member):
            give_second_factor(member)
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
