"""Insured status, zones, the earliest month, and which foreign quarters a claim uses."""

from typing import Any

import pytest

from totalize.benefits import BenefitResult, answer
from totalize.benefits.result import Insured, Zone

FULL = 30000


def ask(**fields: Any) -> BenefitResult:
    record: dict[str, Any] = {"birth_date": "1960-05-15", "entitlement": "2026-06", "earnings": {}}
    return answer(record | fields)


def years(first: int, last: int, amount: int = FULL) -> dict[int, int]:
    return dict.fromkeys(range(first, last + 1), amount)


def abroad(country: str, first: int, last: int) -> list[dict[str, Any]]:
    period = {"from": f"{first}-01-01", "to": f"{last}-12-31"}
    return [{"country": country, "periods": [period]}]


def codes(result: BenefitResult) -> set[str]:
    return {notice.code for notice in result.warnings}


def test_five_quarters_are_never_combined() -> None:
    # 2000: 780 dollars a quarter; 2001: 830
    found = ask(earnings={2000: 30000, 2001: 830}, foreign=abroad("DE", 1980, 1999))
    assert (found.insured, found.zone) == (Insured.NOT_INSURED, Zone.UNDER_6)
    assert found.us_quarters.total == 5
    assert "under_minimum" in codes(found)
    assert found.monthly_benefit is None
    assert found.foreign_quarters["DE"].used == 0


def test_six_quarters_are_enough_to_combine() -> None:
    found = ask(earnings={2000: 30000, 2001: 1660}, foreign=abroad("DE", 1980, 1999))
    assert (found.insured, found.zone) == (Insured.TOTALIZED, Zone.FROM_6_TO_39)
    # 40 - 6 = 34 are needed, 80 are there
    assert (found.foreign_quarters["DE"].used, found.foreign_quarters["DE"].total) == (34, 80)


def test_39_quarters_and_none_abroad_are_not_enough() -> None:
    found = ask(earnings=years(1990, 1998) | {1999: 2220})
    assert (found.insured, found.us_quarters.total) == (Insured.NOT_INSURED, 39)
    assert found.zone is Zone.FROM_6_TO_39
    assert "no_foreign_coverage" in codes(found)
    assert found.pia is not None  # the amount on the US record is given all the same


def test_40_quarters_need_no_foreign_ones() -> None:
    found = ask(earnings=years(1990, 1999), foreign=abroad("DE", 1980, 1989))
    assert (found.insured, found.zone) == (Insured.REGULAR, Zone.FROM_40)
    assert (found.totalized, found.foreign_quarters["DE"].used) == (None, 0)


def test_too_few_together_says_how_many_are_missing() -> None:
    found = ask(earnings=years(1990, 1994), foreign=abroad("KR", 1995, 1998))
    assert found.insured is Insured.NOT_INSURED
    # 40 - 20 - 16
    assert "4 more" in next(n.text for n in found.warnings if n.code == "still_missing")


def test_several_countries_are_shown_and_never_added() -> None:
    foreign = abroad("DE", 1980, 1983) + abroad("FR", 1984, 1987)
    found = ask(earnings=years(1990, 1994), foreign=foreign)
    # 20 + 16 from either is not 40; 20 + 32 would be
    assert found.insured is Insured.NOT_INSURED
    assert {c: f.total for c, f in found.foreign_quarters.items()} == {"DE": 16, "FR": 16}


def test_the_country_that_suffices_is_taken() -> None:
    foreign = abroad("DE", 1980, 1983) + abroad("FR", 1975, 1987)
    found = ask(earnings=years(1990, 1994), foreign=foreign)
    assert found.totalized is not None
    assert found.totalized.country == "FR"
    assert found.foreign_quarters["DE"].used == 0


@pytest.mark.parametrize(
    ("country", "code"), [("IN", "no_agreement"), ("RO", "agreement_not_in_force")]
)
def test_without_an_agreement_in_force_nothing_is_combined(country: str, code: str) -> None:
    found = ask(earnings=years(1990, 1994), foreign=abroad(country, 1970, 1989))
    assert (found.insured, code in codes(found)) == (Insured.NOT_INSURED, True)
    assert country not in found.foreign_quarters


@pytest.mark.parametrize("country", ["CH", "HU", "NO", "SI"])
def test_an_unread_conversion_is_said(country: str) -> None:
    found = ask(earnings=years(1990, 1994), foreign=abroad(country, 1970, 1989))
    assert found.insured is Insured.TOTALIZED
    assert "unconfirmed_conversion" in codes(found)
    assert not found.foreign_quarters[country].confirmed


def test_combining_opens_an_earlier_month() -> None:
    # 36 quarters to 1998 and four more through 2027, at 67; combined they are there at 62.
    found = ask(
        earnings=years(1990, 1998) | {2025: 30000, 2026: 0},
        foreign=abroad("JP", 2000, 2005),
        entitlement="2022-06",
    )
    assert found.earliest_entitlement is not None
    assert found.earliest_entitlement.combined == "2022-06"
    assert found.earliest_entitlement.us_only == "2025-10"
    assert found.insured is Insured.TOTALIZED
    assert "without_combining_later" in codes(found)


def test_us_quarters_that_suffice_later_are_said() -> None:
    found = ask(
        earnings=years(1990, 1998) | {2023: 30000},
        foreign=abroad("JP", 2000, 2005),
        entitlement="2022-06",
        benefit_month="2026-06",
    )
    assert found.insured is Insured.TOTALIZED
    assert "insured_on_us_quarters_later" in codes(found)


def test_quarters_before_1978_are_never_derived_from_earnings() -> None:
    found = ask(birth_date="1945-05-15", entitlement="2011-06", earnings=years(1968, 1977))
    assert found.us_quarters.total == 0
    assert "quarters_before_1978_unknown" in codes(found)


def disabled(**fields: Any) -> BenefitResult:
    return ask(**({"benefit": "disability", "entitlement": None} | fields))


def test_disability_needs_20_quarters_of_the_last_40() -> None:
    # Onset 2019 Q3: the 40 quarters begin with 2009 Q4.
    old = disabled(onset="2019-08-14", earnings=years(1985, 2008))
    assert old.insured is Insured.NOT_INSURED
    recent = disabled(onset="2019-08-14", earnings=years(1985, 2004) | years(2012, 2016))
    assert recent.insured is Insured.REGULAR
    # September 2019 is the first full month; five months later entitlement begins.
    assert recent.entitlement == "2020-02"


def test_the_blind_need_no_recent_quarters() -> None:
    found = disabled(onset="2019-08-14", earnings=years(1985, 2008), blind=True)
    assert found.insured is Insured.REGULAR


def test_under_31_half_of_the_quarters_since_21_are_enough() -> None:
    # Born May 1995: 21 in May 2016; from 2016 Q3 to 2022 Q2 are 24 quarters, half are 12.
    found = disabled(birth_date="1995-05-15", onset="2022-05-20", earnings=years(2019, 2021))
    assert found.insured is Insured.REGULAR
    step = next(step for step in found.steps if step.code == "recent_quarters_under_31")
    assert "2016 Q3 through 2022 Q2: 12" in step.what
    less = disabled(birth_date="1995-05-15", onset="2022-05-20", earnings=years(2020, 2021))
    assert less.insured is Insured.NOT_INSURED


def test_foreign_quarters_help_the_recent_test_and_all_are_credited() -> None:
    found = disabled(
        onset="2019-08-14", earnings=years(2000, 2008), foreign=abroad("DE", 2010, 2018)
    )
    assert found.insured is Insured.TOTALIZED
    assert found.foreign_quarters["DE"].used == found.foreign_quarters["DE"].total == 36


def test_italian_quarters_are_placed_backwards_when_that_insures() -> None:
    # POMS GN 01706.031: dead in February 1954; forwards 3 quarters lie in the last 13, not 6.
    found = answer(
        {
            "birth_date": "1920-03-05",
            "benefit": "survivor",
            "death_date": "1990-02-15",
            "survivor": {"relation": "child"},
            "entitlement": "1990-02",
            "earnings": {1983: 1480},
            "us_quarters": {1983: 4, 1984: 2},
            "foreign": [
                {
                    "country": "IT",
                    "periods": [{"from": "1985-01-01", "to": "1988-09-30", "weeks": 95}],
                }
            ],
        }
    )
    # 95 weeks are 8 quarters; from 1987 Q1 on lie the 13 quarters to the quarter of death.
    assert found.foreign_quarters["IT"].by_year == {1986: 1, 1987: 4, 1988: 3}
    assert found.insured is Insured.TOTALIZED


def test_own_minimum_claim_and_form_of_the_other_side() -> None:
    found = ask(earnings=years(1990, 1994), foreign=abroad("KR", 1995, 1995))
    side = found.foreign_side[0]
    assert side.own_minimum is not None
    assert side.own_minimum.startswith("18 months")
    assert side.meets_own_minimum is False
    assert side.form is None  # Korea asks for a form of its own; its number was not read
    long = ask(earnings=years(1990, 1994), foreign=abroad("DE", 1970, 1989)).foreign_side[0]
    assert (long.meets_own_minimum, long.form) == (True, "SSA-2490-BK")


@pytest.mark.parametrize(
    ("in_2019", "insured"), [(1, Insured.NOT_INSURED), (2, Insured.REGULAR)], ids=["five", "six"]
)
def test_a_child_is_due_where_six_of_the_last_thirteen_quarters_are_there(
    in_2019: int, insured: Insured
) -> None:
    # Died in the first quarter of 2020: thirteen quarters begin with the first of 2017, and the
    # four of 2016 are all before them. 2018: four; 2019: 1,360 dollars a quarter.
    found = ask(
        benefit="survivor",
        entitlement="2020-03",
        death_date="2020-02-10",
        survivor={"relation": "child", "birth_date": "2010-05-15"},
        earnings={2016: FULL, 2018: FULL, 2019: 1360 * in_2019},
    )
    assert found.us_quarters.total == 8 + in_2019
    assert found.insured is insured
