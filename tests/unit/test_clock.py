"""Where a stay stands in the time that its agreement allows."""

from datetime import date

import pytest

from totalize.coverage.clock import read_clock
from totalize.coverage.door import read_case
from totalize.law.book import LawBook

LAW = LawBook()


def clock(country, *works, activity="employment"):
    """Read the clock of the last of some works, each (first day, last day or None)."""
    case = {
        "worker": {"citizenships": ["US"], "residence": "US"},
        "work": [
            {
                "activity": activity,
                "country": country,
                "start": first,
                "expected_end": last,
                "sent_from": "US",
                "employer": {"country": "US", "name": "Acme"},
            }
            for first, last in works
        ],
    }
    agreement = LAW.agreement(country)
    assert agreement is not None
    return read_clock(read_case(case), len(works) - 1, agreement)


def test_a_first_stay_in_germany_may_last_five_years_from_its_first_day():
    read = clock("DE", ("2027-03-01", "2030-02-28"))
    assert (read.limit_months, read.runs_from, read.last_day) == (
        60,
        date(2027, 3, 1),
        date(2032, 2, 29),
    )
    assert read.used_months(date(2027, 2, 28)) == 0
    assert read.used_months(date(2028, 2, 28)) == 11
    assert read.used_months(date(2028, 2, 29)) == 12
    assert read.within(date(2032, 2, 29)) is True
    assert read.within(date(2032, 3, 1)) is False
    assert read.within(None) is None


def test_a_stay_soon_after_an_earlier_one_goes_on_with_its_clock():
    read = clock("DE", ("2024-01-01", "2025-12-31"), ("2026-06-01", "2028-12-31"))
    assert read.runs_from == date(2024, 1, 1)
    assert read.last_day == date(2028, 12, 31)
    assert read.earlier_stays is True


def test_a_stay_after_a_long_break_starts_a_clock_of_its_own():
    read = clock("DE", ("2020-01-01", "2022-12-31"), ("2026-06-01", "2028-12-31"))
    assert read.runs_from == date(2026, 6, 1)
    assert read.earlier_stays is False


def test_italy_sets_no_limit_to_a_temporary_stay():
    read = clock("IT", ("2027-03-01", None))
    assert read is None or (read.limit_months is None and read.within(None) is True)


def test_the_self_employed_who_move_to_france_have_24_months():
    read = clock("FR", ("2027-03-01", "2028-12-31"), activity="self_employment")
    assert read.limit_months == 24
    assert read.last_day == date(2029, 2, 28)


def test_a_stay_that_began_before_the_agreement_is_counted_from_its_entry_into_force():
    read = clock("HU", ("2015-01-01", "2019-12-31"))
    assert read.runs_from == date(2016, 9, 1)


@pytest.mark.parametrize("country", ["DE", "JP", "FR"])
def test_every_limit_cites_where_it_was_read(country):
    assert clock(country, ("2027-03-01", "2028-02-29")).citations


def test_romania_has_no_clock_before_its_agreement_is_in_force():
    assert clock("RO", ("2027-03-01", "2028-02-29")) is None
