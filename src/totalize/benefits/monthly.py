"""From the primary insurance amount to the payment: age, share, rounding."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from totalize.benefits.ages import LegalBirth
from totalize.benefits.tables import Tables
from totalize.kernel.money import UNIT, down_to
from totalize.law.benefits import percent


@dataclass(frozen=True, slots=True)
class AgeFactor:
    """What age at entitlement does to an amount.

    Attributes:
        months: months of reduction, or of delayed credit when `delayed`.
        delayed: the months add instead of taking away.
        factor: exact.
    """

    months: int
    delayed: bool
    factor: Fraction


FULL = AgeFactor(0, False, Fraction(1))


def retirement_factor(
    birth: LegalBirth, tables: Tables, entitled: int, month: int, insured_from: int
) -> AgeFactor:
    """Return the reduction before, or the credit after full retirement age.

    Credits count for months from full retirement age up to 70 without entitlement while insured;
    those of a year count from the next January, and all at 70.

    Args:
        birth: the worker's birth as the law sees it.
        tables: figures and rules.
        entitled: month of entitlement.
        month: month of benefit.
        insured_from: first month of fully insured status.

    Source: 20 CFR 404.313, 404.410; 42 USC 402(q), 402(w).
    """
    full = birth.month_of_age(tables.full_retirement_months(birth.year + 62))
    if entitled < full:
        months = full - entitled
        return AgeFactor(months, False, 1 - reduction(months, tables))
    latest = birth.month_of_age(tables.rules.ages.latest_credit * 12)
    end = min(entitled, latest)
    if month < latest:
        end = min(end, month // 12 * 12)
    months = max(0, end - max(full, insured_from))
    return AgeFactor(months, True, 1 + months * tables.delayed_credit(birth.year + 62))


def reduction(months: int, tables: Tables) -> Fraction:
    """Return the part that so many months before full retirement age take away."""
    rule = tables.rules.reduction
    first = min(months, rule.first_months)
    return first * percent(rule.first_percent) + (months - first) * percent(rule.further_percent)


def widow_factor(birth: LegalBirth, tables: Tables, entitled: int) -> AgeFactor:
    """Return the reduction of an aged widow(er)'s benefit: 28.5 percent at 60, in equal steps.

    Source: 20 CFR 404.410(c); 42 USC 402(q)(1).
    """
    earliest = tables.rules.ages.survivor_earliest
    full = tables.full_retirement_months(birth.year + earliest)
    months = max(0, birth.month_of_age(full) - entitled)
    span = full - earliest * 12
    # Below 60 (disability) the reduction stays that of 60.
    months = min(months, span)
    most = percent(tables.rules.reduction.widow_percent_at_earliest)
    return AgeFactor(months, False, 1 - most * months / span)


def times(amount: Decimal, factor: Fraction) -> Decimal:
    """Multiply an amount in dimes by an exact factor, down to the dime.

    Source: 20 CFR 404.304(f); 42 USC 415(g).
    """
    dimes = int(amount * 10)
    return Decimal(dimes * factor.numerator // factor.denominator) / 10


def payment(amount: Decimal, month: int, tables: Tables) -> Decimal:
    """Return what is paid: down to the dollar, in months before June 1982 the amount itself.

    Source: 20 CFR 404.304(f); 42 USC 415(g).
    """
    return down_to(amount, UNIT) if month >= tables.months_whole_dollars else amount
