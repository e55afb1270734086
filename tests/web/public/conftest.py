"""An issuing office, a clock, and a certificate it issued."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings
from offices import set_up_office

NOW = datetime(2027, 6, 15, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands at a day of June 2027 until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office() -> Iterator[None]:
    """The installation is an issuing office."""
    path = set_up_office()
    yield
    path.unlink()
    (settings.INSTALLATION.published / "status.jwt").unlink(missing_ok=True)


@pytest.fixture
def issued(office: None, clock: time_machine.Traveller, db: None) -> Any:
    """A certificate for Munich, 1 March 2027 to 28 February 2030, issued in January 2027."""
    from waiting import at_desk, taken

    from totalize.web.desk import services as desk

    with time_machine.travel(datetime(2027, 1, 15, 9, 30, tzinfo=UTC), tick=False):
        officer = at_desk()
        application = taken(officer)
        desk.issue(application.id, officer, version=application.version)
    return application.certificates.get()
