"""Work out what the works of a person tell about each other, for many people at once.

The same as `coverage.history` tells of one case. Works are gathered from the chunks of a roster,
with where they stand; people are then taken by the number of their id, as many at a time as
memory holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import pairwise
from typing import Final

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
from totalize.rosters.loops import Ints, Mask, Numbers, Positions, Records
from totalize.rosters.namesakes import mix, number_cells
from totalize.rosters.parts import Part
from totalize.rosters.shares import pick
from totalize.rosters.stays import HISTORY, WORK

Texts = Mapping[int, dict[str, str]]

_PARTNER_FACTS: Final = tuple(sorted(facts_in(OTHER_COUNTRY)))
_OF_THE_PERSON: Final = tuple(name for name in COLUMNS if name.startswith("worker."))


def gather_works(parts: Iterable[Part], rows: Positions) -> Records:
    """Return works as records (`stays.WORK`).

    Args:
        parts: the works, in the order of `rows`.
        rows: where they stand in the roster.
    """
    works = np.empty(len(rows), dtype=WORK)
    works["row"] = rows
    at = 0
    for part in parts:
        _take(part, works[at : at + part.size])
        at += part.size
    return works


def _take(part: Part, works: Records) -> None:
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
    works["key"] = number_cells(keys)
    works["second_key"] = number_cells(keys, 0x5EED)
    works["said"] = _what_is_said_of_the_person(part)
    works["id"] = 0 if ids is None else _number_ids(ids)
    works["name"] = _employer(part.text_cells("employer.name"), part.size)
    works["affiliate"] = facts["affiliate_of"] > NOWHERE
    works["described"] = facts["employer_country"].astype(np.int64) << 16 | np.maximum(
        facts["affiliate_of"], NOWHERE
    )
    works["country"] = facts["country"]
    works["partner"] = other_countries({name: facts[name] for name in _PARTNER_FACTS})
    works["employed"] = facts["employment"]
    works["sent_from"] = facts["sent_from"]
    works["start"] = facts["start"]
    works["stop"] = np.where(stop >= 0, day_after_table()[np.maximum(stop, 0)], -1)
    works["unread"] = rows.unread


def _number_ids(ids: Cells) -> Numbers:
    """Return a number for each id of a work, 0 for an empty cell."""
    return np.where(ids.sizes == 0, np.uint64(0), number_cells(ids) | np.uint64(1))


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
    works: Records,
    texts_of: Callable[[list[int]], Texts],
    careful: CarefulReader,
) -> Histories:
    """Work out the histories of people with several works.

    Args:
        works: all works of these people (`stays.WORK`), in the order of their rows.
        texts_of: returns the texts of rows.
        careful: reads people whose rows hold anything out of the ordinary; its law says after
            which break stays no longer count together.
    """
    works = _by_person(works)
    firsts, sizes = _people_of(works)
    odd = np.empty(len(firsts), dtype=np.bool_)
    stays.find_odd(works, firsts, sizes, _MANY, odd)
    plain = (sizes > 1) & ~odd
    history = np.empty(len(works), dtype=HISTORY)
    gap_months, exceeded = _gaps(works, careful.book)
    stays.review(
        works, firsts, np.where(plain, sizes, 0), gap_months, exceeded, month_lengths(), history
    )
    told = np.flatnonzero(np.repeat(plain, sizes))
    people = Histories(pick(history, told[np.argsort(works["row"][told])]))
    if odd.any():
        of_the_odd = [
            works["row"][first : first + size].tolist()
            for first, size in zip(firsts[odd].tolist(), sizes[odd].tolist(), strict=True)
        ]
        texts = texts_of(sorted(row for rows in of_the_odd for row in rows))
        for rows in of_the_odd:
            for row, read in zip(rows, careful.read([texts[row] for row in rows]), strict=True):
                people.careful[row] = read
    return people


def _by_person(works: Records) -> Records:
    """Return works sorted by person, and within by row."""
    found = pick(works, np.argsort(works["key"], kind="stable"))
    key, second, row = (found[name] for name in ("key", "second_key", "row"))
    same = key[1:] == key[:-1]
    # Works come in the order of their rows; that two people have one number is next to impossible.
    if (same & ((second[1:] != second[:-1]) | (row[1:] < row[:-1]))).any():
        return pick(works, np.lexsort((works["row"], works["second_key"], works["key"])))
    return found


def _people_of(works: Records) -> tuple[Positions, Positions]:
    """Return where the works of each person begin, and how many they are."""
    key, second = works["key"], works["second_key"]
    new = np.ones(len(works), dtype=np.bool_)
    new[1:] = (key[1:] != key[:-1]) | (second[1:] != second[:-1])
    firsts = np.flatnonzero(new)
    return firsts, np.diff(np.append(firsts, len(works)))


_MANY: Final = 24  # works of one person beyond which they are read with care


def _gaps(works: Records, book: LawBook) -> tuple[Ints, Mask]:
    """Return for each work the break its agreement asks for between stays."""
    months = np.full(len(works), USUAL_GAP.months, dtype=np.int32)
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
