"""Rows come in no order that was not asked for: what leans on one fails each time, not once a year.

Both databases mostly give rows as they were written where a query does not order them, and where
what it orders by is equal, such as two acts in one second. Neither has to, and PostgreSQL stops
doing so whenever it moves a row or takes another way to it. Here every such query gets them the
other way around, last written first; what Django does not order itself, SQLite turns around.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db.models import Expression
from django.db.models.expressions import OrderBy
from django.db.models.sql.compiler import SQLCompiler

# For `init_command`: statements that were written by hand, and those that no primary key orders.
SQLITE = "PRAGMA reverse_unordered_selects=ON;"
PLACES = {"sqlite": "rowid", "postgresql": "ctid"}


class Place(Expression):
    """Where the row of a table stands: as they were written, till one is changed."""

    def __init__(self, alias: str) -> None:
        super().__init__()
        self.alias = alias

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        table = compiler.quote_name_unless_alias(self.alias)
        return f"{table}.{PLACES[connection.vendor]}", []


def turn_around(patch: pytest.MonkeyPatch) -> None:
    """Turn every query of Django around wherever it left the order open."""
    asked_for, beside, rows_of = (
        SQLCompiler._order_by_pairs,
        SQLCompiler.get_extra_select,
        SQLCompiler.results_iter,
    )

    def order(self: SQLCompiler) -> Iterator[tuple[OrderBy, bool]]:
        yield from asked_for(self)
        table = self.query.base_table
        # A table that a condition made needless stays known, and is not read.
        if _has_places(self) and table and self.query.alias_refcount[table]:
            yield OrderBy(Place(table), descending=self.query.standard_ordering), False

    def extra(self: SQLCompiler, order_by: list[Any], select: list[Any]) -> list[Any]:
        """Keep the place out of what makes rows different."""
        named = [pair for pair in order_by if not isinstance(pair[0].expression, Place)]
        return beside(self, named, select)

    def rows(self: SQLCompiler, *given: Any, **options: Any) -> Iterable[Any]:
        found = rows_of(self, *given, **options)
        if _has_places(self) or list(asked_for(self)):
            return found
        return reversed(list(found))

    patch.setattr(SQLCompiler, "_order_by_pairs", order)
    patch.setattr(SQLCompiler, "get_extra_select", extra)
    patch.setattr(SQLCompiler, "results_iter", rows)


def _has_places(compiler: SQLCompiler) -> bool:
    """Whether what is found can be put in the order of the rows of the table."""
    query = compiler.query
    if query.combinator or query.group_by is not None:
        return False
    if any(each.contains_aggregate for each in query.annotation_select.values()):
        return False
    return not query.distinct or compiler.connection.vendor == "sqlite"
