"""Many records as columns of integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

import msgspec
import numpy as np
from numpy.typing import NDArray

from totalize.benefits.ages import LegalBirth
from totalize.benefits.column_tables import FIRST_YEAR, ColumnTables, Integers, column_tables
from totalize.benefits.conversion import convert
from totalize.benefits.credits import count_us_quarters
from totalize.benefits.framing import open_claim
from totalize.benefits.reading import read_record
from totalize.benefits.record import Benefit, Record, Relation
from totalize.kernel.errors import InputError

RETIREMENT, DISABILITY, SURVIVOR = 0, 1, 2
_KINDS = {Benefit.RETIREMENT: 0, Benefit.DISABILITY: 1, Benefit.SURVIVOR: 2}
_AGED = frozenset(
    {Relation.WIDOW, Relation.WIDOWER, Relation.DIVORCED_WIDOW, Relation.DIVORCED_WIDOWER}
)
NONE = -1


@dataclass(frozen=True, slots=True)
class BenefitColumns:
    """Records, one position a person; years run from 1937 along the first axis.

    Months are `year * 12 + month - 1`, days are ordinals of the day before birth (the law's
    birth), amounts are cents. What a benefit does not need is -1.

    Attributes:
        kind: 0 retirement, 1 disability, 2 survivor (aged widow or widower).
        birth: ordinal of the law's birth of the worker.
        entitled, month: month of entitlement and of benefit.
        onset, waiting: month in which a disability began, first month of the waiting period.
        death: ordinal of the day of death.
        survivor_birth: ordinal of the law's birth of the survivor.
        earnings: cents, before the yearly maximum.
        given: US quarters that are data, -1 where they follow from earnings.
        foreign: quarters of one agreement country as sets of four bits, already converted by
            its rule.
    """

    kind: Integers
    birth: Integers
    entitled: Integers
    month: Integers
    onset: Integers
    waiting: Integers
    death: Integers
    survivor_birth: Integers
    earnings: Integers
    given: NDArray[np.int8]
    foreign: NDArray[np.int8]

    def __len__(self) -> int:
        """How many records there are."""
        return len(self.kind)

    def take(self, rows: slice | NDArray[np.bool_]) -> BenefitColumns:
        """Return some records."""
        return BenefitColumns(*(getattr(self, item.name)[..., rows] for item in fields(self)))


def to_columns(
    records: Iterable[Mapping[str, object] | Record],
    tables: ColumnTables | None = None,
    *,
    refused: dict[int, InputError] | None = None,
) -> BenefitColumns:
    """Return records as columns; foreign coverage is converted by its agreement's rule.

    Args:
        records: mappings or typed records.
        tables: figures; the published ones when left out.
        refused: when given, takes the error of each record that cannot be used, by its position,
            and the columns leave such records out.

    Raises:
        InputError: a record cannot be used, or needs a rule that only the single path has (other
            survivors than an aged widow or widower, several countries, blindness, quarters with a
            fixed place, a worker's own benefit, backward placement).
    """
    arrays = column_tables() if tables is None else tables
    read = [read_record(record) for record in records]
    count = len(read)
    scalars = np.full((8, count), NONE, np.int64)
    earnings = np.zeros((arrays.years, count), np.int64)
    given = np.full((arrays.years, count), NONE, np.int8)
    foreign = np.zeros((arrays.years, count), np.int8)
    for at, record in enumerate(read):
        try:
            _refuse_special(record)
            _fill(record, at, scalars, (earnings, given, foreign), arrays)
        except InputError as error:
            if refused is None:
                raise error.under(f"[{at}]") from None
            error.__traceback__ = error.__context__ = None
            refused[at] = error
    kind, birth, entitled, month, onset, waiting, death, survivor = scalars
    columns = BenefitColumns(
        kind,
        birth,
        entitled,
        month,
        onset,
        waiting,
        death,
        survivor,
        earnings,
        given,
        foreign,
    )
    if not refused:
        return columns
    usable = np.ones(count, dtype=np.bool_)
    usable[list(refused)] = False
    return columns.take(usable)


def _fill(
    record: Record,
    at: int,
    scalars: Integers,
    years: tuple[Integers, NDArray[np.int8], NDArray[np.int8]],
    arrays: ColumnTables,
) -> None:
    claim = open_claim(record, arrays.tables)
    scalars[0, at] = _KINDS[record.benefit]
    scalars[1, at] = claim.birth.day.toordinal()
    scalars[2, at], scalars[3, at] = claim.entitled, claim.month
    if claim.onset_year is not None and record.onset is not None and claim.waiting is not None:
        scalars[4, at] = record.onset.year * 12 + record.onset.month - 1
        scalars[5, at] = claim.waiting
    if claim.death_year is not None and record.death_date is not None:
        scalars[6, at] = record.death_date.toordinal()
        if record.survivor is not None and record.survivor.birth_date is not None:
            scalars[7, at] = LegalBirth.of(record.survivor.birth_date).day.toordinal()
    earnings, given, foreign = years
    for year, amount in record.earnings.items():
        if amount and not 0 <= year - FIRST_YEAR < arrays.years:
            raise InputError(
                f"earnings[{year}]",
                "no figures are published for this year",
                value=year,
                expected=f"a year through {arrays.tables.last_year}",
                code="figures_not_published",
            )
        if amount:
            earnings[year - FIRST_YEAR, at] = int(amount * Decimal(100))
    for year, count in record.us_quarters.items():
        given[year - FIRST_YEAR, at] = count
    for coverage in record.foreign:
        side = arrays.tables.foreign_side(coverage.country)
        if side is None or side.conversion is None or not side.in_force:
            continue
        quarters = convert(
            coverage,
            side.conversion,
            count_us_quarters(record, arrays.tables),
            through=claim.last_quarter,
        )
        for quarter in quarters.placed:
            if quarter // 4 - FIRST_YEAR < arrays.years:
                foreign[quarter // 4 - FIRST_YEAR, at] |= 1 << quarter % 4


def _refuse_special(record: Record) -> None:
    relation = record.survivor.relation if record.survivor else None
    special = {
        "foreign": len(record.foreign) > 1,
        "blind": bool(record.blind),
        "us_quarters_placed": bool(record.us_quarters_placed),
        "worker_entitlement": not isinstance(record.worker_entitlement, msgspec.UnsetType),
        "survivor.relation": record.benefit is Benefit.SURVIVOR and relation not in _AGED,
    }
    for path, found in special.items():
        if found:
            raise InputError(
                path,
                "needs a rule that the column version does not have",
                expected="this record through totalize.benefit",
                code="single_path_only",
            )
