"""What waits at the desk, for the first page of somebody of the office after signing in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from totalize.web.accounts.access import DESK, Role, office_roles
from totalize.web.accounts.models import User
from totalize.web.applications.states import State
from totalize.web.certificates.selectors import open_withdrawals
from totalize.web.desk.selectors import counts
from totalize.web.pages.waiting import Waiting


def waiting_for(user: User) -> list[Waiting]:
    """Return what waits for somebody of the desk; for everybody else nothing does."""
    roles = office_roles(user)
    if not roles & DESK:
        return []
    queue = reverse("desk:queue")
    counted = counts()
    found = []
    if new := counted.get(State.SUBMITTED, 0):
        found.append(Waiting(_many(new, "new request"), "look at what was sent", queue))
    if Role.SUPERVISOR in roles:
        if proposed := counted.get(State.PROPOSED, 0):
            address = f"{queue}?{urlencode({'state': State.PROPOSED.value})}"
            words = _many(proposed, "proposed decision")
            found.append(Waiting(words, "a second person is needed", address))
        if withdrawals := open_withdrawals().count():
            address = reverse("certificates:withdrawals")
            words = _many(withdrawals, "withdrawal")
            found.append(Waiting(words, "a second person is needed", address))
    return found


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
