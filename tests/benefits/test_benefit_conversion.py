"""Foreign coverage as US quarters: the examples of POMS, and what must hold for every country."""

import json
from datetime import date
from typing import Any

import pytest
from benefit_cases import DATA
from hypothesis import given, settings
from hypothesis import strategies as st

from totalize.benefits.conversion import convert
from totalize.benefits.credits import UsQuarters
from totalize.benefits.reading import read_record
from totalize.benefits.record import ForeignCoverage, ForeignPeriod
from totalize.law.benefits import agreement_countries, load_foreign_side

IN_FORCE = [c for c in agreement_countries() if load_foreign_side(c).in_force]  # type: ignore[union-attr]
NONE = UsQuarters({}, {}, ())


def placed(
    country: str,
    *periods: dict[str, Any],
    us: UsQuarters = NONE,
    backwards: bool = False,
    quarters: dict[int, int] | None = None,
) -> dict[int, str]:
    """Return the quarters of each year as POMS draws them: F foreign, N none."""
    coverage = coverage_of(country, *periods, quarters=quarters)
    rule = load_foreign_side(country).conversion  # type: ignore[union-attr]
    assert rule is not None
    found = convert(coverage, rule, us, backwards=backwards).placed
    years = sorted({quarter // 4 for quarter in found})
    return {y: "".join("F" if y * 4 + q in found else "N" for q in range(4)) for y in years}


def coverage_of(
    country: str, *periods: dict[str, Any], quarters: dict[int, int] | None = None
) -> ForeignCoverage:
    document: dict[str, Any] = {"country": country}
    if quarters:
        document["quarters"] = quarters
    else:
        document["periods"] = list(periods)
    record = {"birth_date": "1920-01-05", "earnings": {}, "foreign": [document]}
    return read_record(record).foreign[0]


def drawn(text: dict[str, str]) -> dict[int, str]:
    return {int(year): marks.replace(" ", "").replace("C", "N") for year, marks in text.items()}


def vector(wanted: str) -> dict[str, Any]:
    with (DATA / "totalization.json").open() as file:
        found: dict[str, Any] = next(v for v in json.load(file)["vectors"] if v["id"] == wanted)
    return found


def test_95_italian_weeks_are_8_quarters_from_the_first_on() -> None:
    # 95 / 13 = 7 and 4 weeks over: 8 quarters (GN 01706.026 A)
    given_, expected = vector("poms-italian-95-weeks")["inputs"], None
    expected = vector("poms-italian-95-weeks")["expected"]
    first, last = given_["period"]
    found = placed("IT", {"from": first, "to": last, "weeks": given_["weeks"]})
    assert found == drawn(expected["assigned"])


def test_italian_quarters_skip_the_us_ones() -> None:
    expected = vector("poms-italian-95-weeks-with-us")["expected"]
    us = UsQuarters({1952: 2}, {1952: frozenset({1952 * 4, 1952 * 4 + 1})}, ())
    found = placed("IT", {"from": "1950-06-15", "to": "1952-09-21", "weeks": 95}, us=us)
    assert found == drawn(expected["assigned"])


def test_two_italian_periods_share_a_quarter_once() -> None:
    periods = vector("poms-italian-two-periods")["inputs"]["periods"]
    rows = [{"from": start, "to": end, "weeks": weeks} for start, end, weeks in periods]
    # 122 / 13 = 9 and 5 over: 10; 35 / 13 = 2 and 9 over: 3; one calendar quarter is shared
    assert placed("IT", *rows) == {1966: "FFFF", 1967: "FFFF", 1968: "FFFF"}


def test_italian_quarters_can_be_placed_backwards() -> None:
    expected = vector("poms-italian-backward")["expected"]
    row = {"from": "1950-06-15", "to": "1952-09-21", "weeks": 95}
    assert placed("IT", row, backwards=True) == drawn(expected["assigned"])


def test_each_british_tax_year_gives_a_quarter_for_thirteen_weeks_or_a_fraction() -> None:
    # 52 / 13 = 4; 27 / 13 = 2 and 1 over: 3; 26 / 13 = 2
    full = {"from": "1984-04-06", "to": "1985-04-05", "weeks": 52}
    part = {"from": "1985-04-06", "to": "1986-04-05", "weeks": 27}
    assert placed("GB", full) == {1984: "NFFF", 1985: "FNNN"}
    assert placed("GB", full, part) == {1984: "NFFF", 1985: "FFFF"}
    assert placed("GB", {**part, "weeks": 26}) == {1985: "NFFN"}


def test_germany_adds_the_months_of_a_calendar_year() -> None:
    # 2 + 2 months of 1980 in quarters 1 and 3: 4 / 3 = 1 and 1 over: 2 quarters, where months lie
    rows = [
        {"from": "1980-01-01", "to": "1980-02-29"},
        {"from": "1980-08-01", "to": "1980-09-30"},
    ]
    assert placed("DE", *rows) == {1980: "FNFN"}


def test_iceland_divides_each_period_by_itself() -> None:
    # Two months each: 2 / 3 = 0 and 2 over: one quarter for each period
    rows = [
        {"from": "1990-01-01", "to": "1990-02-28"},
        {"from": "1990-08-01", "to": "1990-09-30"},
    ]
    assert placed("IS", *rows) == {1990: "FNFN"}


def test_canada_gives_four_quarters_for_a_year_and_fills_the_blanks() -> None:
    us = UsQuarters({1980: 3, 1981: 4}, {}, ())
    rows = [{"from": "1979-05-01", "to": "1981-06-30"}]
    assert placed("CA", *rows, us=us) == {1979: "FFFF", 1980: "FNNN"}


def test_french_quarters_count_one_for_one_anywhere_in_the_year() -> None:
    us = UsQuarters({1985: 2}, {1985: frozenset({1985 * 4, 1985 * 4 + 1})}, ())
    assert placed("FR", us=us, quarters={1984: 3, 1985: 4}) == {1984: "FFFN", 1985: "NNFF"}


def test_75_greek_days_are_a_quarter_and_300_a_year() -> None:
    # 226 / 75 = 3 and 1 over: 4
    assert placed("GR", {"from": "1990-01-01", "to": "1990-12-31", "days": 226}) == {1990: "FFFF"}
    assert placed("GR", {"from": "1990-01-01", "to": "1990-12-31", "days": 225}) == {1990: "FFFN"}


def test_spanish_days_are_divided_by_91() -> None:
    # 92 / 91 = 1 and 1 over: 2
    assert placed("ES", {"from": "1990-01-01", "to": "1990-04-02"}) == {1990: "FFNN"}


def test_us_quarters_after_1977_make_room_for_foreign_ones() -> None:
    # Two US quarters of 1990 lie where nothing foreign is, so both foreign ones fit.
    us = UsQuarters({1990: 2}, {}, ())
    assert placed("PT", {"from": "1990-01-01", "to": "1990-06-30"}, us=us) == {1990: "FFNN"}


@pytest.mark.parametrize("country", IN_FORCE)
def test_nothing_before_1937_counts(country: str) -> None:
    found = placed(country, {"from": "1930-01-01", "to": "1936-12-31"})
    assert found == {}


@pytest.mark.parametrize("country", IN_FORCE)
def test_a_full_year_is_four_quarters_in_every_country(country: str) -> None:
    assert placed(country, {"from": "1990-01-01", "to": "1990-12-31"}) == {1990: "FFFF"}


def test_the_netherlands_count_from_1957_only() -> None:
    assert placed("NL", {"from": "1956-01-01", "to": "1957-12-31"}) == {1957: "FFFF"}


def test_thirty_agreements_are_in_force_and_two_are_signed_only() -> None:
    signed = [c for c in agreement_countries() if c not in IN_FORCE]
    assert (len(IN_FORCE), signed) == (30, ["MX", "RO"])


def test_every_value_of_an_agreement_names_its_source() -> None:
    for country in IN_FORCE:
        side = load_foreign_side(country)
        assert side is not None
        assert side.conversion is not None
        assert side.claim is not None
        for cite in (side.cite, side.conversion.cite, side.claim.cite):
            assert cite.ref
            assert cite.url


def periods_strategy() -> st.SearchStrategy[list[ForeignPeriod]]:
    days = st.dates(date(1936, 1, 1), date(2020, 12, 31))
    pair = st.tuples(days, st.integers(0, 2500))
    return st.lists(
        pair.map(
            lambda p: ForeignPeriod(start=p[0], end=date.fromordinal(p[0].toordinal() + p[1]))
        ),
        max_size=4,
    )


@settings(max_examples=150)
@given(
    country=st.sampled_from(IN_FORCE),
    periods=periods_strategy(),
    us=st.dictionaries(st.integers(1937, 2020), st.integers(1, 4), max_size=12),
    data=st.data(),
)
def test_order_does_not_matter_and_a_year_never_has_more_than_four(
    country: str, periods: list[ForeignPeriod], us: dict[int, int], data: st.DataObject
) -> None:
    side = load_foreign_side(country)
    assert side is not None
    assert side.conversion is not None
    quarters = UsQuarters(us, {}, ())
    shuffled = data.draw(st.permutations(periods))
    found = convert(
        ForeignCoverage(country=country, periods=tuple(periods)), side.conversion, quarters
    )
    again = convert(
        ForeignCoverage(country=country, periods=tuple(shuffled)), side.conversion, quarters
    )
    assert found == again
    for year, count in found.by_year().items():
        assert count + us.get(year, 0) <= 4
        assert year >= side.conversion.first_year


@settings(max_examples=100)
@given(
    country=st.sampled_from(IN_FORCE),
    periods=periods_strategy(),
    places=st.sets(st.integers(1937 * 4, 2020 * 4), max_size=40),
    backwards=st.booleans(),
)
def test_no_foreign_quarter_lies_on_a_us_one(
    country: str, periods: list[ForeignPeriod], places: set[int], backwards: bool
) -> None:
    side = load_foreign_side(country)
    assert side is not None
    assert side.conversion is not None
    years = {quarter // 4 for quarter in places}
    by_year = {year: frozenset(q for q in places if q // 4 == year) for year in years}
    us = UsQuarters({year: len(held) for year, held in by_year.items()}, by_year, ())
    coverage = ForeignCoverage(country=country, periods=tuple(periods))
    found = convert(coverage, side.conversion, us, backwards=backwards)
    assert not found.placed & places
