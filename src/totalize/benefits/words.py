"""Put figures into the sentences of the catalogue, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from totalize.benefits.ages import LegalBirth
from totalize.benefits.claim import Claim
from totalize.benefits.combining import CountryResult
from totalize.benefits.explanation import Explanation, money_text, plain_text
from totalize.benefits.insured import Status, Test
from totalize.benefits.monthly import AgeFactor
from totalize.benefits.months import month_text, quarter_text, read_month
from totalize.benefits.primary import Amount
from totalize.benefits.record import Benefit, Relation, Survivor
from totalize.benefits.regular import Regular
from totalize.benefits.result import EarliestMonths, Insured
from totalize.benefits.tables import Tables
from totalize.benefits.theoretical import ProRata
from totalize.kernel.countries import in_sentence
from totalize.law.benefits import ForeignSide, Order, Share, Unit


def explain_insured(
    explanation: Explanation,
    claim: Claim,
    alone: Status,
    countries: tuple[CountryResult, ...],
    chosen: CountryResult | None,
) -> None:
    """Say how insured status was found, and what is missing where it is not."""
    explanation.step("us_quarters", str(claim.us_quarters.total))
    unknown = claim.us_quarters.unknown_years
    if unknown:
        explanation.warn("quarters_before_1978_unknown", years=_years(unknown))
    for test in alone.tests:
        _explain_test(explanation, test, claim)
    for country in countries:
        _explain_country(explanation, claim, country, chosen)
    if not alone.met and chosen is None:
        _explain_missing(explanation, claim, alone, countries)


def _explain_missing(
    explanation: Explanation, claim: Claim, alone: Status, countries: tuple[CountryResult, ...]
) -> None:
    minimum = claim.tables.rules.totalization.us_minimum_quarters
    if claim.us_quarters.through(claim.last_quarter) < minimum:
        explanation.warn("under_minimum", minimum=minimum)
    elif countries:
        missing = min(country.status.missing for country in countries)
        explanation.warn("still_missing", missing=missing)
    else:
        explanation.warn("no_foreign_coverage", missing=alone.missing)


def _explain_test(explanation: Explanation, test: Test, claim: Claim) -> None:
    first, last = test.window or (0, claim.last_quarter)
    explanation.step(
        test.name,
        "met" if test.met else "not met",
        needed=test.needed,
        found=test.found,
        first=quarter_text(first),
        through=quarter_text(last),
    )


def _explain_country(
    explanation: Explanation,
    claim: Claim,
    country: CountryResult,
    chosen: CountryResult | None,
) -> None:
    name = in_sentence(country.country)
    conversion = country.conversion
    explanation.step(
        "foreign_quarters",
        str(country.used),
        conversion.cite,
        country=name,
        total=country.quarters.total,
        used=country.used,
    )
    for test in country.status.tests:
        explanation.step(
            f"combined_{test.name}",
            "met" if test.met else "not met",
            country=name,
            found=test.found,
            needed=test.needed,
        )
    if not conversion.confirmed:
        explanation.warn("unconfirmed_conversion", country=name)
    if country.quarters.from_dates and conversion.unit in {Unit.WEEK, Unit.DAY}:
        explanation.warn("units_from_dates", country=name, unit=conversion.unit.value)
    us_quarters = claim.us_quarters
    shared = {quarter // 4 for quarter in country.quarters.placed} & us_quarters.by_year.keys()
    last_given = claim.tables.rules.insured_status.last_year_of_given_quarters
    assumed = sorted(y for y in shared if y <= last_given and y not in us_quarters.placed)
    if assumed:
        explanation.warn("quarter_places_assumed", years=_years(assumed))
    if chosen is country and claim.benefit is Benefit.DISABILITY:
        explanation.warn("foreign_used_for_disability")


def _years(years: Iterable[int]) -> str:
    return ", ".join(str(year) for year in years)


def warn_no_agreement(explanation: Explanation, country: str, side: ForeignSide | None) -> None:
    """Say that coverage of a country cannot be combined."""
    code = "no_agreement" if side is None else "agreement_not_in_force"
    explanation.warn(code, country=in_sentence(country))


def _direction(up: bool) -> str:
    return "up" if up else "down"


def _increases(tables: Tables, year: int, month: int) -> int:
    return sum(
        increase.month // 12 >= year
        and increase.month <= month
        and increase.paid_from <= month < increase.paid_before
        for increase in tables.increases
    )


def explain_average(explanation: Explanation, main: Amount, claim: Claim) -> None:
    """Say how the average and the amount at eligibility on the US record alone came about."""
    basis = main.basis
    explanation.step("eligibility", str(basis.eligibility_year))
    explanation.step(
        "computation_years",
        str(basis.computation_years),
        elapsed=basis.elapsed_years,
        dropped=basis.dropout_years,
    )
    explanation.step(
        "indexing",
        money_text(main.total),
        indexing_year=basis.indexing_year,
        years=basis.computation_years,
    )
    explanation.step(
        "aime",
        plain_text(main.aime),
        total=money_text(main.total),
        months=12 * basis.computation_years,
    )
    _explain_at_eligibility(explanation, main, "pia", claim)


def explain_regular(explanation: Explanation, regular: Regular, claim: Claim) -> None:
    """Say how the amount on the US record alone came about."""
    explain_average(explanation, regular.main, claim)
    _explain_increased(explanation, regular.main, "pia", claim)
    if regular.other is not None:
        explanation.step(
            "non_freeze",
            money_text(regular.other.pia),
            year=regular.other.basis.eligibility_year,
            aime=plain_text(regular.other.aime),
        )
    if regular.special_years is not None:
        explanation.step("special_minimum", money_text(regular.pia), years=regular.special_years)


def _explain_at_eligibility(
    explanation: Explanation, amount: Amount, code: str, claim: Claim
) -> None:
    year, tables = amount.basis.eligibility_year, claim.tables
    first, second = tables.primary_bends[year]
    explanation.step(
        f"{code}_at_eligibility",
        money_text(amount.at_eligibility),
        first=f"{first:,}",
        second=f"{second:,}",
        direction=_direction(year < tables.rules.formula.amounts_up_before_eligibility),
    )


def _explain_increased(explanation: Explanation, amount: Amount, code: str, claim: Claim) -> None:
    explanation.step(
        code,
        money_text(amount.pia),
        count=_increases(claim.tables, amount.basis.eligibility_year, claim.month),
        month=month_text(claim.month),
    )


def explain_reindexed(explanation: Explanation, pia: Decimal, claim: Claim) -> None:
    """Say that the widow(er)'s amount rests on later indexing."""
    explanation.step("reindexed", money_text(pia), year=claim.birth.year + 60)


def explain_pro_rata(explanation: Explanation, rata: ProRata, claim: Claim) -> None:
    """Say how the totalized amount came about."""
    explanation.step("relative_earnings_position", str(rata.position.value), quarters=rata.quarters)
    explanation.step(
        "theoretical_aime",
        plain_text(rata.theoretical.aime),
        first=min(rata.earnings, default=claim.eligibility_year),
        last=max(rata.earnings, default=claim.eligibility_year),
    )
    _explain_at_eligibility(explanation, rata.theoretical, "theoretical_pia", claim)
    _explain_increased(explanation, rata.theoretical, "theoretical_pia", claim)
    explanation.step(
        "pro_rata",
        money_text(rata.pro_rata),
        quarters=rata.quarters,
        denominator=rata.denominator,
        direction=_direction(claim.month < claim.tables.months_up_before),
    )
    explanation.step("limit", money_text(rata.pia), limit=money_text(rata.limit))
    increased = _increases(claim.tables, claim.eligibility_year, claim.month)
    if claim.tables.order is Order.INCREASE_THEN_PRORATE and increased:
        explanation.warn("order_of_increases")


def explain_age(explanation: Explanation, age: AgeFactor, full: int) -> None:
    """Say what age at entitlement does; `full` is the month of full retirement age."""
    if age.months:
        factor = Decimal(age.factor.numerator) / age.factor.denominator
        explanation.step(
            "delayed_credit" if age.delayed else "reduction",
            f"{factor:.6f}",
            months=age.months,
            full=month_text(full),
        )


def explain_share(explanation: Explanation, relation: Relation, share: Share) -> None:
    """Say which part a survivor gets."""
    explanation.step(
        "share",
        f"{share.percent} percent",
        relation=relation.value.replace("_", " "),
        percent=share.percent,
    )


def warn_of_age(explanation: Explanation, claim: Claim, survivor: Survivor, share: Share) -> None:
    """Warn where a child's benefit usually has ended, or where its age is not known.

    Source: 20 CFR 404.350, 404.352.
    """
    if share.usual_last_age is None:
        return
    if survivor.birth_date is None:
        explanation.warn("survivor_age_unknown", age=share.usual_last_age)
        return
    ends = LegalBirth.of(survivor.birth_date).month_of_age(12 * share.usual_last_age)
    if claim.month >= ends:
        explanation.warn("survivor_over_age", age=share.usual_last_age, month=month_text(ends))


def explain_payment(
    explanation: Explanation, unrounded: Decimal, paid: Decimal, maximum: Decimal
) -> None:
    """Say what is paid."""
    explanation.step("benefit_unrounded", money_text(unrounded))
    explanation.step("monthly_benefit", money_text(paid))
    explanation.step("family_maximum", money_text(maximum))
    explanation.warn("parts_not_modelled")


def warn_later(
    explanation: Explanation,
    claim: Claim,
    insured: Insured,
    earliest: EarliestMonths | None,
    regular: Regular | None,
) -> None:
    """Warn of what changes later, and of old rules that a past month falls under."""
    if insured is Insured.TOTALIZED and earliest is not None and earliest.us_only is not None:
        if read_month(earliest.us_only) <= claim.month and regular is not None:
            explanation.warn(
                "insured_on_us_quarters_later",
                month=earliest.us_only,
                pia=money_text(regular.pia),
            )
        else:
            explanation.warn("without_combining_later", month=earliest.us_only)
    rules = claim.tables.rules
    first_without = rules.windfall.first_month_without
    if claim.record.foreign and insured is not Insured.NOT_INSURED:
        if claim.month >= read_month(first_without):
            since = rules.windfall.totalized_first_month_without
            explanation.warn("windfall_repealed", month=first_without, totalized=since)
        elif insured is Insured.REGULAR and claim.benefit is not Benefit.SURVIVOR:
            explanation.warn("pension_rule_before_2024", month=first_without)
    if claim.waiting is not None:
        due = claim.waiting + rules.waiting_months.months
        if claim.entitled < due:
            explanation.warn("waiting_period", waiting=month_text(claim.waiting))
