"""What the clock does for the desk."""

from __future__ import annotations

from datetime import timedelta

from totalize.web.desk.automatic import decide_waiting
from totalize.web.jobs.services import regular


@regular("desk.decide_waiting", timedelta(minutes=1))
def decide_what_waits() -> str:
    """Decide the plain cases whose task was lost, where they are decided by themselves."""
    return f"{decide_waiting()} issued"
