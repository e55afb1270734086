"""Read expressions for many cases at once: the same tree, compiled to steps over columns.

Facts are columns of integers, negative for unknown. Law parameters are looked up by position in
a table (one row for each set of law).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np

from totalize.logic.column_steps import (
    Bits,
    Block,
    CombinationStep,
    ComparisonStep,
    ConstantNumberStep,
    ConstantTruthStep,
    FactStep,
    FirstOtherStep,
    FlagStep,
    Ints,
    KnownStep,
    LaterStep,
    LookUpStep,
    NegationStep,
    NumberChoiceStep,
    NumberStep,
    ShiftedStep,
    Step,
    SwitchStep,
    TruthChoiceStep,
    TruthStep,
)
from totalize.logic.expressions import (
    AllOf,
    AnyOf,
    AtMost,
    Choice,
    Condition,
    Constant,
    Equal,
    Expression,
    Fact,
    FirstOther,
    Known,
    Later,
    Negation,
    Parameter,
    Shifted,
    Specialiser,
    Value,
)

_BITS_IN_A_BYTE: Final = 8
S = TypeVar("S", bound=Step)


class LawColumns:
    """The parameters of all sets of law, to be looked up by a case's position among the sets.

    Switches are packed as bits, so that eight of them are looked up at once.

    Args:
        name: of the positions in `Block.positions`.
        parameters: for each parameter its value in every set of law, in the order of the sets.
    """

    def __init__(self, name: str, parameters: Mapping[str, Sequence[Value]]) -> None:
        self.name = name
        # Parameters that are the same in every set of law.
        self.fixed: dict[str, Value] = {}
        self._numbers: dict[str, Ints] = {}
        self._switches: dict[str, tuple[Ints, int]] = {}
        places: dict[tuple[Value, ...], tuple[Ints, int]] = {}
        table = np.zeros(0, dtype=np.uint8)
        for parameter, given in parameters.items():
            values = tuple(given)
            if len(set(values)) == 1:
                self.fixed[parameter] = values[0]
                continue
            if not all(isinstance(value, bool) for value in values):
                self._numbers[parameter] = np.array(values, dtype=np.int32)
                continue
            if values not in places:
                bit = len(places) % _BITS_IN_A_BYTE
                if bit == 0:
                    table = np.zeros(len(values), dtype=np.uint8)
                table |= np.array(values, dtype=np.uint8) << np.uint8(bit)
                places[values] = (table, bit)
            self._switches[parameter] = places[values]

    def switch(self, parameter: str) -> tuple[Ints, int]:
        """Return the table of bytes that a switch stands in, and which of their bits it is."""
        return self._switches[parameter]

    def numbers(self, parameter: str) -> Ints:
        """Return a number for each set of law."""
        return self._numbers[parameter]


class Steps:
    """All steps of one reader; equal ones are one."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], Any] = {}
        self._alive: list[tuple[object, ...]] = []

    def find(self, make: Callable[..., S], *parts: object, **how: object) -> S:
        """Return the step that `make` makes of its number, its parts and its settings.

        A step that was made of the same ones before is returned again.
        """
        key = (make, *(_identity(part) for part in parts), *how.items())
        kept: S | None = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = make(len(self._kept), *parts, **how)
            self._alive.append(parts)  # for their ids must stay their own
        return kept


def _identity(part: object) -> object:
    match part:
        case tuple():
            return tuple(_identity(inner) for inner in part)
        case Step() | np.ndarray():
            return id(part)
        case _:
            return type(part), part


class ColumnCompiler:
    """Compile expressions to steps.

    Args:
        steps: the steps so far; those of several compilers may be shared.
        law: the parameters.
        names: facts that are read under another name.
    """

    def __init__(
        self, steps: Steps, law: LawColumns | None = None, names: Mapping[str, str] | None = None
    ) -> None:
        self._steps = steps
        self._law = law if law is not None else LawColumns("", {})
        self._names = names or {}
        self._specialise = Specialiser(self._law.fixed)
        self._truths: dict[int, TruthStep] = {}

    def truth(self, test: Expression) -> TruthStep:
        """Return the step that finds for which cases a test holds."""
        return self._truth(self._specialise(test))

    def number(self, code: Expression) -> NumberStep:
        """Return the step that finds the cases' codes or days."""
        return self._number(self._specialise(code))

    def _truth(self, node: Expression) -> TruthStep:
        kept = self._truths.get(id(node))
        if kept is None:
            # The specialiser keeps the node alive: its id stays its own.
            kept = self._truths[id(node)] = self._compile(node)
        return kept

    def _compile(self, node: Expression) -> TruthStep:
        find = self._steps.find
        match node:
            case Condition(_, part):
                return self._truth(part)
            case Negation(part):
                return find(NegationStep, self._truth(part))
            case AllOf(parts) | AnyOf(parts):
                combined = tuple(self._truth(part) for part in parts)
                return find(CombinationStep, combined, every=isinstance(node, AllOf))
            case Equal(left, right) | AtMost(left, right):
                equal = isinstance(node, Equal)
                return find(ComparisonStep, self._number(left), self._number(right), equal=equal)
            case Choice(test, then, otherwise):
                return find(
                    TruthChoiceStep, self._truth(test), self._truth(then), self._truth(otherwise)
                )
            case Known(fact):
                return find(KnownStep, self._fact(fact))
            case Fact():
                return find(FlagStep, self._fact(node))
            case Constant(value):
                return find(ConstantTruthStep, bool(value))
            case Parameter(name):
                table, bit = self._law.switch(name)
                return find(SwitchStep, find(LookUpStep, self._law.name, table), bit)
            case _:
                raise TypeError(f"{type(node).__name__} is not a test")

    def _number(self, node: Expression) -> NumberStep:
        find = self._steps.find
        match node:
            case Fact():
                return self._fact(node)
            case Constant(value):
                return find(ConstantNumberStep, value)
            case Parameter(name):
                return find(LookUpStep, self._law.name, self._law.numbers(name))
            case Later(left, right):
                return find(LaterStep, self._number(left), self._number(right))
            case Shifted(day, months):
                return find(ShiftedStep, self._number(day), self._number(months))
            case FirstOther(candidates, excluded, none):
                steps = tuple(self._number(candidate) for candidate in candidates)
                return find(FirstOtherStep, steps, excluded, none)
            case Choice(test, then, otherwise):
                return find(
                    NumberChoiceStep,
                    self._truth(test),
                    self._number(then),
                    self._number(otherwise),
                )
            case _:
                raise TypeError(f"{type(node).__name__} is not a number")

    def _fact(self, fact: Fact) -> FactStep:
        return self._steps.find(FactStep, self._names.get(fact.name, fact.name))


class Question:
    """Which facts keep some values unknown.

    Args:
        roots: the steps that find the values.
    """

    def __init__(self, roots: Sequence[Step]) -> None:
        self._roots = roots
        found: dict[int, Step] = {}
        waiting = list(roots)
        while waiting:
            step = waiting.pop()
            if step.number not in found:
                found[step.number] = step
                waiting.extend(step.parts)
        # A step comes after its parts, so this way it comes before them.
        self._order = [found[number] for number in sorted(found, reverse=True)]

    def ask(self, block: Block, cases: Bits) -> dict[str, Bits]:
        """Return for each fact the cases in which it keeps a value unknown.

        Args:
            block: the cases.
            cases: those that are asked about.
        """
        asked = {root.number: cases for root in self._roots}
        facts: dict[str, Bits] = {}
        for step in self._order:
            concerned = asked.pop(step.number, None)
            unknown = None if concerned is None else step.unknown(block)
            if concerned is None or unknown is None:
                continue
            concerned = concerned & unknown
            if not np.count_nonzero(concerned):
                continue
            if isinstance(step, FactStep):
                facts[step.name] = concerned
            for part, of_part in step.ask(block, concerned):
                before = asked.get(part.number)
                asked[part.number] = of_part if before is None else before | of_part
        return facts
