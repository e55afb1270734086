"""What the clock does for the log."""

from __future__ import annotations

from datetime import timedelta

from totalize.web.audit.services import make_checkpoint
from totalize.web.jobs.services import regular


@regular("audit.checkpoint", timedelta(minutes=5))
def make_a_checkpoint() -> str:
    """Sign the log as it stands."""
    made = make_checkpoint()
    return "nothing new" if made is None else f"{made.size} entries"
