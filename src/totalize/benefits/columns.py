"""The whole answer for many records: the same law as `compute`, over columns of integers.

Amounts are cents, factors parts of a common whole; there is no floating point. Every result
equals that of the single path (tests hold them together).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from totalize.benefits.column_claims import ClaimColumns
from totalize.benefits.column_credits import used_quarters
from totalize.benefits.column_input import BenefitColumns, to_columns
from totalize.benefits.column_results import (
    NOT_INSURED,
    REGULAR,
    TOTALIZED,
    AmountColumns,
    AnswerColumns,
)
from totalize.benefits.column_tables import ColumnTables, column_tables

__all__ = [
    "NOT_INSURED",
    "REGULAR",
    "TOTALIZED",
    "AnswerColumns",
    "BenefitColumns",
    "answer_columns",
    "to_columns",
]

# Large enough that Python's own work does not count, small enough for the cache.
_CHUNK = 16384


def answer_columns(
    columns: BenefitColumns,
    tables: ColumnTables | None = None,
    *,
    limited: bool = True,
    workers: int = 1,
) -> AnswerColumns:
    """Return the answers to many records.

    Args:
        columns: the records.
        tables: figures; the published ones when left out.
        limited: apply the limit of 20 CFR 404.1918(a)(4).
        workers: threads that share the work.
    """
    arrays = column_tables() if tables is None else tables
    starts = range(0, max(len(columns), 1), _CHUNK)
    parts = [columns.take(slice(start, start + _CHUNK)) for start in starts]

    def answer(part: BenefitColumns) -> AnswerColumns:
        return _answer(part, arrays, limited=limited)

    if workers == 1 or len(parts) == 1:
        return AnswerColumns.join([answer(part) for part in parts])
    with ThreadPoolExecutor(workers) as pool:
        return AnswerColumns.join(list(pool.map(answer, parts)))


def _answer(part: BenefitColumns, arrays: ColumnTables, *, limited: bool) -> AnswerColumns:
    claims = ClaimColumns(part, arrays, limited=limited)
    own = claims.count_fully(combined=False)
    both = claims.count_fully(combined=True)
    onset = part.onset // 3
    alone = (own >= claims.required) & claims.passes_recent(onset, combined=False)
    together = (both >= claims.required) & claims.passes_recent(onset, combined=True)
    enough = own >= arrays.tables.rules.totalization.us_minimum_quarters
    insured = np.where(alone, REGULAR, np.where(together & enough, TOTALIZED, NOT_INSURED))
    foreign_total = claims.credits.foreign_total[-1]
    needed = used_quarters(claims.credits, claims.last_quarter, claims.required, own)
    used = np.where(claims.disabled, foreign_total, needed)
    amounts = AmountColumns(claims, insured, own, claims.known())
    amounts.run()
    return AnswerColumns(
        insured=insured,
        us_total=claims.credits.us_total[-1],
        us_counted=own,
        required=claims.required,
        foreign_total=foreign_total,
        foreign_used=np.where(insured == TOTALIZED, used, 0),
        eligibility_year=claims.basis.eligibility,
        computation_years=claims.basis.years,
        **amounts.found,
    )
