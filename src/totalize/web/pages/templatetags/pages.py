"""Small parts that pages share."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from totalize.kernel.dates import written_day

register = template.Library()


@register.filter
@lru_cache(maxsize=4096)
def short_day(day: date) -> str:
    """Write a day as a narrow column has it: 1 Mar 2026. A list says the same days again."""
    return f"{day.day} {written_day(day).split()[1][:3]} {day.year}"


@cache
def _address(name: str) -> str:
    """Return an address that no page changes; the navigation asks for a dozen on each."""
    return reverse(name)


@register.simple_tag(takes_context=True)
def nav_link(context: dict[str, Any], name: str, words: str, without: str = "") -> SafeString | str:
    """Draw an entry of the navigation, marked where it leads to the page that is shown.

    Args:
        context: of the page.
        name: of the address.
        words: of the entry.
        without: another entry's address below this one, whose pages are that one's.
    """
    try:
        address = _address(name)
    except NoReverseMatch:
        return ""
    request = context.get("request")
    path = "" if request is None else request.path
    here = path.startswith(address) and not (without and path.startswith(_address(without)))
    current = format_html(' aria-current="{}"', "page") if here else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', address, current, words)
