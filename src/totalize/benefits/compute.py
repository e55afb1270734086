"""Answer a benefit record: credits, insured status, amounts, the other side, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from totalize.benefits import words
from totalize.benefits.claim import Claim
from totalize.benefits.combining import CountryResult, combine, first_insured_month
from totalize.benefits.credits import limit_earnings
from totalize.benefits.explanation import Explanation
from totalize.benefits.foreign import describe_foreign_side
from totalize.benefits.framing import open_claim
from totalize.benefits.insured import Combined, Status, check_status, required_quarters
from totalize.benefits.monthly import AgeFactor, payment
from totalize.benefits.months import month_text
from totalize.benefits.paying import find_payment, find_reindexed
from totalize.benefits.primary import (
    Amount,
    average_behind,
    disability_family_maximum,
    family_maximum,
    find_amount,
)
from totalize.benefits.record import Benefit, Record
from totalize.benefits.regular import Regular, base_years, find_regular
from totalize.benefits.result import (
    BenefitResult,
    EarliestMonths,
    ForeignQuartersFound,
    Insured,
    NonFreeze,
    Totalized,
    UsQuartersFound,
    Zone,
)
from totalize.benefits.tables import Tables, held
from totalize.benefits.theoretical import ProRata, find_pro_rata

_MILLIONTH = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Policy:
    """Choices that the law leaves open or a reader may want otherwise.

    Attributes:
        limit: apply 20 CFR 404.1918(a)(4), which SSA's own calculator does not.
        estimate: where figures are not published yet, repeat the last published ones; otherwise
            such amounts stay open.
    """

    limit: bool = True
    estimate: bool = False


DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class _Standing:
    """Insured status: alone, with each country, and the one country that is combined."""

    alone: Status
    countries: tuple[CountryResult, ...]
    chosen: CountryResult | None

    @property
    def insured(self) -> Insured:
        if self.alone.met:
            return Insured.REGULAR
        return Insured.NOT_INSURED if self.chosen is None else Insured.TOTALIZED


@dataclass(frozen=True, slots=True)
class _Amounts:
    """What was computed; None where it was not.

    Attributes:
        main: the average and the amount at eligibility, which are known before the increases up
            to the month of benefit are.
    """

    main: Amount | None = None
    regular: Regular | None = None
    totalized: Totalized | None = None
    age: AgeFactor | None = None
    unrounded: Decimal | None = None
    paid: Decimal | None = None
    maximum: Decimal | None = None
    reindexed: Decimal | None = None


def compute(record: Record, tables: Tables, law: str, policy: Policy = DEFAULT) -> BenefitResult:
    """Return the answer to a record.

    Args:
        record: the person.
        tables: figures and rules.
        law: digest of the law data, for the answer.
        policy: choices.

    Raises:
        InputError: a needed fact is missing or impossible.

    Source: 42 USC 402, 413 to 415, 433; 20 CFR 404 subparts B, C, D, T.
    """
    explanation = Explanation(tables.sentences)
    claim, estimated = _open(record, tables, policy, explanation)
    standing = _find_standing(claim, explanation)
    words.explain_insured(explanation, claim, standing.alone, standing.countries, standing.chosen)
    amounts = _Amounts()
    if _computable(claim, explanation):
        amounts = _find_amounts(claim, standing, policy, explanation)
    elif _is_averageable(claim):
        amounts = _Amounts(main=_find_average(claim, explanation))
    earliest = _earliest(claim, standing)
    words.warn_later(explanation, claim, standing.insured, earliest, amounts.regular)
    return _assemble(claim, standing, amounts, explanation, earliest, (law, estimated))


def _open(
    record: Record, tables: Tables, policy: Policy, explanation: Explanation
) -> tuple[Claim, bool]:
    """Return the claim, with held figures where an estimate was asked for and is needed."""
    if not policy.estimate:
        return open_claim(record, tables), False
    through = max([*record.earnings, tables.last_year])
    claim = open_claim(record, held(through, tables.order, tables.root))
    needed = max(claim.eligibility_year, claim.basis.last_base_year, through)
    if needed <= tables.last_year and claim.month <= tables.last_month:
        return open_claim(record, tables), False
    explanation.warn("estimate", year=tables.last_year)
    needed = max(needed, tables.last_year)
    return replace(claim, tables=held(needed, tables.order, tables.root)), True


def _find_standing(claim: Claim, explanation: Explanation) -> _Standing:
    alone = check_status(claim, Combined(claim.us_quarters))
    found = []
    for coverage in claim.record.foreign:
        side = claim.tables.foreign_side(coverage.country)
        if side is None or not side.in_force:
            words.warn_no_agreement(explanation, coverage.country, side)
            continue
        found.append(combine(claim, coverage, side, alone))
    return _Standing(alone, tuple(found), _choose(found, alone))


def _choose(countries: list[CountryResult], alone: Status) -> CountryResult | None:
    """Return the country to combine with: one at a time, the amounts are the same for each.

    Source: 20 CFR 404.1910 (several agreements); GN 01703.100.
    """
    if alone.met:
        return None
    insured = [country for country in countries if country.insured]
    return max(insured, key=lambda country: country.quarters.total, default=None)


def _computable(claim: Claim, explanation: Explanation) -> bool:
    year, tables = claim.eligibility_year, claim.tables
    if year < tables.rules.computation.first_year_of_eligibility:
        explanation.warn("eligibility_before_1979")
        return False
    if year not in tables.primary_bends or year - 2 not in tables.average_wage:
        explanation.warn("not_under_published_figures", year=year)
        return False
    if claim.month > tables.last_month and not tables.held:
        explanation.warn("not_under_published_figures", year=month_text(claim.month))
        return False
    return True


def _is_averageable(claim: Claim) -> bool:
    """Tell whether all years that are averaged have figures, those of the benefit month aside."""
    year, tables = claim.eligibility_year, claim.tables
    return (
        year >= tables.rules.computation.first_year_of_eligibility
        and year in tables.primary_bends
        and year - 2 in tables.average_wage
        and claim.basis.last_base_year <= tables.last_year
    )


def _find_average(claim: Claim, explanation: Explanation) -> Amount:
    earnings = base_years(limit_earnings(claim.record, claim.tables), claim)
    amount = find_amount(earnings, claim.basis, claim.tables, claim.tables.last_month)
    words.explain_average(explanation, amount, claim)
    return amount


def _find_amounts(
    claim: Claim, standing: _Standing, policy: Policy, explanation: Explanation
) -> _Amounts:
    earnings = limit_earnings(claim.record, claim.tables)
    regular = find_regular(claim, earnings)
    words.explain_regular(explanation, regular, claim)
    reindexed = find_reindexed(claim, earnings, regular)
    if standing.insured is Insured.NOT_INSURED:
        return _Amounts(regular.main, regular, reindexed=reindexed)
    totalized = None
    pia, maximum = regular.pia, regular.family_maximum
    if standing.chosen is not None:
        rata = find_pro_rata(claim, regular.pia, limited=policy.limit)
        words.explain_pro_rata(explanation, rata, claim)
        average = average_behind(rata.raw, claim.eligibility_year, claim.tables)
        totalized = _totalized(rata, standing.chosen.country, average)
        pia, maximum = rata.pia, _totalized_maximum(claim, rata, average)
    elif reindexed is not None:
        pia = reindexed
        words.explain_reindexed(explanation, pia, claim)
    age, unrounded = find_payment(claim, pia, explanation, totalized=totalized is not None)
    paid = payment(unrounded, claim.month, claim.tables)
    words.explain_payment(explanation, unrounded, paid, maximum)
    return _Amounts(regular.main, regular, totalized, age, unrounded, paid, maximum, reindexed)


def _totalized(rata: ProRata, country: str, average: Decimal) -> Totalized:
    return Totalized(
        country=country,
        relative_earnings_position=rata.position.value,
        theoretical_aime=rata.theoretical.aime,
        theoretical_pia=rata.theoretical.pia,
        quarters=rata.quarters,
        denominator=rata.denominator,
        pro_rata_pia=rata.pro_rata,
        totalized_pia=rata.pia,
        theoretical_pia_at_eligibility=rata.theoretical.at_eligibility,
        artificial_aime=average,
        theoretical_earnings=dict(rata.earnings),
    )


def _totalized_maximum(claim: Claim, rata: ProRata, average: Decimal) -> Decimal:
    """Return the family maximum, always of the pro rata amount.

    Source: GN 01701.210.
    """
    if claim.benefit is Benefit.DISABILITY:
        raw = replace(rata.theoretical, aime=average, at_eligibility=rata.raw, pia=rata.pia)
        return disability_family_maximum(raw, claim.tables, claim.month)
    return family_maximum(rata.raw, claim.eligibility_year, claim.month, claim.tables)


def _earliest(claim: Claim, standing: _Standing) -> EarliestMonths | None:
    if claim.benefit is not Benefit.RETIREMENT:
        return None
    required = required_quarters(claim.birth, claim.tables, None, None)
    start = claim.birth.first_month_throughout(claim.tables.rules.ages.worker_earliest)
    alone = first_insured_month(claim.us_quarters, frozenset(), required, start)
    months = [] if alone is None else [alone]
    if claim.us_quarters.total >= claim.tables.rules.totalization.us_minimum_quarters:
        for country in standing.countries:
            found = first_insured_month(claim.us_quarters, country.quarters.placed, required, start)
            if found is not None:
                months.append(found)
    return EarliestMonths(
        None if alone is None else month_text(alone), month_text(min(months)) if months else None
    )


def _six_places(factor: Fraction) -> Decimal:
    return (Decimal(factor.numerator) / factor.denominator).quantize(_MILLIONTH)


def _zone(claim: Claim) -> Zone:
    quarters = claim.us_quarters.total
    if quarters < claim.tables.rules.totalization.us_minimum_quarters:
        return Zone.UNDER_6
    if quarters < claim.tables.rules.insured_status.most:
        return Zone.FROM_6_TO_39
    return Zone.FROM_40


def _non_freeze(regular: Regular | None) -> NonFreeze | None:
    if regular is None or regular.other is None:
        return None
    other = regular.other
    return NonFreeze(
        other.basis.eligibility_year,
        other.basis.computation_years,
        other.aime,
        other.at_eligibility,
        other.pia,
    )


def _us_quarters(claim: Claim) -> UsQuartersFound:
    return UsQuartersFound(
        claim.us_quarters.total,
        dict(claim.us_quarters.by_year),
        claim.us_quarters.through(claim.last_quarter),
        required_quarters(claim.birth, claim.tables, claim.death_year, claim.onset_year),
    )


def _foreign_quarters(country: CountryResult) -> ForeignQuartersFound:
    return ForeignQuartersFound(
        country.quarters.total,
        country.used,
        country.quarters.by_year(),
        country.insured,
        country.conversion.confirmed,
    )


def _assemble(  # noqa: PLR0917 - it only lays the parts into the contract's order
    claim: Claim,
    standing: _Standing,
    amounts: _Amounts,
    explanation: Explanation,
    earliest: EarliestMonths | None,
    made_with: tuple[str, bool],
) -> BenefitResult:
    regular, age = amounts.regular, amounts.age
    law, estimated = made_with
    return BenefitResult(
        insured=standing.insured,
        zone=_zone(claim),
        us_quarters=_us_quarters(claim),
        foreign_quarters={
            country.country: _foreign_quarters(country) for country in standing.countries
        },
        eligibility_year=claim.eligibility_year,
        computation_years=claim.basis.computation_years,
        aime=amounts.main.aime if amounts.main else None,
        pia=regular.pia if regular else None,
        totalized=amounts.totalized,
        months_of_reduction_or_credit=age.months if age else None,
        age_factor=_six_places(age.factor) if age else None,
        benefit_unrounded=amounts.unrounded,
        monthly_benefit=amounts.paid,
        family_maximum=amounts.maximum,
        steps=tuple(explanation.steps),
        foreign_side=tuple(
            describe_foreign_side(coverage, claim.tables, claim.us_quarters)
            for coverage in claim.record.foreign
        ),
        warnings=tuple(explanation.warnings),
        entitlement=month_text(claim.entitled),
        benefit_month=month_text(claim.month),
        pia_at_eligibility=amounts.main.at_eligibility if amounts.main else None,
        pia_method=regular.method if regular else None,
        non_freeze=_non_freeze(regular),
        reindexed_pia=amounts.reindexed,
        earliest_entitlement=earliest,
        estimate=estimated,
        law=law,
    )
