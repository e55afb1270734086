"""How properties are drawn: the same examples everywhere, so that a red test is about the change.

`HYPOTHESIS_PROFILE=explore` draws new ones each time, to look for what nobody thought of.
"""

import os

from hypothesis import settings

# No example has to be fast: on a busy machine none is.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
