"""The column version gives what the single path gives, in whole cents."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from benefit_cases import oracle_cases, record_of
from populations import generate

from totalize.benefits import BenefitResult, Policy, answer
from totalize.benefits.columns import AnswerColumns, answer_columns, to_columns
from totalize.kernel.errors import InputError

INSURED = {"not_insured": 0, "regular": 1, "totalized": 2}


def cents(amount: Decimal | None) -> int:
    return -1 if amount is None else int(amount * 100)


def expected(found: BenefitResult) -> dict[str, int]:
    total = found.totalized
    row = {
        "insured": INSURED[found.insured],
        "us_total": found.us_quarters.total,
        "us_counted": found.us_quarters.at_entitlement,
        "required": found.us_quarters.required,
        "foreign_total": sum(part.total for part in found.foreign_quarters.values()),
        "foreign_used": sum(part.used for part in found.foreign_quarters.values()),
        "eligibility_year": found.eligibility_year,
        "computation_years": found.computation_years,
        "aime": cents(found.aime),
        "pia": cents(found.pia),
        "months": -1
        if found.months_of_reduction_or_credit is None
        else found.months_of_reduction_or_credit,
        "benefit_unrounded": cents(found.benefit_unrounded),
        "monthly_benefit": cents(found.monthly_benefit),
        "family_maximum": cents(found.family_maximum),
    }
    if total is None:
        names = (
            "relative_position theoretical_aime theoretical_pia quarters denominator "
            "pro_rata_pia totalized_pia artificial_aime"
        )
        return row | dict.fromkeys(names.split(), -1)
    return row | {
        "relative_position": int(total.relative_earnings_position * 10**7),
        "theoretical_aime": cents(total.theoretical_aime),
        "theoretical_pia": cents(total.theoretical_pia),
        "quarters": total.quarters,
        "denominator": total.denominator,
        "pro_rata_pia": cents(total.pro_rata_pia),
        "totalized_pia": cents(total.totalized_pia),
        "artificial_aime": cents(total.artificial_aime),
    }


def differences(records: list[dict[str, Any]], *, limited: bool) -> list[tuple[Any, ...]]:
    columns = answer_columns(to_columns(records), limited=limited)
    found = []
    for at, record in enumerate(records):
        for name, value in expected(answer(record, Policy(limit=limited))).items():
            own = int(getattr(columns, name)[at])
            if own != value:
                found.append((name, own, value, record))
    return found


@pytest.mark.parametrize("limited", [True, False])
def test_the_calculators_cases_come_out_equal(limited: bool) -> None:
    assert differences([record_of(case) for case in oracle_cases()], limited=limited) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_generated_people_come_out_equal(seed: int) -> None:
    assert differences(generate(700, seed), limited=True) == []


def test_months_without_figures_come_out_equal() -> None:
    later = [
        record | {"benefit_month": month}
        for month in ("2026-12", "2027-06", "2028-01")
        for record in generate(100, 4)
    ]
    assert differences(later, limited=True) == []
    found = answer_columns(to_columns(later))
    assert ((found.aime >= 0) & (found.pia < 0)).any()
    assert (found.aime < 0).any()


def test_the_generated_people_reach_every_branch() -> None:
    found = answer_columns(to_columns(generate(2100, 1)))
    kinds = to_columns(generate(2100, 1)).kind
    for insured in (0, 1, 2):
        for kind in (0, 1, 2):
            assert ((found.insured == insured) & (kinds == kind)).sum() > 10
    assert (found.pro_rata_pia > found.totalized_pia).any()
    assert (found.factor > found.factor_parts).any()


def test_the_factor_is_exact_in_its_parts() -> None:
    records = [record_of(case) for case in oracle_cases() if case["benefit_type"] == "old-age"]
    found = answer_columns(to_columns(records))
    for at, record in enumerate(records):
        factor = answer(record).age_factor
        exact = Decimal(int(found.factor[at])) / int(found.factor_parts[at])
        assert exact.quantize(Decimal("0.000001")) == factor


def test_no_column_is_a_floating_point_number() -> None:
    found = answer_columns(to_columns([record_of(oracle_cases()[0])]))
    for name in AnswerColumns.__dataclass_fields__:
        assert np.issubdtype(getattr(found, name).dtype, np.integer)


def test_threads_and_parts_change_nothing() -> None:
    records = [record_of(case) for case in oracle_cases()]
    columns = to_columns(records * 60)
    one, two = answer_columns(columns), answer_columns(columns, workers=2)
    for name in AnswerColumns.__dataclass_fields__:
        assert np.array_equal(getattr(one, name), getattr(two, name))
        assert np.array_equal(getattr(one, name)[:350], getattr(one, name)[-350:])


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"blind": True}, "[0].blind"),
        ({"worker_entitlement": "2020-01"}, "[0].worker_entitlement"),
        ({"us_quarters_placed": {1970: [1]}}, "[0].us_quarters_placed"),
        ({"foreign": [{"country": "DE"}, {"country": "FR"}]}, "[0].foreign"),
    ],
)
def test_what_only_the_single_path_knows_is_refused(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InputError) as caught:
        to_columns([record_of(oracle_cases()[0]) | change])
    assert caught.value.path == path
