"""In which language an office is written to."""

from __future__ import annotations

from totalize.certificates.wording import ENGLISH, OFFICE_LANGUAGES, catalogue
from totalize.kernel.countries import US, in_sentence

_ENGLISH_SPEAKING = frozenset({US, "GB", "IE", "AU", "CA"})


def language_of(country: str) -> tuple[str, tuple[str, ...]]:
    """Return the language of a country's office; English, with a note, without a catalogue."""
    if country in _ENGLISH_SPEAKING:
        return ENGLISH, ()
    language = OFFICE_LANGUAGES.get(country)
    if language is None or not catalogue(language).has("letter_subject"):
        note = catalogue(ENGLISH).say("language_missing", country=in_sentence(country))
        return ENGLISH, (note,)
    return language, ()
