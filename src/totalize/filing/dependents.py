"""The tests of somebody whom another taxpayer can claim as a dependent."""

from __future__ import annotations

from decimal import Decimal

from totalize.filing.comparisons import Comparison, agreed, reached_65
from totalize.filing.facts import FilingFacts
from totalize.filing.result import Test
from totalize.filing.wording import dollars
from totalize.law.filing import Figure, FilingLaw


def dependent_tests(facts: FilingFacts, law: FilingLaw) -> list[Test]:
    """Compare unearned, earned and gross income with a dependent's limits.

    What is unknown (age, sight, the earned part) is tried at both its ends; the limits move one
    way with each, so that the ends decide.

    Source: IRC 63(c)(5), 6012(a)(1)(C); Publication 501, Table 2.
    """
    figures = law.year.dependent
    married = facts.status.married
    each = (law.year.age_amount.married if married else law.year.age_amount.unmarried).value
    deduction = law.year.standard_deduction.single.value
    marks, missing = _marks(facts, law)
    gross, earned = facts.income, facts.earned
    ends = (Decimal(0), gross) if earned is None else (earned, earned)
    missing = (*missing, "earned") if earned is None else missing
    readings = [(part, mark * each) for part in ends for mark in marks]
    more = min(marks) * each
    row = f"{'married' if married else 'single'} dependent, {_mark_words(marks)}, {facts.tax_year}"

    def gross_limit(part: Decimal, extra: Decimal) -> Decimal:
        floor = figures.floor.value
        return max(floor, min(part, figures.earned_cap.value) + figures.added.value) + extra

    def derived(limit: Decimal, how: str) -> Figure:
        how = f"{how} + {dollars(more)}" if more else how
        return Figure(value=limit, source=figures.floor.source, derived=how)

    larger = (
        f"the larger of {dollars(figures.floor.value)} and earned income, up to "
        f"{dollars(figures.earned_cap.value)}, plus {dollars(figures.added.value)}"
    )
    comparisons = [
        Comparison(
            code="dependent_unearned",
            figure=derived(figures.floor.value + more, dollars(figures.floor.value)),
            amount=None if earned is None else gross - earned,
            met=agreed(gross - part > figures.floor.value + extra for part, extra in readings),
            row=row,
            missing=missing,
        ),
        Comparison(
            code="dependent_earned",
            figure=derived(deduction + more, dollars(deduction)),
            amount=earned,
            met=agreed(part > deduction + extra for part, extra in readings),
            row=row,
            missing=missing,
        ),
        Comparison(
            code="dependent_gross",
            figure=derived(gross_limit(ends[1], more), larger),
            amount=gross,
            met=agreed(gross > gross_limit(part, extra) for part, extra in readings),
            row=row,
            missing=missing,
        ),
    ]
    if married:
        comparisons.append(_spouse_itemizes(facts, law, row))
    return [comparison.test(law) for comparison in comparisons]


def _spouse_itemizes(facts: FilingFacts, law: FilingLaw, row: str) -> Comparison:
    figure = law.year.dependent.spouse_itemizes
    reached = facts.income >= figure.value
    return Comparison(
        code="dependent_spouse_itemizes",
        figure=figure,
        amount=facts.income,
        met=facts.spouse_itemizes if reached else False,
        row=row,
        missing=("spouse_itemizes",),
    )


def _marks(facts: FilingFacts, law: FilingLaw) -> tuple[set[int], tuple[str, ...]]:
    """Return how many of the two marks (65 or older, blind) may apply, and what is missing."""
    aged = None
    if facts.birth_date is not None:
        aged = reached_65(facts.birth_date, facts.tax_year, law.rules.age.years)
    counts, missing = {0}, []
    for path, mark in (("worker.birth_date", aged), ("blind", facts.blind)):
        if mark is None:
            missing.append(path)
        options = (0, 1) if mark is None else (int(mark),)
        counts = {count + extra for count in counts for extra in options}
    return counts, tuple(missing)


def _mark_words(marks: set[int]) -> str:
    words = ("under 65 and not blind", "65 or older or blind", "65 or older and blind")
    return words[min(marks)] + ("" if len(marks) == 1 else ", age or sight not known")
