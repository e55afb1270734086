"""The integers behind countries, kinds of work and days in expressions."""

from __future__ import annotations

from typing import Final

from totalize.kernel.countries import NAMES

NOWHERE: Final = 0  # a country given as null: none
US: Final = 1
NO_PARTNER: Final = -1  # no other country is known to have a side in the work

COUNTRY_CODES: Final[dict[str, int]] = {"US": US} | {
    name: number
    for number, name in enumerate((code for code in sorted(NAMES) if code != "US"), start=2)
}
COUNTRIES: Final[dict[int, str]] = {number: name for name, number in COUNTRY_CODES.items()}

GENERAL: Final = 0
SEAFARER: Final = 1
AIRCREW: Final = 2
GOVERNMENT: Final = 3
OCCUPATIONS: Final[dict[str, int]] = {
    "general": GENERAL,
    "seafarer": SEAFARER,
    "aircrew": AIRCREW,
    "government": GOVERNMENT,
}

NEVER: Final = 2_000_000  # an encoded day later than any other: something that never happens

# Parts of a country that some agreement has a rule of its own for, by their ISO 3166-2 part.
REGION_CODES: Final[dict[str, int]] = {"QC": 1}
