"""A made-up record, read where there is none, so that an unknown reference takes as long.

Its reference fails its own check symbols: no reference that was accepted is ever equal to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

SAMPLE: Final = (Path(__file__).parent / "sample.json").read_text(encoding="utf-8")
