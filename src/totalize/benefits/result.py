"""The answer: section 4 of the contract, frozen, one field a question."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from totalize.kernel.plain import to_plain


class Insured(StrEnum):
    """On what the benefit rests."""

    REGULAR = "regular"
    TOTALIZED = "totalized"
    NOT_INSURED = "not_insured"


class Zone(StrEnum):
    """Where the number of US quarters lies."""

    UNDER_6 = "under_6"
    FROM_6_TO_39 = "6_to_39"
    FROM_40 = "40_or_more"


@dataclass(frozen=True, slots=True)
class UsQuartersFound:
    """US quarters.

    Attributes:
        total: all on the record.
        by_year: years with at least one.
        at_entitlement: those that count for insured status at entitlement (survivors: at death).
        required: quarters needed to be fully insured.
    """

    total: int
    by_year: dict[int, int]
    at_entitlement: int
    required: int


@dataclass(frozen=True, slots=True)
class ForeignQuartersFound:
    """Quarters from one country.

    Attributes:
        total: all that can be credited beside the US quarters.
        used: those that the claim needs; 0 when combining is not needed or does not suffice.
        by_year: where they lie.
        insured: combined with the US quarters they suffice.
        confirmed: the agreement's own conversion rule was read.
    """

    total: int
    used: int
    by_year: dict[int, int]
    insured: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Totalized:
    """The amount from combined credits; field by field 20 CFR 404.1918.

    Attributes:
        pro_rata_pia: before the limit of 404.1918(a)(4).
        totalized_pia: after it.
        theoretical_earnings: the theoretical record, before the yearly maximum.
        artificial_aime: the average that would give the amount; the disability maximum needs it.
    """

    country: str
    relative_earnings_position: Decimal
    theoretical_aime: Decimal
    theoretical_pia: Decimal
    quarters: int
    denominator: int
    pro_rata_pia: Decimal
    totalized_pia: Decimal
    theoretical_pia_at_eligibility: Decimal
    artificial_aime: Decimal
    theoretical_earnings: dict[int, Decimal]


@dataclass(frozen=True, slots=True)
class NonFreeze:
    """The computation that leaves the disability period aside, when it gave more."""

    eligibility_year: int
    computation_years: int
    aime: Decimal
    pia_at_eligibility: Decimal
    pia: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the explanation."""

    code: str
    what: str
    value: str
    citation: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must know beside the answer."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ForeignSideFound:
    """What to know about the benefit of the other country. No foreign amount is computed.

    Attributes:
        own_minimum: its own minimum in words, None when it was not read.
        meets_own_minimum: whether the record's coverage reaches it; None when that is unknown.
        claim_at: where to claim.
        form: the form, None when none was found.
        text: what a US claim does there.
        citation: the provision for the minimum.
    """

    country: str
    own_minimum: str | None
    meets_own_minimum: bool | None
    claim_at: str | None
    form: str | None
    counts_us_quarters: str | None
    text: str
    citation: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class EarliestMonths:
    """The first month of entitlement to retirement, None when this record never reaches it."""

    us_only: str | None
    combined: str | None


@dataclass(frozen=True, slots=True)
class BenefitResult:
    """The whole answer.

    Attributes:
        law: digest of the law data used.
        aime: on the US record alone (disability: with the years of disability left out).
        pia: on the US record alone; the higher one where there are two computations.
        months_of_reduction_or_credit: months before or after full retirement age that count.
        estimate: figures past the last published year were held; the amounts are estimates.
    """

    insured: Insured
    zone: Zone
    us_quarters: UsQuartersFound
    foreign_quarters: dict[str, ForeignQuartersFound]
    eligibility_year: int
    computation_years: int
    aime: Decimal | None
    pia: Decimal | None
    totalized: Totalized | None
    months_of_reduction_or_credit: int | None
    age_factor: Decimal | None
    benefit_unrounded: Decimal | None
    monthly_benefit: Decimal | None
    family_maximum: Decimal | None
    steps: tuple[Step, ...]
    foreign_side: tuple[ForeignSideFound, ...]
    warnings: tuple[Notice, ...]
    entitlement: str
    benefit_month: str
    pia_at_eligibility: Decimal | None
    pia_method: str | None
    non_freeze: NonFreeze | None
    reindexed_pia: Decimal | None
    earliest_entitlement: EarliestMonths | None
    estimate: bool
    law: str
    contract: int = field(default=1)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of section 4 of the contract."""
        plain: dict[str, Any] = to_plain(self)
        return {"contract": plain.pop("contract"), **plain}
