"""Where the apps further right join in: they register themselves when the service starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from totalize.web.applications.models import Application

# Called in the transaction that sends an application, after everything is written.
on_submitted: list[Callable[[Application], None]] = []

# Each may name the country whose certificates this installation issues.
issuing_countries: list[Callable[[], str | None]] = []


def issues_here(country: str) -> bool:
    """Tell whether this installation is the office that issues a country's certificates."""
    return any(find() == country for find in issuing_countries)
