"""Many claims as columns of integers: their dates, credits and insured status."""

from __future__ import annotations

from datetime import date

import numpy as np

from totalize.benefits.column_amounts import BasisColumns
from totalize.benefits.column_credits import (
    CreditColumns,
    Flags,
    count_us,
    fit_foreign,
    required,
)
from totalize.benefits.column_input import DISABILITY, SURVIVOR, BenefitColumns
from totalize.benefits.column_tables import FIRST_YEAR, ColumnTables, Integers

_EPOCH = date(1970, 1, 1).toordinal()
UNREACHED = 10**6


def calendar_of(ordinal: Integers) -> tuple[Integers, Integers]:
    """Return year and month count of days given as ordinals."""
    days = (ordinal - _EPOCH).astype("datetime64[D]")
    month = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return month // 12, month


def died_before_62(birth: Integers, death: Integers) -> Flags:
    """Tell who died before the day on which the law would have them 62."""
    born = (birth - _EPOCH).astype("datetime64[D]")
    died = (death - _EPOCH).astype("datetime64[D]")
    months = died.astype("datetime64[M]").astype(np.int64) - 62 * 12
    day = (died - died.astype("datetime64[M]")).astype(np.int64)
    own = born.astype("datetime64[M]").astype(np.int64)
    own_day = (born - born.astype("datetime64[M]")).astype(np.int64)
    earlier: Flags = (months < own) | ((months == own) & (day < own_day))
    return earlier


class ClaimColumns:
    """Many claims: dates found, credits counted, status tested. Like `claim.Claim`, by column."""

    def __init__(self, part: BenefitColumns, tables: ColumnTables, *, limited: bool) -> None:
        self.part = part
        self.tables = tables
        self.limited = limited
        self.count = len(part)
        self.rules = tables.tables.rules
        self.birth_year, self.birth_month = calendar_of(part.birth)
        self.disabled: Flags = part.kind == DISABILITY
        self.survivors: Flags = part.kind == SURVIVOR
        death_year, self.death_month = calendar_of(np.where(self.survivors, part.death, _EPOCH))
        self.death_year = np.where(self.survivors, death_year, UNREACHED)
        self.at_62 = self.birth_year + 62
        self.onset_year = np.where(self.disabled, part.onset // 12, UNREACHED)
        self.last_quarter = np.where(self.survivors, self.death_month, part.entitled) // 3
        ends = np.minimum(self.at_62, self.onset_year)
        self.basis = self.find_basis(np.minimum(ends, self.death_year))
        self.required = required(self.birth_year, np.minimum(ends, self.death_year), tables)
        us_quarters = count_us(part.earnings, part.given, tables)
        self.credits = CreditColumns.of(us_quarters, fit_foreign(part.foreign, us_quarters))

    def find_basis(self, eligibility: Integers) -> BasisColumns:
        """Return the years that are averaged; see `primary.find_basis`."""
        rule = self.rules.computation
        after = np.maximum(
            self.birth_year + rule.age_of_first_elapsed_year - 1, rule.first_base_year - 1
        )
        last = np.minimum(eligibility, self.death_year) - 1
        elapsed = np.maximum(last - after, rule.fewest_computation_years)
        by_fives = np.minimum(rule.dropout_years, elapsed // rule.disability_elapsed_per_dropout)
        dropped = np.where(self.disabled, by_fives, rule.dropout_years)
        years = np.maximum(elapsed - dropped, rule.fewest_computation_years)
        base = np.where(self.survivors, self.death_year, self.part.month // 12 - 1)
        counted = np.where(self.disabled, eligibility, UNREACHED)
        return BasisColumns(eligibility, years, base, counted)

    def known(self) -> Flags:
        """Tell for which people the figures up to the month of benefit are published."""
        return self._eligible() & (self.part.month <= self.tables.tables.last_month)

    def averageable(self) -> Flags:
        """Tell for which people all years that are averaged have figures."""
        return self._eligible() & (self.basis.last_base <= self.tables.tables.last_year)

    def _eligible(self) -> Flags:
        """Tell for which people the figures of their eligibility are published."""
        at = np.clip(self.basis.eligibility - FIRST_YEAR, 0, self.tables.years - 1)
        known: Flags = self.tables.primary[0][at] > 0
        return known & (self.basis.eligibility - FIRST_YEAR < self.tables.years)

    def count_fully(self, *, combined: bool) -> Integers:
        """Return the quarters that count for fully insured status."""
        start = np.zeros(self.count, np.int64)
        people = np.arange(self.count)
        return self.credits.between(people, start, self.last_quarter, combined=combined)

    def passes_recent(self, onset: Integers, *, combined: bool) -> Flags:
        """Tell who passes the test of recent quarters; others than disabled pass it."""
        met = ~self.disabled
        rows = np.flatnonzero(self.disabled)
        if not rows.size:
            return met
        rule = self.rules.insured_status.disability
        young = self.rules.insured_status.disability_under_31
        first = onset[rows]
        last = np.maximum(first, self.part.waiting[rows] // 3)
        after_21 = self.birth_month[rows] // 3 + 21 * 4 + 1
        passed = np.zeros(len(rows), bool)
        for later in range(int((last - first).max()) + 1):
            end = first + later
            valid = end <= last
            found = self.credits.between(rows, end - rule.of + 1, end, combined=combined)
            passed |= valid & (found >= rule.quarters)
            length = np.maximum(end - after_21 + 1, young.fewest_of)
            found = self.credits.between(rows, end - length + 1, end, combined=combined)
            needed = np.maximum(young.fewest_quarters, length // 2)
            passed |= valid & (end - rule.of + 1 < after_21) & (found >= needed)
        met[rows] = passed
        return met
