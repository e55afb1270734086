"""Sentences for people, by their stable code. Rules choose a code; words stand here."""

from __future__ import annotations

from typing import Any, Final

from totalize.contributions.results import Notice

_SENTENCES: Final[dict[str, str]] = {
    "at_least": "{country}: {what} {verb} due but not in the data, so the total is at least this.",
    "months_without_figures": "{country}: no figures for {months}; those months are not counted.",
    "no_figures_for_country": "{country}: its contributions are not in the data.",
    "not_confirmed_source": "{country}: {count} of {total} rows rest on secondary sources"
    " (newest dated {newest}); check before you rely on them.",
    "no_source": "{country}: {what} rests on no source that was read.",
    "undated_source": "{country}: the source of {what} carries no date.",
    "old_source": "{country}: the source of {what} is of {date}, earlier than {year}.",
    "scope_unsettled": "{country}: no source read settles whether a certificate lifts {what}."
    " It is counted as still due; if it is lifted too, the saving is {amount} {currency}.",
    "stays_due": "{country}: a certificate does not lift {what}.",
    "choice_assumed": "{country}: {text}: {option} is assumed (choose {path}={options}).",
    "age_unknown": "{country}: {what} is due at some ages only; without a birth date it is not"
    " counted.",
    "projected": "{country}: figures of {of} stand in for {year}; nobody has announced them.",
    "inexact_pay": "{country}: {what} is not exact at this pay. {note}",
    "status_assumed": "United States: the Additional Medicare Tax depends on the filing status;"
    " {status} is assumed.",
    "coverage_open": "From {first} it is open which system covers the work{needs}; nothing is"
    " counted as saved there.",
    "no_certificate": "From {first} no certificate can lift either system: both are due.",
    "rate_old": "{currency}: the last rate in the data is of {date}.",
    "rate_mean": "{currency}: mean of the daily reference rates of the European Central Bank"
    " up to {date}; not the figure of the Internal Revenue Service.",
    "years_without_figures": "No figures for {years}: not counted in the whole assignment"
    " (project them to see an estimate).",
    "twelfths": "{country}: yearly limits count by twelfths, as the work fills only part of the"
    " year.",
    "foreign_refund": "Ask the institution of {country} that took the contributions, with the"
    " certificate. Its time limit is not in the data: ask soon.",
    "no_contributions": "No system takes contributions for this work in {year}.",
}

_GIVEN_UP: Final[dict[str, str]] = {
    "US": "With the United States alone, no insurance time grows in {other} and its benefits"
    " for this time (pension, and what else its contributions pay for) are given up.",
    "other": "With {name} alone, no US quarters of coverage grow for this time: they count"
    " for retirement, disability, survivors and Medicare.",
}


def notice(code: str, **values: Any) -> Notice:
    """Return a notice with its sentence."""
    return Notice(code, _SENTENCES[code].format(**values))


def given_up(system: str, **values: Any) -> str:
    """Return what choosing one system alone gives up."""
    return _GIVEN_UP["US" if system == "US" else "other"].format(**values)


def listed(names: list[str], limit: int = 4) -> str:
    """Return names as they stand in a sentence, the rest counted."""
    unique = list(dict.fromkeys(names))
    if len(unique) > limit:
        return f"{', '.join(unique[:limit])} and {len(unique) - limit} more"
    if len(unique) > 1:
        return f"{', '.join(unique[:-1])} and {unique[-1]}"
    return unique[0] if unique else ""
