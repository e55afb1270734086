"""What must hold for everybody."""

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from populations import generate

from totalize.benefits import Policy, answer
from totalize.benefits.binary import half_is_reached
from totalize.benefits.result import Insured
from totalize.benefits.tables import published
from totalize.law.benefits import Order

PEOPLE = generate(400, 77)


def person() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(PEOPLE)


@settings(max_examples=120)
@given(record=person(), more=st.integers(1, 60000), at=st.integers(0, 60))
def test_more_earnings_never_lower_the_amount(record: dict[str, Any], more: int, at: int) -> None:
    years = sorted(record["earnings"])
    if not years:
        return
    year = years[at % len(years)]
    # Quarters are given too, so that only the earnings change.
    quarters = answer(record).us_quarters.by_year
    kept = record | {"us_quarters": {y: quarters.get(y, 0) for y in years}}
    raised = kept | {
        "earnings": record["earnings"] | {year: str(Decimal(record["earnings"][year]) + more)}
    }
    before, after = answer(kept), answer(raised)
    assert before.pia is not None
    assert after.pia is not None
    assert after.pia >= before.pia


@settings(max_examples=120)
@given(record=person())
def test_combining_never_loses_what_us_quarters_alone_give(record: dict[str, Any]) -> None:
    alone = answer({name: value for name, value in record.items() if name != "foreign"})
    both = answer(record)
    if alone.insured is Insured.REGULAR:
        assert both.insured is Insured.REGULAR
        assert both.monthly_benefit == alone.monthly_benefit
    assert both.pia == alone.pia
    if both.insured is Insured.TOTALIZED:
        assert both.us_quarters.at_entitlement >= 6
        assert alone.insured is Insured.NOT_INSURED


@settings(max_examples=150)
@given(record=person())
def test_the_totalized_amount_is_never_above_the_limit(record: dict[str, Any]) -> None:
    found = answer(record)
    if found.totalized is not None:
        assert found.pia is not None
        assert found.totalized.totalized_pia <= found.totalized.pro_rata_pia
        assert found.totalized.totalized_pia <= found.pia


@settings(max_examples=60)
@given(record=person(), seed=st.integers(0, 99))
def test_the_order_of_years_and_periods_does_not_matter(record: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    years = list(record["earnings"].items())
    chance.shuffle(years)
    shuffled = record | {"earnings": dict(years)}
    if "foreign" in record:
        periods = list(record["foreign"][0]["periods"])
        chance.shuffle(periods)
        shuffled["foreign"] = [record["foreign"][0] | {"periods": periods}]
    assert answer(shuffled) == answer(record)


@settings(max_examples=60)
@given(record=person())
def test_prorating_first_gives_at_most_about_a_dollar_less(record: dict[str, Any]) -> None:
    other = answer(record, tables=published(Order.PRORATE_THEN_INCREASE))
    first = answer(record)
    if first.totalized is not None and other.totalized is not None:
        gap = first.totalized.pro_rata_pia - other.totalized.pro_rata_pia
        assert Decimal("-0.5") <= gap <= Decimal(3)


@settings(max_examples=300)
@given(
    ratios=st.lists(st.integers(1, 26_000_000), min_size=1, max_size=9),
    quarters=st.sampled_from([4, 8, 12, 16, 20, 24, 32]),
)
def test_a_half_is_decided_as_binary_addition_decides_it(ratios: list[int], quarters: int) -> None:
    if (8 * sum(ratios)) % quarters or (8 * sum(ratios) // quarters) % 2 == 0:
        return
    total = 0.0
    for ratio in ratios:
        total += ratio / 1e7
    by_floats = int(40000000.0 * total / quarters + 0.5) > 4 * sum(ratios) // quarters
    assert half_is_reached(ratios, 10**7, quarters) == by_floats


def test_the_same_record_gives_the_same_answer_with_the_law_it_used() -> None:
    first, second = answer(PEOPLE[0]), answer(PEOPLE[0])
    assert first == second
    assert len(first.law) == 16


@pytest.mark.parametrize("policy", [Policy(), Policy(limit=False), Policy(estimate=True)])
def test_every_step_has_a_provision_and_no_brace_left(policy: Policy) -> None:
    for record in PEOPLE[:120]:
        found = answer(record, policy)
        for step in found.steps:
            assert step.citation
            assert "{" not in step.what + step.value
        for notice in found.warnings:
            assert "{" not in notice.text
