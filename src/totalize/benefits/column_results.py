"""The amounts of many claims, in dimes until the end, then cents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from totalize.benefits.column_amounts import (
    BasisColumns,
    apply_formula,
    apply_increases,
    average,
    average_behind,
    disability_maximum,
    family_maximum,
    position,
    theoretical,
    undo_increases,
)
from totalize.benefits.column_claims import (
    UNREACHED,
    ClaimColumns,
    calendar_of,
    died_before_62,
)
from totalize.benefits.column_credits import Flags, Small, required
from totalize.benefits.column_input import NONE, RETIREMENT
from totalize.benefits.column_tables import FIRST_YEAR, Integers
from totalize.law.benefits import Order, percent

NOT_INSURED, REGULAR, TOTALIZED = 0, 1, 2
_DIME = 10


@dataclass(frozen=True, slots=True)
class AnswerColumns:
    """The answers; amounts in cents, -1 where there is none.

    Attributes:
        insured: 0 not, 1 on US quarters alone, 2 combined.
        relative_position: in ten-millionths.
        factor: age factor in `factor_parts`.
    """

    insured: Integers
    us_total: Integers
    us_counted: Integers
    required: Integers
    foreign_total: Integers
    foreign_used: Integers
    eligibility_year: Integers
    computation_years: Integers
    aime: Integers
    pia: Integers
    relative_position: Integers
    theoretical_aime: Integers
    theoretical_pia: Integers
    quarters: Integers
    denominator: Integers
    pro_rata_pia: Integers
    totalized_pia: Integers
    artificial_aime: Integers
    months: Integers
    factor: Integers
    factor_parts: Integers
    benefit_unrounded: Integers
    monthly_benefit: Integers
    family_maximum: Integers

    @classmethod
    def join(cls, parts: list[AnswerColumns]) -> AnswerColumns:
        """Return answers one after the other."""
        return cls(
            *(np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(cls))
        )


class AmountColumns:
    """Amounts in dimes until the end, then cents."""

    def __init__(self, chunk: ClaimColumns, insured: Integers, own: Integers, known: Flags) -> None:
        self.chunk = chunk
        self.tables = chunk.tables
        self.insured = insured
        self.own = own
        self.known = known
        self.found = {name: np.full(chunk.count, NONE, np.int64) for name in self._names()}

    @staticmethod
    def _names() -> Iterator[str]:
        outside = {
            "insured",
            "us_total",
            "us_counted",
            "required",
            "foreign_total",
            "foreign_used",
            "eligibility_year",
            "computation_years",
        }
        return (item.name for item in fields(AnswerColumns) if item.name not in outside)

    def run(self) -> None:
        """Fill in every amount."""
        chunk = self.chunk
        self._averages()
        rows = np.flatnonzero(self.known)
        if not rows.size:
            return
        part, basis = chunk.part, chunk.basis.take(rows)
        month = part.month[rows]
        earnings = part.earnings if rows.size == len(part) else part.earnings[:, rows]
        limited = np.minimum(earnings, self.tables.maximum[:, None])
        aime, initial = self._regular(limited, basis)
        disabled = chunk.disabled[rows]
        maximum = np.where(
            disabled,
            disability_maximum(aime, initial, self.tables),
            family_maximum(initial, basis.eligibility, self.tables),
        )
        both = apply_increases(np.stack([initial, maximum]), basis.eligibility, month, self.tables)
        pia, maximum = both[0], np.where(disabled, np.maximum(both[1], both[0]), both[1])
        pia, maximum = self._non_freeze(rows, limited, month, (pia, maximum))
        pia, maximum = self._special(rows, earnings, month, (pia, maximum))
        self.found["aime"][rows] = aime * 100
        self.found["pia"][rows] = pia * _DIME
        used = self._reindexed(rows, limited, month, pia)
        used, maximum = self._totalized(rows, earnings, month, (pia, used, maximum))
        self._pay(rows, used, maximum, month)

    def _averages(self) -> None:
        """Fill in the averages that are known before the month of benefit has figures."""
        rows = np.flatnonzero(self.chunk.averageable() & ~self.known)
        if not rows.size:
            return
        limited = np.minimum(self.chunk.part.earnings[:, rows], self.tables.maximum[:, None])
        aime, _ = self._regular(limited, self.chunk.basis.take(rows))
        self.found["aime"][rows] = aime * 100

    def _regular(self, limited: Integers, basis: BasisColumns) -> tuple[Integers, Integers]:
        aime = average(limited, basis, self.tables)
        return aime, apply_formula(aime, basis.eligibility, self.tables)

    def _non_freeze(
        self,
        rows: Integers,
        limited: Integers,
        month: Integers,
        amounts: tuple[Integers, Integers],
    ) -> tuple[Integers, Integers]:
        chunk = self.chunk
        pia, maximum = amounts
        later = np.minimum(chunk.at_62, chunk.part.waiting // 12)
        later = np.where(later - FIRST_YEAR < self.tables.years, later, chunk.basis.eligibility)
        candidates = chunk.disabled & (later != chunk.basis.eligibility)
        picked = np.flatnonzero(candidates[rows])
        if not picked.size:
            return pia, maximum
        people = rows[picked]
        needed = required(chunk.birth_year, later, self.tables)
        status = (self.own >= needed) & chunk.passes_recent(chunk.part.waiting // 3, combined=False)
        full = chunk.find_basis(later).take(people)
        basis = BasisColumns(
            full.eligibility, full.years, full.last_base, np.full(len(people), UNREACHED)
        )
        aime, initial = self._regular(limited[:, picked], basis)
        other = np.stack([initial, disability_maximum(aime, initial, self.tables)])
        other = apply_increases(other, basis.eligibility, month[picked], self.tables)
        better = status[people] & (other[0] > pia[picked])
        pia[picked] = np.where(better, other[0], pia[picked])
        most = np.maximum(other[1], other[0])
        maximum[picked] = np.where(better, most, maximum[picked])
        return pia, maximum

    def _special(
        self,
        rows: Integers,
        earnings: Integers,
        month: Integers,
        amounts: tuple[Integers, Integers],
    ) -> tuple[Integers, Integers]:
        pia, maximum = amounts
        rule = self.tables.tables.rules.special_minimum
        last = self.chunk.basis.last_base[rows] - FIRST_YEAR
        years = np.zeros(len(rows), np.int64)
        for at in np.flatnonzero(self.tables.special):
            years += (earnings[at] >= self.tables.special[at]) & (last >= at)
        counted = np.clip(years - rule.years_not_counted, 0, rule.most_years)
        start = int(rule.amount_of[:4])
        each = int(rule.per_year * _DIME)
        dimes = apply_increases(counted * each, np.full(len(rows), start), month, self.tables)
        higher = dimes > pia
        most = np.maximum(dimes * rule.family_maximum_percent // 100, maximum)
        return np.where(higher, dimes, pia), np.where(higher, most, maximum)

    def _reindexed(
        self, rows: Integers, limited: Integers, month: Integers, pia: Integers
    ) -> Integers:
        chunk = self.chunk
        used = pia.copy()
        survivors = chunk.survivors[rows] & (self.insured[rows] == REGULAR)
        people = rows[survivors]
        if not people.size:
            return used
        picked = np.flatnonzero(survivors)
        own_year, _ = calendar_of(chunk.part.survivor_birth[people])
        at_62 = chunk.at_62[people]
        year = np.maximum(chunk.basis.eligibility[people], own_year + 60)
        year = np.minimum(year, at_62)
        before = died_before_62(chunk.part.birth[people], chunk.part.death[people])
        fits = before & (year - FIRST_YEAR < self.tables.years)
        picked, people, year = picked[fits], people[fits], year[fits]
        if not picked.size:
            return used
        full = chunk.basis.take(people)
        basis = BasisColumns(year, full.years, full.last_base, full.last_counted)
        _, initial = self._regular(limited[:, picked], basis)
        later = apply_increases(initial, year, month[picked], self.tables)
        used[picked] = np.maximum(used[picked], later)
        return used

    def _totalized(
        self,
        rows: Integers,
        earnings: Integers,
        month: Integers,
        amounts: tuple[Integers, Integers, Integers],
    ) -> tuple[Integers, Integers]:
        chunk = self.chunk
        pia, used, maximum = amounts
        picked = np.flatnonzero(self.insured[rows] == TOTALIZED)
        if not picked.size:
            return used, maximum
        people = rows[picked]
        basis, months = chunk.basis.take(people), month[picked]
        held = chunk.credits.us[:, people]
        earned = earnings[:, picked]
        last_wage = self._last_wage(people, earned)
        value, counted = position(earned, held, basis.last_base, last_wage, self.tables)
        record = self._record(people, value, held, last_wage)
        record = np.minimum(record, self.tables.maximum[:, None])
        unbounded = BasisColumns(
            basis.eligibility, basis.years, basis.last_base, np.full(len(people), UNREACHED)
        )
        aime, initial = self._regular(record, unbounded)
        theory = apply_increases(initial, basis.eligibility, months, self.tables)
        denominator = 4 * basis.years
        pro_rata = self._prorate((initial, theory), counted, denominator, basis.eligibility, months)
        limit = pia[picked]
        total = np.minimum(pro_rata, limit) if chunk.limited else pro_rata
        raw = undo_increases(total, basis.eligibility, months, self.tables)
        artificial = average_behind(raw, basis.eligibility, self.tables)
        disabled = chunk.disabled[people]
        most = np.where(
            disabled,
            disability_maximum(artificial, raw, self.tables),
            family_maximum(raw, basis.eligibility, self.tables),
        )
        most = apply_increases(most, basis.eligibility, months, self.tables)
        used[picked] = total
        maximum[picked] = np.where(disabled, np.maximum(most, total), most)
        for name, column in {
            "relative_position": value,
            "theoretical_aime": aime * 100,
            "theoretical_pia": theory * _DIME,
            "quarters": counted,
            "denominator": denominator,
            "pro_rata_pia": pro_rata * _DIME,
            "totalized_pia": total * _DIME,
            "artificial_aime": artificial * 100,
        }.items():
            self.found[name][people] = column
        return used, maximum

    def _last_wage(self, people: Integers, earned: Integers) -> Integers:
        chunk = self.chunk
        eligibility = chunk.basis.eligibility[people]
        entitled, month = chunk.part.entitled[people] // 12, chunk.part.month[people] // 12
        last = np.where(entitled > eligibility, entitled, eligibility) - 2
        for later in range(int((month - entitled).max())):
            year = entitled + later
            rows = np.flatnonzero((year < month) & (year - FIRST_YEAR < self.tables.years))
            worked = rows[earned[year[rows] - FIRST_YEAR, rows] > 0]
            last[worked] = year[worked] - 1
        last = np.where(chunk.survivors[people], chunk.death_year[people] - 2, last)
        capped: Integers = np.minimum(last, self.tables.tables.last_wage_year)
        return capped

    def _record(
        self, people: Integers, value: Integers, held: Small, last_wage: Integers
    ) -> Integers:
        chunk = self.chunk
        rule = self.tables.tables.rules.computation
        first = chunk.birth_year[people] + rule.age_of_first_elapsed_year
        eligibility, death = chunk.basis.eligibility[people], chunk.death_year[people]
        stop = eligibility + (death == eligibility)
        record = theoretical(value, held, (first, stop), last_wage, self.tables)
        for row in np.flatnonzero(chunk.survivors[people]):
            at = int(death[row]) - FIRST_YEAR
            if not 0 <= at < self.tables.years or not record[at, row]:
                continue
            wage = int(self.tables.wage[min(int(death[row]), int(last_wage[row])) - FIRST_YEAR])
            quarter = int(chunk.death_month[people[row]]) // 3 % 4 + 1
            scale = 4 * 10**7
            record[at, row] = (2 * int(value[row]) * wage * quarter + scale) // (2 * scale)
        return record

    def _prorate(
        self,
        amounts: tuple[Integers, Integers],
        quarters: Integers,
        denominator: Integers,
        eligibility: Integers,
        month: Integers,
    ) -> Integers:
        initial, theory = amounts
        up = month < self.tables.tables.months_up_before
        first = self.tables.tables.order is Order.PRORATE_THEN_INCREASE
        product = (initial if first else theory) * quarters
        found = np.where(up, -(-product // denominator), product // denominator)
        return apply_increases(found, eligibility, month, self.tables) if first else found

    def _pay(self, rows: Integers, used: Integers, maximum: Integers, month: Integers) -> None:
        insured = self.insured[rows] != NOT_INSURED
        rows, used, maximum, month = rows[insured], used[insured], maximum[insured], month[insured]
        months, factor, parts = self._factors(rows, month)
        unrounded = used * factor // parts
        whole = month >= self.tables.tables.months_whole_dollars
        paid = np.where(whole, unrounded // _DIME * _DIME, unrounded)
        for name, column in {
            "months": months,
            "factor": factor,
            "factor_parts": parts,
            "benefit_unrounded": unrounded * _DIME,
            "monthly_benefit": paid * _DIME,
            "family_maximum": maximum * _DIME,
        }.items():
            self.found[name][rows] = column

    def _factors(self, rows: Integers, month: Integers) -> tuple[Integers, Integers, Integers]:
        chunk, tables = self.chunk, self.tables
        at_62 = chunk.at_62[rows]
        entitled, born = chunk.part.entitled[rows], chunk.birth_month[rows]
        full = born + tables.full_retirement[at_62 - FIRST_YEAR]
        early = np.maximum(full - entitled, 0)
        first = np.minimum(early, tables.tables.rules.reduction.first_months)
        loss = first * tables.first_reduction + (early - first) * tables.further_reduction
        latest = born + 12 * tables.tables.rules.ages.latest_credit
        end = np.minimum(entitled, latest)
        end = np.where(month < latest, np.minimum(end, month // 12 * 12), end)
        start = np.maximum(full, self._insured_from(rows, full, entitled))
        late = np.where(early > 0, 0, np.maximum(end - start, 0))
        factor = tables.parts - loss + late * tables.credit[at_62 - FIRST_YEAR]
        months = early + late
        parts = np.full(len(rows), tables.parts)
        retired = chunk.part.kind[rows] == RETIREMENT
        months, factor = np.where(retired, months, 0), np.where(retired, factor, tables.parts)
        widows = np.flatnonzero(chunk.survivors[rows])
        if widows.size:
            found = self._widow_factor(chunk.part.survivor_birth[rows[widows]], entitled[widows])
            months[widows], factor[widows], parts[widows] = found
        return months, factor, parts

    def _insured_from(self, rows: Integers, full: Integers, entitled: Integers) -> Integers:
        """Return the first month with enough US quarters, looked for only where it matters."""
        chunk = self.chunk
        start = np.zeros(len(rows), np.int64)
        matters = (self.insured[rows] == REGULAR) & (entitled > full)
        matters &= chunk.part.kind[rows] == RETIREMENT
        picked = np.flatnonzero(matters)
        if not picked.size:
            return start
        people = rows[picked]
        nothing = np.zeros(len(people), np.int64)
        quarter = full[picked] // 3
        waiting = np.ones(len(people), bool)
        while waiting.any():
            have = chunk.credits.between(people, nothing, quarter, combined=False)
            waiting &= (have < chunk.required[people]) & (quarter <= entitled[picked] // 3)
            quarter = quarter + waiting
        start[picked] = quarter * 3
        return start

    def _widow_factor(
        self, birth: Integers, entitled: Integers
    ) -> tuple[Integers, Integers, Integers]:
        earliest = self.tables.tables.rules.ages.survivor_earliest
        year, month = calendar_of(birth)
        full = self.tables.full_retirement[year + earliest - FIRST_YEAR]
        span = full - earliest * 12
        months = np.clip(month + full - entitled, 0, span)
        most = percent(self.tables.tables.rules.reduction.widow_percent_at_earliest)
        parts = span * most.denominator
        factor: Integers = parts - months * most.numerator
        return months, factor, parts
