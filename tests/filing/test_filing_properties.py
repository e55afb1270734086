"""What holds for every year, status and income."""

from __future__ import annotations

from typing import Any

from filing_support import answer, facts_of
from hypothesis import given, settings
from hypothesis import strategies as st

from totalize.filing.assess import assess_filing
from totalize.filing.facts import Status
from totalize.filing.text import write_filing
from totalize.law.filing import filing_years

MAYBE = st.sampled_from([None, True, False])
BIRTHS = st.sampled_from(
    [None, "1930-06-01", "1960-01-01", "1961-01-01", "1961-01-02", "1999-09-09"]
)
SYSTEMS = st.sampled_from([["FR"], ["US"], ["US", "FR"], [], None])
ORDER = {"no_test_met": 0, "open": 1, "required": 2}


@st.composite
def works(draw: st.DrawFn) -> list[dict[str, Any]]:
    work: dict[str, Any] = {
        "activity": draw(st.sampled_from(["employment", "self_employment"])),
        "country": "FR",
        "covered": [
            {
                "from": "2020-01-01",
                "to": None,
                "covered_by": draw(SYSTEMS),
                "otherwise": draw(st.sampled_from([["US", "FR"], ["FR"], None])),
            }
        ],
    }
    if draw(st.booleans()):
        issuer = draw(st.sampled_from(["FR", "US"]))
        work["certificate"] = {
            "issued_by": issuer,
            "from": draw(st.sampled_from(["2019-01-01", "2024-07-01"])),
            "to": draw(st.sampled_from([None, "2024-12-31", "2030-01-01"])),
        }
    return [work]


@st.composite
def years(draw: st.DrawFn, *, known: bool = False) -> dict[str, Any]:
    """Draw a year of a US person; `known` leaves nothing out."""
    truth = st.booleans() if known else MAYBE
    birth = BIRTHS.filter(bool) if known else BIRTHS
    status = draw(st.sampled_from(list(Status)))
    income = draw(st.integers(0, 40_000) | st.integers(0, 400_000))
    part = st.integers(0, income)
    found: dict[str, Any] = {
        "tax_year": draw(st.sampled_from(filing_years())),
        "status": status.value,
        "income": income,
        "earned": draw(part if known else part | st.none()),
        "self_employment": draw(part if known else part | st.none()),
        "dependent": draw(truth),
        "blind": draw(truth),
        "qualifies_abroad": draw(truth),
        "special_items": [] if known else draw(st.sampled_from([None, []])),
        "worker": {"birth_date": draw(birth)},
        "work": draw(works()),
    }
    if found["work"][0]["activity"] == "employment":
        # The case lists all work of the year, so there is no profit without self-employment.
        found["self_employment"] = None
    if status.married:
        found["spouse_birth_date"] = draw(birth)
        found["lived_with_spouse"] = draw(truth)
        found["spouse_itemizes"] = draw(truth)
    if status is Status.MARRIED_JOINT:
        found["dependent"] = found["spouse_itemizes"] = False if known else None
    last = draw(st.integers(0, 500_000))
    found["foreign_assets_year_end"] = last if known else draw(st.sampled_from([last, None]))
    found["foreign_assets_highest"] = last + draw(st.integers(0, 200_000))
    found["foreign_accounts"] = draw(st.integers(0, 20_000))
    return found


FACTS = (
    "earned",
    "self_employment",
    "dependent",
    "blind",
    "qualifies_abroad",
    "special_items",
    "spouse_birth_date",
    "lived_with_spouse",
    "spouse_itemizes",
    "foreign_assets_year_end",
    "foreign_assets_highest",
    "foreign_accounts",
)


@settings(deadline=None, max_examples=150)
@given(full=years(known=True), hidden=st.sets(st.sampled_from([*FACTS, "birth_date"])))
def test_what_is_settled_without_a_fact_stays_so_with_it(
    full: dict[str, Any], hidden: set[str]
) -> None:
    less = {name: value for name, value in full.items() if name not in hidden}
    if "birth_date" in hidden:
        less["worker"] = {"birth_date": None}
    before, after = answer(less), answer(full)
    known, settled = before["income_tax_return"]["outcome"], after["income_tax_return"]["outcome"]
    assert settled != "open"
    # The ordinary test is read for whoever is not known to be a dependent (see ADR 0040).
    if known != "open" and not (full["dependent"] and "dependent" in hidden):
        assert known == settled
    for one, other in zip(before["account_reports"], after["account_reports"], strict=True):
        assert other["met"] is not None
        if one["met"] is not None:
            assert one["met"] == other["met"]


@settings(deadline=None, max_examples=100)
@given(years())
def test_what_is_open_names_what_would_settle_it(year: dict[str, Any]) -> None:
    box = answer(year)["income_tax_return"]
    assert (box["outcome"] == "open") == bool(box["missing"])
    for test in box["tests"]:
        assert (test["met"] is None) == bool(test["missing"])
        assert test["sources"]


@settings(deadline=None, max_examples=80)
@given(years(known=True), st.integers(0, 100_000))
def test_more_unearned_income_never_takes_a_duty_away(year: dict[str, Any], more: int) -> None:
    less = answer(year)["income_tax_return"]["outcome"]
    richer = answer(year | {"income": year["income"] + more})["income_tax_return"]["outcome"]
    assert ORDER[richer] >= ORDER[less]


@settings(deadline=None, max_examples=80)
@given(years())
def test_no_certificate_moves_the_first_or_the_third_box(year: dict[str, Any]) -> None:
    bare = [
        {name: value for name, value in work.items() if name != "certificate"}
        for work in year["work"]
    ]
    held = [
        {**work, "certificate": {"issued_by": "FR", "from": "2019-01-01", "to": None}}
        for work in bare
    ]
    one, other = answer(year | {"work": bare}), answer(year | {"work": held})
    assert one["income_tax_return"] == other["income_tax_return"]
    assert one["account_reports"] == other["account_reports"]


@settings(deadline=None, max_examples=60)
@given(years())
def test_the_printed_answer_fits_and_never_says_that_nothing_has_to_be_filed(
    year: dict[str, Any],
) -> None:
    facts, law = facts_of(year)
    text = write_filing(assess_filing(facts, law))
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split()).lower()
    for words in (
        "need not file",
        "have to file nothing",
        "not have to file",
        "exempt from filing",
    ):
        assert words not in flat


@settings(deadline=None, max_examples=60)
@given(years())
def test_words_of_exemption_are_proven_only_by_the_covering_country(year: dict[str, Any]) -> None:
    box = answer(year)["social_security_tax"]
    work = year["work"][0]
    if box["entry"] is not None:
        assert work["activity"] == "self_employment"
        assert work["covered"][0]["covered_by"] == ["FR"]
        if box["entry"]["proven"]:
            assert work["certificate"]["issued_by"] == "FR"
        assert box["self_employment_tax"] is None


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2_000_000), st.sampled_from(filing_years()), st.integers(1, 5000))
def test_tax_rises_with_profit_and_its_lines_add_up(profit: int, year: int, more: int) -> None:
    def tax(amount: int) -> dict[str, Any]:
        period = {"from": "2020-01-01", "to": None, "covered_by": ["US"], "otherwise": ["US"]}
        work = {"activity": "self_employment", "country": "US", "covered": [period]}
        given = {"tax_year": year, "status": "single", "income": amount, "self_employment": amount}
        found = answer({**given, "work": [work]})["social_security_tax"]["self_employment_tax"]
        assert isinstance(found, dict)
        return found

    less, greater = tax(profit), tax(profit + more)
    assert 0 <= less["total"] <= greater["total"]
    lines = [line["amount"] for line in less["lines"][1:]]
    assert round(sum(lines), 2) == less["total"]
    assert less["total"] <= profit * 0.153 + 0.01
