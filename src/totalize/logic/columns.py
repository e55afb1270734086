"""Read expressions for a table of cases: the same tree, compiled to Polars expressions.

Facts are columns of integers or booleans, null for unknown. Law parameters are looked up by
position in a table (one row for each set of law), never joined: a join may hand rows back in
another order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
)


class ColumnCompiler:
    """Compile a family of expressions over the same facts and law.

    Args:
        parameters: for each parameter its value in every set of law, in the order of the sets.
        law_column: column that holds, for each row, the position of its set of law.
    """

    def __init__(
        self, parameters: Mapping[str, Sequence[Value]], law_column: str = "law_row"
    ) -> None:
        self._tables = {
            name: pl.Series(name, list(values), dtype=_dtype(values))
            for name, values in parameters.items()
        }
        self._law = pl.col(law_column)
        self._done: dict[int, tuple[Expression, pl.Expr]] = {}

    def compile(self, node: Expression) -> pl.Expr:
        """Return the Polars expression for a node's value."""
        kept = self._done.get(id(node))
        if kept is None:
            kept = self._done[id(node)] = (node, self._compile(node))
        return kept[1]

    def waiting_for(self, node: Expression, fact: str) -> pl.Expr | None:
        """Return where an unknown fact keeps a node unknown; None when it never can."""
        match node:
            case Fact(name):
                return self.compile(node).is_null() if name == fact else None
            case Constant() | Parameter() | Known():
                return None
            case Choice(test, then, otherwise):
                chosen = self.compile(test)
                return _any(
                    (
                        self.waiting_for(test, fact),
                        _where(chosen, self.waiting_for(then, fact)),
                        _where(~chosen, self.waiting_for(otherwise, fact)),
                    )
                )
            case _:
                below = _any(self.waiting_for(child, fact) for child in node.children())
                return None if below is None else self.compile(node).is_null() & below

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
            case FirstOther(candidates, excluded):
                found = [self.compile(item) for item in candidates]
                return pl.coalesce(
                    pl.when(~item.is_in(sorted(excluded))).then(item) for item in found
                )
            case Choice(test, then, otherwise):
                chosen = self.compile(test)
                return (
                    pl.when(chosen)
                    .then(self.compile(then))
                    .when(~chosen)
                    .then(self.compile(otherwise))
                )
            case _:
                raise TypeError(f"no column form for {type(node).__name__}")

    def _look_up(self, name: str) -> pl.Expr:
        table = self._tables[name]
        if table.n_unique() == 1:
            return pl.lit(table[0], dtype=table.dtype)
        return pl.lit(table).gather(self._law)


def _dtype(values: Iterable[Value]) -> pl.DataType | type[pl.DataType]:
    return pl.Boolean if all(isinstance(v, bool) or v is None for v in values) else pl.Int32


def _where(test: pl.Expr, part: pl.Expr | None) -> pl.Expr | None:
    return None if part is None else test.fill_null(value=False) & part


def _any(parts: Iterable[pl.Expr | None]) -> pl.Expr | None:
    result: pl.Expr | None = None
    for part in parts:
        if part is not None:
            result = part if result is None else result | part
    return result
