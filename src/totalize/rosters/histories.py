"""Work out what the works of a person tell about each other, for many people at once.

The same as `coverage.history` tells of one case. Works are gathered from the chunks of a roster,
with where they stand; people are then taken by the number of their id, as many at a time as
memory holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from totalize.coverage.codes import COUNTRIES, NEVER, NOWHERE, US
from totalize.coverage.columns import other_countries
from totalize.coverage.conditions import OTHER_COUNTRY
from totalize.coverage.history import USUAL_GAP
from totalize.coverage.reading import gap_on
from totalize.law.book import LawBook
from totalize.logic.expressions import OPEN, encode_day, facts_in
from totalize.rosters.answers import day_after_table
from totalize.rosters.careful import OPEN_FIELDS, CarefulReader
from totalize.rosters.cells import Cells, Ints, Mask, Positions
from totalize.rosters.engine import Histories
from totalize.rosters.facts import Reader
from totalize.rosters.fields import COLUMNS, WORKER_ID
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
    cells = part.cells
    rows = Reader(cells, part.size).read()
    facts = rows.facts
    if part.table is not None and part.table.ragged:
        rows.unread[list(part.table.ragged)] = True
    expected = facts["expected_stop"]
    stop = np.where(
        rows.stop >= 0, rows.stop, np.where((expected >= 0) & (expected < OPEN), expected, -1)
    )
    person = np.zeros(len(places), dtype=np.uint64)
    for number, name in enumerate(_OF_THE_PERSON, 1):
        if name in cells:
            told = mix(number_cells(cells[name], number) + np.uint64(number))
            person ^= np.where(cells[name].sizes == 0, np.uint64(0), told)
    ids = cells.get("id")
    return {
        "row": places,
        "key": number_cells(cells[WORKER_ID]),
        "second_key": number_cells(cells[WORKER_ID], 0x5EED),
        "person": person,
        "id": np.zeros(len(places), np.uint64)
        if ids is None
        else np.where(ids.sizes == 0, np.uint64(0), number_cells(ids) | np.uint64(1)),
        "odd": rows.unread,
        "country": facts["country"],
        "employed": facts["employment"],
        "sent_from": facts["sent_from"],
        "start": facts["start"],
        "stop": stop.astype(np.int32),
        "name": _employer(cells.get("employer.name"), len(places)),
        "affiliate": facts["affiliate_of"] > NOWHERE,
        "described": facts["employer_country"].astype(np.int64) << 16
        | np.maximum(facts["affiliate_of"], NOWHERE),
        **{f"fact.{name}": facts[name] for name in _PARTNER_FACTS},
    }


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
    order = np.lexsort((works["row"], works["second_key"], works["key"]))
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
        works, people = self._works, len(self._firsts)

        def any_of(values: Mask) -> Mask:
            return np.bincount(self._person, weights=values, minlength=people) > 0

        first = self._firsts[self._person]
        odd = any_of(works["odd"]) | any_of(works["person"] != works["person"][first])
        unnamed = works["id"] == 0
        odd |= any_of(unnamed) & any_of(~unnamed)
        order = np.lexsort((works["id"], self._person))
        ids, people_of = works["id"][order], self._person[order]
        again = (ids[1:] == ids[:-1]) & (people_of[1:] == people_of[:-1]) & (ids[1:] != 0)
        odd[people_of[1:][again]] = True
        odd |= self._sizes > _MANY
        named = works["name"] != 0
        odd |= any_of(named) & any_of(~named)
        odd |= any_of(~named) & any_of(works["described"] != works["described"][first])
        odd |= any_of(works["affiliate"]) & any_of(works["name"] != works["name"][first])
        return odd & (self._sizes > 1)

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
        plain = (self._sizes > 1)[self._person] & ~self._odd[self._person]
        after = day_after_table()
        stop = np.where(works["stop"] >= 0, after[np.maximum(works["stop"], 0)], -1)
        second_job = np.full(size, NEVER, dtype=np.int32)
        unknown = np.full(size, _NOTHING, dtype=np.int64)
        stays: list[tuple[Positions, Ints, Ints]] = []
        for one, another in self._pairs(plain):
            mine, other = one, another
            start, begun = works["start"][mine], works["start"][other]
            here = works["country"][mine] == works["country"][other]
            beside = here & ((stop[other] < 0) | (start < stop[other]))
            beside &= (stop[mine] < 0) | (begun < stop[mine])
            met = mine[beside]
            second_job[met] = np.minimum(second_job[met], np.maximum(start, begun)[beside])
            counts = here & (begun < start) & self._may_count(mine, other)
            mine, other = mine[counts], other[counts]
            unsent = works["sent_from"][other] < 0
            endless = ~unsent & (stop[other] < 0)
            for open_ones, kind in ((unsent, 0), (endless, 1)):
                at = mine[open_ones]
                code = self._position[other[open_ones]] * len(OPEN_FIELDS) + kind
                unknown[at] = np.minimum(unknown[at], code)
            clear = ~unsent & ~endless
            stays.append(
                (
                    mine[clear],
                    works["start"][other[clear]],
                    np.minimum(stop[other[clear]], works["start"][mine[clear]]),
                )
            )
        first, last = self._chain(stays, size)
        return self._people(plain, first, last, second_job, unknown)

    def _pairs(self, plain: Mask) -> Iterator[tuple[Positions, Positions]]:
        everyone = np.flatnonzero(plain)
        apart = 1
        while True:
            before = everyone[self._position[everyone] >= apart]
            if not len(before):
                return
            yield before, before - apart
            yield before - apart, before
            apart += 1

    def _may_count(self, mine: Positions, other: Positions) -> Mask:
        works = self._works
        sent, theirs = works["sent_from"][mine], works["sent_from"][other]
        names, others = works["name"][mine], works["name"][other]
        same: Mask = works["employed"][mine] == works["employed"][other]
        same &= (theirs < 0) | (theirs == sent)
        same &= sent > NOWHERE
        # People whose employers may or may not be the same are read with care.
        same &= (names == others) | (works["employed"][mine] == 0)
        return same

    def _chain(self, stays: list[tuple[Positions, Ints, Ints]], size: int) -> tuple[Ints, Ints]:
        """Return where the last chain of earlier stays begins and ends, -1 without one."""
        first = np.full(size, -1, dtype=np.int32)
        last = np.full(size, -1, dtype=np.int32)
        if not stays:
            return first, last
        of, start, stop = (np.concatenate([stay[part] for stay in stays]) for part in range(3))
        order = np.lexsort((stop, start, of))
        of, start, stop = of[order], start[order], stop[order]
        new = np.ones(len(of), dtype=np.bool_)
        new[1:] = of[1:] != of[:-1]
        rank = np.arange(len(of)) - np.maximum.accumulate(np.where(new, np.arange(len(of)), 0))
        for turn in range(int(rank.max(initial=-1)) + 1):
            now = rank == turn
            at, begins, ends = of[now], start[now], stop[now]
            fresh = (last[at] < 0) | self._lies_between(last[at], begins, at)
            first[at] = np.where(fresh, begins, first[at])
            last[at] = np.where(fresh, ends, np.maximum(last[at], ends))
        return first, last

    def _lies_between(self, stop: Ints, start: Ints, at: Positions) -> Mask:
        ends = _add_months(np.maximum(stop, 0), self._gap_months[at])
        return np.where(self._exceeded[at], start > ends, start >= ends)

    def _people(
        self, plain: Mask, first: Ints, last: Ints, second_job: Ints, unknown: Positions
    ) -> Histories:
        everyone = np.arange(len(first))
        ever = last >= 0
        over = ever & self._lies_between(last, self._works["start"], everyone)
        stays = ever & ~over
        is_open = unknown != _NOTHING
        facts = {
            "earlier_stay": np.where(is_open, -1, stays),
            "ever_sent_before": np.where(is_open, -1, ever),
            "earlier_start": np.where(is_open, -1, np.where(stays, first, NOWHERE)),
            "earlier_stop": np.where(is_open, -1, np.where(stays, last, NOWHERE)),
            "second_job_start": second_job,
        }
        chosen = np.flatnonzero(plain)
        order = chosen[np.argsort(self._works["row"][chosen])]
        rows = self._works["row"]
        return Histories(
            rows=rows[order],
            facts={name: values[order].astype(np.int32) for name, values in facts.items()},
            position=self._position[order].astype(np.int32),
            open_code=np.where(is_open, unknown, -1)[order].astype(np.int32),
        )


_MANY: Final = 24  # works of one person beyond which pairs are no longer compared by columns
_NOTHING: Final = 1 << 40


def _gaps(works: dict[str, npt.NDArray[Any]], book: LawBook) -> tuple[Ints, Mask]:
    """Return for each work the break its agreement asks for between stays."""
    months = np.full(len(works["row"]), USUAL_GAP.months, dtype=np.int32)
    exceeded = np.full(len(months), USUAL_GAP.exceeded, dtype=np.bool_)
    to_us = works["country"] == US
    employed = works["employed"] == 1
    key = works["partner"].astype(np.int64) * 4 + to_us * 2 + employed
    for code in np.unique(key[works["partner"] > US]).tolist():
        agreement = book.agreement(COUNTRIES[code // 4])
        if agreement is None:
            continue
        coverage = agreement.coverage
        at = np.flatnonzero(key == code)
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


def _add_months(days: Ints, months: Ints) -> Ints:
    month, day = (days >> 5) + months, days & 31
    found: Ints = (month << 5) + np.minimum(day, _month_lengths()[month])
    return found


def _month_lengths() -> Ints:
    if not _LENGTHS:
        first = np.arange(np.datetime64("0000-01"), np.datetime64("2400-01"))
        days = first.astype("datetime64[D]")
        lengths = np.diff(np.append(days, np.datetime64("2400-01-01")))
        _LENGTHS.append(lengths.astype(np.int32))
    return _LENGTHS[0]


_LENGTHS: list[Ints] = []
