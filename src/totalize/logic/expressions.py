"""The expression tree in which provisions are written: tests over named facts and law parameters.

An expression holds no law and no data. Facts are what a case says, parameters what the law
data says; both are small integers or booleans, or None for a fact that is unknown. Days are
integers that grow by 32 a month (`encode_day`), so that adding months is adding a number and
comparing works without a calendar. Codes (countries, kinds) are integers of the caller's.

Truth is three-valued (Kleene): true, false, unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct, structs

Value = int | bool | None

DAYS_IN_A_STEP = 32
OPEN = 1_000_000  # later than any day that can be written: an end that is open


def encode_day(day: date) -> int:
    """Return the day as an integer in which a month is a step of 32.

    Comparing encoded days, one of them shifted by whole months, needs no calendar: a day that
    a month does not have lies after that month's last day and before the next month's first.
    """
    return (day.year * 12 + day.month - 1) * DAYS_IN_A_STEP + day.day


def decode_day(code: int) -> date:
    """Return the day of an encoded integer; a day beyond the month's end is the next month's first.

    Raises:
        ValueError: no month is encoded.
    """
    months, day = divmod(code - 1, DAYS_IN_A_STEP)
    year, month = divmod(months, 12)
    first = date(year, month + 1, 1)
    found = first + timedelta(days=day)
    return found if found.month == first.month else (first + timedelta(days=31)).replace(day=1)


def encode_day_after(day: date) -> int:
    """Return the encoded day after `day`, within its month even when it is the last.

    So a stay that ends with a short month ends within as many whole months as its first day
    counts: from 29 February 2024, five years end on 28 February 2029.
    """
    return encode_day(day) + 1


class Expression(Struct, frozen=True, eq=False):
    """A node of the tree. Build expressions with the functions and operators of this module."""

    def __and__(self, other: Expression) -> Expression:
        """Both hold."""
        return all_of(self, other)

    def __or__(self, other: Expression) -> Expression:
        """At least one holds."""
        return any_of(self, other)

    def __invert__(self) -> Expression:
        """The opposite holds."""
        return negate(self)

    def children(self) -> tuple[Expression, ...]:
        """Return the nodes directly below."""
        return ()


class Fact(Expression, frozen=True, eq=False):
    """A fact of the case, by name."""

    name: str


class Parameter(Expression, frozen=True, eq=False):
    """A value of the law data, by name."""

    name: str


class Constant(Expression, frozen=True, eq=False):
    """A fixed value."""

    value: Value


class AllOf(Expression, frozen=True, eq=False):
    """True when every part is, false when one is false."""

    parts: tuple[Expression, ...]

    def children(self) -> tuple[Expression, ...]:
        """Return the parts."""
        return self.parts


class AnyOf(Expression, frozen=True, eq=False):
    """True when one part is, false when every part is false."""

    parts: tuple[Expression, ...]

    def children(self) -> tuple[Expression, ...]:
        """Return the parts."""
        return self.parts


class Negation(Expression, frozen=True, eq=False):
    """True when the part is false."""

    part: Expression

    def children(self) -> tuple[Expression, ...]:
        """Return the part."""
        return (self.part,)


class Equal(Expression, frozen=True, eq=False):
    """Two codes are the same."""

    left: Expression
    right: Expression

    def children(self) -> tuple[Expression, ...]:
        """Return both sides."""
        return (self.left, self.right)


class AtMost(Expression, frozen=True, eq=False):
    """The left day or number is not beyond the right one."""

    left: Expression
    right: Expression

    def children(self) -> tuple[Expression, ...]:
        """Return both sides."""
        return (self.left, self.right)


class Known(Expression, frozen=True, eq=False):
    """The fact is known. Never unknown itself."""

    fact: Fact

    def children(self) -> tuple[Expression, ...]:
        """Return the fact."""
        return (self.fact,)


class Later(Expression, frozen=True, eq=False):
    """The later of two days."""

    left: Expression
    right: Expression

    def children(self) -> tuple[Expression, ...]:
        """Return both days."""
        return (self.left, self.right)


class Shifted(Expression, frozen=True, eq=False):
    """A day some whole months later; the months are a number of the law."""

    day: Expression
    months: Expression

    def children(self) -> tuple[Expression, ...]:
        """Return the day and the months."""
        return (self.day, self.months)


class FirstOther(Expression, frozen=True, eq=False):
    """The first code among several that is none of the excluded ones.

    Unknown when a candidate before it is; `none` when all candidates are excluded.
    """

    candidates: tuple[Expression, ...]
    excluded: frozenset[int]
    none: int = 0

    def children(self) -> tuple[Expression, ...]:
        """Return the candidates."""
        return self.candidates


class Choice(Expression, frozen=True, eq=False):
    """One of two codes, by a test."""

    test: Expression
    then: Expression
    otherwise: Expression

    def children(self) -> tuple[Expression, ...]:
        """Return the test and both codes."""
        return (self.test, self.then, self.otherwise)


class Condition(Expression, frozen=True, eq=False):
    """A test with a name: the unit in which answers are explained.

    Attributes:
        code: stable name; message catalogues hold its sentences.
        part: the test itself.
        kept: named in explanations even where the law alone fulfils it.
        quiet: the value at which it goes without saying and is left out of explanations.
        whole: where it fails, explanations name every part that fails, not only the first.
        gate: where it fails as a part of such a one, no further part is looked at.
    """

    code: str
    part: Expression
    kept: bool = False
    quiet: bool | None = None
    whole: bool = False
    gate: bool = False

    def children(self) -> tuple[Expression, ...]:
        """Return the test."""
        return (self.part,)


TRUE = Constant(True)
FALSE = Constant(False)


def all_of(*parts: Expression) -> Expression:
    """Every part holds."""
    return parts[0] if len(parts) == 1 else AllOf(parts)


def any_of(*parts: Expression) -> Expression:
    """At least one part holds."""
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def negate(part: Expression) -> Expression:
    """The part does not hold."""
    return part.part if isinstance(part, Negation) else Negation(part)


def conjuncts(node: Expression) -> Iterator[Expression]:
    """Yield the parts of a conjunction, those of conjunctions within it one by one."""
    if isinstance(node, AllOf):
        for part in node.parts:
            yield from conjuncts(part)
    else:
        yield node


def is_one_of(code: Expression, *values: int) -> Expression:
    """The code is one of several."""
    return any_of(*(Equal(code, Constant(value)) for value in values))


def implies(test: Expression, consequence: Expression) -> Expression:
    """Where the test holds, the consequence does too."""
    return any_of(negate(test), consequence)


def walk(node: Expression) -> Iterator[Expression]:
    """Yield the node and all nodes below it, each once, parents first."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        waiting.extend(reversed(found.children()))


def survey(roots: Sequence[Expression]) -> tuple[list[Expression], Counter[int]]:
    """Return all nodes, children first, and how often each is used."""
    uses: Counter[int] = Counter()
    order: list[Expression] = []
    seen: set[int] = set()
    waiting: list[tuple[Expression, bool]] = [(root, False) for root in reversed(roots)]
    while waiting:
        node, finished = waiting.pop()
        if finished:
            order.append(node)
            continue
        uses[id(node)] += 1
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting.append((node, True))
        waiting.extend((child, False) for child in reversed(node.children()))
    return order, uses


def atoms_in(roots: Sequence[Expression]) -> list[Expression]:
    """Return the tests that are made of no further tests: their values decide all others."""
    found: dict[int, Expression] = {}
    waiting = list(roots)
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, (AllOf, AnyOf, Negation, Condition, Choice)):
            waiting.extend(node.children())
        elif not isinstance(node, Constant):
            found[id(node)] = node
    return list(found.values())


def facts_in(node: Expression) -> frozenset[str]:
    """Return the names of the facts an expression looks at."""
    return frozenset(found.name for found in walk(node) if isinstance(found, Fact))


class Specialiser:
    """Put the parameters of one set of law into expressions and drop what they decide.

    One specialiser keeps shared parts shared, so that they are read once.

    Args:
        parameters: the law; parameters that are not in it stay as they are.
        facts: facts that are the same for all cases to be read, if any.
    """

    def __init__(
        self, parameters: Mapping[str, Value], facts: Mapping[str, Value] | None = None
    ) -> None:
        self._parameters = parameters
        self._facts = facts or {}
        self._done: dict[int, tuple[Expression, Expression]] = {}

    def __call__(self, node: Expression) -> Expression:
        """Return the expression as this law has it."""
        kept = self._done.get(id(node))
        if kept is None:
            # The original is kept alive beside its result, for its id must stay its own.
            kept = self._done[id(node)] = (node, self._specialise(node))
        return kept[1]

    def _specialise(self, node: Expression) -> Expression:
        match node:
            case Parameter(name) if name in self._parameters:
                return Constant(self._parameters[name])
            case Fact(name) if name in self._facts:
                return Constant(self._facts[name])
            case Known(Fact(name)) if name in self._facts:
                return Constant(self._facts[name] is not None)
            case AllOf(parts):
                return self._combine(parts, absorbing=False)
            case AnyOf(parts):
                return self._combine(parts, absorbing=True)
            case Negation(part):
                inner = self(part)
                if isinstance(inner, Constant):
                    return Constant(None if inner.value is None else not inner.value)
                return Negation(inner)
            case Condition(_, part, kept):
                inner = self(part)
                if isinstance(inner, Constant) and not (kept and inner.value is True):
                    return inner
                return structs.replace(node, part=inner)
            case Choice(test, then, otherwise):
                chosen = self(test)
                if isinstance(chosen, Constant) and chosen.value is not None:
                    return self(then if chosen.value else otherwise)
                return Choice(chosen, self(then), self(otherwise))
            case _:
                return self._specialise_value(node)

    def _specialise_value(self, node: Expression) -> Expression:
        match node:
            case Equal(left, right):
                return _fold(Equal, self(left), self(right), lambda a, b: a == b)
            case AtMost(left, right):
                return _fold(AtMost, self(left), self(right), lambda a, b: a <= b)
            case Later(left, right):
                return _fold(Later, self(left), self(right), max)
            case Shifted(day, months):
                return _fold(Shifted, self(day), self(months), lambda a, b: a + b * DAYS_IN_A_STEP)
            case FirstOther(candidates, excluded, none):
                return self._first_other(candidates, excluded, none)
            case _:
                return node

    def _first_other(
        self, candidates: tuple[Expression, ...], excluded: frozenset[int], none: int
    ) -> Expression:
        left: list[Expression] = []
        for candidate in candidates:
            inner = self(candidate)
            if isinstance(inner, Constant) and inner.value is not None:
                if inner.value in excluded:
                    continue
                if not left:
                    return inner
                left.append(inner)
                break
            left.append(inner)
        return FirstOther(tuple(left), excluded, none) if left else Constant(none)

    def _combine(self, parts: tuple[Expression, ...], *, absorbing: bool) -> Expression:
        kept: list[Expression] = []
        for part in parts:
            inner = self(part)
            if isinstance(inner, Constant):
                if inner.value is absorbing:
                    return inner
                if inner.value is (not absorbing):
                    continue
            kept.append(inner)
        if not kept:
            return Constant(not absorbing)
        if len(kept) == 1:
            return kept[0]
        return AnyOf(tuple(kept)) if absorbing else AllOf(tuple(kept))


def _fold(
    kind: Callable[[Expression, Expression], Expression],
    left: Expression,
    right: Expression,
    compute: Callable[[int, int], int | bool],
) -> Expression:
    if isinstance(left, Constant) and isinstance(right, Constant):
        if left.value is None or right.value is None:
            return Constant(None)
        return Constant(compute(left.value, right.value))
    return kind(left, right)
