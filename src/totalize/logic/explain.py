"""Read expressions for one case: their value, the facts they wait for, and why.

Expressions are compiled to closures once for each set of law and then read many times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

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
    conjuncts,
    survey,
)

Facts = dict[str, Value]
Read = Callable[[Facts], Value]
Collect = Callable[[Facts, Value, "_Collected"], None]
# What each part of a tree waits for, found on one walk: parts stand in many places of it.
Found = dict[int, frozenset[str]]
Wait = Callable[[Facts, Found], frozenset[str]]


class Trace(Struct, frozen=True):
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


class _Collected:
    """Conditions and facts found on the way down, each once, in the order they were met."""

    __slots__ = ("facts", "traces")

    def __init__(self) -> None:
        self.traces: dict[str, Trace] = {}
        self.facts: dict[str, None] = {}


class Reader:
    """Read a family of expressions that share parts.

    The facts handed in are a dictionary of the reader's own to keep: values of shared parts are
    remembered in it, so a changed fact needs a new dictionary.

    Args:
        roots: the expressions whose shared parts are worth remembering.
    """

    def __init__(self, roots: Sequence[Expression] = ()) -> None:
        self._reads: dict[int, tuple[Expression, Read]] = {}
        self._collects: dict[tuple[int, bool], tuple[Expression, Collect]] = {}
        self._waits: dict[int, tuple[Expression, Wait]] = {}
        _, uses = survey(roots)
        self._shared = {node for node, count in uses.items() if count > 1}

    def compile(self, node: Expression) -> Read:
        """Return the function that gives the node's value for a set of facts."""
        kept = self._reads.get(id(node))
        if kept is None:
            read = self._compile(node)
            if id(node) in self._shared and isinstance(node, (AllOf, AnyOf)):
                read = _remembered(f"#{len(self._reads)}", read)
            kept = self._reads[id(node)] = (node, read)
        return kept[1]

    def value(self, node: Expression, facts: Facts) -> Value:
        """Return the value of an expression; None when it is unknown."""
        return self.compile(node)(facts)

    def explain(self, node: Expression, facts: Facts, *, full: bool = False) -> tuple[Trace, ...]:
        """Return the conditions that decide a node's value, each with its own reasons.

        Minimal: a failed conjunction names the first part that fails, a fulfilled disjunction
        the first that holds. Where a condition that is to be explained as a whole fails, every
        part that fails is named. With `full`, every part is named.
        """
        found = _Collected()
        self._collector(node, full=full)(facts, self.compile(node)(facts), found)
        return tuple(found.traces.values())

    def _collector(self, node: Expression, *, full: bool) -> Collect:
        kept = self._collects.get((id(node), full))
        if kept is None:
            kept = self._collects[id(node), full] = (node, self._build_collector(node, full=full))
        return kept[1]

    def _build_collector(self, node: Expression, *, full: bool) -> Collect:
        match node:
            case Condition(code, part, _, quiet, whole):
                silent = None if full else quiet
                collect = self._collector(part, full=full)
                if whole and not full:
                    parts = [
                        (self.compile(each), self._collector(each, full=False), _is_gate(each))
                        for each in conjuncts(part)
                    ]
                    collect = _collect_each_failed(parts, collect)
                return _collect_condition(code, collect, silent)
            case Negation(part):
                return _collect_negation(self._collector(part, full=full))
            case AllOf(parts) | AnyOf(parts):
                pairs = [(self.compile(part), self._collector(part, full=full)) for part in parts]
                return _collect_parts(pairs, decisive=isinstance(node, AnyOf), full=full)
            case Fact(name):
                return _collect_fact(name)
            case Constant():
                return _collect_nothing
            case Choice(test, then, otherwise):
                return _collect_choice(
                    (self.compile(test), self._collector(test, full=full)),
                    (self.compile(then), self._collector(then, full=full)),
                    (self.compile(otherwise), self._collector(otherwise, full=full)),
                )
            case _:
                pairs = [
                    (self.compile(part), self._collector(part, full=full))
                    for part in node.children()
                ]
                return _collect_all(pairs)

    def waiting_for(self, nodes: Iterable[Expression], facts: Facts) -> frozenset[str]:
        """Return the unknown facts that keep nodes unknown; empty when all are known."""
        found: Found = {}
        return _NOTHING.union(*[self._waiter(node)(facts, found) for node in nodes])

    def _waiter(self, node: Expression) -> Wait:
        kept = self._waits.get(id(node))
        if kept is None:
            kept = self._waits[id(node)] = (node, self._build_waiter(node))
        return kept[1]

    def _build_waiter(self, node: Expression) -> Wait:
        read = self.compile(node)
        match node:
            case Fact(name):
                return _wait_for_fact(name)
            case FirstOther(candidates):
                pairs = [(self.compile(item), self._waiter(item)) for item in candidates]
                return _wait_for_first(read, pairs)
            case Choice(test, then, otherwise):
                return _wait_for_choice(
                    read,
                    (self.compile(test), self._waiter(test)),
                    self._waiter(then),
                    self._waiter(otherwise),
                )
            case _:
                parts = [self._waiter(part) for part in node.children()]
                return _wait_for_all(id(node), read, parts)

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
            case FirstOther(candidates, excluded, none):
                return _first_other([self.compile(item) for item in candidates], excluded, none)
            case Choice(test, then, otherwise):
                return _choice(self.compile(test), self.compile(then), self.compile(otherwise))
            case _:
                raise TypeError(f"{type(node).__name__} has to be specialised before it is read")


def _remembered(key: str, read: Read) -> Read:
    def remembered(facts: Facts) -> Value:
        if key in facts:
            return facts[key]
        value = facts[key] = read(facts)
        return value

    return remembered


def _collect_nothing(_facts: Facts, _value: Value, _found: _Collected) -> None:
    """A constant decides nothing that a case could tell."""


def _collect_fact(name: str) -> Collect:
    def collect(_facts: Facts, _value: Value, found: _Collected) -> None:
        found.facts[name] = None

    return collect


def _collect_condition(code: str, collect_part: Collect, quiet: bool | None) -> Collect:
    def collect(facts: Facts, value: Value, found: _Collected) -> None:
        if code in found.traces or (quiet is not None and value is quiet):
            return
        inner = _Collected()
        collect_part(facts, value, inner)
        found.traces[code] = Trace(
            code,
            None if value is None else bool(value),
            tuple(inner.facts),
            tuple(inner.traces.values()),
        )

    return collect


def _collect_negation(collect_part: Collect) -> Collect:
    def collect(facts: Facts, value: Value, found: _Collected) -> None:
        collect_part(facts, None if value is None else not value, found)

    return collect


def _collect_parts(pairs: list[tuple[Read, Collect]], *, decisive: bool, full: bool) -> Collect:
    """Collect from the parts of a conjunction (`decisive` False) or a disjunction (True).

    One part with the decisive value settles it; without one, all parts together do.
    """

    def collect(facts: Facts, value: Value, found: _Collected) -> None:
        if full:
            for read, collect_part in pairs:
                collect_part(facts, read(facts), found)
        elif value is None:
            for read, collect_part in pairs:
                if read(facts) is None:
                    collect_part(facts, None, found)
        elif value is decisive:
            for read, collect_part in pairs:
                if read(facts) is decisive:
                    collect_part(facts, value, found)
                    return
        else:
            for _, collect_part in pairs:
                collect_part(facts, value, found)

    return collect


def _is_gate(node: Expression) -> bool:
    return isinstance(node, Condition) and node.gate


def _collect_each_failed(parts: list[tuple[Read, Collect, bool]], otherwise: Collect) -> Collect:
    """Collect from all parts of a failed conjunction that fail, up to one that is a gate."""

    def collect(facts: Facts, value: Value, found: _Collected) -> None:
        if value is not False:
            otherwise(facts, value, found)
            return
        for read, collect_part, is_gate in parts:
            if read(facts) is False:
                collect_part(facts, False, found)
                if is_gate:
                    return

    return collect


def _collect_all(pairs: list[tuple[Read, Collect]]) -> Collect:
    def collect(facts: Facts, _value: Value, found: _Collected) -> None:
        for read, collect_part in pairs:
            collect_part(facts, read(facts), found)

    return collect


def _collect_choice(
    test: tuple[Read, Collect], then: tuple[Read, Collect], otherwise: tuple[Read, Collect]
) -> Collect:
    def collect(facts: Facts, value: Value, found: _Collected) -> None:
        chosen = test[0](facts)
        test[1](facts, chosen, found)
        if chosen is not None:
            branch = then if chosen else otherwise
            branch[1](facts, value, found)

    return collect


_NOTHING: frozenset[str] = frozenset()


def _wait_for_fact(name: str) -> Wait:
    itself = frozenset((name,))
    return lambda facts, _: itself if facts[name] is None else _NOTHING


def _wait_for_first(read: Read, candidates: list[tuple[Read, Wait]]) -> Wait:
    def wait(facts: Facts, found: Found) -> frozenset[str]:
        if read(facts) is not None:
            return _NOTHING
        return next(wait(facts, found) for value, wait in candidates if value(facts) is None)

    return wait


def _wait_for_choice(read: Read, test: tuple[Read, Wait], then: Wait, otherwise: Wait) -> Wait:
    chosen, undecided = test

    def wait(facts: Facts, found: Found) -> frozenset[str]:
        if read(facts) is not None:
            return _NOTHING
        way = chosen(facts)
        if way is None:
            return undecided(facts, found)
        return then(facts, found) if way else otherwise(facts, found)

    return wait


def _wait_for_all(node: int, read: Read, parts: list[Wait]) -> Wait:
    def wait(facts: Facts, found: Found) -> frozenset[str]:
        known = found.get(node)
        if known is None:
            known = _NOTHING
            if read(facts) is None:
                known = known.union(*[part(facts, found) for part in parts])
            found[node] = known
        return known

    return wait


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


def _first_other(reads: list[Read], excluded: frozenset[int], none: int) -> Read:
    def first_other(facts: Facts) -> Value:
        for read in reads:
            value = read(facts)
            if value is None or value not in excluded:
                return value
        return none

    return first_other


def _choice(read_test: Read, read_then: Read, read_otherwise: Read) -> Read:
    def choice(facts: Facts) -> Value:
        test = read_test(facts)
        if test is None:
            return None
        return read_then(facts) if test else read_otherwise(facts)

    return choice
