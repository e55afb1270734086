"""What earlier work of the same person says: chains of stays, gaps, second jobs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from totalize.coverage.door import read_case
from totalize.coverage.facts import path_of
from totalize.coverage.history import Gap, History, review


def _work(start: str, last: str | None, **fields: Any) -> dict[str, Any]:
    work: dict[str, Any] = {
        "activity": "employment",
        "country": "DE",
        "start": start,
        "sent_from": "US",
        "employer": {"name": "Acme", "country": "US"},
        **fields,
    }
    if last is not None:
        work["expected_end"] = last
    return {name: value for name, value in work.items() if value is not ...}


def _history(*works: dict[str, Any], gap: Gap | None = None) -> History:
    """Return the history of the last of some works."""
    case = read_case({"worker": {"citizenships": ["US"]}, "work": list(works)})
    return review(case, len(works) - 1, *(() if gap is None else (gap,)))


NOW = _work("2026-03-01", "2027-02-28")


def test_a_single_work_has_no_history() -> None:
    assert _history(NOW) == History()


@pytest.mark.parametrize(
    ("last", "counts"), [("2025-02-28", False), ("2025-03-01", True), ("2026-02-28", True)]
)
def test_a_gap_of_exactly_twelve_months_begins_anew(last: str, counts: bool) -> None:
    """From 28 February 2025 to 1 March 2026 lie twelve months: a day less, and both count."""
    found = _history(_work("2024-01-01", last), NOW)
    assert found.earlier_stay is counts
    assert found.ever_sent_before is True
    assert (found.first_start == date(2024, 1, 1)) == counts


@pytest.mark.parametrize(("last", "counts"), [("2025-08-31", True), ("2025-08-30", False)])
def test_a_gap_that_has_to_be_exceeded_is_longer_than_its_months(last: str, counts: bool) -> None:
    """Slovenia: a break of up to and including six months counts within the five years."""
    gap = Gap(6, exceeded=True)
    assert _history(_work("2024-01-01", last), NOW, gap=gap).earlier_stay is counts


@pytest.mark.parametrize(("last", "counts"), [("2025-08-31", False), ("2025-09-01", True)])
def test_the_same_gap_where_its_length_is_enough(last: str, counts: bool) -> None:
    assert _history(_work("2024-01-01", last), NOW, gap=Gap(6)).earlier_stay is counts


def test_stays_with_short_breaks_form_one_chain() -> None:
    found = _history(
        _work("2022-01-01", "2022-12-31"),
        _work("2023-06-01", "2024-06-30"),
        _work("2025-01-01", "2025-12-31"),
        NOW,
    )
    assert found.first_start == date(2022, 1, 1)
    assert found.last_stop == date(2026, 1, 1)


def test_a_long_break_starts_a_new_chain() -> None:
    found = _history(_work("2015-01-01", "2018-12-31"), _work("2025-01-01", "2025-12-31"), NOW)
    assert found.first_start == date(2025, 1, 1)


def test_the_order_in_which_stays_are_told_does_not_matter() -> None:
    first, second = _work("2023-01-01", "2023-12-31"), _work("2024-06-01", "2025-06-30")
    assert _history(first, second, NOW) == _history(second, first, NOW)


def test_a_stay_that_ended_earlier_than_expected_counts_to_its_end() -> None:
    found = _history(_work("2024-01-01", "2026-02-28", end="2024-06-30"), NOW)
    assert found.earlier_stay is False


def test_a_stay_that_runs_into_this_one_counts_to_its_start() -> None:
    found = _history(_work("2024-01-01", "2028-01-01"), NOW)
    assert found.last_stop == date(2026, 3, 1)
    assert found.second_job_start == date(2026, 3, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"country": "FR"},
        {"activity": "self_employment", "employer": ...},
        {"sent_from": None},
        {"sent_from": "FR"},
        {"employer": {"name": "Other", "country": "US"}},
    ],
)
def test_only_the_same_employer_sending_to_the_same_country_counts(change: dict[str, Any]) -> None:
    assert _history(_work("2025-01-01", "2025-12-31", **change), NOW).earlier_stay is False


def test_names_of_employers_are_compared_without_case_and_space() -> None:
    found = _history(
        _work("2025-01-01", "2025-12-31", employer={"name": " ACME ", "country": "US"}), NOW
    )
    assert found.earlier_stay is True


@pytest.mark.parametrize(
    ("earlier", "path"),
    [
        (_work("2025-01-01", "2025-12-31", sent_from=...), "work[0].sent_from"),
        (_work("2025-01-01", None), "work[0].end"),
    ],
)
def test_what_leaves_an_earlier_stay_open_is_named(earlier: dict[str, Any], path: str) -> None:
    found = _history(earlier, NOW)
    assert (found.earlier_stay, found.ever_sent_before, found.unknown_path) == (None, None, path)


def test_a_later_work_is_no_history() -> None:
    case = read_case(
        {"worker": {"citizenships": ["US"]}, "work": [NOW, _work("2028-01-01", "2028-12-31")]}
    )
    assert review(case, 0) == History()


@pytest.mark.parametrize(
    ("start", "last", "beside"),
    [
        ("2026-06-01", "2026-08-31", date(2026, 6, 1)),
        ("2025-06-01", "2026-03-01", date(2026, 3, 1)),
        ("2025-06-01", "2026-02-28", None),
        ("2027-02-28", None, date(2027, 2, 28)),
        ("2027-03-01", None, None),
    ],
)
def test_a_second_job_is_one_that_goes_on_beside(
    start: str, last: str | None, beside: date | None
) -> None:
    other = _work(start, last, sent_from=None)
    case = read_case({"worker": {"citizenships": ["US"]}, "work": [NOW, other]})
    assert review(case, 0).second_job_start == beside


def test_the_first_of_several_second_jobs_counts() -> None:
    case = read_case(
        {
            "worker": {"citizenships": ["US"]},
            "work": [
                NOW,
                _work("2026-12-01", None, sent_from=None),
                _work("2026-05-01", "2026-05-31", sent_from=None),
                _work("2026-04-01", "2026-05-31", sent_from=None, country="FR"),
            ],
        }
    )
    assert review(case, 0).second_job_start == date(2026, 5, 1)


def test_a_second_job_is_seen_even_where_an_earlier_stay_is_open() -> None:
    case = read_case(
        {
            "worker": {"citizenships": ["US"]},
            "work": [_work("2025-01-01", None, end=None), NOW],
        }
    )
    found = review(case, 1)
    assert (found.earlier_stay, found.second_job_start) == (None, date(2026, 3, 1))


@pytest.mark.parametrize("sent_from", [None, ...])
def test_nobody_who_was_not_sent_has_earlier_stays(sent_from: Any) -> None:
    """Whether the worker was sent is asked first; until then no earlier stay counts."""
    now = _work("2026-03-01", "2027-02-28", sent_from=sent_from)
    earlier = _work("2025-01-01", "2025-12-31", sent_from=sent_from)
    assert _history(earlier, now).earlier_stay is False


SAME_EMPLOYER = "work[1].same_employer_as_before"
UNNAMED = {"country": "US"}
AFFILIATE = {"name": "Acme GmbH", "country": "DE", "affiliate_of": "US"}


@pytest.mark.parametrize("named", [0, 1])
def test_where_only_one_employer_has_a_name_it_is_not_known_whether_they_are_one(
    named: int,
) -> None:
    works = [_work("2025-01-01", "2025-12-31"), NOW]
    works[1 - named] = works[1 - named] | {"employer": UNNAMED}
    found = _history(*works)
    assert (found.earlier_stay, found.ever_sent_before) == (None, None)
    assert found.unknown_path == SAME_EMPLOYER
    # What the stay is if it counts: enough where it would do no harm.
    assert (found.first_start, found.last_stop) == (date(2025, 1, 1), date(2026, 1, 1))


def test_employers_without_names_and_described_alike_are_presumed_to_be_one() -> None:
    earlier, now = (
        work | {"employer": UNNAMED} for work in (_work("2025-01-01", "2025-12-31"), NOW)
    )
    found = _history(earlier, now)
    assert (found.earlier_stay, found.same_employer_presumed) == (True, True)
    assert _history(_work("2025-01-01", "2025-12-31"), NOW).same_employer_presumed is False


def test_employers_without_names_and_described_otherwise_may_be_others() -> None:
    earlier = _work("2025-01-01", "2025-12-31", employer={"country": "DE", "affiliate_of": "US"})
    found = _history(earlier, NOW | {"employer": UNNAMED})
    assert (found.earlier_stay, found.unknown_path) == (None, SAME_EMPLOYER)


@pytest.mark.parametrize("first", [True, False])
def test_the_name_of_a_group_company_does_not_tell_who_sent_the_person(first: bool) -> None:
    earlier, now = _work("2025-01-01", "2025-12-31"), NOW
    if first:
        earlier = earlier | {"employer": AFFILIATE}
    else:
        now = now | {"employer": AFFILIATE}
    assert _history(earlier, now).unknown_path == SAME_EMPLOYER


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("employer", [UNNAMED, AFFILIATE, {"name": "Other", "country": "US"}])
def test_what_is_told_of_the_employer_goes_before_names(
    employer: dict[str, Any], told: bool
) -> None:
    found = _history(
        _work("2025-01-01", "2025-12-31", employer=employer),
        NOW | {"same_employer_as_before": told},
    )
    assert (found.earlier_stay, found.unknown_path) == (told, None)
    assert found.same_employer_presumed is False


def test_a_doubtful_stay_long_ago_leaves_nothing_open_but_whether_it_was() -> None:
    found = _history(_work("2020-01-01", "2020-12-31", employer=UNNAMED), NOW)
    assert (found.earlier_stay, found.first_start) == (False, None)
    assert found.ever_sent_before is None


def test_a_doubtful_stay_before_a_sure_one_leaves_open_where_the_chain_begins() -> None:
    found = _history(
        _work("2023-01-01", "2023-12-31", employer=UNNAMED),
        _work("2024-06-01", "2025-06-30"),
        NOW,
    )
    assert (found.earlier_stay, found.ever_sent_before) == (True, True)
    assert (found.first_start, found.last_stop) == (None, date(2025, 7, 1))
    assert found.unknown_path == "work[2].same_employer_as_before"


def test_the_self_employed_have_no_employer_to_compare() -> None:
    earlier = _work("2025-01-01", "2025-12-31", activity="self_employment", employer=UNNAMED)
    found = _history(earlier, NOW | {"activity": "self_employment"})
    assert (found.earlier_stay, found.same_employer_presumed) == (True, False)


def test_only_what_an_earlier_work_tells_is_asked_of_it() -> None:
    works = [_work("2025-01-01", None), NOW]
    case = read_case({"worker": {"citizenships": ["US"]}, "work": works})
    history = review(case, 1)
    assert path_of("earlier_stay", 1, case, history) == "work[0].end"
    assert path_of("via", 1, case, history) == "work[1].via"
    assert path_of("residence", 1, case, history) == "worker.residence"
