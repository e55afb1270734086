"""What each choice of system for the coming years does to credits and to the US amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import msgspec

from totalize.benefits.ages import LegalBirth
from totalize.benefits.compute import Policy, compute
from totalize.benefits.explanation import money_text
from totalize.benefits.months import month_text
from totalize.benefits.reading import read_record
from totalize.benefits.record import Benefit, ForeignCoverage, ForeignPeriod, Record
from totalize.benefits.result import BenefitResult, Insured, Notice
from totalize.benefits.tables import Tables, published
from totalize.kernel.errors import InputError
from totalize.kernel.plain import to_plain
from totalize.law.loading import digest

MOST_YEARS: Final = 50
_ESTIMATE: Final = Policy(estimate=True)


class Choice(StrEnum):
    """Which system covers the coming years."""

    NEITHER = "neither"
    FOREIGN = "foreign"
    US = "us"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One choice, claimed at one age.

    Attributes:
        claimed_at: `62`, `full_retirement_age` or `70`.
        monthly_benefit: about how much; None when not insured.
        missing: quarters that insured status lacks.
    """

    choice: Choice
    claimed_at: str
    entitlement: str
    insured: Insured
    us_quarters: int
    foreign_quarters: int
    monthly_benefit: Decimal | None
    missing: int


@dataclass(frozen=True, slots=True)
class PlanPoint:
    """So many of the coming years under US coverage, the rest under the other system."""

    us_years: int
    insured: Insured
    us_quarters: int
    monthly_benefit: Decimal | None


@dataclass(frozen=True, slots=True)
class FortyQuarters:
    """What 40 US quarters would change.

    Attributes:
        missing: quarters that lack now.
        us_years: years of US coverage in the plan that reach them; None when the plan does not.
        before: monthly benefit with one year less.
        after: monthly benefit with those years.
    """

    missing: int
    us_years: int | None
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The plan: all amounts in today's wages and prices, at full retirement age in `curve`."""

    first_year: int
    last_year: int
    us_earnings: Decimal
    country: str | None
    rows: tuple[PlanRow, ...]
    curve: tuple[PlanPoint, ...]
    forty_quarters: FortyQuarters
    windfall: str
    warnings: tuple[Notice, ...]
    law: str
    contract: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON-ready values."""
        plain: dict[str, Any] = to_plain(self)
        return {"contract": plain.pop("contract"), **plain}


def plan(document: Mapping[str, object] | Record, tables: Tables | None = None) -> PlanResult:
    """Compare covering the coming years by the US, by the other system, or by neither.

    Each choice is claimed at 62, at full retirement age and at 70. Figures that are not published
    yet repeat the last published ones, so that amounts are in today's wages and prices.

    Raises:
        InputError: the record cannot be used, or says too little to plan with.
    """
    record = read_record(document)
    used = published() if tables is None else tables
    if record.benefit is not Benefit.RETIREMENT:
        raise InputError(
            "benefit",
            "cannot be planned",
            value=record.benefit.value,
            expected="retirement",
            code="bad_choice",
        )
    planner = _Planner.open(record, used)
    ages = planner.ages()
    rows = tuple(
        planner.row(choice, name, month)
        for choice in planner.choices()
        for name, month in ages.items()
    )
    curve = tuple(planner.point(years, ages["full_retirement_age"]) for years in planner.steps())
    windfall = used.rules.windfall
    text = used.sentences.warnings["windfall_repealed"].text.format(
        month=windfall.first_month_without, totalized=windfall.totalized_first_month_without
    )
    return PlanResult(
        first_year=planner.first,
        last_year=planner.last,
        us_earnings=planner.earnings,
        country=planner.country,
        rows=rows,
        curve=curve,
        forty_quarters=planner.forty(curve),
        windfall=text,
        warnings=planner.warnings(),
        law=digest(used.root),
    )


@dataclass(frozen=True, slots=True)
class _Planner:
    record: Record
    tables: Tables
    first: int
    last: int
    earnings: Decimal
    country: str | None

    @classmethod
    def open(cls, record: Record, tables: Tables) -> _Planner:
        wish = record.plan
        worked = [year for year, amount in record.earnings.items() if amount]
        birth = LegalBirth.of(record.birth_date)
        known = [
            *worked,
            *(period.end.year for cover in record.foreign for period in cover.periods),
        ]
        known += [year for cover in record.foreign for year in cover.quarters]
        first = wish.first_year if wish and wish.first_year else None
        if first is None:
            if not known:
                raise InputError(
                    "plan.first_year",
                    "is missing, and nothing in the record says where to begin",
                    expected="the first year to choose for, like 2027",
                    code="missing",
                )
            first = max(known) + 1
        last = wish.last_year if wish and wish.last_year else max(first, birth.year + 61)
        if not first <= last < first + MOST_YEARS:
            raise InputError(
                "plan.last_year",
                "is out of reach",
                value=last,
                expected=f"a year from {first} to {first + MOST_YEARS - 1}",
                code="bad_number",
            )
        earnings = wish.us_earnings if wish and wish.us_earnings is not None else None
        if earnings is None:
            if not worked:
                raise InputError(
                    "plan.us_earnings",
                    "is missing, and the record has no US earnings to go by",
                    expected="yearly US earnings in USD, like 60000",
                    code="missing",
                )
            # The last year is often a part of one, so the best of the last three stands for it.
            earnings = max(record.earnings[year] for year in sorted(worked)[-3:])
        country = wish.country if wish and wish.country else None
        if country is None and record.foreign:
            country = record.foreign[0].country
        return cls(record, tables, first, last, earnings, country)

    def ages(self) -> dict[str, int]:
        birth, rules = LegalBirth.of(self.record.birth_date), self.tables.rules.ages
        full = self.tables.full_retirement_months(birth.year + 62)
        return {
            "62": birth.first_month_throughout(rules.worker_earliest),
            "full_retirement_age": birth.month_of_age(full),
            "70": birth.month_of_age(rules.latest_credit * 12),
        }

    def choices(self) -> list[Choice]:
        return [c for c in Choice if c is not Choice.FOREIGN or self.country is not None]

    def steps(self) -> range:
        return range(self.last - self.first + 2)

    def warnings(self) -> tuple[Notice, ...]:
        sentences = self.tables.sentences.warnings
        texts = {
            "plan_assumptions": sentences["plan_assumptions"].text.format(
                earnings=money_text(self.earnings),
                first=self.first,
                last=self.last,
                year=self.tables.last_year,
            )
        }
        return tuple(Notice(code, text) for code, text in texts.items())

    def row(self, choice: Choice, claimed_at: str, month: int) -> PlanRow:
        us_years = self.last - self.first + 1 if choice is Choice.US else 0
        found = self._answer(us_years, month, foreign=choice is Choice.FOREIGN)
        return PlanRow(
            choice,
            claimed_at,
            month_text(month),
            found.insured,
            found.us_quarters.at_entitlement,
            max((country.total for country in found.foreign_quarters.values()), default=0),
            found.monthly_benefit,
            self._missing(found),
        )

    def point(self, us_years: int, month: int) -> PlanPoint:
        found = self._answer(us_years, month, foreign=self.country is not None)
        return PlanPoint(
            us_years, found.insured, found.us_quarters.at_entitlement, found.monthly_benefit
        )

    def forty(self, curve: tuple[PlanPoint, ...]) -> FortyQuarters:
        needed = self.tables.rules.insured_status.most
        now = self._answer(0, self.ages()["full_retirement_age"], foreign=False).us_quarters
        reached = next((p for p in curve if p.us_years and p.us_quarters >= needed), None)
        missing = max(0, needed - now.total)
        if reached is None or not missing:
            return FortyQuarters(missing, None, None, None)
        before = curve[reached.us_years - 1].monthly_benefit
        return FortyQuarters(missing, reached.us_years, before, reached.monthly_benefit)

    def _missing(self, found: BenefitResult) -> int:
        if found.insured is not Insured.NOT_INSURED:
            return 0
        most = max((country.total for country in found.foreign_quarters.values()), default=0)
        have = found.us_quarters.at_entitlement
        minimum = self.tables.rules.totalization.us_minimum_quarters
        return max(found.us_quarters.required - have - most, minimum - have, 0)

    def _answer(self, us_years: int, month: int, *, foreign: bool) -> BenefitResult:
        """Return the answer with the first years of the plan US-covered, the rest as said."""
        turn = self.first + us_years
        earnings = self.record.earnings | dict.fromkeys(range(self.first, turn), self.earnings)
        record = msgspec.structs.replace(
            self.record,
            earnings=earnings,
            foreign=self._abroad(turn) if foreign and turn <= self.last else self.record.foreign,
            entitlement=month_text(month),
            benefit_month=None,
            plan=None,
        )
        return compute(record, self.tables, "", _ESTIMATE)

    def _abroad(self, start: int) -> tuple[ForeignCoverage, ...]:
        """Return the foreign coverage with the coming years in the plan's country added."""
        listed = list(self.record.foreign)
        at = next((i for i, cover in enumerate(listed) if cover.country == self.country), None)
        if at is None:
            listed.append(ForeignCoverage(country=self.country or ""))
            at = len(listed) - 1
        cover = listed[at]
        if cover.quarters:
            added = dict.fromkeys(range(start, self.last + 1), 4)
            listed[at] = msgspec.structs.replace(cover, quarters=cover.quarters | added)
        else:
            period = ForeignPeriod(start=date(start, 1, 1), end=date(self.last, 12, 31))
            listed[at] = msgspec.structs.replace(cover, periods=(*cover.periods, period))
        return tuple(listed)
