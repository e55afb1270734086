"""A benefit record: one person's earnings, quarters and foreign coverage, as the contract gives it.

Reading is strict: what is not understood is refused by its path. What is left out stays None.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec

from totalize.law.benefits import YearMonth


class Benefit(StrEnum):
    """The benefit asked about."""

    RETIREMENT = "retirement"
    DISABILITY = "disability"
    SURVIVOR = "survivor"


class Relation(StrEnum):
    """Who the survivor is to the dead worker."""

    WIDOW = "widow"
    WIDOWER = "widower"
    DIVORCED_WIDOW = "divorced_widow"
    DIVORCED_WIDOWER = "divorced_widower"
    MOTHER = "mother"
    FATHER = "father"
    CHILD = "child"
    PARENT = "parent"
    TWO_PARENTS = "two_parents"


Quarters = Annotated[int, msgspec.Meta(ge=0, le=4)]
QuarterOfYear = Annotated[int, msgspec.Meta(ge=1, le=4)]
Units = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Survivor(_Strict, frozen=True, kw_only=True):
    """Whose survivor's benefit it is."""

    relation: Relation
    birth_date: date | None = None


class ForeignPeriod(_Strict, frozen=True, kw_only=True):
    """A certified stretch of coverage, first and last day included.

    Attributes:
        months, weeks, days: what the office certified for it, when the statement says so;
            otherwise it is counted from the dates.
    """

    start: date = msgspec.field(name="from")
    end: date = msgspec.field(name="to")
    months: Units | None = None
    weeks: Units | None = None
    days: Units | None = None


class ForeignCoverage(_Strict, frozen=True, kw_only=True):
    """Coverage in one country, as periods or as quarters by year."""

    country: str
    periods: tuple[ForeignPeriod, ...] = ()
    quarters: dict[int, Quarters] = {}


class Plan(_Strict, frozen=True, kw_only=True):
    """What the coming years may look like, for planning.

    Attributes:
        first_year: the first year to choose for; default: the year after the last earnings.
        last_year: the last one; default: the year before the worker reaches 62, and never less
            than the first.
        us_earnings: covered US earnings in a year worked under US coverage.
        country: the other system; default: the country of the first foreign coverage.
    """

    first_year: int | None = None
    last_year: int | None = None
    us_earnings: Decimal | None = None
    country: str | None = None


class Record(_Strict, frozen=True, kw_only=True):
    """One person's record; see section 4 of the contract.

    Attributes:
        earnings: covered US earnings by year in USD, before the yearly maximum.
        us_quarters: US quarters by year where they are data; from 1978 they follow from earnings.
        us_quarters_placed: in which quarters of a year before 1978 they lie, when known.
        blind: statutorily blind (disability needs no recent quarters).
        worker_entitlement: survivors: the month from which the dead worker drew a retirement
            benefit; null when never.
    """

    contract: int = 1
    birth_date: date
    benefit: Benefit = Benefit.RETIREMENT
    entitlement: YearMonth | None = None
    benefit_month: YearMonth | None = None
    onset: date | None = None
    first_waiting_month: YearMonth | None = None
    blind: bool | None = None
    death_date: date | None = None
    survivor: Survivor | None = None
    worker_entitlement: YearMonth | msgspec.UnsetType | None = msgspec.UNSET
    earnings: dict[int, Decimal]
    us_quarters: dict[int, Quarters] = {}
    us_quarters_placed: dict[int, tuple[QuarterOfYear, ...]] = {}
    foreign: tuple[ForeignCoverage, ...] = ()
    plan: Plan | None = None
