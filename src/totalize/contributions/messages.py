"""Sentences for people, by their stable code. Rules choose a code; words stand in the law data."""

from __future__ import annotations

from datetime import date
from typing import Any

from totalize.contributions.results import Notice
from totalize.kernel.countries import US
from totalize.kernel.dates import written_day
from totalize.law.contributions import load_sentences


def notice(code: str, **values: Any) -> Notice:
    """Return a notice with its sentence; days are written out for a reader."""
    written = {
        name: written_day(value) if isinstance(value, date) else value
        for name, value in values.items()
    }
    return Notice(code, load_sentences().warnings[code].format(**written))


def given_up(system: str, **values: Any) -> str:
    """Return what choosing one system alone gives up."""
    key = "united_states" if system == US else "other"
    return load_sentences().given_up[key].format(**values)


def refund_step(country: str) -> str:
    """Return how to ask a foreign institution for what was not owed."""
    return load_sentences().refund["foreign"].format(country=country)


def listed(names: list[str], limit: int = 4) -> str:
    """Return names as they stand in a sentence, the rest counted."""
    unique = list(dict.fromkeys(names))
    if len(unique) > limit:
        return f"{', '.join(unique[:limit])} and {len(unique) - limit} more"
    if len(unique) > 1:
        return f"{', '.join(unique[:-1])} and {unique[-1]}"
    return unique[0] if unique else ""
