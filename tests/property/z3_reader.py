"""A third reader of expressions: the same tree as formulas of z3, to prove what no sample can.

Truth stays three-valued: every fact has its value and whether it is known, every test a formula
for true and one for false. A proof therefore speaks of complete and of incomplete cases at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import z3

from totalize.logic.expressions import (
    DAYS_IN_A_STEP,
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
    Shifted,
    Value,
)

YES = z3.BoolVal(True)
NO = z3.BoolVal(False)


@dataclass(frozen=True)
class Truth:
    """When a test is true and when it is false; neither: unknown."""

    true: z3.BoolRef
    false: z3.BoolRef


@dataclass(frozen=True)
class Number:
    """A code or a day, and when it is known."""

    value: z3.ArithRef
    known: z3.BoolRef


class Z3Reader:
    """Translate a family of expressions over the same facts.

    Args:
        flags: names of the facts that are true or false; all others are numbers.
    """

    def __init__(self, flags: frozenset[str]) -> None:
        self._flags = flags
        self._done: dict[int, tuple[Expression, Truth | Number]] = {}
        self.facts: dict[str, Truth | Number] = {}

    def fact(self, name: str) -> Truth | Number:
        """Return the variables of a fact."""
        if name not in self.facts:
            known = z3.Bool(f"{name} is known")
            if name in self._flags:
                holds = z3.Bool(name)
                self.facts[name] = Truth(z3.And(known, holds), z3.And(known, z3.Not(holds)))
            else:
                self.facts[name] = Number(z3.Int(name), known)
        return self.facts[name]

    def truth(self, node: Expression) -> Truth:
        """Return when a test is true and when it is false."""
        found = self._read(node)
        assert isinstance(found, Truth), f"{type(node).__name__} is no test"
        return found

    def number(self, node: Expression) -> Number:
        """Return the value of a code or a day, and when it is known."""
        found = self._read(node)
        assert isinstance(found, Number), f"{type(node).__name__} is no number"
        return found

    def _read(self, node: Expression) -> Truth | Number:
        kept = self._done.get(id(node))
        if kept is None:
            kept = self._done[id(node)] = (node, self._translate(node))
        return kept[1]

    def _translate(self, node: Expression) -> Truth | Number:
        match node:
            case Fact(name):
                return self.fact(name)
            case Constant(value):
                return constant(value)
            case Condition(_, part):
                return self._read(part)
            case Negation(part):
                inner = self.truth(part)
                return Truth(inner.false, inner.true)
            case AllOf(parts):
                read = [self.truth(part) for part in parts]
                return Truth(
                    z3.And([part.true for part in read]), z3.Or([part.false for part in read])
                )
            case AnyOf(parts):
                read = [self.truth(part) for part in parts]
                return Truth(
                    z3.Or([part.true for part in read]), z3.And([part.false for part in read])
                )
            case Known(fact):
                inner = self._read(fact)
                known = inner.known if isinstance(inner, Number) else z3.Or(inner.true, inner.false)
                return Truth(known, z3.Not(known))
            case Choice(test, then, otherwise):
                return self._choose(test, then, otherwise)
            case _:
                return self._translate_value(node)

    def _translate_value(self, node: Expression) -> Truth | Number:
        match node:
            case Equal(left, right):
                first, second = self.number(left), self.number(right)
                return _compare(first, second, first.value == second.value)
            case AtMost(left, right):
                first, second = self.number(left), self.number(right)
                return _compare(first, second, first.value <= second.value)
            case Later(left, right):
                first, second = self.number(left), self.number(right)
                later = z3.If(first.value >= second.value, first.value, second.value)
                return Number(later, z3.And(first.known, second.known))
            case Shifted(day, months):
                first, second = self.number(day), self.number(months)
                return Number(
                    first.value + second.value * DAYS_IN_A_STEP, z3.And(first.known, second.known)
                )
            case FirstOther(candidates, excluded, none):
                found = Number(z3.IntVal(none), YES)
                for item in reversed(candidates):
                    read = self.number(item)
                    other = z3.And([read.value != code for code in sorted(excluded)])
                    found = Number(
                        z3.If(other, read.value, found.value),
                        z3.And(read.known, z3.Or(other, found.known)),
                    )
                return found
            case _:
                raise TypeError(f"{type(node).__name__} has to be specialised before it is read")

    def _choose(self, test: Expression, then: Expression, otherwise: Expression) -> Truth | Number:
        chosen = self.truth(test)
        first, second = self._read(then), self._read(otherwise)
        if isinstance(first, Truth) and isinstance(second, Truth):
            return Truth(
                z3.Or(z3.And(chosen.true, first.true), z3.And(chosen.false, second.true)),
                z3.Or(z3.And(chosen.true, first.false), z3.And(chosen.false, second.false)),
            )
        assert isinstance(first, Number)
        assert isinstance(second, Number)
        return Number(
            z3.If(chosen.true, first.value, second.value),
            z3.Or(z3.And(chosen.true, first.known), z3.And(chosen.false, second.known)),
        )


def constant(value: Value) -> Truth | Number:
    """Return a fixed value; None is a test that is neither true nor false."""
    if value is None:
        return Truth(NO, NO)
    if isinstance(value, bool):
        return Truth(z3.BoolVal(value), z3.BoolVal(not value))
    return Number(z3.IntVal(value), YES)


def _compare(left: Number, right: Number, holds: z3.BoolRef) -> Truth:
    known = z3.And(left.known, right.known)
    return Truth(z3.And(known, holds), z3.And(known, z3.Not(holds)))
