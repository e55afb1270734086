"""A day that stands still, an office or none, and drafts with everything given."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from drafts import DETAILS, completed
from factories import MUNICH, make_organisation, make_user
from offices import set_up_office

from totalize.web.applications.models import Application
from totalize.web.applications.services import fill, start

NOW = datetime(2027, 1, 15, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[time_machine.Traveller]:
    """A clock that stands at a day of January 2027 until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office() -> Iterator[None]:
    """This installation issues the certificates of the United States."""
    path = set_up_office()
    yield
    path.unlink()


@pytest.fixture
def boss() -> Any:
    """Somebody of the employer."""
    return make_user(full_name="Bo Boss")


@pytest.fixture
def employer(boss: Any) -> Any:
    """The employer."""
    return make_organisation(boss, name="Example Corp")


@pytest.fixture
def worker() -> Any:
    """The engineer."""
    return make_user(full_name="Ada Example")


@pytest.fixture
def draft(boss: Any, employer: Any) -> Application:
    """The Munich case, started by the employer, with everything but the statements."""
    made = start(by=boss, case=deepcopy(MUNICH), work="munich", employer=employer)
    return fill(made, {"details": DETAILS}, boss)


@pytest.fixture
def complete(draft: Application, boss: Any) -> Application:
    """The Munich case with nothing missing."""
    return completed(draft, boss)
