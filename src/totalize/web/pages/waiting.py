"""What waits for an account, gathered from the apps that know of something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from totalize.web.accounts.models import User


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to do.

    Attributes:
        title: what it is about.
        what: what is to be done.
        address: the page where it is done.
        due_on: the day by which, where there is one.
    """

    title: str
    what: str
    address: str
    due_on: date | None = None


# Apps register here when the service starts.
sources: list[Callable[[User], Iterable[Waiting]]] = []


def waiting_for(user: User) -> list[Waiting]:
    """Return what waits for somebody; what has a day comes first."""
    found = list(chain.from_iterable(source(user) for source in sources))
    return sorted(found, key=lambda item: (item.due_on is None, item.due_on or date.max))
