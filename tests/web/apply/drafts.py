"""Drafts for the tests: what the Munich case still needs beyond its facts."""

from __future__ import annotations

from typing import Any

from totalize.web.applications.models import Application
from totalize.web.applications.readiness import assess, statements_for
from totalize.web.applications.services import tick

NUMBER = "078-05-1120"
DETAILS = {
    "full_name": "Ada Example",
    "birth_date": "1985-04-02",
    "birth_place": "Dayton, USA",
    "social_security_number": NUMBER,
    "employer_home": {"name": "Example Corp", "address": "1 Main Street, Dayton"},
    "employer_host": {"name": "Example Corp, Munich branch", "address": "Munich"},
    "hire_date": "2019-05-01",
    "hire_place": "Dayton, USA",
}


def completed(draft: Application, by: Any) -> Application:
    """Tick every statement that is asked for."""
    found = assess(draft)
    assert found.subject is not None
    tick(draft, statements_for(draft, found.subject), by)
    draft.refresh_from_db()
    return draft
