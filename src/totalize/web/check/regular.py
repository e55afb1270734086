"""What the check does by itself."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore

from totalize.web.jobs.services import regular


@regular("check.forget", timedelta(minutes=30))
def forget() -> None:
    """Delete the answers of visits that are over; they stand in sessions only."""
    SessionStore.clear_expired()
