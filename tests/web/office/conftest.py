"""The office of the tests, on a day on which its keys are good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from offices import set_up_office

NOW = datetime(2027, 1, 15, 9, 30, 0, 987_650, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands at a day of January 2027 until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office() -> Iterator[None]:
    """The installation is an issuing office."""
    path = set_up_office()
    yield
    path.unlink()
    (settings.INSTALLATION.published / "status.jwt").unlink(missing_ok=True)
