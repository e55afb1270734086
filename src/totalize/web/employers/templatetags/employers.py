"""Words and tones of the employers' pages."""

from __future__ import annotations

from django import template

from totalize.coverage.words import english
from totalize.kernel.countries import country_name
from totalize.web.applications.states import State
from totalize.web.employers.board import Standing

register = template.Library()

TONES = {
    Standing.LAPSED.value: "bad",
    Standing.UNPROVEN.value: "bad",
    Standing.UNDECIDED.value: "warn",
    Standing.BREAKS.value: "warn",
    Standing.PROVEN.value: "good",
}


@register.filter
def tone(standing: str) -> str:
    """Return the tone of a standing; the words beside it say the same."""
    return TONES.get(str(standing), "")


@register.filter
def facts(paths: list[str]) -> list[str]:
    """Return what facts are called, by their paths in a case."""
    words = english()
    return [words.label(path) for path in paths]


@register.filter
def country(code: str) -> str:
    """Return a country's name."""
    return country_name(code)


@register.filter
def countries(codes: str) -> str:
    """Return the names of countries joined by `;`."""
    return " and ".join(country_name(code) for code in codes.split(";") if code)


@register.filter
def state_words(state: str) -> str:
    """Return an application's state in words."""
    return str(State(state).label)
