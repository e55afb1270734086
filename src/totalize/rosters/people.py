"""Find people with several works and what their works tell about each other.

A roster may be larger than memory and a person's works may stand anywhere in it. So the first
reading keeps one number a row, on disk, made of the worker's id; the second one looks only at rows
whose number stands there twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
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
from totalize.rosters.careful import CarefulReader
from totalize.rosters.cells import PADDING, WORD, Block, Cells, Ints, Mask, Positions
from totalize.rosters.engine import Histories, texts_of
from totalize.rosters.facts import Reader
from totalize.rosters.fields import WORKER_ID
from totalize.rosters.parts import Part

Numbers = npt.NDArray[np.uint64]
Load = Callable[[int], Iterable[Part]]

SORTED_AT_ONCE: Final = 16_000_000  # rows whose numbers are sorted in memory together
_FILTER_BITS: Final = 26
_BLANKS: Final = np.zeros(256, dtype=np.bool_)
_BLANKS[[9, 10, 13, 32]] = True


def number_cells(cells: Cells, seed: int = 0) -> Numbers:
    """Return a number for each cell that differs, as good as surely, between different texts."""
    sizes = cells.sizes.astype(np.int64)
    found = _mix(cells.first_words() + np.uint64(seed)) ^ _mix(sizes.astype(np.uint64))
    beyond = np.flatnonzero(sizes > WORD)
    place = WORD
    while len(beyond):
        rest = np.minimum(sizes[beyond] - place, WORD)
        words = cells.block.words[cells.starts[beyond] + place] & _MASKS[rest]
        found[beyond] = _mix(found[beyond] ^ words)
        place += WORD
        beyond = beyond[sizes[beyond] > place]
    last = cells.starts + np.maximum(sizes - 1, 0)
    padded = (sizes > 0) & (
        _BLANKS[cells.block.data[cells.starts]] | _BLANKS[cells.block.data[last]]
    )
    for row in np.flatnonzero(padded).tolist():
        raw = cells.text(row).encode()
        bare = Cells(
            Block.of(raw + PADDING), np.zeros(1, np.int64), np.array([len(raw)], dtype=np.int32)
        )
        found[row] = number_cells(bare, seed)[0]
    return found


def _mix(values: Numbers) -> Numbers:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_MASKS: Final = np.array([(1 << (8 * size)) - 1 for size in range(WORD + 1)], dtype=np.uint64)


class Census:
    """Keep a number a row, then find the rows of people who have several.

    Args:
        path: a file to keep the numbers in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        self.rows = 0

    def count(self, ids: Iterable[tuple[Cells | None, int]]) -> int:
        """Take note of some rows and return how many there are.

        Args:
            ids: the cells with the worker's id, None where there are none, and how many rows.
        """
        size = 0
        kept = []
        for cells, rows in ids:
            size += rows
            if cells is None:
                continue
            numbers = number_cells(cells)
            # People without an id are nobody's namesakes.
            alone = np.flatnonzero(cells.sizes == 0)
            numbers[alone] = _mix((self.rows + alone).astype(np.uint64) + np.uint64(1))
            kept.append(numbers)
            self.rows += len(cells)
        if kept:
            with self._path.open("ab") as file:
                for numbers in kept:
                    numbers.tofile(file)
        return size

    def shared(self) -> Mask | None:
        """Return which rows share their number with another, None where none does."""
        if not self.rows:
            return None
        numbers = np.memmap(self._path, dtype=np.uint64, mode="r")
        twice = _twice(numbers)
        if not len(twice):
            return None
        bits = min(len(twice).bit_length() + 6, _FILTER_BITS)
        suspects = np.zeros(1 << bits, dtype=np.bool_)
        shift = np.uint64(64 - bits)
        suspects[twice >> shift] = True
        found = np.zeros(len(numbers), dtype=np.bool_)
        for begin in range(0, len(numbers), 1 << 20):
            block = numbers[begin : begin + (1 << 20)]
            near = np.flatnonzero(suspects[block >> shift])
            at = np.minimum(np.searchsorted(twice, block[near]), len(twice) - 1)
            found[begin + near] = twice[at] == block[near]
        return found


def _twice(numbers: Numbers) -> Numbers:
    """Return the numbers that occur more than once, sorted; in as many passes as memory asks."""
    passes = -(-len(numbers) // SORTED_AT_ONCE)
    found = []
    for turn in range(passes):
        if passes == 1:
            chosen = np.array(numbers)
        else:
            low = np.uint64(turn * (1 << 64) // passes)
            high = np.uint64((turn + 1) * (1 << 64) // passes - 1)
            pieces = []
            for begin in range(0, len(numbers), 1 << 22):
                block = numbers[begin : begin + (1 << 22)]
                pieces.append(block[(block >= low) & (block <= high)])
            chosen = np.concatenate(pieces)
        chosen.sort()
        again = chosen[1:][chosen[1:] == chosen[:-1]]
        found.append(
            again[np.concatenate(([True], again[1:] != again[:-1]))] if len(again) else again
        )
    return np.concatenate(found)


def find_people(
    shared: Mask, begins: Sequence[int], load: Load, book: LawBook, careful: CarefulReader
) -> Histories:
    """Work out the histories of people with several works.

    Args:
        shared: for each row whether it may be one of several of a person.
        begins: the first row of each chunk, and the number of all rows.
        load: returns the parts of a chunk.
        book: the law, for the break after which stays no longer count together.
        careful: reads people whose rows hold anything out of the ordinary.
    """
    works = _Works()
    for chunk, (begin, stop) in enumerate(pairwise(begins)):
        chosen = shared[begin:stop]
        if chosen.any():
            works.add(load(chunk), chosen, begin)
    table = works.table(book)
    people = table.review()
    odd = table.odd_people()
    if odd:
        texts = _texts(sorted(row for rows in odd for row in rows), begins, load)
        for rows in odd:
            for row, read in zip(rows, careful.read([texts[row] for row in rows]), strict=True):
                people.careful[row] = read
    return people


def _texts(rows: Sequence[int], begins: Sequence[int], load: Load) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    wanted = np.array(rows, dtype=np.int64)
    for chunk, (begin, stop) in enumerate(pairwise(begins)):
        inside = wanted[np.searchsorted(wanted, begin) : np.searchsorted(wanted, stop)]
        if not len(inside):
            continue
        at = begin
        for part in load(chunk):
            for row in inside[(inside >= at) & (inside < at + part.size)].tolist():
                found[row] = texts_of(part.cells, row - at)
            at += part.size
    return found


class _Works:
    """Rows of people with several works, gathered from the chunks."""

    def __init__(self) -> None:
        self._pieces: list[dict[str, npt.NDArray[Any]]] = []
        self._names: dict[str, int] = {}

    def add(self, parts: Iterable[Part], chosen: Mask, begin: int) -> None:
        """Take the chosen rows of a chunk that begins at a row."""
        at = 0
        for part in parts:
            places = np.flatnonzero(chosen[at : at + part.size])
            if len(places):
                self._pieces.append(self._take(part, places, begin + at))
            at += part.size

    def _take(self, part: Part, places: Positions, begin: int) -> dict[str, npt.NDArray[Any]]:
        cells = {name: column.take(places) for name, column in part.cells.items()}
        rows = Reader(cells, len(places)).read()
        facts = rows.facts
        if part.table is not None and part.table.ragged:
            rows.unread |= np.isin(places, list(part.table.ragged))
        expected = facts["expected_stop"]
        stop = np.where(
            rows.stop >= 0, rows.stop, np.where((expected >= 0) & (expected < OPEN), expected, -1)
        )
        person = np.zeros(len(places), dtype=np.uint64)
        for number, (name, column) in enumerate(sorted(cells.items())):
            if name.startswith("worker."):
                person ^= _mix(number_cells(column, number + 1) + np.uint64(number + 7))
        ids = cells.get("id")
        return {
            "row": begin + places,
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
            "name": self._employer(cells.get("employer.name"), len(places)),
            **{f"fact.{name}": facts[name] for name in _PARTNER_FACTS},
        }

    def _employer(self, cells: Cells | None, size: int) -> npt.NDArray[np.int64]:
        """Number the employers by name, whatever its capitals; 0 where there is none."""
        if cells is None:
            return np.zeros(size, dtype=np.int64)
        different, first, which = np.unique(
            number_cells(cells), return_index=True, return_inverse=True
        )
        numbers = np.zeros(len(different), dtype=np.int64)
        for place, row in enumerate(first.tolist()):
            name = cells.text(row).casefold().strip()
            if name:
                numbers[place] = self._names.setdefault(name, len(self._names) + 1)
        return numbers[which]

    def table(self, book: LawBook) -> _Table:
        """Return the works sorted by person."""
        joined = {
            name: np.concatenate([piece[name] for piece in self._pieces])
            for name in self._pieces[0]
        }
        joined["partner"] = other_countries(
            {name: joined.pop(f"fact.{name}") for name in _PARTNER_FACTS}
        )
        order = np.lexsort((joined["row"], joined["second_key"], joined["key"]))
        joined = {name: values[order] for name, values in joined.items()}
        return _Table(joined, book)


_PARTNER_FACTS: Final = tuple(sorted(facts_in(OTHER_COUNTRY)))


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
                code = self._position[other[open_ones]] * 2 + kind
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
        same &= (names == 0) | (others == 0) | (names == others)
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
        paths = {
            int(
                rows[place]
            ): f"work[{unknown[place] // 2}].{('sent_from', 'end')[unknown[place] % 2]}"
            for place in order[is_open[order]].tolist()
        }
        return Histories(
            rows=rows[order],
            facts={name: values[order].astype(np.int32) for name, values in facts.items()},
            position=self._position[order].astype(np.int32),
            open_paths=paths,
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
