"""The steps in which expressions are read for many cases at once.

A number takes an integer a case, a truth only two bits: whether it is surely true, and whether
it is possibly true. So the logic of a law is read for eight cases with one operation on a byte,
and only the comparisons at its leaves cost something.

Every step reads its parts and remembers, in the block of cases at hand, what it found. Steps are
numbered so that a step comes after its parts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from totalize.logic.expressions import DAYS_IN_A_STEP

Bits = npt.NDArray[np.uint8]  # a bit a case, the first case in the lowest bit
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer[Any]]


class Truth(NamedTuple):
    """Which cases a test is true for.

    Attributes:
        sure: it is true.
        possible: it is not false; the very same bits where no case leaves it unknown.
    """

    sure: Bits
    possible: Bits


class Numbers(NamedTuple):
    """A code or a day for each case.

    Attributes:
        values: the numbers; where unknown, any.
        known: where they are known; None: everywhere.
    """

    values: Ints
    known: Bits | None


def pack(mask: Mask | Bits) -> Bits:
    """Return the bits of a mask; any byte but 0 counts as true."""
    bits: Bits = np.packbits(mask, bitorder="little")
    return bits


def unpack(bits: Bits, size: int) -> Mask:
    """Return the mask of the first cases of some bits."""
    return np.unpackbits(bits, count=size, bitorder="little").view(np.bool_)


# For each byte of bits its eight numbers, of which every bit is set or none.
_SPREAD: Final = -np.unpackbits(
    np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1, bitorder="little"
).astype(np.int32)


def choose(bits: Bits, then: Ints, otherwise: Ints, size: int) -> Ints:
    """Return for each case one of two numbers, the first where its bit is set.

    This does what `numpy.where` does, without a branch that a processor has to guess.
    """
    chosen: Ints = _SPREAD.take(bits, axis=0).ravel()[:size]
    if otherwise.ndim == 0 and not otherwise:
        chosen &= then
    else:
        chosen &= then ^ otherwise
        chosen ^= otherwise
    return chosen


class Block:
    """Cases that are read together, and what was found about them.

    Args:
        size: how many cases.
        facts: for each fact a number a case, negative where it is unknown, truths as 0 and 1.
            Facts that follow from others may be added later.
    """

    def __init__(self, size: int, facts: Mapping[str, Ints]) -> None:
        self.size = size
        self.facts = dict(facts)
        # For each law its position among the sets of law in `LawColumns`.
        self.positions: dict[str, npt.NDArray[np.intp]] = {}
        self.truths: dict[int, Truth] = {}
        self.numbers: dict[int, Numbers] = {}

    def everywhere(self, truth: bool) -> Bits:
        """Return the bits of what is the same for all cases."""
        return np.full((self.size + 7) // 8, 255 if truth else 0, dtype=np.uint8)


class Step(ABC):
    """One value that is read for all cases.

    Attributes:
        number: its position among all steps.
        parts: the steps that it looks at.
    """

    def __init__(self, number: int, *parts: Step) -> None:
        self.number = number
        self.parts = parts

    @abstractmethod
    def unknown(self, block: Block) -> Bits | None:
        """Return the cases for which the value is unknown, None where there are none."""

    def ask(self, block: Block, cases: Bits) -> Iterator[tuple[Step, Bits]]:
        """Yield the parts that keep the value unknown, each with the cases for which it may.

        Args:
            block: the cases.
            cases: those for which the value is unknown.
        """
        _ = block
        for part in self.parts:
            yield part, cases


class TruthStep(Step):
    """A step that finds a truth."""

    def read(self, block: Block) -> Truth:
        """Return the truth, from memory if it was read before."""
        found = block.truths.get(self.number)
        if found is None:
            found = block.truths[self.number] = self.find(block)
        return found

    @abstractmethod
    def find(self, block: Block) -> Truth:
        """Read the parts and return the truth."""

    def unknown(self, block: Block) -> Bits | None:
        """Return the cases that are possibly and not surely true."""
        sure, possible = self.read(block)
        return None if possible is sure else possible ^ sure


class NumberStep(Step):
    """A step that finds numbers."""

    def read(self, block: Block) -> Numbers:
        """Return the numbers, from memory if they were read before."""
        found = block.numbers.get(self.number)
        if found is None:
            found = block.numbers[self.number] = self.find(block)
        return found

    @abstractmethod
    def find(self, block: Block) -> Numbers:
        """Read the parts and return the numbers."""

    def unknown(self, block: Block) -> Bits | None:
        """Return the cases whose number is not known."""
        known = self.read(block).known
        return None if known is None else ~known


class FactStep(NumberStep):
    """The codes or days that the cases tell."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__(number)
        self.name = name

    def find(self, block: Block) -> Numbers:
        """Return the fact."""
        values = block.facts[self.name]
        return Numbers(values, pack(values >= 0) if values.min(initial=0) < 0 else None)


class FlagStep(TruthStep):
    """A truth that the cases tell."""

    def __init__(self, number: int, fact: FactStep) -> None:
        super().__init__(number, fact)
        self._fact = fact

    def find(self, block: Block) -> Truth:
        """Return the fact."""
        values, known = self._fact.read(block)
        if known is None:
            sure = pack(values != 0)
            return Truth(sure, sure)
        return Truth(pack(values > 0), pack(values != 0))


class KnownStep(TruthStep):
    """Whether a fact is known; never unknown itself."""

    def __init__(self, number: int, fact: FactStep) -> None:
        super().__init__(number, fact)
        self._fact = fact

    def find(self, block: Block) -> Truth:
        """Look at the fact."""
        known = self._fact.read(block).known
        sure = block.everywhere(truth=True) if known is None else known
        return Truth(sure, sure)


class ConstantNumberStep(NumberStep):
    """The same number for every case."""

    def __init__(self, number: int, value: int) -> None:
        super().__init__(number)
        self._numbers = Numbers(np.array(value, dtype=np.int32), None)

    def find(self, block: Block) -> Numbers:
        """Return the number."""
        _ = block
        return self._numbers


class ConstantTruthStep(TruthStep):
    """The same truth for every case."""

    def __init__(self, number: int, value: bool) -> None:
        super().__init__(number)
        self._value = value

    def find(self, block: Block) -> Truth:
        """Return the truth."""
        sure = block.everywhere(self._value)
        return Truth(sure, sure)


class LookUpStep(NumberStep):
    """A number of the law, by the position of each case's set of law."""

    def __init__(self, number: int, law: str, table: Ints) -> None:
        super().__init__(number)
        self._law, self._table = law, table

    def find(self, block: Block) -> Numbers:
        """Look the numbers up."""
        return Numbers(self._table.take(block.positions[self._law]), None)


class SwitchStep(TruthStep):
    """A switch of the law, one bit of a byte that holds eight of them."""

    def __init__(self, number: int, byte: LookUpStep, bit: int) -> None:
        super().__init__(number, byte)
        self._byte, self._bit = byte, np.uint8(1 << bit)

    def find(self, block: Block) -> Truth:
        """Take the bit out of the bytes."""
        sure = pack(self._byte.read(block).values & self._bit != 0)
        return Truth(sure, sure)


class NegationStep(TruthStep):
    """True where the part is false."""

    def __init__(self, number: int, part: TruthStep) -> None:
        super().__init__(number, part)
        self._part = part

    def find(self, block: Block) -> Truth:
        """Turn the part round."""
        sure, possible = self._part.read(block)
        opposite = ~possible
        return Truth(opposite, opposite if possible is sure else ~sure)


class CombinationStep(TruthStep):
    """All parts are true, or one of them is.

    Args:
        number: its position among all steps.
        parts: what is combined.
        every: all must be true.
    """

    def __init__(self, number: int, parts: tuple[TruthStep, ...], *, every: bool) -> None:
        super().__init__(number, *parts)
        self._first, *self._others = parts
        self._combine = np.bitwise_and if every else np.bitwise_or

    def find(self, block: Block) -> Truth:
        """Combine the parts."""
        combine = self._combine
        sure, possible = self._first.read(block)
        for other in self._others:
            also_sure, also_possible = other.read(block)
            if possible is sure and also_possible is also_sure:
                sure = possible = combine(sure, also_sure)
            else:
                sure, possible = combine(sure, also_sure), combine(possible, also_possible)
        return Truth(sure, possible)


class ComparisonStep(TruthStep):
    """Two numbers are the same, or the left is not beyond the right one."""

    def __init__(self, number: int, left: NumberStep, right: NumberStep, *, equal: bool) -> None:
        super().__init__(number, left, right)
        self._left, self._right = left, right
        self._compare = np.equal if equal else np.less_equal

    def find(self, block: Block) -> Truth:
        """Compare; with an unknown number nothing is sure and all is possible."""
        left, right = self._left.read(block), self._right.read(block)
        holds = self._compare(left.values, right.values)
        sure = pack(holds) if holds.ndim else block.everywhere(bool(holds))
        known = _both(left.known, right.known)
        if known is None:
            return Truth(sure, sure)
        sure &= known
        return Truth(sure, sure | ~known)


class LaterStep(NumberStep):
    """The later of two days."""

    def __init__(self, number: int, left: NumberStep, right: NumberStep) -> None:
        super().__init__(number, left, right)
        self._left, self._right = left, right

    def find(self, block: Block) -> Numbers:
        """Take the larger."""
        left, right = self._left.read(block), self._right.read(block)
        return Numbers(np.maximum(left.values, right.values), _both(left.known, right.known))


class ShiftedStep(NumberStep):
    """A day some whole months later."""

    def __init__(self, number: int, day: NumberStep, months: NumberStep) -> None:
        super().__init__(number, day, months)
        self._day, self._months = day, months

    def find(self, block: Block) -> Numbers:
        """Add the months."""
        day, months = self._day.read(block), self._months.read(block)
        shift = months.values * np.int32(DAYS_IN_A_STEP)
        return Numbers(day.values + shift, _both(day.known, months.known))


class FirstOtherStep(NumberStep):
    """The first code among several that is none of the excluded ones."""

    def __init__(
        self, number: int, candidates: tuple[NumberStep, ...], excluded: frozenset[int], none: int
    ) -> None:
        super().__init__(number, *candidates)
        self._candidates = candidates
        self._excluded = sorted(excluded)
        self._none = none

    def find(self, block: Block) -> Numbers:
        """Pass over excluded codes from the last candidate to the first."""
        values: Ints = np.full(block.size, self._none, dtype=np.int32)
        known: Bits | None = None
        for candidate in reversed(self._candidates):
            code = candidate.read(block)
            excluded = self._is_excluded(block, code)
            values = choose(excluded, values, code.values, block.size)
            known = _choose(Truth(excluded, excluded), known, code.known)
        return Numbers(values, known)

    def ask(self, block: Block, cases: Bits) -> Iterator[tuple[Step, Bits]]:
        """Yield each candidate with the cases for which it is the first unknown one."""
        for candidate in self._candidates:
            unknown = candidate.unknown(block)
            if unknown is not None:
                yield candidate, cases & unknown
                cases = cases & ~unknown

    def _is_excluded(self, block: Block, code: Numbers) -> Bits:
        excluded = block.everywhere(truth=False)
        for other in self._excluded:
            same = code.values == other
            excluded |= pack(same) if same.ndim else block.everywhere(bool(same))
        return excluded if code.known is None else excluded & code.known


class NumberChoiceStep(NumberStep):
    """One of two numbers, by a test."""

    def __init__(
        self, number: int, test: TruthStep, then: NumberStep, otherwise: NumberStep
    ) -> None:
        super().__init__(number, test, then, otherwise)
        self._test, self._then, self._otherwise = test, then, otherwise

    def find(self, block: Block) -> Numbers:
        """Choose."""
        test = self._test.read(block)
        then, otherwise = self._then.read(block), self._otherwise.read(block)
        values = choose(test.sure, then.values, otherwise.values, block.size)
        return Numbers(values, _choose(test, then.known, otherwise.known))

    def ask(self, block: Block, cases: Bits) -> Iterator[tuple[Step, Bits]]:
        """Yield the test, and what it chooses."""
        return _ask_chosen(self._test, self._then, self._otherwise, block, cases)


class TruthChoiceStep(TruthStep):
    """One of two truths, by a test."""

    def __init__(self, number: int, test: TruthStep, then: TruthStep, otherwise: TruthStep) -> None:
        super().__init__(number, test, then, otherwise)
        self._test, self._then, self._otherwise = test, then, otherwise

    def find(self, block: Block) -> Truth:
        """Choose; with an unknown test nothing is sure, though both sides may be the same."""
        chosen, possible = self._test.read(block)
        then, otherwise = self._then.read(block), self._otherwise.read(block)
        sure = (chosen & then.sure) | (~possible & otherwise.sure)
        told = possible is chosen and then.possible is then.sure
        if told and otherwise.possible is otherwise.sure:
            return Truth(sure, sure)
        surely_not = (chosen & ~then.possible) | ~(possible | otherwise.possible)
        return Truth(sure, ~surely_not)

    def ask(self, block: Block, cases: Bits) -> Iterator[tuple[Step, Bits]]:
        """Yield the test, and what it chooses."""
        return _ask_chosen(self._test, self._then, self._otherwise, block, cases)


def _ask_chosen(
    test: TruthStep, then: Step, otherwise: Step, block: Block, cases: Bits
) -> Iterator[tuple[Step, Bits]]:
    sure, possible = test.read(block)
    yield test, cases
    yield then, cases & sure
    yield otherwise, cases & ~possible


def _choose(test: Truth, then: Bits | None, otherwise: Bits | None) -> Bits | None:
    """Return where a chosen number is known."""
    certain = test.possible is test.sure
    if then is None and otherwise is None and certain:
        return None
    chosen = test.sure if then is None else test.sure & then
    return chosen | (~test.possible if otherwise is None else ~test.possible & otherwise)


def _both(one: Bits | None, other: Bits | None) -> Bits | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
