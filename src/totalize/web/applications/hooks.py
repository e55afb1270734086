"""Where the apps further right join in: they register themselves when the service starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from totalize.web.accounts.models import User
    from totalize.web.applications.models import Application
    from totalize.web.people.models import Person


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a certificate that was issued, where it does not stand as it was.

    Attributes:
        words: how the application stands for people.
        tone: `bad` where the paper must not be used, `warn` where another is needed.
        stands: it was right and only its time is over.
        happened: what was done to it, and when; None where only time went by.
    """

    words: str
    tone: str
    stands: bool
    happened: tuple[datetime, str] | None = None


# Called in the transaction that sends an application, after everything is written.
on_submitted: list[Callable[[Application], None]] = []

# Called in the transaction of a move, after it, with the name of the move.
on_moved: list[Callable[[Application, str], None]] = []

# Each may say that somebody knows a person from elsewhere than an application.
acquaintances: list[Callable[[User, Person], bool]] = []

# Each may name the country whose certificates this installation issues.
issuing_countries: list[Callable[[], str | None]] = []

# Each may tell of some applications, by id, what became of their certificates as of a day.
fates: list[Callable[[Collection[UUID], date], Mapping[UUID, Fate]]] = []


def fates_of(applications: Collection[UUID], day: date) -> dict[UUID, Fate]:
    """Return what became of certificates, by the id of their application."""
    found: dict[UUID, Fate] = {}
    for tell in fates:
        found |= tell(applications, day)
    return found


def issues_here(country: str) -> bool:
    """Tell whether this installation is the office that issues a country's certificates."""
    return any(find() == country for find in issuing_countries)
