"""What the clock does for those who follow somebody."""

from __future__ import annotations

from datetime import timedelta

from totalize.web.follow.gathering import decide_again
from totalize.web.follow.watch import remind
from totalize.web.jobs.services import regular


@regular("follow.remind", timedelta(hours=12))
def remind_of_ends() -> str:
    """Tell whom it concerns that a certificate ends."""
    return f"{remind()} told"


@regular("follow.decide_again", timedelta(minutes=15))
def decide_with_the_law_of_now() -> str:
    """Decide anew what was decided with another state of the law data."""
    return f"{decide_again()} decided anew"
