"""Read expressions for a table of cases: the same tree, compiled to Polars expressions.

Facts are columns of integers or booleans, null for unknown. Law parameters are looked up by
position in a table (one row for each set of law), never joined: a join may hand rows back in
another order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

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
    Parameter,
    Shifted,
    Value,
    survey,
)

_LEAVES = (Fact, Constant)
_NOTHING = pl.lit(0, dtype=pl.Int64)


class LawColumns:
    """The parameters of all sets of law, to be looked up by a row's position among the sets.

    Switches are packed as bits of a few words, so that a row looks up words and not switches.

    Args:
        parameters: for each parameter its value in every set of law, in the order of the sets.
        position: column that holds, for each row, the position of its set of law.
    """

    _BITS = 60

    def __init__(
        self, parameters: Mapping[str, Sequence[Value]], position: str = "law_row"
    ) -> None:
        self._position = pl.col(position)
        self._fixed: dict[str, Value] = {}
        self._numbers: dict[str, pl.Series] = {}
        self._bits: dict[str, tuple[int, int]] = {}
        words: list[list[int]] = []
        for name, values in parameters.items():
            if len(set(values)) == 1:
                self._fixed[name] = values[0]
            elif all(isinstance(value, bool) for value in values):
                word, bit = divmod(len(self._bits), self._BITS)
                if bit == 0:
                    words.append([0] * len(values))
                words[word] = [
                    packed | (bool(value) << bit)
                    for packed, value in zip(words[word], values, strict=True)
                ]
                self._bits[name] = (word, bit)
            else:
                self._numbers[name] = pl.Series(name, list(values), dtype=pl.Int32)
        self._words = [pl.Series(word, dtype=pl.Int64) for word in words]

    def words(self) -> list[pl.Expr]:
        """Return the columns that hold the packed switches; they come before any stage."""
        return [
            pl.lit(word).gather(self._position).alias(f"_law_{number}")
            for number, word in enumerate(self._words)
        ]

    def look_up(self, name: str) -> pl.Expr:
        """Return a parameter's value for each row."""
        if name in self._fixed:
            value = self._fixed[name]
            return pl.lit(value, dtype=pl.Boolean if isinstance(value, bool) else pl.Int32)
        if name in self._bits:
            word, bit = self._bits[name]
            return (pl.col(f"_law_{word}") & (1 << bit)) != 0
        return pl.lit(self._numbers[name]).gather(self._position)

    def is_fixed(self, name: str) -> bool:
        """Tell whether a parameter is the same in every set of law."""
        return name in self._fixed


class ColumnCompiler:
    """Compile a family of expressions over the same facts and law.

    Parts that several expressions share become columns of their own, computed once: add the
    columns of `stages` to the frame, in order, before those of the expressions. Where facts are
    missing, `waiting_stages` and `waiting_for` tell which.

    Args:
        law: the parameters.
        roots: all expressions that will be compiled.
        bits: for each fact that may be missing its bit in the answer of `waiting_for`.
    """

    def __init__(
        self, law: LawColumns, roots: Sequence[Expression], bits: Mapping[str, int]
    ) -> None:
        self._law = law
        self._bits = bits
        self._done: dict[int, tuple[Expression, pl.Expr]] = {}
        self._parameters: dict[str, pl.Expr] = {}
        self._waiting: dict[int, pl.Expr | None] = {}
        order, uses = survey(roots)
        self.stages = self._share(order, uses)
        self.waiting_stages = self._share_waiting(order, uses)

    def _share(self, order: list[Expression], uses: Counter[int]) -> list[list[pl.Expr]]:
        stages: list[list[pl.Expr]] = []
        level: dict[int, int] = {}
        for node in order:
            below = max((level[id(child)] for child in node.children()), default=0)
            level[id(node)] = below
            if isinstance(node, Parameter):
                shared = node.name not in self._parameters and not self._law.is_fixed(node.name)
            else:
                shared = uses[id(node)] > 1 and not isinstance(node, (*_LEAVES, Condition))
            if isinstance(node, Parameter) and node.name in self._parameters:
                level[id(node)] = 1  # another node of that name was put into the first stage
            if not shared:
                continue
            name = f"_part_{len(self._done)}"
            _put(stages, below, self._compile(node).alias(name))
            level[id(node)] = below + 1
            self._done[id(node)] = (node, pl.col(name))
            if isinstance(node, Parameter):
                self._parameters[node.name] = pl.col(name)
        return stages

    def _share_waiting(self, order: list[Expression], uses: Counter[int]) -> list[list[pl.Expr]]:
        """Lay out which facts each node waits for.

        A node's mask looks at the node's value, and so do the masks of all nodes above it: for
        the rows that wait, every test gets a column of its own.
        """
        stages: list[list[pl.Expr]] = []
        level: dict[int, int] = {}
        everywhere = dict(self._done)
        for node in order:
            below = max((level[id(child)] for child in node.children()), default=0)
            if isinstance(node, (AllOf, AnyOf, Negation)) and id(node) not in everywhere:
                name = f"_value_{len(self._done)}"
                _put(stages, below, self.compile(node).alias(name))
                self._done[id(node)] = (node, pl.col(name))
                below += 1
            level[id(node)] = below
            mask = self._waiting_for(node)
            if mask is not None and uses[id(node)] > 1:
                name = f"_wait_{len(self._waiting)}"
                _put(stages, below, mask.alias(name))
                level[id(node)] = below + 1
                mask = pl.col(name)
            self._waiting[id(node)] = mask
        self._done = everywhere
        return stages

    def compile(self, node: Expression) -> pl.Expr:
        """Return the Polars expression for a node's value."""
        kept = self._done.get(id(node))
        if kept is None:
            kept = self._done[id(node)] = (node, self._compile(node))
        return kept[1]

    def waiting_for(self, node: Expression) -> pl.Expr:
        """Return the facts that keep a node unknown, as bits; 0 where it is known."""
        mask = self._waiting[id(node)]
        return _NOTHING if mask is None else mask

    def _waiting_for(self, node: Expression) -> pl.Expr | None:
        match node:
            case Fact(name):
                if name not in self._bits:
                    return None
                bit = pl.lit(1 << self._bits[name], dtype=pl.Int64)
                return pl.when(self.compile(node).is_null()).then(bit).otherwise(_NOTHING)
            case Constant() | Parameter() | Known():
                return None
            case Condition(_, part):
                return self._waiting[id(part)]
            case FirstOther(candidates):
                mask = None
                for candidate in reversed(candidates):
                    unknown = self.compile(candidate).is_null()
                    mask = _first(unknown, self._waiting[id(candidate)], mask)
            case Choice(test, then, otherwise):
                chosen = self.compile(test)
                mask = _either(
                    self._waiting[id(test)],
                    _where(chosen, self._waiting[id(then)]),
                    _where(~chosen, self._waiting[id(otherwise)]),
                )
            case _:
                mask = _either(*(self._waiting[id(child)] for child in node.children()))
        if mask is None:
            return None
        return pl.when(self.compile(node).is_null()).then(mask).otherwise(_NOTHING)

    def _compile(self, node: Expression) -> pl.Expr:
        match node:
            case Fact(name):
                return pl.col(name)
            case Parameter(name):
                return self._look_up(name)
            case Constant(value):
                return pl.lit(value)
            case Condition(_, part):
                return self.compile(part)
            case Negation(part):
                return ~self.compile(part)
            case AllOf(parts):
                result = self.compile(parts[0])
                for part in parts[1:]:
                    result &= self.compile(part)
                return result
            case AnyOf(parts):
                result = self.compile(parts[0])
                for part in parts[1:]:
                    result |= self.compile(part)
                return result
            case Known(fact):
                return pl.col(fact.name).is_not_null()
            case _:
                return self._compile_value(node)

    def _compile_value(self, node: Expression) -> pl.Expr:
        match node:
            case Equal(left, right):
                return self.compile(left) == self.compile(right)
            case AtMost(left, right):
                return self.compile(left) <= self.compile(right)
            case Later(left, right):
                first, second = self.compile(left), self.compile(right)
                known = first.is_not_null() & second.is_not_null()
                return pl.when(known).then(pl.max_horizontal(first, second))
            case Shifted(day, months):
                return self.compile(day) + self.compile(months) * DAYS_IN_A_STEP
            case FirstOther(candidates, excluded, none):
                # Not a mere literal: comparing one that all rows take makes Polars 2.1 shrink
                # the result to a single row.
                result = self.compile(candidates[-1]) * 0 + none
                for candidate in reversed(candidates):
                    code = self.compile(candidate)
                    passed_over = _is_one_of(code, excluded)
                    result = pl.when(passed_over).then(result).otherwise(code)
                return result
            case Choice(test, then, otherwise):
                return self._compile_choice(test, then, otherwise)
            case _:
                raise TypeError(f"no column form for {type(node).__name__}")

    def _compile_choice(self, test: Expression, then: Expression, otherwise: Expression) -> pl.Expr:
        chosen = self.compile(test)
        return pl.when(chosen).then(self.compile(then)).when(~chosen).then(self.compile(otherwise))

    def _look_up(self, name: str) -> pl.Expr:
        return self._parameters.get(name, self._law.look_up(name))


def _is_one_of(code: pl.Expr, others: frozenset[int]) -> pl.Expr:
    found = pl.lit(value=False)
    for other in sorted(others):
        found |= code == other
    return found


def _put(stages: list[list[pl.Expr]], level: int, expression: pl.Expr) -> None:
    while len(stages) <= level:
        stages.append([])
    stages[level].append(expression)


def _where(test: pl.Expr, part: pl.Expr | None) -> pl.Expr | None:
    if part is None:
        return None
    return pl.when(test.fill_null(value=False)).then(part).otherwise(_NOTHING)


def _first(test: pl.Expr, then: pl.Expr | None, otherwise: pl.Expr | None) -> pl.Expr | None:
    if then is None:
        return otherwise
    return pl.when(test).then(then).otherwise(_NOTHING if otherwise is None else otherwise)


def _either(*parts: pl.Expr | None) -> pl.Expr | None:
    result: pl.Expr | None = None
    for part in parts:
        if part is not None:
            result = part if result is None else result | part
    return result
