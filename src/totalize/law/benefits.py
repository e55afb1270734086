"""The law of the US benefit as data: yearly figures, rules, sentences, conversions."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec

from totalize.kernel.errors import LawError
from totalize.law.loading import DATA, load
from totalize.law.sources import Citation

FOLDER = "us/benefit"
YearMonth = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Ratio = Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d+)?(/\d+)?$")] | int


@cache
def percent(ratio: str | int) -> Fraction:
    """Return a percentage written in the data (`5/9`, `82.5`, `75`) as an exact fraction of one."""
    return Fraction(ratio) / 100


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Series(_Strict, frozen=True):
    """One figure for each year."""

    unit: str
    cite: Citation
    values: dict[int, Decimal]


class Bends(_Strict, frozen=True):
    """Bend points by year of eligibility, whole dollars a month."""

    unit: str
    cite: Citation
    values: dict[int, list[int]]


class Increase(_Strict, frozen=True):
    """A cost-of-living increase.

    Attributes:
        month: the month in which it takes effect.
        percent: by how much.
        paid_from: the first month of benefit for which this corrected percentage stands in the
            place of the one before it.
    """

    month: YearMonth
    percent: Decimal
    paid_from: YearMonth | None = None


class Increases(_Strict, frozen=True):
    """All increases in order of time."""

    cite: Citation
    values: list[Increase]


class Figures(_Strict, frozen=True):
    """What is announced every year."""

    average_wage: Series
    maximum_earnings: Series
    quarter_amount: Series
    special_minimum_year: Series
    primary_bends: Bends
    family_bends: Bends
    increases: Increases


class AgeStep(_Strict, frozen=True):
    """Full retirement age from one year of reaching 62 (survivors: 60) on."""

    first_year: int
    years: int
    months: int


class Ages(_Strict, frozen=True):
    """Ages at which something begins or ends."""

    cite: Citation
    worker_earliest: int
    survivor_earliest: int
    parent_earliest: int
    latest_credit: int
    full_retirement: list[AgeStep]


class Reduction(_Strict, frozen=True):
    """How much is lost for each month before full retirement age."""

    cite: Citation
    first_months: int
    first_percent: Ratio
    further_percent: Ratio
    widow_percent_at_earliest: Ratio


class CreditStep(_Strict, frozen=True):
    """Delayed credit a month from one year of reaching 62 on."""

    first_year: int
    percent: Ratio


class DelayedCredit(_Strict, frozen=True):
    """What is gained for each month after full retirement age."""

    cite: Citation
    percent_by_year_of_62: list[CreditStep]


class Computation(_Strict, frozen=True):
    """Which years are averaged."""

    cite: Citation
    first_year_of_eligibility: int
    first_base_year: int
    age_of_first_elapsed_year: int
    dropout_years: int
    disability_elapsed_per_dropout: int
    fewest_computation_years: int


class Formula(_Strict, frozen=True):
    """From the average to the primary insurance amount."""

    cite: Citation
    percents: list[int]
    amounts_up_before_eligibility: int
    increases_up_before: YearMonth
    payment_down_to_dollar_from: YearMonth


class SpecialMinimum(_Strict, frozen=True):
    """The amount for many years of low earnings."""

    cite: Citation
    per_year: Decimal
    years_not_counted: int
    most_years: int
    amount_of: YearMonth
    family_maximum_percent: int


class FamilyMaximum(_Strict, frozen=True):
    """The percentages of the slices of the primary insurance amount."""

    cite: Citation
    percents: list[int]


class DisabilityMaximum(_Strict, frozen=True):
    """The family maximum of a disabled worker."""

    cite: Citation
    percent_of_aime: int
    percent_of_pia: int


class Share(_Strict, frozen=True):
    """A survivor's part.

    Attributes:
        from_age: age from which it is paid, where it is one of its own.
        usual_last_age: age at which it ends but for students and the disabled; None: none.
    """

    percent: Ratio
    insured: str
    reduced_for_age: bool
    from_age: int | None = None
    usual_last_age: int | None = None


class Shares(_Strict, frozen=True):
    """The survivors' parts by relation."""

    cite: Citation
    percents: dict[str, Share]


class QuartersOf(_Strict, frozen=True):
    """So many quarters of coverage in so many calendar quarters."""

    quarters: int
    of: int


class Under31(_Strict, frozen=True):
    """The test of the young: half of the quarters since 21."""

    fewest_quarters: int
    fewest_of: int


class InsuredStatus(_Strict, frozen=True):
    """The roads to insured status."""

    cite: Citation
    fewest: int
    most: int
    quarters_a_year: int
    first_year_after: int
    last_year_of_given_quarters: int
    currently: QuartersOf
    disability: QuartersOf
    disability_under_31: Under31


class CitedRule(_Strict, frozen=True):
    """A rule without a number of its own."""

    cite: Citation


class CitedPercent(_Strict, frozen=True):
    """A rule that is one percentage."""

    cite: Citation
    percent: Ratio


class WaitingMonths(_Strict, frozen=True):
    """Full months between onset and the first month of a disability benefit."""

    cite: Citation
    months: int


class Order(StrEnum):
    """Whether increases or proration come first."""

    INCREASE_THEN_PRORATE = "increase_then_prorate"
    PRORATE_THEN_INCREASE = "prorate_then_increase"


class CitedOrder(_Strict, frozen=True):
    """The default order and how sure it is."""

    value: Order
    cite: Citation


class Totalization(_Strict, frozen=True):
    """The US side of combining."""

    cite: Citation
    us_minimum_quarters: int
    earliest_foreign_year: int
    order: CitedOrder


class Windfall(_Strict, frozen=True):
    """From which months on a foreign pension no longer lowers the US benefit."""

    cite: Citation
    first_month_without: YearMonth
    totalized_first_month_without: YearMonth
    totalized_cite: Citation


class Rules(_Strict, frozen=True):
    """Everything that changes only by a law."""

    ages: Ages
    reduction: Reduction
    delayed_credit: DelayedCredit
    computation: Computation
    formula: Formula
    special_minimum: SpecialMinimum
    family_maximum: FamilyMaximum
    disability_maximum: DisabilityMaximum
    shares: Shares
    insured_status: InsuredStatus
    widow_reindexing: CitedRule
    widow_limit: CitedPercent
    waiting_months: WaitingMonths
    totalization: Totalization
    windfall: Windfall


class Sentence(_Strict, frozen=True):
    """A sentence for people, with braces where figures go, and what it rests on."""

    text: str
    cite: Citation | None = None


class Sentences(_Strict, frozen=True):
    """The catalogue: steps of the explanation, warnings, fixed texts."""

    steps: dict[str, Sentence]
    warnings: dict[str, Sentence]
    texts: dict[str, str]


class Unit(StrEnum):
    """In what a foreign office certifies coverage."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Basis(StrEnum):
    """Over what stretch units are added before they are turned into quarters."""

    PERIOD = "period"
    CALENDAR_YEAR = "calendar_year"


class Placement(StrEnum):
    """Into which calendar quarters the result may be put.

    `within_period`: only quarters that the certified period touches, in order.
    `within_year`: any quarter of the calendar year, from the first on.
    """

    WITHIN_PERIOD = "within_period"
    WITHIN_YEAR = "within_year"


class Conversion(_Strict, frozen=True, kw_only=True):
    """How coverage of one country becomes US quarters.

    Attributes:
        confirmed: false when the agreement's own rule was not read and the common one stands in.
        per_quarter: units for one quarter.
        quarters_each: quarters for one group of units (4 for a calendar year of coverage).
        remainder_counts: an incomplete group still gives a quarter.
        first_year: coverage before it never counts.
        backwards_for: claims in which quarters may be placed from the end of the period instead.
        not_counted: kinds of coverage that the office must leave out, in words.
    """

    confirmed: bool
    unit: Unit
    per_quarter: int
    quarters_each: int = 1
    remainder_counts: bool
    basis: Basis
    placement: Placement
    first_year: int
    backwards_for: list[str] = []
    not_counted: list[str] = []
    units_a_month: int | None = None
    cite: Citation


class OwnMinimum(_Strict, frozen=True):
    """What the foreign side asks of its own before it counts US quarters.

    Attributes:
        months: the minimum in months of coverage; None when it is not one number or not read.
        text: the whole rule in words.
    """

    months: int | None
    text: str
    cite: Citation


class Claim(_Strict, frozen=True):
    """Where a person claims the foreign benefit."""

    at: str
    form: str | None
    cite: Citation


class FromQuarters(_Strict, frozen=True):
    """How the foreign side counts US quarters."""

    text: str
    cite: Citation


class ForeignSide(_Strict, frozen=True, kw_only=True):
    """One agreement's rules on combined benefits.

    Attributes:
        in_force: false for an agreement that is signed only; then nothing is combined.
        benefits: kinds of benefit the agreement reaches abroad.
    """

    country: str
    in_force: bool
    us_minimum_quarters: int | None
    conversion: Conversion | None
    own_minimum: OwnMinimum | None
    from_quarters: FromQuarters | None = None
    claim: Claim | None
    benefits: list[str]
    cite: Citation


@cache
def load_figures(root: Path = DATA) -> Figures:
    """Return the yearly figures."""
    return load(f"{FOLDER}/figures.yaml", Figures, root)


@cache
def load_rules(root: Path = DATA) -> Rules:
    """Return the rules that are numbers."""
    return load(f"{FOLDER}/rules.yaml", Rules, root)


@cache
def load_sentences(root: Path = DATA) -> Sentences:
    """Return the catalogue of sentences."""
    return load(f"{FOLDER}/sentences.yaml", Sentences, root)


@cache
def load_foreign_side(country: str, root: Path = DATA) -> ForeignSide | None:
    """Return the combined-benefit rules of one agreement, None when there is no agreement.

    Raises:
        LawError: the file names another country than its folder.
    """
    relative = f"agreements/{country.lower()}/totalization.yaml"
    if not (root / relative).exists():
        return None
    side = load(relative, ForeignSide, root)
    if side.country != country:
        raise LawError(relative, f"names {side.country} in the folder of {country}")
    if side.in_force and side.conversion is None:
        raise LawError(relative, "an agreement in force needs a conversion rule")
    return side


def agreement_countries(root: Path = DATA) -> list[str]:
    """Return the countries with combined-benefit rules, sorted by code."""
    found = (root / "agreements").glob("*/totalization.yaml")
    return sorted(path.parent.name.upper() for path in found)
