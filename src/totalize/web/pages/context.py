"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from totalize.web.accounts.access import DESK, Role, office_roles
from totalize.web.accounts.places import places_of
from totalize.web.accounts.requests import Somebody


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Give the navigation its entries."""
    # A page about something that went wrong before it was known who asks has no user.
    user: Somebody = getattr(request, "user", AnonymousUser())
    roles = office_roles(user)
    return {
        "site_name": settings.SITE_NAME,
        "site_address": settings.INSTALLATION.address,
        "at_desk": bool(roles & DESK),
        "is_auditor": Role.AUDITOR in roles,
        "is_administrator": Role.ADMINISTRATOR in roles,
        "organisations": [place.organisation for place in places_of(user)]
        if user.is_authenticated
        else [],
    }
