"""How properties are drawn: the same examples everywhere, so that a red test is about the change.

`HYPOTHESIS_PROFILE=explore` draws new ones each time, to look for what nobody thought of. Tests run
in another order each time, but for those marked `long`: they begin first, so that at the end no
process waits for another's.
"""

import gc
import os

import pytest
from hypothesis import settings

# No example has to be fast: on a busy machine none is.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Keep what is loaded by now, which stays, out of every search for garbage."""
    gc.collect()
    gc.freeze()
