"""Let properties draw from the populations of the equivalence tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "equivalence"))
