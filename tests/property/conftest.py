"""Let properties draw from the populations that the equivalence tests use."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "equivalence"))
