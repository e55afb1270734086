"""How each column of a roster is read into numbers.

Only what is plain is read: a country of two letters, `true` or `false`, a day of the calendar.
What is not recognised is not wrong yet; its row is read like a single case, with the same checks
and words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from totalize.coverage.codes import COUNTRY_CODES, NOWHERE, OCCUPATIONS, REGION_CODES
from totalize.kernel.dates import FIRST_DAY, LAST_DAY
from totalize.law.territories import load_territories
from totalize.rosters.fields import COLUMNS, NO_LIST, NULL_WORDS, Kind
from totalize.rosters.loops import NOT_READ, Ints, Mask, Numbers, Positions
from totalize.rosters.row_loops import DAY, LIST, PAIR, TEXT, WORD, Coding

NULL: Final = -3  # a day that says null
_MAY_BE_NULL: Final = frozenset(
    {
        "expected_end",
        "end",
        "employer.affiliate_of",
        "sent_from",
        "via",
        "insured_before",
        "elects",
        "certificate.to",
    }
)
_FORMS: Final = {Kind.TEXT: TEXT, Kind.COUNTRY: PAIR, Kind.COUNTRIES: LIST, Kind.DAY: DAY}
_WORDS: Final[dict[Kind, Mapping[str, int]]] = {
    Kind.FLAG: {"true": 1, "false": 0, "TRUE": 1, "FALSE": 0},
    Kind.ACTIVITY: {"self_employment": 0, "employment": 1},
    Kind.OCCUPATION: OCCUPATIONS,
}
# What is seldom said is always read with care.
_WITH_CARE: Final = frozenset({"activity_in", "same_employer_as_before"})
_LIST_PLACES: Final = 3
_REGION: Final = "region"
_ELSEWHERE: Final = 0  # a region of which no law here speaks


@dataclass(frozen=True, slots=True)
class Columns:
    """How the columns of one header are read.

    Attributes:
        coding: for the loops.
        codes: where what a column says is put, by the field it is; a list's first place.
        texts: the columns that are kept as text, by their number in the header.
        places: how many places for codes there are.
    """

    coding: Coding
    codes: Mapping[str, int]
    texts: tuple[int, ...]
    places: int


@dataclass(frozen=True, slots=True)
class Codes:
    """What some rows say, as numbers.

    Attributes:
        numbers: by place and row; `UNKNOWN` for an empty cell.
        unread: rows with something that was not read.
        place: of each field.
    """

    numbers: Ints
    unread: Mask
    place: Mapping[str, int]

    def take(self, rows: Positions) -> Codes:
        """Return what some rows say."""
        return Codes(self.numbers[:, rows], self.unread[rows], self.place)

    def column(self, field: str) -> Ints | None:
        """Return what a column says, None where there is none."""
        place = self.place.get(field)
        return None if place is None else self.numbers[place]

    def list_column(self, field: str) -> tuple[Ints, Ints, Ints] | None:
        """Return what a column of lists says, first to third."""
        place = self.place.get(field)
        if place is None:
            return None
        return self.numbers[place], self.numbers[place + 1], self.numbers[place + 2]


@cache
def code_columns(fields: tuple[str | None, ...]) -> Columns:
    """Return how the columns of a header are read.

    Args:
        fields: the field each column is; None, or one that is no field of a case: a text.
    """
    forms, places, otherwise, firsts = [], [], [], [0]
    words: list[tuple[str, int]] = []
    codes: dict[str, int] = {}
    texts: list[int] = []
    following = 0
    for number, field in enumerate(fields):
        form, own = _form_of(field)
        forms.append(form)
        otherwise.append(_ELSEWHERE if field == _REGION else NOT_READ)
        words += own.items()
        firsts.append(len(words))
        if form == TEXT or field is None:
            places.append(len(texts))
            texts.append(number)
        else:
            places.append(following)
            codes[field] = following
            following += _LIST_PLACES if form == LIST else 1
    laid, sizes = _laid_out([word for word, _ in words])
    coding = Coding(
        forms=_ints(forms),
        places=_ints(places),
        otherwise=_ints(otherwise),
        first_words=_ints(firsts),
        words=laid,
        word_sizes=sizes,
        word_codes=_ints([code for _, code in words]),
        pairs=_country_table(),
        nothing=NOWHERE,
        first_year=FIRST_DAY.year,
        last_year=LAST_DAY.year,
    )
    return Columns(coding, codes, tuple(texts), following)


def all_as_texts(width: int) -> Columns:
    """Return how columns are read of which every cell is wanted as it stands."""
    return code_columns((None,) * width)


def _form_of(field: str | None) -> tuple[int, Mapping[str, int]]:
    """Return how a column's cells are read, and the words beside."""
    if field == _REGION:
        return WORD, REGION_CODES
    if field in _WITH_CARE:
        return WORD, {}
    kind = COLUMNS.get(field or "", Kind.TEXT)
    words = _WORDS.get(kind, {})
    if kind is Kind.COUNTRIES and field == "also_in":
        words = dict.fromkeys(NO_LIST, NOWHERE)
    elif field in _MAY_BE_NULL:
        words = dict.fromkeys(NULL_WORDS, NULL if kind is Kind.DAY else NOWHERE)
    return _FORMS.get(kind, WORD), words


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int32)


def _laid_out(words: Sequence[str]) -> tuple[Numbers, Ints]:
    """Return words as `Coding` has them, and the bytes of each."""
    raw = [word.encode() for word in words]
    laid = np.zeros((len(raw), 4), dtype=np.uint64)
    for row, word in enumerate(raw):
        for side, data in enumerate((word, b"\xff" * len(word))):
            laid[row, 2 * side : 2 * side + 2] = np.frombuffer(data.ljust(16, b"\0"), dtype="<u8")
    return laid, _ints([len(word) for word in raw])


@cache
def _country_table() -> Ints:
    """Return the code of every two bytes, `NOT_READ` where they are no country.

    Places that belong to another country are left to careful reading, which replaces them.
    """
    table = np.full(65536, NOT_READ, dtype=np.int32)
    elsewhere = load_territories()
    for name, code in COUNTRY_CODES.items():
        if name not in elsewhere:
            table[int.from_bytes(name.encode(), "little")] = code
    return table
