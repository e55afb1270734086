"""What the clock does for employers."""

from __future__ import annotations

from datetime import timedelta

from totalize.web.employers.bundles import forget_old
from totalize.web.employers.savings import reckon_missing
from totalize.web.employers.webhooks import deliver_due
from totalize.web.jobs.services import regular


@regular("employers.deliver", timedelta(seconds=30))
def deliver() -> str:
    """Send the events that are due."""
    arrived, failed = deliver_due()
    return f"{arrived} arrived, {failed} to be sent again"


@regular("employers.forget_files", timedelta(hours=6))
def forget_files() -> str:
    """Remove files that were made for many people and have lain for a month."""
    return f"{forget_old()} removed"


@regular("employers.savings", timedelta(hours=1))
def savings() -> str:
    """Work out what missing papers cost where works were decided anew."""
    return f"{reckon_missing()} worked out"
