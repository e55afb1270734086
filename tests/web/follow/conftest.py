"""People who are followed, on a day of 2028."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.conf import settings
from dossiers import NOW
from offices import set_up_office


@pytest.fixture
def june() -> Iterator[time_machine.Traveller]:
    """A clock that stands at 1 June 2028 until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office() -> Iterator[None]:
    """The installation is an issuing office."""
    path = set_up_office()
    yield
    path.unlink()
    (settings.INSTALLATION.published / "status.jwt").unlink(missing_ok=True)
