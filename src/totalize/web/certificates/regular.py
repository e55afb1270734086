"""What the clock does for certificates."""

from __future__ import annotations

from totalize.web.certificates.office import issuing_country
from totalize.web.certificates.publishing import EVERY as STATUS_EVERY
from totalize.web.certificates.publishing import publish
from totalize.web.jobs.services import regular


@regular("certificates.status_list", STATUS_EVERY)
def renew_status_list() -> str:
    """Publish the status list when it ends soon or lacks a change."""
    if issuing_country() is None:
        return "no office here"
    publish.call()
    return "current"
