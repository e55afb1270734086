"""Parts of account pages that stand in the sign-in library's views."""

from __future__ import annotations

from typing import Any

from django import template

from totalize.web.accounts.open_sessions import places_of

register = template.Library()


@register.simple_tag(takes_context=True)
def other_sessions(context: dict[str, Any]) -> int:
    """Count the other places where somebody is signed in."""
    request = context["request"]
    if not request.user.is_authenticated:
        return 0
    return sum(not place.here for place in places_of(request.user, request))
