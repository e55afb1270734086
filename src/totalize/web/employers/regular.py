"""What the clock does for employers."""

from __future__ import annotations

from datetime import timedelta

from totalize.web.employers.webhooks import deliver_due
from totalize.web.jobs.services import regular


@regular("employers.deliver", timedelta(seconds=30))
def deliver() -> str:
    """Send the events that are due."""
    arrived, failed = deliver_due()
    return f"{arrived} arrived, {failed} to be sent again"
