"""Applications that wait at the desk."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from factories import MUNICH, make_application, make_person, make_user

from totalize import api
from totalize.web.accounts.models import User
from totalize.web.applications.models import Application
from totalize.web.applications.services import locked, move
from totalize.web.desk.services import take

DETAILS = {
    "employer_home": {"name": "Example Software Corp.", "address": "Columbus, OH"},
    "employer_host": {"name": "Example Software Corp., Munich branch", "address": "Munich"},
}
EARLY = date(2029, 2, 28)

# The stay is planned too long from the start.
EXCEPTION = {
    "contract": 1,
    "worker": {"citizenships": ["US"], "residence": "US"},
    "work": [
        {
            "id": "munich",
            "activity": "employment",
            "country": "DE",
            "start": "2027-03-01",
            "expected_end": "2034-02-28",
            "employer": {"country": "US"},
            "sent_from": "US",
            "via": None,
            "employed_before_transfer": True,
        }
    ],
}


def at_desk(role: str = "caseworker", **fields: Any) -> User:
    """Somebody of the office."""
    return make_user(role, **fields)


def sent(worker: User | None = None, **fields: Any) -> Application:
    """An application of the Munich case that was sent, complete and determined."""
    worker = worker or make_user()
    case = deepcopy(fields.pop("case", MUNICH))
    fields.setdefault("person", make_person(account=worker, birth_date=date(1985, 4, 2)))
    determination = api.check(case, timezone.localdate()).to_dict()
    application = make_application(
        worker,
        case=case,
        details=fields.pop("details", DETAILS),
        determination=determination,
        law=determination["law"],
        issuing_country="US",
        partner="DE",
        first_day=date(2027, 3, 1),
        last_day=date(2030, 2, 28),
        plain=fields.pop("plain", True),
        **fields,
    )
    with transaction.atomic():
        return move(locked(application.id), "submit", by=worker)


def taken(officer: User | None = None, **fields: Any) -> Application:
    """One that a caseworker has taken."""
    return take(sent(**fields).id, officer or at_desk())
