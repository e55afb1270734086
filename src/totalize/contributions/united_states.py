"""FICA and SECA of one year, on what was earned in it so far.

Both taxes count by the year: a base that is not cut for part of a year, and for the
self-employed a floor. What a month takes is therefore the tax on the earnings up to and with the
month less the tax on those before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from totalize.contributions.arithmetic import Arithmetic
from totalize.kernel.errors import InputError
from totalize.law.contributions import Payer
from totalize.law.us_contributions import Rates, USContributions, rates_of

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class USPart:
    """One product of FICA or SECA: base x rate = amount, negative for a credit."""

    scheme: str
    payer: Payer
    base: Any
    rate: Decimal
    amount: Any
    source: str


@dataclass(frozen=True, slots=True)
class USYear:
    """The figures of one year.

    Attributes:
        year: the year the figures are of, which is not the year asked for when projected.
        medicare_base: None when Medicare counts all earnings.
        credits: fraction of earnings taken off the tax, by payer.
        threshold: earnings above which the Additional Medicare Tax is due; None before it.
    """

    year: int
    oasdi_base: Decimal
    oasdi: Rates
    oasdi_source: str
    medicare_base: Decimal | None
    medicare: Rates | None
    credits: tuple[tuple[Payer, Decimal, str], ...]
    share: Decimal
    floor: Decimal
    self_employment_source: str
    threshold: Decimal | None
    additional_rate: Decimal
    additional_source: str


def figures_of(law: USContributions, year: int, filing_status: str) -> USYear:
    """Return the figures of a year with data.

    Raises:
        InputError: there are none.

    Source: 42 USC 430; IRC 1402(a)(12), 1402(b), 3101, 3111, 1401, 3101(b)(2).
    """
    oasdi = rates_of(law.oasdi_rates, year)
    if oasdi is None or year not in law.oasdi_base:
        raise InputError(
            "year",
            f"there are no figures for the United States in {year}",
            value=year,
            expected=f"a year from {law.first_year} to {law.last_year}",
            code="year_without_figures",
        )
    self_employment, additional = law.self_employment, law.additional_medicare
    medicare_base = law.medicare_base.get(year)
    return USYear(
        year=year,
        oasdi_base=law.oasdi_base[year],
        oasdi=oasdi,
        oasdi_source=oasdi.source,
        medicare_base=medicare_base,
        medicare=rates_of(law.medicare_rates, year),
        credits=tuple(
            (credit.payer, credit.rate, credit.source)
            for credit in law.credits
            if credit.year == year
        ),
        share=self_employment.share if year >= self_employment.share_from else ONE,
        floor=self_employment.floor,
        self_employment_source=self_employment.source,
        threshold=additional.thresholds[filing_status] if year >= additional.first else None,
        additional_rate=additional.rate,
        additional_source=additional.source,
    )


def tax_wages(figures: USYear, wages: Any, using: Arithmetic) -> list[USPart]:
    """Return FICA on the wages of a year so far, both shares.

    Source: IRC 3101(a), 3101(b), 3111, 3121(a)(1).
    """
    number = using.number
    parts = []
    capped = using.least(wages, number(figures.oasdi_base))
    for payer in (Payer.EMPLOYEE, Payer.EMPLOYER):
        rate = figures.oasdi.of(payer)
        parts.append(
            USPart("oasdi", payer, capped, rate, capped * number(rate), figures.oasdi_source)
        )
    if figures.medicare is not None:
        counted = (
            wages
            if figures.medicare_base is None
            else using.least(wages, number(figures.medicare_base))
        )
        for payer in (Payer.EMPLOYEE, Payer.EMPLOYER):
            rate = figures.medicare.of(payer)
            parts.append(
                USPart(
                    "medicare",
                    payer,
                    counted,
                    rate,
                    counted * number(rate),
                    figures.medicare.source,
                )
            )
    for payer, rate, source in figures.credits:
        if payer is Payer.EMPLOYEE:
            parts.append(
                USPart("employee_credit", payer, capped, -rate, -(capped * number(rate)), source)
            )
    if figures.threshold is not None:
        over = using.most(wages - number(figures.threshold), number(ZERO))
        parts.append(_additional(figures, Payer.EMPLOYEE, over, using))
    return parts


def tax_profit(figures: USYear, profit: Any, wages: Any, using: Arithmetic) -> list[USPart]:
    """Return SECA on the net profit of a year so far.

    Args:
        figures: the year.
        profit: net profit before the 92.35 percent.
        wages: wages under FICA in the same year; they fill the base first.
        using: the arithmetic of both.

    Source: IRC 1401, 1402(a)(12), 1402(b); POMS RS 01801.001.
    """
    number = using.number
    zero = number(ZERO)
    net = profit * number(figures.share)
    net = using.choose(net >= number(figures.floor), net, zero)
    room = using.most(number(figures.oasdi_base) - wages, zero)
    creditable = using.least(net, room)
    payer = Payer.SELF_EMPLOYED
    rate = figures.oasdi.of(payer)
    parts = [
        USPart("oasdi", payer, creditable, rate, creditable * number(rate), figures.oasdi_source)
    ]
    if figures.medicare is not None:
        counted = net
        if figures.medicare_base is not None:
            counted = using.least(net, using.most(number(figures.medicare_base) - wages, zero))
        rate = figures.medicare.of(payer)
        parts.append(
            USPart(
                "medicare", payer, counted, rate, counted * number(rate), figures.medicare.source
            )
        )
    for who, rate, source in figures.credits:
        if who is payer:
            amount = -(creditable * number(rate))
            parts.append(USPart("self_employment_credit", payer, creditable, -rate, amount, source))
    if figures.threshold is not None:
        left = using.most(number(figures.threshold) - wages, zero)
        over = using.most(net - left, zero)
        parts.append(_additional(figures, payer, over, using))
    return parts


def _additional(figures: USYear, payer: Payer, over: Any, using: Arithmetic) -> USPart:
    rate = figures.additional_rate
    return USPart(
        "additional_medicare",
        payer,
        over,
        rate,
        over * using.number(rate),
        figures.additional_source,
    )
