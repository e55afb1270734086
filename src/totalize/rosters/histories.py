"""Work out what the works of a person tell about each other, for many people at once.

The same as `coverage.history` tells of one case. Works are gathered from the chunks of a roster,
with where they stand; people are then taken by the number of their id, as many at a time as
memory holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from totalize.coverage.codes import COUNTRIES, NOWHERE, US
from totalize.coverage.columns import other_countries
from totalize.coverage.conditions import OTHER_COUNTRY
from totalize.coverage.history import USUAL_GAP
from totalize.coverage.reading import gap_on
from totalize.law.book import LawBook
from totalize.logic.expressions import OPEN, encode_day, facts_in
from totalize.rosters import stays
from totalize.rosters.answers import day_after_table
from totalize.rosters.careful import CarefulReader
from totalize.rosters.cells import Cells
from totalize.rosters.engine import Histories
from totalize.rosters.facts import Rows, read_facts
from totalize.rosters.fields import COLUMNS, WORKER_ID
from totalize.rosters.loops import Ints, Mask, Numbers, Positions
from totalize.rosters.namesakes import mix, number_cells
from totalize.rosters.parts import Part

Works = dict[str, npt.NDArray[Any]]
Texts = Mapping[int, dict[str, str]]

_PARTNER_FACTS: Final = tuple(sorted(facts_in(OTHER_COUNTRY)))
_OF_THE_PERSON: Final = tuple(name for name in COLUMNS if name.startswith("worker."))


def gather_works(parts: Iterable[Part], rows: Positions) -> Works | None:
    """Return works as columns, None where there are none.

    Args:
        parts: the works, in the order of `rows`.
        rows: where they stand in the roster.
    """
    pieces = []
    at = 0
    for part in parts:
        pieces.append(_take(part, rows[at : at + part.size]))
        at += part.size
    return join_works(pieces)


def join_works(pieces: Sequence[Works]) -> Works | None:
    """Return works one after the other, None where there are none."""
    if not pieces:
        return None
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def _take(part: Part, places: Positions) -> Works:
    rows = Rows.room(part.size)
    read_facts(part, rows)
    facts = rows.facts
    expected = facts["expected_stop"]
    stop = np.where(
        rows.stop >= 0, rows.stop, np.where((expected >= 0) & (expected < OPEN), expected, -1)
    )
    keys, ids = part.text_cells(WORKER_ID), part.text_cells("id")
    if keys is None:
        raise ValueError("without a worker's id nobody has several works")
    return {
        "row": places,
        "key": number_cells(keys),
        "second_key": number_cells(keys, 0x5EED),
        "person": _what_is_said_of_the_person(part),
        "id": np.zeros(len(places), np.uint64)
        if ids is None
        else np.where(ids.sizes == 0, np.uint64(0), number_cells(ids) | np.uint64(1)),
        "odd": rows.unread,
        "country": facts["country"],
        "employed": facts["employment"],
        "sent_from": facts["sent_from"],
        "start": facts["start"],
        "stop": stop.astype(np.int32),
        "name": _employer(part.text_cells("employer.name"), len(places)),
        "affiliate": facts["affiliate_of"] > NOWHERE,
        "described": facts["employer_country"].astype(np.int64) << 16
        | np.maximum(facts["affiliate_of"], NOWHERE),
        **{f"fact.{name}": facts[name] for name in _PARTNER_FACTS},
    }


def _what_is_said_of_the_person(part: Part) -> Numbers:
    """Return a number for what each row says of the person, the same where it says the same."""
    found = np.zeros(part.size, dtype=np.uint64)
    for number, name in enumerate(_OF_THE_PERSON, 1):
        codes = part.codes.list_column(name) if name == "worker.citizenships" else None
        for place, code in enumerate(codes or (part.codes.column(name),)):
            if code is not None:
                told = mix((code.astype(np.uint64) << np.uint64(8)) + np.uint64(4 * number + place))
                found ^= np.where(code < 0, np.uint64(0), told)
    return found


def _employer(cells: Cells | None, size: int) -> npt.NDArray[np.int64]:
    """Return a number for the employer's name, whatever its capitals; 0 where there is none."""
    if cells is None:
        return np.zeros(size, dtype=np.int64)
    different, first, which = np.unique(number_cells(cells), return_index=True, return_inverse=True)
    numbers = np.zeros(len(different), dtype=np.int64)
    for place, row in enumerate(first.tolist()):
        name = cells.text(row).casefold().strip()
        if name:
            digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
            numbers[place] = int.from_bytes(digest, "little", signed=True) | 1
    return numbers[which]


def review_people(
    works: Works,
    texts_of: Callable[[list[int]], Texts],
    careful: CarefulReader,
) -> Histories:
    """Work out the histories of people with several works.

    Args:
        works: all works of these people, in any order.
        texts_of: returns the texts of rows.
        careful: reads people whose rows hold anything out of the ordinary; its law says after
            which break stays no longer count together.
    """
    partner = other_countries({name: works[f"fact.{name}"] for name in _PARTNER_FACTS})
    order = _by_person(works)
    columns = {name: values[order] for name, values in works.items() if name[:5] != "fact."}
    table = _Table(columns | {"partner": partner[order]}, careful.book)
    people = table.review()
    odd = table.odd_people()
    if odd:
        texts = texts_of(sorted(row for rows in odd for row in rows))
        for rows in odd:
            for row, read in zip(rows, careful.read([texts[row] for row in rows]), strict=True):
                people.careful[row] = read
    return people


def _by_person(works: Works) -> Positions:
    """Return the positions of works sorted by person, and within by row."""
    order = np.argsort(works["key"], kind="stable")
    key, second, row = (works[name][order] for name in ("key", "second_key", "row"))
    same = key[1:] == key[:-1]
    # Works come in the order of their rows; that two people have one number is next to impossible.
    if (same & ((second[1:] != second[:-1]) | (row[1:] < row[:-1]))).any():
        return np.lexsort((works["row"], works["second_key"], works["key"]))
    return order


class _Table:
    """Works sorted by person, as columns."""

    def __init__(self, works: dict[str, npt.NDArray[Any]], book: LawBook) -> None:
        self._works = works
        key, second = works["key"], works["second_key"]
        new = np.ones(len(key), dtype=np.bool_)
        new[1:] = (key[1:] != key[:-1]) | (second[1:] != second[:-1])
        self._person = np.cumsum(new) - 1
        self._firsts = np.flatnonzero(new)
        self._sizes = np.diff(np.append(self._firsts, len(key)))
        self._position = np.arange(len(key)) - self._firsts[self._person]
        self._gap_months, self._exceeded = _gaps(works, book)
        self._odd = self._find_odd()

    def _find_odd(self) -> Mask:
        """Tell which people are to be read with care."""
        works = self._works
        found = np.empty(len(self._firsts), dtype=np.bool_)
        stays.find_odd(
            self._firsts, self._sizes, works["odd"], works["person"], works["id"], _MANY, found
        )
        return found

    def odd_people(self) -> list[list[int]]:
        """Return the rows of each person to be read with care, in their order."""
        rows = self._works["row"]
        return [
            rows[self._firsts[person] : self._firsts[person] + self._sizes[person]].tolist()
            for person in np.flatnonzero(self._odd)
        ]

    def review(self) -> Histories:
        """Return the histories of everybody else, as `coverage.history` tells them."""
        works = self._works
        size = len(works["row"])
        after = day_after_table()
        stop = np.where(works["stop"] >= 0, after[np.maximum(works["stop"], 0)], -1)
        history = np.empty((size, 4), dtype=np.int32)
        second_job, open_code = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32)
        stays.review(
            self._firsts, np.where(self._odd, 0, self._sizes),
            works["start"], stop, works["country"], works["employed"], works["sent_from"],
            works["name"], works["affiliate"], works["described"],
            self._gap_months, self._exceeded, month_lengths(), history, second_job, open_code,
        )  # fmt: skip
        facts = {
            "earlier_stay": history[:, 0],
            "ever_sent_before": history[:, 1],
            "earlier_start": history[:, 2],
            "earlier_stop": history[:, 3],
            "second_job_start": second_job,
        }
        chosen = np.flatnonzero(((self._sizes > 1) & ~self._odd)[self._person])
        order = chosen[np.argsort(works["row"][chosen])]
        return Histories(
            rows=works["row"][order],
            facts={name: values[order].astype(np.int32) for name, values in facts.items()},
            position=self._position[order].astype(np.int32),
            open_code=open_code[order],
        )


_MANY: Final = 24  # works of one person beyond which they are read with care


def _gaps(works: dict[str, npt.NDArray[Any]], book: LawBook) -> tuple[Ints, Mask]:
    """Return for each work the break its agreement asks for between stays."""
    months = np.full(len(works["row"]), USUAL_GAP.months, dtype=np.int32)
    exceeded = np.full(len(months), USUAL_GAP.exceeded, dtype=np.bool_)
    to_us = works["country"] == US
    employed = works["employed"] == 1
    key = (np.maximum(works["partner"], 0) * 4 + to_us * 2 + employed).astype(np.uint16)
    by_key = np.argsort(key, kind="stable")
    bounds = np.searchsorted(key[by_key], range(4 * (max(COUNTRIES) + 1) + 1)).tolist()
    for code, (begin, end) in enumerate(pairwise(bounds)):
        if begin == end or code // 4 <= US:
            continue
        agreement = book.agreement(COUNTRIES[code // 4])
        if agreement is None:
            continue
        coverage = agreement.coverage
        at = by_key[begin:end]
        inward, working = bool(code & 2), bool(code & 1)
        directions = coverage.detached_worker if working else coverage.self_employed_transfer
        if directions is None:
            continue
        versions = directions.foreign_to_us if inward else directions.us_to_foreign
        for day in sorted({version.first for version in versions}):
            gap = gap_on(agreement, day, to_us=inward, employed=working)
            since = (
                at[works["start"][at] >= encode_day(day)]
                if day != min(version.first for version in versions)
                else at
            )
            months[since], exceeded[since] = gap.months, gap.exceeded
    return months, exceeded


@cache
def month_lengths() -> Ints:
    """Return the days of every month from the year 0 on."""
    first = np.arange(np.datetime64("0000-01"), np.datetime64("2400-01"))
    days = np.append(first.astype("datetime64[D]"), np.datetime64("2400-01-01"))
    return np.diff(days).astype(np.int32)
