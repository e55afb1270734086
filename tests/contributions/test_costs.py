"""Whole costs: scenarios, years, months, refunds, choices, from hand-built stretches."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from cost_support import request_for, stretch

from totalize.contributions.assembly import ExchangeChoice, cost
from totalize.contributions.results import Shares, total_of
from totalize.kernel.errors import InputError
from totalize.law.contributions import Payer

PARITY = ExchangeChoice(given={"EUR": Decimal(1), "JPY": Decimal(100), "GBP": Decimal(1)})
BERLIN = stretch("2026-01-01", "2026-12-31", "US DE", "US")


def codes(result):
    return {warning.code for warning in result.warnings}


def test_a_certificate_from_the_us_lifts_the_german_branches_that_the_agreement_names():
    result = cost(request_for(BERLIN, yearly="60000"), PARITY)
    # 60,000 a year: pension 9.3%, health 8.75%, care 1.8% of 5,000 a month, each side.
    lifted = Decimal(60000) * (Decimal("0.093") + Decimal("0.0875") + Decimal("0.018")) * 2
    assert result.detail.saved == lifted
    # Unemployment (both) and the insolvency levy are settled by no source read.
    unsettled = Decimal(60000) * (Decimal("0.013") * 2 + Decimal("0.0015"))
    assert result.detail.saved_up_to == lifted + unsettled
    assert total_of(result.detail.with_certificate) == Decimal(60000) * Decimal("0.153") + unsettled
    assert "scope_unsettled" in codes(result)
    assert result.detail.at_least == ("DE",)


def test_what_a_certificate_does_not_lift_stays_due_and_is_named():
    result = cost(request_for(stretch("2026-01-01", "2026-12-31", "US IT", "US")), PARITY)
    staying = [w.text for w in result.warnings if w.code == "stays_due"]
    assert len(staying) == 1
    assert "Unemployment" in staying[0]
    unemployment = next(line for line in result.lines if line.scheme == "unemployment")
    assert unemployment.lifted is False
    kept = result.detail.with_certificate["IT"].employer
    assert kept >= unemployment.converted


def test_a_row_built_on_a_lifted_one_is_reckoned_again():
    # Polish health is 9% of pay less the social contributions; without those it grows.
    both = request_for(stretch("2026-01-01", "2026-12-31", "US PL", "US"), yearly="60000")
    result = cost(both, ExchangeChoice(given={"PLN": Decimal(1)}))
    pay = Decimal(60000)
    social = pay * (Decimal("0.0976") + Decimal("0.015") + Decimal("0.0245"))
    assert result.detail.without["PL"].employee == social + (pay - social) * Decimal("0.09")
    sickness = pay * Decimal("0.0245")
    with_paper = sickness + (pay - sickness) * Decimal("0.09")
    assert result.detail.with_certificate["PL"].employee == with_paper


def test_shares_add_up_to_the_lines():
    result = cost(request_for(BERLIN, yearly="90000"), PARITY)
    for system, shares in result.detail.without.items():
        lines = sum(line.converted for line in result.lines if line.system == system)
        assert abs(lines - shares.total) <= Decimal("0.05")


def test_months_of_the_year_add_up_to_the_year():
    paris = request_for(
        stretch("2025-01-01", None, "US FR", "FR"),
        yearly="250000",
        self_employed_in=frozenset({"US", "FR"}),
        as_of=date(2026, 12, 31),
    )
    result = cost(paris, PARITY)
    assert len(result.overlap) == 12
    for system in ("US", "FR"):
        months = sum(month.amounts[system] for month in result.overlap)
        assert abs(months - result.detail.without[system].total) <= Decimal("0.06")


def test_splitting_a_work_in_two_stretches_changes_nothing():
    whole = cost(request_for(BERLIN), PARITY)
    halves = cost(
        request_for(
            stretch("2026-01-01", "2026-05-11", "US DE", "US"),
            stretch("2026-05-12", "2026-12-31", "US DE", "US"),
        ),
        PARITY,
    )
    assert abs(whole.detail.saved - halves.detail.saved) <= Decimal("0.02")
    assert abs(total_of(whole.detail.without) - total_of(halves.detail.without)) <= Decimal("0.02")


def test_part_of_a_month_counts_by_its_days_and_keeps_the_us_base_whole():
    part = request_for(stretch("2026-03-16", "2026-03-31", "US DE", "US"), yearly="2400000")
    result = cost(part, PARITY)
    wages = Decimal(200000) * 16 / 31
    us = result.detail.without["US"].employer
    expected = min(wages, Decimal(184500)) * Decimal("0.062") + wages * Decimal("0.0145")
    assert us == expected.quantize(Decimal("0.01"))
    pension = next(line for line in result.lines if line.scheme == "pension")
    assert abs(pension.base - Decimal(8450) * 16 / 31) < Decimal("0.01")


def test_without_an_agreement_both_are_due_and_nothing_is_saved():
    result = cost(
        request_for(stretch("2026-01-01", "2026-12-31", "US SG", "US SG")),
        ExchangeChoice(given={"SGD": Decimal("1.3")}),
    )
    assert result.detail.saved == 0
    assert result.refunds == ()
    assert "no_certificate" in codes(result)
    # A foreigner on a work pass and the employer owe Singapore nothing.
    assert result.detail.without["SG"] == Shares()


def test_a_time_before_the_agreement_is_named_with_both_its_days():
    # Iceland's agreement is in force from 1 March 2019; the year asked about lies after it.
    before = stretch("2019-01-01", "2019-02-28", "US IS", "US IS")
    after = stretch("2019-03-01", "2026-12-31", "US IS", "US")
    result = cost(
        request_for(before, after),
        ExchangeChoice(given={"ISK": Decimal(130)}),
    )
    (said,) = [warning.text for warning in result.warnings if warning.code == "no_certificate"]
    assert "from 1 January 2019 to 28 February 2019: both may claim." in said


def test_a_national_of_the_country_is_taken_for_one():
    foreign = request_for(stretch("2026-01-01", "2026-12-31", "US SG", "US SG"))
    native = replace(foreign, citizenships=("US", "SG"))
    rates = ExchangeChoice(given={"SGD": Decimal("1.3")})
    assert cost(native, rates).detail.without["SG"].employer > 0
    assert cost(foreign, rates).detail.without["SG"].employer == 0


def test_quebec_and_the_rest_of_canada_are_never_added_together():
    canada = request_for(stretch("2026-01-01", "2026-12-31", "US CA", "US"))
    rates = ExchangeChoice(given={"CAD": Decimal(1)})
    outside = {line.scheme for line in cost(canada, rates).lines if line.system == "CA"}
    inside = replace(canada, choices={"CA.region": "quebec"})
    quebec = {line.scheme for line in cost(inside, rates).lines if line.system == "CA"}
    assert outside == {"cpp", "cpp2", "employment_insurance"}
    assert quebec == {"qpp", "qpp2", "employment_insurance", "qpip"}


def test_care_insurance_in_japan_is_due_from_40_to_64_only():
    japan = request_for(stretch("2026-04-01", "2026-12-31", "US JP", "US"), yearly="120000")

    def care(born):
        found = cost(replace(japan, birth_date=born), PARITY)
        return found, sum(line.amount for line in found.lines if line.scheme == "long_term_care")

    assert care(date(1980, 1, 1))[1] > 0
    assert care(date(1990, 1, 1))[1] == 0
    assert care(date(1960, 1, 1))[1] == 0
    # Forty on 15 August: from August on.
    turning = care(date(1986, 8, 15))[0]
    line = next(line for line in turning.lines if line.scheme == "long_term_care")
    assert (line.first, line.last) == (date(2026, 8, 1), date(2026, 12, 31))
    unknown, amount = care(None)
    assert amount == 0
    assert "age_unknown" in codes(unknown)
    assert "JP" in unknown.detail.at_least


def test_money_paid_twice_to_the_us_comes_back_within_three_years_of_the_deemed_filing():
    paris = request_for(
        stretch("2022-01-01", None, "US FR", "FR"),
        yearly="60000",
        self_employed_in=frozenset({"US", "FR"}),
        currency="USD",
    )
    result = cost(paris, PARITY)
    # French figures start in 2024, so the years before have none and no refund is reckoned.
    last_days = {refund.year: refund.last_day for refund in result.refunds}
    assert last_days == {
        2024: date(2028, 4, 15),
        2025: date(2029, 4, 15),
        2026: date(2030, 4, 15),
    }
    whole_year = Decimal(60000) * Decimal("0.9235") * Decimal("0.153")
    assert result.refunds[0].amount == whole_year.quantize(Decimal("0.01"))
    assert result.refunds[0].currency == "USD"
    assert all(refund.open for refund in result.refunds)
    assert any("Form 1040-X" in step for step in result.refunds[0].steps)
    assert result.assignment.years_without_figures == (2022, 2023)
    late = cost(replace(paris, as_of=date(2028, 4, 16), project=True), PARITY)
    assert [refund.open for refund in late.refunds if refund.year == 2024] == [False]


def test_an_employee_asks_the_employer_first():
    result = cost(
        request_for(stretch("2025-01-01", "2025-12-31", "US FR", "FR"), year=2025), PARITY
    )
    refund = next(refund for refund in result.refunds if refund.system == "US")
    assert "employer first" in refund.steps[0]
    assert any("941-X" in step for step in refund.steps)
    assert any("843" in step for step in refund.steps)
    assert refund.citations


def test_a_held_certificate_leaves_nothing_to_ask_back():
    result = cost(
        request_for(stretch("2026-01-01", "2026-12-31", "US DE", "US", held=True)), PARITY
    )
    assert result.overlap == ()
    assert result.refunds == ()
    assert result.detail.saved > 0


def test_months_still_to_come_were_not_paid_twice():
    result = cost(request_for(BERLIN, as_of=date(2026, 5, 30)), PARITY)
    assert [month.month for month in result.overlap] == ["2026-01", "2026-02", "2026-03", "2026-04"]


def test_where_the_law_leaves_a_choice_both_sides_are_compared():
    both = stretch("2026-01-01", "2026-12-31", "US IT", "US IT", settled=False, choice=True)
    result = cost(request_for(both), PARITY)
    assert [side.system for side in result.alternatives] == ["US", "IT"]
    us, italy = result.alternatives
    assert us.total < result.detail.without["US"].total + result.detail.without["IT"].total
    assert italy.total == result.detail.without["IT"].total
    assert "Italy" in us.given_up
    assert "quarters of coverage" in italy.given_up
    assert result.detail.saved == 0
    assert "coverage_open" in codes(result)


def test_a_year_without_figures_is_refused_and_projected_only_when_asked():
    munich = request_for(stretch("2027-03-01", "2030-02-28", "US DE", "US"), year=2027)
    with pytest.raises(InputError) as refused:
        cost(munich, PARITY)
    assert refused.value.code == "year_without_figures"
    assert "2027" in str(refused.value)
    result = cost(replace(munich, project=True), PARITY)
    assert result.detail.projected
    assert all(line.projected for line in result.lines)
    assert "projected" in codes(result)
    assert [year.year for year in result.assignment.years] == [2027, 2028, 2029, 2030]


def test_a_row_with_an_end_date_beyond_the_data_is_no_projection():
    thailand = request_for(stretch("2029-01-01", "2029-12-31", "TH", "TH"), year=2029)
    result = cost(thailand, ExchangeChoice(given={"THB": Decimal(35)}))
    assert not result.detail.projected
    fund = next(line for line in result.lines if line.scheme == "social_security_fund")
    assert fund.base == 240_000


def test_months_without_rows_are_named_and_the_total_is_a_lower_bound():
    result = cost(
        request_for(stretch("2025-01-01", "2025-12-31", "US LU", "US"), year=2025), PARITY
    )
    gaps = next(w.text for w in result.warnings if w.code == "months_without_figures")
    assert "January, February, March and April" in gaps
    assert "LU" in result.detail.at_least


def test_a_country_without_data_leaves_its_total_open():
    result = cost(request_for(stretch("2026-01-01", "2026-12-31", "US RO", "US RO")), PARITY)
    assert "no_figures_for_country" in codes(result)
    assert result.detail.at_least == ("RO",)


def test_chile_needs_its_rate_and_its_unit_and_never_takes_one_for_one():
    chile = request_for(stretch("2026-01-01", "2026-12-31", "US CL", "US"))
    with pytest.raises(InputError) as no_unit:
        cost(chile, ExchangeChoice())
    assert no_unit.value.path == "units.UF"
    with_unit = replace(chile, units={"UF": Decimal(39500)})
    with pytest.raises(InputError) as no_rate:
        cost(with_unit, ExchangeChoice())
    assert no_rate.value.path == "rates.CLP"
    assert "--rate CLP" in no_rate.value.expected
    result = cost(with_unit, ExchangeChoice(given={"CLP": Decimal(950)}))
    pension = next(
        line for line in result.lines if line.system == "CL" and line.scheme == "pension"
    )
    # 90.0 UF a month from February on (89.9 in January) is below 10,000 dollars a month.
    assert pension.base == Decimal("89.9") * 39500
    assert result.exchange[0].kind == "given"


def test_the_payers_follow_how_each_country_classes_the_work():
    mixed = request_for(
        stretch("2026-01-01", "2026-12-31", "US DE", "US"), self_employed_in=frozenset({"US"})
    )
    result = cost(mixed, PARITY)
    payers = {(line.system, line.payer) for line in result.lines}
    assert ("US", Payer.SELF_EMPLOYED) in payers
    assert ("DE", Payer.EMPLOYEE) in payers
    assert ("US", Payer.EMPLOYEE) not in payers


def test_other_us_wages_fill_the_base_before_the_profit():
    paris = request_for(
        stretch("2026-01-01", "2026-12-31", "US FR", "US"),
        yearly="100000",
        self_employed_in=frozenset({"US", "FR"}),
        other_us_wages=Decimal(184500),
    )
    result = cost(paris, PARITY)
    oasdi = next(line for line in result.lines if line.system == "US" and line.scheme == "oasdi")
    assert oasdi.amount == 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"filing_status": "divorced"}, "filing_status"),
        ({"other_us_wages": Decimal(1)}, "other_us_wages"),
        ({"year": 2031}, "year"),
        ({"choices": {"DE.region": "east"}}, "choices.DE.region"),
        ({"choices": {"DE.children": "three"}}, "choices.DE.children"),
        ({"units": {"UF": Decimal(1)}}, "units.UF"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "XAU"}, "currency"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change, path):
    with pytest.raises(InputError) as refused:
        cost(request_for(BERLIN, **change), PARITY)
    assert refused.value.path == path


def test_the_result_keeps_the_shape_of_the_contract():
    plain = cost(request_for(BERLIN), PARITY).to_dict()
    assert list(plain)[:4] == ["contract", "year", "currency", "work"]
    assert set(plain["without"]) == {"US", "DE", "total"}
    assert set(plain["without"]["US"]) == {"employee", "employer", "self_employed"}
    assert plain["saved"] == round(
        plain["without"]["total"] - plain["with_certificate"]["total"], 2
    )
    line = plain["lines"][0]
    for field in ("system", "scheme", "payer", "base", "rate", "amount", "currency", "source"):
        assert field in line
    assert plain["exchange"]["EUR"] == {
        "rate": 1,
        "date": None,
        "kind": "given",
        "source": "given by the user",
    }


def test_sources_that_are_old_undated_or_secondary_are_named_with_their_date():
    chile = request_for(
        stretch("2026-01-01", "2026-12-31", "US CL", "US"), units={"UF": Decimal(39500)}
    )
    result = cost(chile, ExchangeChoice(given={"CLP": Decimal(950)}))
    old = [w.text for w in result.warnings if w.code == "old_source"]
    assert any("of 2020, earlier than 2026" in text for text in old)
    slovenia = cost(request_for(stretch("2026-01-01", "2026-12-31", "US SI", "US")), PARITY)
    assert "undated_source" in codes(slovenia)
    secondary = next(w.text for w in slovenia.warnings if w.code == "not_confirmed_source")
    assert "2026" in secondary


def test_a_cost_in_a_year_without_any_due_system_says_so():
    none = request_for(stretch("2026-01-01", "2026-12-31", "", ""))
    assert "no_contributions" in codes(cost(none, PARITY))
