"""Where the apps further right join in: they register themselves when the service starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from totalize.web.accounts.models import User
    from totalize.web.applications.models import Application
    from totalize.web.people.models import Person

# Called in the transaction that sends an application, after everything is written.
on_submitted: list[Callable[[Application], None]] = []

# Called in the transaction of a move, after it, with the name of the move.
on_moved: list[Callable[[Application, str], None]] = []

# Each may say that somebody knows a person from elsewhere than an application.
acquaintances: list[Callable[[User, Person], bool]] = []

# Each may name the country whose certificates this installation issues.
issuing_countries: list[Callable[[], str | None]] = []


def issues_here(country: str) -> bool:
    """Tell whether this installation is the office that issues a country's certificates."""
    return any(find() == country for find in issuing_countries)
