"""What is drawn by lot is drawn alike everywhere, so that a red test is about the change.

`make hunt` looks for what nobody thought of: new examples (`HYPOTHESIS_PROFILE=explore`), another
order of tests (`--randomly-seed`), of sets (`PYTHONHASHSEED`), and other hours: each test begins at
the moment that `TESTS_BEGIN_AT` names. Those marked `long` begin first, whatever the order, so that
at the end no process waits for another's.
"""

import gc
import os
from collections.abc import Iterator

import pytest
import time_machine
from hypothesis import settings

# No example has to be fast: on a busy machine none is.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


if MOMENT := os.environ.get("TESTS_BEGIN_AT"):

    @pytest.fixture(autouse=True)
    def _clock_goes_on_from_that_moment() -> Iterator[None]:
        with time_machine.travel(MOMENT):
            yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Keep what is loaded by now, which stays, out of every search for garbage."""
    gc.collect()
    gc.freeze()
