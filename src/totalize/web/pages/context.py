"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from totalize.web.accounts.access import DESK, Role, office_roles
from totalize.web.accounts.places import places_of


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Give the navigation its entries."""
    user = getattr(request, "user", None)
    roles = office_roles(user) if user is not None else frozenset()
    signed_in = Role.ACCOUNT in roles
    return {
        "site_name": settings.SITE_NAME,
        "site_address": settings.INSTALLATION.address,
        "at_desk": bool(roles & DESK),
        "is_auditor": Role.AUDITOR in roles,
        "is_administrator": Role.ADMINISTRATOR in roles,
        "organisations": [place.organisation for place in places_of(user)] if signed_in else [],
    }
