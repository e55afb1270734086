"""Fill in the sentences of the law data, with their sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from totalize.filing.result import FigureUsed, Said, Source
from totalize.kernel.countries import in_sentence
from totalize.kernel.dates import written_day
from totalize.law.filing import Figure, FilingLaw


def source_of(law: FilingLaw, key: str) -> Source:
    """Return a citation of the law data by its key."""
    cite = law.sources[key]
    return Source(cite.ref, cite.url, cite.checked_on, cite.sure.value, cite.note)


def figure_used(law: FilingLaw, figure: Figure) -> FigureUsed:
    """Return a figure together with its source."""
    return FigureUsed(figure.value, figure.derived, source_of(law, figure.source))


def say(law: FilingLaw, code: str, *more_sources: str, **values: object) -> Said:
    """Return a sentence by its code.

    Args:
        law: holds the sentences.
        code: the sentence.
        more_sources: keys of sources beside the sentence's own.
        values: what to fill in; amounts and days are written out for a reader.
    """
    sentence = law.sentences[code]
    text = sentence.text.format(**{name: _written(value) for name, value in values.items()})
    keys = dict.fromkeys((*sentence.sources, *more_sources))
    return Said(code, text, tuple(source_of(law, key) for key in keys))


def status_name(law: FilingLaw, status: str) -> str:
    """Write a filing status as the forms do."""
    return law.sentences[f"statuses_{status}"].text


def dollars(amount: Decimal) -> str:
    """Write an amount: `$15,750`, `$11,303.64`."""
    whole = amount == amount.to_integral_value()
    return f"${amount:,.0f}" if whole else f"${amount:,.2f}"


def percent(rate: Decimal) -> str:
    """Write a fraction as percent, without zeros at its end: `92.35`."""
    return f"{(rate * 100).normalize():f}"


def written_days(stretches: Iterable[tuple[date, date]]) -> str:
    """Write stretches of days: `1 January 2025 to 30 June 2025`."""
    return " and ".join(f"{written_day(first)} to {written_day(last)}" for first, last in stretches)


def countries(codes: Iterable[str]) -> str:
    """Write countries as they stand in a sentence, joined."""
    return " and ".join(in_sentence(code) for code in codes)


def _written(value: object) -> str:
    if isinstance(value, Decimal):
        return dollars(value)
    if isinstance(value, date):
        return written_day(value)
    return str(value)
