"""Applications that wait at the desk."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from factories import MUNICH, make_application, make_person, make_user

from totalize import api
from totalize.web.accounts.models import User
from totalize.web.applications.models import Application
from totalize.web.applications.services import locked, move

DETAILS = {
    "employer_home": {"name": "Example Software Corp.", "address": "Columbus, OH"},
    "employer_host": {"name": "Example Software Corp., Munich branch", "address": "Munich"},
}


def sent(worker: User | None = None, **fields: Any) -> Application:
    """An application of the Munich case that was sent, complete and determined."""
    worker = worker or make_user()
    case = fields.pop("case", MUNICH)
    today = timezone.localdate()
    fields.setdefault("person", make_person(account=worker, birth_date=date(1985, 4, 2)))
    application = make_application(
        worker,
        case=case,
        details=fields.pop("details", DETAILS),
        determination=api.check(case, today).to_dict(),
        issuing_country="US",
        partner="DE",
        first_day=date(2027, 3, 1),
        last_day=date(2030, 2, 28),
        plain=fields.pop("plain", True),
        **fields,
    )
    return move(locked(application.id), "submit", by=worker)
