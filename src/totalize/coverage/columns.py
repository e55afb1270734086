"""Decide a table of works: the same provisions, read by columns.

Input is a column of numbers for each fact (`coverage.facts` names and encodes them), a place a
work; output one row for each stretch of time in which nothing changes, with the provision that
holds. The explaining reader gives the same answers one by one; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from totalize.coverage import conditions as c
from totalize.coverage.codes import NEVER, NO_PARTNER, NOWHERE, US
from totalize.coverage.facts import ALWAYS_KNOWN, PATHS
from totalize.coverage.law_columns import NO_COUNTRY, LawSets, Works, entries_of
from totalize.coverage.provisions import PROVISIONS, order_provisions
from totalize.law.book import LawBook
from totalize.logic.column_steps import Bits, Block, Ints, Mask, NumberStep, choose, pack, unpack
from totalize.logic.columns import ColumnCompiler, Question, Steps
from totalize.logic.expressions import Expression

BEFORE: Final = 0  # before the agreement entered into force
MAIN: Final = 1
BEYOND: Final = 2  # beyond the limit of a stay abroad

UNKNOWN: Final = -1  # in place of a fact: not told; of a provision: facts are missing
BLOCK: Final = 1 << 17  # works read together: as many as the processor's own memory likes

FLAGS: Final = frozenset(
    {
        "us_citizen",
        "us_resident",
        "employment",
        "employment_in_us",
        "employment_in_partner",
        "also_in_us",
        "american",
        "section_3121l",
        "majority_owned",
        "employed_before_transfer",
        "business_before_transfer",
        "health_worker",
        "health_family",
        "family_accompanies",
        "same_work",
        "us_contract_or_port",
        "earlier_stay",
        "ever_sent_before",
    }
)
FACTS: Final = tuple(dict.fromkeys((*PATHS, *(f for f in ALWAYS_KNOWN if f != "partner"))))
FACT_TYPES: Final[dict[str, type[pl.DataType]]] = {
    name: pl.Boolean if name in FLAGS else pl.Int32 for name in FACTS
}
_NUMBERS: Final = [*(name for name in FACTS if name not in FLAGS), "stop"]
_NO_COUNTRY: Final = np.array(NO_COUNTRY, dtype=np.int32)
MISSING_BITS: Final = {name: bit for bit, name in enumerate(PATHS)}

# An answer in a few bits: the provision's number, counted from 1 (0: facts are missing), then for
# each of the two claims whether it is sure and whether it is possible.
_PROVISION_BITS: Final = len(PROVISIONS).bit_length()
_PROVISION: Final = (1 << _PROVISION_BITS) - 1
_US_CLAIM: Final = _PROVISION_BITS
_PARTNER_CLAIM: Final = _PROVISION_BITS + 2
_ANSWER_BITS: Final = _PROVISION_BITS + 4
CLAIM_UNKNOWN: Final = 2  # beside 0 for false and 1 for true
_CLAIM_OF_BITS: Final = np.array([0, 0, CLAIM_UNKNOWN, 1], dtype=np.uint8)


def missing_facts(bits: int) -> list[str]:
    """Return the names of missing facts from their bits, most decisive first."""
    return [name for name, bit in MISSING_BITS.items() if bits >> bit & 1]


def other_countries(facts: Mapping[str, Ints]) -> Ints:
    """Return the other country of each work, `NO_PARTNER` where there is none or it is unknown.

    Args:
        facts: a column for each fact that could name it, -1 where unknown.
    """
    found = [_other_country(_which_other_country(), block) for _, block in _blocks(facts)]
    codes = np.concatenate(found)
    codes[codes == NO_COUNTRY] = NO_PARTNER
    return codes


@cache
def _which_other_country() -> NumberStep:
    return ColumnCompiler(Steps()).number(c.OTHER_COUNTRY)


def _blocks(facts: Mapping[str, Ints]) -> Iterator[tuple[int, Block]]:
    """Yield works in blocks, each with the position of its first work."""
    size = len(next(iter(facts.values())))
    for begin in range(0, max(size, 1), BLOCK):
        part = slice(begin, begin + BLOCK)
        yield (
            begin,
            Block(min(BLOCK, size - begin), {name: values[part] for name, values in facts.items()}),
        )


def _other_country(step: NumberStep, block: Block) -> Ints:
    """Return the other country of each work, `NO_COUNTRY` where there is none or it is unknown."""
    codes, known = step.read(block)
    named = pack(codes > NOWHERE)
    return choose(named if known is None else named & known, codes, _NO_COUNTRY, block.size)


class _Answers(NamedTuple):
    """What was found for each work.

    Attributes:
        bits: the answers, the first bit of all, then the second, and so on.
        missing: facts that are missing, as bits.
    """

    bits: list[Bits]
    missing: npt.NDArray[np.int64]


class _Stretch(NamedTuple):
    """A stretch of time that some works have.

    Attributes:
        present: which works have it.
        first: its first day.
        stop: the day after its last, negative where open.
        answers: what was found.
    """

    present: Mask
    first: Ints
    stop: Ints
    answers: _Answers


class Stretches(NamedTuple):
    """What was decided: a line for each stretch of time of a work, by work and first day.

    Attributes:
        row: the position of the work.
        segment: `BEFORE`, `MAIN` or `BEYOND`.
        first: encoded first day.
        stop: encoded day after the last one, negative where open.
        partner: the other country, `NO_PARTNER` where there is none or it is unknown.
        provision: position in `PROVISIONS`, -1 where facts are missing.
        us_claims: whether US law would claim the work: 0, 1 or `CLAIM_UNKNOWN`.
        partner_claims: whether the other country's would.
        in_force: an agreement is.
        missing: facts that are missing, as bits (`missing_facts`).
    """

    row: npt.NDArray[np.uint32]
    segment: npt.NDArray[np.int8]
    first: npt.NDArray[np.int32]
    stop: npt.NDArray[np.int32]
    partner: npt.NDArray[np.int32]
    provision: npt.NDArray[np.int8]
    us_claims: npt.NDArray[np.uint8]
    partner_claims: npt.NDArray[np.uint8]
    in_force: Mask
    missing: npt.NDArray[np.int64]


class _Reading:
    """The provisions as the law of one stretch has them, compiled.

    Args:
        law: all sets of law that may hold in it.
        order: the final test of each provision.
        steps: the steps so far.
        from_day: the fact that is the stretch's first day.
    """

    def __init__(
        self, law: LawSets, order: Mapping[str, Expression], steps: Steps, from_day: str
    ) -> None:
        compiler = ColumnCompiler(steps, law.columns, {"from_day": from_day})
        self._law = law
        self._tests = [compiler.truth(order[provision.code]) for provision in PROVISIONS]
        self._ends = [
            (test, compiler.number(provision.move.ends))
            for test, provision in zip(self._tests, PROVISIONS, strict=True)
            if provision.move is not None
        ]
        self._claims = [compiler.truth(c.us_would_claim), compiler.truth(c.partner_would_claim)]
        self._which_country = Question([compiler.truth(c.other_country_known)])
        self._which_facts = Question(self._tests)

    def answer(self, block: Block, works: Works, day: Ints, concerned: Mask) -> _Answers:
        """Return the answers for those works that are concerned; for others, any.

        Args:
            block: the facts of all works.
            works: where they are done.
            day: the day whose version of the law holds.
            concerned: which of them have this stretch.
        """
        bits = [block.everywhere(truth=False) for _ in range(_ANSWER_BITS)]
        if not concerned.any():
            return _Answers(bits, np.zeros(block.size, dtype=np.int64))
        if self._law.columns.name not in block.positions:
            self._law.place(block, works, day)
        decided = block.everywhere(truth=False)
        # At most one provision holds: its number is made of the bits of all that hold.
        for number, test in enumerate(self._tests, start=1):
            sure = test.read(block).sure
            decided |= sure
            for place in range(_PROVISION_BITS):
                if number >> place & 1:
                    bits[place] |= sure
        bits[_PROVISION_BITS:] = [side for claim in self._claims for side in claim.read(block)]
        return _Answers(bits, self._missing(block, pack(concerned) & ~decided))

    def _missing(self, block: Block, cases: Bits) -> npt.NDArray[np.int64]:
        missing = np.zeros(block.size, dtype=np.int64)
        # As with a single case: which agreement is to be read comes first.
        country = self._which_country.ask(block, cases)
        settled = cases.copy()
        for concerned in country.values():
            settled &= ~concerned
        places = np.flatnonzero(unpack(cases, block.size))
        found = np.zeros(len(places), dtype=np.int64)
        for facts in (country, self._which_facts.ask(block, settled)):
            for name, concerned in facts.items():
                if name in MISSING_BITS:
                    here = unpack(concerned, block.size)[places]
                    found |= here.astype(np.int64) << MISSING_BITS[name]
        missing[places] = found
        return missing

    def ends(self, block: Block, concerned: Mask) -> Ints:
        """Return the day on which a stay abroad ends by itself, `NEVER` where none is set.

        Args:
            block: the facts of all works, their answers found.
            concerned: which of them have this stretch.
        """
        found: Ints = np.full(block.size, NEVER, dtype=np.int32)
        if not concerned.any():
            return found
        for test, end in self._ends:
            holds = test.read(block).sure
            days, known = end.read(block)
            found = choose(holds if known is None else holds & known, days, found, block.size)
        return found


class ColumnDeterminer:
    """Decide works in columns under one law book."""

    def __init__(self, book: LawBook) -> None:
        agreements = [
            agreement
            for country in sorted(book.countries())
            if (agreement := book.agreement(country)) is not None
        ]
        in_force = [agreement for agreement in agreements if agreement.in_force is not None]
        self._entry = entries_of(agreements, NEVER)
        self._entered = entries_of(agreements, NOWHERE)
        outside = LawSets("outside", [None, *agreements], in_force=False)
        inside = LawSets("inside", in_force, in_force=True)
        order, steps = order_provisions(book.order()), Steps()
        self._without = _Reading(outside, order, steps, "start")
        self._within = _Reading(inside, order, steps, "first_within")
        self._beyond = _Reading(inside, order, steps, "first_beyond")
        self._other_country = ColumnCompiler(steps).number(c.OTHER_COUNTRY)

    def decide(self, facts: pl.DataFrame) -> pl.DataFrame:
        """Return the stretches of every work with the provision that holds in each.

        Args:
            facts: a column for each of `FACTS`, of its type, and a column `stop` with the
                encoded day after the work's last one (null: open-ended or unknown).

        Returns:
            The columns of `Stretches`, with nulls for what is open or unknown.
        """
        told = facts.select(
            pl.col(_NUMBERS).fill_null(UNKNOWN), pl.col(*FLAGS).cast(pl.Int8).fill_null(UNKNOWN)
        )
        found = self.decide_columns({column.name: column.to_numpy() for column in told})
        claim = pl.col("us_claims", "partner_claims")
        return pl.DataFrame(found._asdict()).with_columns(
            pl.when(pl.col("stop") >= 0).then("stop").alias("stop"),
            pl.when(claim != CLAIM_UNKNOWN).then(claim == 1),
        )

    def decide_columns(self, facts: Mapping[str, Ints]) -> Stretches:
        """Do as `decide` does with columns of numbers, -1 where a fact is unknown."""
        parts = [self._decide_block(block, begin) for begin, block in _blocks(facts)]
        return _stretches(
            {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        )

    def _decide_block(self, block: Block, begin: int) -> dict[str, npt.NDArray[Any]]:
        start, stop = block.facts["start"], block.facts["stop"]
        partner = block.facts["partner"] = _other_country(self._other_country, block)
        works = Works(partner.astype(np.intp), block.facts["country"] == US)
        entry = self._entry.take(works.partner)
        ever = entry < NEVER
        without = start < entry
        within = ever & ~(without & (stop >= 0) & (stop <= entry))
        first = np.maximum(start, self._entered.take(works.partner))

        block.facts["first_within"] = first
        outside = self._without.answer(block, works, start, without)
        inside = self._within.answer(block, works, first, within)
        end = block.facts["first_beyond"] = self._within.ends(block, within)
        ends = within & (first < end) & (end < NEVER) & ((stop < 0) | (end < stop))
        # A stay beyond its limit is judged by the law under which it began.
        later = self._beyond.answer(block, works, first, ends)

        before = _Stretch(ever & without, start, _sooner(stop, entry), outside)
        main_stop = choose(pack(ends), end, stop, block.size)
        main = _Stretch(within | ~ever, first, main_stop, _merge(ever, inside, outside))
        beyond = _Stretch(ends, end, stop, later)
        found = _in_order(before, main, beyond)
        found["partner"] = partner[found["row"]]
        found["in_force"] = ever[found["row"]] & (found["segment"] != BEFORE)
        found["row"] += np.uint32(begin)
        return found


def _sooner(stop: Ints, entry: Ints) -> Ints:
    """Return the sooner of two days of which the first may be open."""
    # Without its sign, an open day lies behind all others.
    return np.minimum(stop.view(np.uint32), entry.view(np.uint32)).view(np.int32)


def _merge(ever: Mask, inside: _Answers, outside: _Answers) -> _Answers:
    """Return the answers inside an agreement, for works without one those outside."""
    under = pack(ever)
    bits = [
        (one & under) | (other & ~under)
        for one, other in zip(inside.bits, outside.bits, strict=True)
    ]
    return _Answers(bits, inside.missing * ever + outside.missing * ~ever)


def _in_order(*stretches: _Stretch) -> dict[str, npt.NDArray[Any]]:
    """Return the stretches that works have, by work and in the order of time."""
    size = len(stretches[0].present)
    chosen = np.flatnonzero(np.stack([stretch.present for stretch in stretches], axis=1))
    row, segment = np.divmod(chosen.astype(np.uint32), np.uint32(len(stretches)))
    place = (segment * np.uint32(size) + row).astype(np.intp)

    def pick(columns: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return np.concatenate(columns).take(place)

    return {
        "row": row,
        "segment": segment.astype(np.int8),
        "first": pick([stretch.first for stretch in stretches]),
        "stop": pick([stretch.stop for stretch in stretches]),
        "answer": pick([_numbers(stretch.answers.bits, size) for stretch in stretches]),
        "missing": pick([stretch.answers.missing for stretch in stretches]),
    }


def _numbers(bits: Sequence[Bits], size: int) -> npt.NDArray[np.uint16]:
    """Return the numbers that are written in some bits each."""
    numbers = np.zeros(size, dtype=np.uint16)
    for place, one in enumerate(bits):
        numbers |= unpack(one, size).view(np.uint8) * np.uint16(1 << place)
    return numbers


def _stretches(columns: Mapping[str, npt.NDArray[Any]]) -> Stretches:
    answer, partner = columns["answer"], columns["partner"]
    return Stretches(
        columns["row"],
        columns["segment"],
        columns["first"],
        columns["stop"],
        np.where(partner == NO_COUNTRY, NO_PARTNER, partner),
        (answer & _PROVISION).astype(np.int8) - np.int8(1),
        _CLAIM_OF_BITS[(answer >> _US_CLAIM) & 3],
        _CLAIM_OF_BITS[(answer >> _PARTNER_CLAIM) & 3],
        columns["in_force"],
        columns["missing"],
    )
