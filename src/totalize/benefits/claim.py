"""A record with its dates found and its credits counted: what every rule looks at."""

from __future__ import annotations

from dataclasses import dataclass

from totalize.benefits.ages import LegalBirth
from totalize.benefits.credits import UsQuarters
from totalize.benefits.primary import Basis
from totalize.benefits.record import Benefit, Record
from totalize.benefits.tables import Tables
from totalize.law.benefits import Share


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim.

    Attributes:
        birth: the worker's birth as the law sees it.
        entitled: month of entitlement.
        month: month the amounts are for.
        waiting: first month of the waiting period (disability).
        last_quarter: last calendar quarter whose credits count for insured status.
        onset_year: year in which the disability began.
        onset_quarter: first calendar quarter for which recent quarters may be tested.
        share: the survivor's part.
        basis: the years that are averaged.
    """

    record: Record
    tables: Tables
    us_quarters: UsQuarters
    birth: LegalBirth
    entitled: int
    month: int
    waiting: int | None
    last_quarter: int
    onset_year: int | None
    onset_quarter: int | None
    share: Share | None
    basis: Basis

    @property
    def benefit(self) -> Benefit:
        """The benefit asked about."""
        return self.record.benefit

    @property
    def eligibility_year(self) -> int:
        """Year of 62, of onset or of death, whichever is first."""
        return self.basis.eligibility_year

    @property
    def death_year(self) -> int | None:
        """The year of death in a survivor's claim."""
        death = self.record.death_date
        return death.year if death and self.benefit is Benefit.SURVIVOR else None

    @property
    def full_retirement_month(self) -> int:
        """The month in which the worker reaches full retirement age."""
        return self.birth.month_of_age(self.tables.full_retirement_months(self.birth.year + 62))
