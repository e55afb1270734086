"""Read expressions for one case: their value, the facts they wait for, and why.

Expressions are compiled to closures once for each set of law and then read many times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

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

Facts = Mapping[str, Value]
Read = Callable[[Facts], Value]


@dataclass(frozen=True, slots=True)
class Trace:
    """One condition that helped to decide, with the conditions that decided it.

    Attributes:
        code: name of the condition.
        result: true, false, or None for unknown.
        facts: names of the facts that decided the condition itself.
        because: what decided it in turn.
    """

    code: str
    result: bool | None
    facts: tuple[str, ...]
    because: tuple[Trace, ...]


def walk(trace: Trace) -> Iterator[Trace]:
    """Yield a trace and all traces below it."""
    yield trace
    for below in trace.because:
        yield from walk(below)


class Reader:
    """Read a family of expressions that share parts."""

    def __init__(self) -> None:
        self._reads: dict[int, tuple[Expression, Read]] = {}

    def compile(self, node: Expression) -> Read:
        """Return the function that gives the node's value for a set of facts."""
        kept = self._reads.get(id(node))
        if kept is None:
            kept = self._reads[id(node)] = (node, self._compile(node))
        return kept[1]

    def value(self, node: Expression, facts: Facts) -> Value:
        """Return the value of an expression; None when it is unknown."""
        return self.compile(node)(facts)

    def explain(self, node: Expression, facts: Facts, *, full: bool = False) -> tuple[Trace, ...]:
        """Return the conditions that decide a node's value, each with its own reasons.

        Minimal: a failed conjunction names the first part that fails, a fulfilled disjunction
        the first that holds. With `full`, every part is named.
        """
        match node:
            case Condition(code, part):
                result = self.compile(part)(facts)
                because = self.explain(part, facts, full=full)
                looked_at = tuple(dict.fromkeys(self._facts_deciding(part, facts)))
                return (Trace(code, _truth(result), looked_at, because),)
            case Negation(part):
                return self.explain(part, facts, full=full)
            case AllOf(parts) | AnyOf(parts):
                found: list[Trace] = []
                for part in parts if full else self._deciding(node, parts, facts):
                    found.extend(self.explain(part, facts, full=full))
                return tuple(dict.fromkeys(found))
            case Constant() | Fact() | Known():
                return ()
            case _:
                traces: list[Trace] = []
                for child in node.children():
                    traces.extend(self.explain(child, facts, full=full))
                return tuple(traces)

    def waiting_for(self, node: Expression, facts: Facts) -> frozenset[str]:
        """Return the unknown facts that keep a node unknown; empty when it is known."""
        if self.compile(node)(facts) is not None:
            return frozenset()
        match node:
            case Fact(name):
                return frozenset((name,))
            case Choice(test, then, otherwise):
                chosen = self.compile(test)(facts)
                if chosen is None:
                    return self.waiting_for(test, facts)
                return self.waiting_for(then if chosen else otherwise, facts)
            case _:
                found: frozenset[str] = frozenset()
                for child in node.children():
                    found |= self.waiting_for(child, facts)
                return found

    def _deciding(
        self, node: Expression, parts: tuple[Expression, ...], facts: Facts
    ) -> list[Expression]:
        result = self.compile(node)(facts)
        if result is None:
            return [part for part in parts if self.compile(part)(facts) is None]
        decisive = result if isinstance(node, AnyOf) else not result
        if not decisive:
            return list(parts)
        for part in parts:
            if self.compile(part)(facts) is result:
                return [part]
        return list(parts)

    def _facts_deciding(self, node: Expression, facts: Facts) -> Iterator[str]:
        """Yield the facts that decide a node, those inside named conditions left out."""
        match node:
            case Fact(name):
                yield name
            case Condition():
                return
            case AllOf(parts) | AnyOf(parts):
                for part in self._deciding(node, parts, facts):
                    yield from self._facts_deciding(part, facts)
            case Choice(test, then, otherwise):
                yield from self._facts_deciding(test, facts)
                chosen = self.compile(test)(facts)
                if chosen is not None:
                    yield from self._facts_deciding(then if chosen else otherwise, facts)
            case _:
                for child in node.children():
                    yield from self._facts_deciding(child, facts)

    def _compile(self, node: Expression) -> Read:
        match node:
            case Constant(value):
                return lambda _: value
            case Fact(name):
                return lambda facts: facts[name]
            case Condition(_, part):
                return self.compile(part)
            case Negation(part):
                return _negation(self.compile(part))
            case AllOf(parts):
                return _all_of([self.compile(part) for part in parts])
            case AnyOf(parts):
                return _any_of([self.compile(part) for part in parts])
            case Known(fact):
                name = fact.name
                return lambda facts: facts[name] is not None
            case _:
                return self._compile_value(node)

    def _compile_value(self, node: Expression) -> Read:
        match node:
            case Equal(left, right):
                return _equal(left, right, self.compile(left), self.compile(right))
            case AtMost(left, right):
                return _at_most(self.compile(left), self.compile(right))
            case Later(left, right):
                return _later(self.compile(left), self.compile(right))
            case Shifted(day, months):
                return _shifted(self.compile(day), self.compile(months))
            case FirstOther(candidates, excluded):
                return _first_other([self.compile(item) for item in candidates], excluded)
            case Choice(test, then, otherwise):
                return _choice(self.compile(test), self.compile(then), self.compile(otherwise))
            case _:
                raise TypeError(f"{type(node).__name__} has to be specialised before it is read")


def _truth(value: Value) -> bool | None:
    return None if value is None else bool(value)


def _negation(read: Read) -> Read:
    def negation(facts: Facts) -> Value:
        value = read(facts)
        return None if value is None else not value

    return negation


def _all_of(reads: list[Read]) -> Read:
    def all_hold(facts: Facts) -> Value:
        result: Value = True
        for read in reads:
            value = read(facts)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return all_hold


def _any_of(reads: list[Read]) -> Read:
    def any_holds(facts: Facts) -> Value:
        result: Value = False
        for read in reads:
            value = read(facts)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return any_holds


def _equal(left: Expression, right: Expression, read_left: Read, read_right: Read) -> Read:
    if isinstance(left, Fact) and isinstance(right, Constant):
        name, value = left.name, right.value

        def equals_constant(facts: Facts) -> Value:
            found = facts[name]
            return None if found is None else found == value

        return equals_constant

    def equal(facts: Facts) -> Value:
        first, second = read_left(facts), read_right(facts)
        return None if first is None or second is None else first == second

    return equal


def _at_most(read_left: Read, read_right: Read) -> Read:
    def at_most(facts: Facts) -> Value:
        left, right = read_left(facts), read_right(facts)
        return None if left is None or right is None else left <= right

    return at_most


def _later(read_left: Read, read_right: Read) -> Read:
    def later(facts: Facts) -> Value:
        left, right = read_left(facts), read_right(facts)
        return None if left is None or right is None else max(left, right)

    return later


def _shifted(read_day: Read, read_months: Read) -> Read:
    def shifted(facts: Facts) -> Value:
        day, months = read_day(facts), read_months(facts)
        return None if day is None or months is None else day + months * DAYS_IN_A_STEP

    return shifted


def _first_other(reads: list[Read], excluded: frozenset[int]) -> Read:
    def first_other(facts: Facts) -> Value:
        for read in reads:
            value = read(facts)
            if value is not None and value not in excluded:
                return value
        return None

    return first_other


def _choice(read_test: Read, read_then: Read, read_otherwise: Read) -> Read:
    def choice(facts: Facts) -> Value:
        test = read_test(facts)
        if test is None:
            return None
        return read_then(facts) if test else read_otherwise(facts)

    return choice
