"""Let properties draw from the populations of the equivalence tests, and take their time."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent.parent / "equivalence"))

# No example has to be fast: on a busy machine none is.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
