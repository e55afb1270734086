"""Message catalogues: every sentence a person reads, by language, and dates and countries in it.

A catalogue is a flat map of keys to sentences. A language without a catalogue, or a sentence
missing from one, falls back to English, and the caller is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date

from totalize.kernel.reading import parse_trusted

FOLDER = Path(__file__).parent / "messages"
ENGLISH = "en"
# The language in which the office of a country is written to, where a catalogue is kept.
OFFICE_LANGUAGES = {
    "DE": "de",
    "AT": "de",
    "CH": "de",
    "LU": "fr",
    "FR": "fr",
    "BE": "fr",
    "IT": "it",
    "ES": "es",
    "CL": "es",
    "UY": "es",
    "PT": "pt",
    "BR": "pt",
    "JP": "ja",
    "KR": "ko",
    "NL": "nl",
}
# How the first day of a month is written where it is an ordinal.
_FIRST = {"fr": "1er", "it": "1º"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sentences of one language."""

    language: str
    sentences: dict[str, str]

    def say(self, key: str, **values: str) -> str:
        """Return a sentence with its blanks filled in.

        Raises:
            KeyError: neither this catalogue nor the English one has it.
        """
        sentence = self.sentences.get(key)
        if sentence is None:
            sentence = catalogue(ENGLISH).sentences[key]
        return sentence.format(**values) if values else sentence

    def gap(self, what: str | None = None) -> str:
        """Return the mark for something that is still to be given, by its name where it has one."""
        if what is None:
            return self.say("gap")
        return self.say("gap_named", what=what)

    def has(self, key: str) -> bool:
        """Tell whether the sentence is there without falling back."""
        return key in self.sentences

    def day(self, day: date) -> str:
        """Write a date in full: 1 March 2027."""
        if self.language == ENGLISH:
            return f"{day.day} {day:%B} {day.year}"
        text = str(format_date(day, "long", locale=self.language))
        # Where the first of a month is an ordinal, the locale data does not say it.
        first = _FIRST.get(self.language) if day.day == 1 else None
        return text if first is None else text.replace("1 ", f"{first} ", 1)

    def moment(self, moment: datetime) -> str:
        """Write a day with its time, in UTC: 1 March 2027, 09:30 UTC."""
        here = moment.astimezone(UTC)
        return self.say("moment", day=self.day(here.date()), time=f"{here:%H:%M}")

    def span(self, first: date, last: date | None) -> str:
        """Write a period, closed on both ends."""
        if last is None:
            return self.say("span_open", first=self.day(first))
        return self.say("span", first=self.day(first), last=self.day(last))

    def insurances(self, names: Sequence[str] | None) -> str:
        """Name contributions as the law data lists them; what has no name here stands as read."""
        if not names:
            return self.say("lifts_unread")
        english = catalogue(ENGLISH)
        parts = []
        for item in names:
            key = f"insurance_{item}"
            plain = item.removeprefix("other:").strip().replace("_", " ")
            parts.append(self.say(key) if english.has(key) else plain)
        return ", ".join(parts)

    def country(self, code: str) -> str:
        """Return the name of a country."""
        return str(_locale(self.language).territories.get(code, code))


@cache
def catalogue(language: str) -> Catalogue:
    """Load the sentences of a language, English when there are none.

    Whether it fell back shows in `language` of what comes out.
    """
    path = FOLDER / f"{language}.yaml"
    if not path.is_file():
        return catalogue(ENGLISH)
    return Catalogue(language, parse_trusted(path.read_text(encoding="utf-8")))


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)
