"""The rows of the law: what the schema refuses, and what holds for all files."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from cost_support import COUNTRIES, held_rows, month_amounts

from totalize.kernel.errors import LawError
from totalize.law.contributions import (
    CountryContributions,
    check_country,
    load_country,
    load_titles,
)
from totalize.law.loading import load
from totalize.law.sources import Sure

GOOD = """
country: DE
currency: EUR
known_until: 2026-12-31
sources:
  page: {ref: a page, url: "https://example.org", checked_on: 2026-11-22, sure: secondary}
schemes:
  - scheme: pension
    payer: employee
    agreement_scope: true
    versions:
      - {from: 2025-01-01, to: 2025-12-31, rate: 0.09, source: page, source_date: '2025'}
      - {from: 2026-01-01, to: null, rate: 0.1, source: page, source_date: '2026'}
"""


def read(tmp_path: Path, text: str) -> CountryContributions:
    (tmp_path / "xx.yaml").write_text(text, encoding="utf-8")
    data = load("xx.yaml", CountryContributions, tmp_path)
    check_country(data, "xx.yaml")
    return data


def test_a_good_file_is_read(tmp_path):
    assert len(read(tmp_path, GOOD).schemes[0].versions) == 2


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("rate: 0.1, source: page, ", "rate: 0.1, ", "source"),
        ("rate: 0.1, source: page", "rate: 0.1, source: elsewhere", "no source named"),
        ("rate: 0.1,", "", "exactly one way"),
        ("rate: 0.1,", "rate: 0.1, unknown: why,", "exactly one way"),
        ("rate: 0.1,", "rate: 10,", "fraction"),
        ("rate: 0.1,", "rate: 0.1, colour: red,", "colour"),
        ("rate: 0.1,", "rate: 0.1, grades: none,", "no table of grades"),
        ("rate: 0.1,", "rate: 0.1, ceiling: {amount: 3, per: month, unit: UF},", "no unit"),
        ("rate: 0.1,", "rate: 0.1, ceiling: {amount: 3, per: fortnight},", "fortnight"),
        ("rate: 0.1,", "bands: [{up_to: 10, rate: 0.1}],", "no end"),
        ("from: 2026-01-01", "from: 2025-06-01", "two versions hold"),
        ("to: 2025-12-31", "to: 2024-12-31", "ends before"),
        ("source_date: '2026'", "source_date: lately", "not a year"),
        ("scheme: pension", "scheme: pensions", "no title"),
        ("agreement_scope: true", "agreement_scope: true\n    choice: {a: b}", "no such choice"),
        ("agreement_scope: true", "agreement_scope: true\n    base_minus: [x]", "nobody pays"),
        ("sure: secondary", "sure: certain", "certain"),
    ],
)
def test_a_bad_file_is_refused(tmp_path, before, after, words):
    assert before in GOOD
    with pytest.raises(LawError) as refused:
        read(tmp_path, GOOD.replace(before, after, 1))
    assert words in str(refused.value)


def test_forty_countries_are_in_the_data():
    assert len(COUNTRIES) == 40


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_country_says_for_each_payer_what_is_due_or_that_it_is_unknown(country):
    data = load_country(country)
    assert {scheme.payer.value for scheme in data.schemes} >= {"employer", "self_employed"}
    for scheme in data.schemes:
        for version in scheme.versions:
            unread = data.sure(version) is Sure.UNREAD
            assert not unread or version.unknown or version.source_date, scheme.scheme


def test_every_title_is_used_or_belongs_to_the_united_states():
    used = {scheme.scheme for country in COUNTRIES for scheme in load_country(country).schemes}
    american = {
        "oasdi",
        "medicare",
        "additional_medicare",
        "employee_credit",
        "self_employment_credit",
    }
    informational = {
        line.scheme for country in COUNTRIES for line in load_country(country).informational
    }
    assert set(load_titles()) == used | american
    assert informational <= {"pension", "auxiliary_pension", "wage_moderation"} | used


def test_informational_rows_stand_apart_and_are_never_added():
    for country in ("BE", "GR"):
        data = load_country(country)
        assert data.informational
        assert not {line.scheme for line in data.informational} & {"efka_total", "onss_global"}


def test_only_countries_with_an_agreement_settle_what_a_certificate_lifts():
    for country in ("AE", "CN", "IL", "IN", "MX", "NZ", "SG", "TH", "TR", "ZA"):
        data = load_country(country)
        assert data.scope is None
        assert {scheme.agreement_scope for scheme in data.schemes} == {None}


def test_low_pay_in_spain_counts_as_the_least_base_that_the_later_order_set_for_all_of_2024():
    # Orden PJC/281/2024 of 27 March put 1,323 in the place of 1,260, from 1 January on.
    for day in (date(2024, 1, 15), date(2024, 6, 15)):
        amounts = month_amounts(held_rows("ES", day), Decimal(700))
        assert amounts["employee", "common_contingencies"] == Decimal(1323) * Decimal("0.047")
        assert amounts["employer", "common_contingencies"] == Decimal(1323) * Decimal("0.236")


def test_whether_a_certificate_lifts_the_french_social_levies_is_left_open():
    # Both governments hold since 2019 that the agreement does not reach CSG and CRDS; whether
    # French law takes them from somebody it does not insure was not read.
    rows = [row for row in load_country("FR").schemes if row.scheme == "csg_crds"]
    assert {row.agreement_scope for row in rows} == {None}
    assert all("2019" in (row.note or "") for row in rows)


@pytest.mark.parametrize(
    ("pay", "rate"),
    [("2225", "0"), ("2225.01", "0.01"), ("2427", "0.01"), ("2630", "0.02"), ("2631", "0.0295")],
)
def test_low_pay_in_austria_owes_less_or_nothing_for_unemployment_on_the_whole_of_it(pay, rate):
    # 2026: nothing up to 2,225 a month, 1% up to 2,427, 2% up to 2,630, then the full 2.95%.
    amounts = month_amounts(held_rows("AT", date(2026, 6, 15)), Decimal(pay))
    assert amounts["employee", "unemployment"] == Decimal(pay) * Decimal(rate)
    assert amounts["employer", "unemployment"] == Decimal(pay) * Decimal("0.0295")


@pytest.mark.parametrize(
    ("family", "percent"),
    [("nobody", "4.5"), ("children", "6"), ("partner", "6.5"), ("both", "8")],
)
def test_the_uruguayan_health_contribution_grows_with_the_family_it_covers(family, percent):
    # Law 18.211, Art. 61: 4.5%, with children 6%; Art. 66: 2% more for spouse or partner.
    held = held_rows("UY", date(2026, 6, 15), choices={"UY.family": family})
    amounts = month_amounts(held, Decimal(100_000))
    assert amounts["employee", "health"] == 1_000 * Decimal(percent)
    # Law 16.713, Art. 181, and law 18.083, Art. 87.
    assert amounts["employee", "pension"] == 15_000
    assert amounts["employer", "pension"] == 7_500
