"""The monthly payment of each kind of benefit from a primary insurance amount."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import msgspec

from totalize.benefits import words
from totalize.benefits.ages import LegalBirth
from totalize.benefits.claim import Claim
from totalize.benefits.combining import first_insured_month
from totalize.benefits.explanation import Explanation
from totalize.benefits.insured import required_quarters
from totalize.benefits.monthly import (
    FULL,
    AgeFactor,
    retirement_factor,
    times,
    widow_factor,
)
from totalize.benefits.months import month_of, read_month
from totalize.benefits.primary import find_amount
from totalize.benefits.record import Benefit
from totalize.benefits.regular import Regular
from totalize.law.benefits import percent

_FOR_EVER = 10**6


def find_payment(
    claim: Claim, pia: Decimal, explanation: Explanation, *, totalized: bool
) -> tuple[AgeFactor, Decimal]:
    """Return what age does and the benefit, down to the dime.

    Source: 20 CFR 404.304 to 404.373.
    """
    if claim.benefit is Benefit.DISABILITY:
        return FULL, pia
    if claim.benefit is Benefit.SURVIVOR:
        return _survivor(claim, pia, explanation)
    insured_from = 0 if totalized else _insured_from(claim)
    age = retirement_factor(claim.birth, claim.tables, claim.entitled, claim.month, insured_from)
    words.explain_age(explanation, age, claim.full_retirement_month)
    return age, times(pia, age.factor)


def _insured_from(claim: Claim) -> int:
    """Return the first month from full retirement age on with enough US quarters.

    Source: 42 USC 402(w)(2): only months of fully insured status give delayed credit.
    """
    required = required_quarters(claim.birth, claim.tables, None, None)
    full = claim.full_retirement_month
    return first_insured_month(claim.us_quarters, frozenset(), required, full) or 0


def _survivor(claim: Claim, pia: Decimal, explanation: Explanation) -> tuple[AgeFactor, Decimal]:
    """Return a survivor's benefit: the share, reduced for age, within the widow(er)'s limit.

    Source: 20 CFR 404.338, 404.342, 404.353, 404.373; 42 USC 402(e)(2)(D).
    """
    survivor, share = claim.record.survivor, claim.share
    if survivor is None or share is None:
        raise ValueError("survivor benefit without survivor")
    words.explain_share(explanation, survivor.relation, share)
    words.warn_of_age(explanation, claim, survivor, share)
    if not share.reduced_for_age or survivor.birth_date is None:
        return FULL, times(pia, percent(share.percent))
    own = LegalBirth.of(survivor.birth_date)
    tables = claim.tables
    age = widow_factor(own, tables, claim.entitled)
    full = own.month_of_age(tables.full_retirement_months(own.year + 60))
    words.explain_age(explanation, age, full)
    worker = _worker_factor(claim, explanation)
    if worker is not None and worker.delayed:
        pia = times(pia, worker.factor)
    amount = times(pia, age.factor)
    if worker is not None and not worker.delayed and worker.months:
        explanation.warn("widow_limit")
        least = times(pia, percent(tables.rules.widow_limit.percent))
        amount = min(amount, max(times(pia, worker.factor), least))
    return age, amount


def _worker_factor(claim: Claim, explanation: Explanation) -> AgeFactor | None:
    """Return what the dead worker's own age did, None when it is unknown or nothing."""
    death, drawn = claim.record.death_date, claim.record.worker_entitlement
    if death is None:
        return None
    after = month_of(death) > claim.full_retirement_month
    if isinstance(drawn, msgspec.UnsetType):
        if after:
            explanation.warn("worker_benefit_unknown")
        return None
    if drawn is None:
        if not after:
            return None
        return retirement_factor(claim.birth, claim.tables, month_of(death), _FOR_EVER, 0)
    return retirement_factor(claim.birth, claim.tables, read_month(drawn), _FOR_EVER, 0)


def find_reindexed(claim: Claim, earnings: dict[int, Decimal], regular: Regular) -> Decimal | None:
    """Return the widow(er)'s amount by later indexing when the worker died before 62.

    None when it does not apply or is not higher.

    Source: 42 USC 402(e)(2)(B), 415(b)(3)(A)(ii); 20 CFR 404.210(c).
    """
    survivor, death, share = claim.record.survivor, claim.record.death_date, claim.share
    if survivor is None or death is None or share is None:
        return None
    if not share.reduced_for_age or survivor.birth_date is None:
        return None
    born = claim.birth.day
    if (death.year - 62, death.month, death.day) >= (born.year, born.month, born.day):
        return None
    own = LegalBirth.of(survivor.birth_date)
    at_60 = own.year + claim.tables.rules.ages.survivor_earliest
    year = min(max(claim.eligibility_year, at_60), claim.birth.year + 62)
    if year not in claim.tables.primary_bends:
        return None
    later = replace(claim.basis, eligibility_year=year)
    amount = find_amount(earnings, later, claim.tables, claim.month)
    return amount.pia if amount.pia > regular.pia else None
