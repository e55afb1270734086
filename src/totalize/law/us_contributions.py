"""Social security and Medicare taxes of the United States by year, and their loader."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import msgspec

from totalize.kernel.errors import LawError
from totalize.law.contributions import Payer
from totalize.law.loading import load
from totalize.law.sources import Citation

WHERE = "us/contributions.yaml"


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Rates(_Strict, frozen=True, kw_only=True):
    """Rates from a year on, until the next entry; None where that payer is not covered."""

    first: int = msgspec.field(name="from")
    employee: Decimal
    employer: Decimal
    self_employed: Decimal | None
    source: str
    note: str | None = None

    def of(self, payer: Payer) -> Decimal:
        """Return the rate of a payer, zero where he is not covered."""
        rates = {
            Payer.EMPLOYEE: self.employee,
            Payer.EMPLOYER: self.employer,
            Payer.SELF_EMPLOYED: self.self_employed or Decimal(0),
        }
        return rates[payer]


class Credit(_Strict, frozen=True, kw_only=True):
    """A fraction of the earnings taken off the tax of one payer in one year."""

    year: int
    payer: Payer
    rate: Decimal
    source: str


class SelfEmployment(_Strict, frozen=True, kw_only=True):
    """How net earnings from self-employment follow from net profit."""

    floor: Decimal
    share: Decimal
    share_from: int
    source: str


class AdditionalMedicare(_Strict, frozen=True, kw_only=True):
    """The tax on high earnings, by filing status."""

    first: int = msgspec.field(name="from")
    rate: Decimal
    thresholds: dict[str, Decimal]
    assumed: str
    source: str


class Refund(_Strict, frozen=True, kw_only=True):
    """The way back of tax paid by mistake, and how long it is open."""

    years: int
    deemed_month: int
    deemed_day: int
    period_source: str
    forms_source: str
    proof_source: str
    employment: tuple[str, ...]
    self_employment: tuple[str, ...]


class USContributions(_Strict, frozen=True, kw_only=True):
    """All figures of the United States."""

    sources: dict[str, Citation]
    oasdi_base: dict[int, Decimal]
    oasdi_base_source: str
    medicare_base: dict[int, Decimal]
    medicare_base_source: str
    medicare_without_base_from: int
    oasdi_rates: tuple[Rates, ...]
    medicare_rates: tuple[Rates, ...]
    credits: tuple[Credit, ...]
    self_employment: SelfEmployment
    additional_medicare: AdditionalMedicare
    exemption_source: str
    refund: Refund

    @property
    def first_year(self) -> int:
        """The first year with figures."""
        return min(self.oasdi_base)

    @property
    def last_year(self) -> int:
        """The last year with figures."""
        return max(self.oasdi_base)


@cache
def load_us() -> USContributions:
    """Return the figures of the United States, checked.

    Raises:
        LawError: they contradict their schema or themselves.
    """
    data = load(WHERE, USContributions)
    years = sorted(data.oasdi_base)
    if years != list(range(years[0], years[-1] + 1)):
        raise LawError(WHERE, "a year is missing among the bases")
    for table in (data.oasdi_rates, data.medicare_rates):
        if [rates.first for rates in table] != sorted({rates.first for rates in table}):
            raise LawError(WHERE, "rates are not in the order of years")
    used = {
        data.oasdi_base_source,
        data.medicare_base_source,
        data.self_employment.source,
        data.additional_medicare.source,
        data.exemption_source,
        data.refund.period_source,
        data.refund.forms_source,
        data.refund.proof_source,
        *(rates.source for rates in (*data.oasdi_rates, *data.medicare_rates)),
        *(credit.source for credit in data.credits),
    }
    if not used <= set(data.sources):
        raise LawError(WHERE, f"no source named {sorted(used - set(data.sources))}")
    return data


def rates_of(table: tuple[Rates, ...], year: int) -> Rates | None:
    """Return the entry that holds in a year, None before the first."""
    return next((rates for rates in reversed(table) if rates.first <= year), None)
