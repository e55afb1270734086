"""Properties of whole answers: order of works, unrelated works, and the limit as time goes by."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from totalize.api import check, law
from totalize.kernel.reading import parse_trusted
from totalize.law.agreements import DetachedWorker, Transfer, version_on

AS_OF = date(2026, 11, 22)
LAW_CASES = Path(__file__).parent.parent / "law"


@cache
def _single_works() -> list[dict[str, Any]]:
    """Return the cases with one work among the law cases."""
    cases = [
        case["case"]
        for path in sorted(LAW_CASES.glob("*/*.yaml"))
        for case in parse_trusted(path.read_text(encoding="utf-8"))
    ]
    return [case for case in cases if len(case["work"]) == 1]


def _answers(case: dict[str, Any]) -> dict[str, Any]:
    """Return the answer for each work by its id, with ids in place of positions in paths."""
    ids = [work["id"] for work in case["work"]]
    found = check(case, AS_OF).to_dict()["results"]
    return {result["work"]: _with_ids(result["periods"], ids) for result in found}


def _with_ids(value: Any, ids: list[str]) -> Any:
    if isinstance(value, dict):
        return {_name(key, ids): _with_ids(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_ids(item, ids) for item in value]
    return _name(value, ids) if isinstance(value, str) else value


def _name(text: str, ids: list[str]) -> str:
    for position, name in enumerate(ids):
        text = text.replace(f"work[{position}]", f"work {name}")
    return text


def _together(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [case["work"][0] | {"id": f"job {number}"} for number, case in enumerate(cases)]


@settings(max_examples=150)
@given(st.data())
def test_answers_do_not_depend_on_the_order_of_works(data: st.DataObject) -> None:
    cases = data.draw(st.lists(st.sampled_from(_single_works()), min_size=2, max_size=4))
    works = _together(cases)
    shuffled = data.draw(st.permutations(works))
    worker = cases[0]["worker"]
    assert _answers({"worker": worker, "work": works}) == _answers(
        {"worker": worker, "work": shuffled}
    )


@settings(max_examples=150)
@given(st.data())
def test_work_in_another_country_changes_nothing(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(_single_works()))
    other = data.draw(st.sampled_from(_single_works()))
    assume(case["work"][0]["country"] != other["work"][0]["country"])
    one, two = _together([case, other])
    alone = _answers({"worker": case["worker"], "work": [one]})
    beside = _answers({"worker": case["worker"], "work": [one, two]})
    assert beside["job 0"] == alone["job 0"]


def _limits() -> list[Any]:
    """Return every agreement in force with a limit for people sent or moving, each way."""
    found = []
    for country in sorted(law().countries()):
        agreement = law().agreement(country)
        assert agreement is not None
        if agreement.in_force is None:
            continue
        coverage = agreement.coverage
        for kind, directions in (
            ("employment", coverage.detached_worker),
            ("self_employment", coverage.self_employed_transfer),
        ):
            if directions is None:
                continue
            for to_us, versions in (
                (False, directions.us_to_foreign),
                (True, directions.foreign_to_us),
            ):
                version = version_on(versions, AS_OF)
                if version.max_months is not None and _decides(version):
                    home = country if to_us else "US"
                    found.append(
                        pytest.param(
                            kind,
                            country,
                            home,
                            version.max_months,
                            id=f"{country}-{kind}-from-{home}",
                        )
                    )
    return found


def _decides(version: Transfer | DetachedWorker) -> bool:
    return version.sure.value != "unread"


def _sent(kind: str, country: str, home: str, start: date, last: date) -> dict[str, Any]:
    host = "US" if home == country else country
    work: dict[str, Any] = {
        "activity": kind,
        "country": host,
        "start": start.isoformat(),
        "expected_end": last.isoformat(),
        "sent_from": home,
        "via": None,
        "also_in": [],
        "employed_before_transfer": True,
        "business_before_transfer": True,
        "insured_before": home,
        "insured_before_since": "2000-01-01",
        "health_insurance": {"worker": True, "family": True},
        "family_accompanies": False,
        "residence": home,
    }
    if kind == "employment":
        work["employer"] = {"country": home, "affiliate_of": None}
    return {"worker": {"citizenships": ["US"], "us_resident": True}, "work": [work]}


def _last_day(start: date, months: int) -> date:
    """Return the last day of a stay of some months, counted on a calendar."""
    index = start.year * 12 + start.month - 1 + months
    if start.day == 1:
        return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(start.day - 1, calendar.monthrange(year, month)[1]))


@pytest.mark.parametrize(("kind", "country", "home", "months"), _limits())
@pytest.mark.parametrize("start", [date(2026, 3, 1), date(2024, 2, 29), date(2025, 8, 31)])
def test_one_day_more_crosses_the_limit_once(
    kind: str, country: str, home: str, months: int, start: date
) -> None:
    agreement = law().agreement(country)
    assert agreement is not None
    assert agreement.in_force is not None
    start = max(start, agreement.in_force)
    limit = _last_day(start, months)
    answers = []
    for step in range(-3, 4):
        case = _sent(kind, country, home, start, limit + timedelta(days=step))
        (period, *_) = check(case, AS_OF).results[0].periods
        answers.append((period.outcome, period.covered_by, period.rule))
    within, beyond = answers[:4], answers[4:]
    assert len(set(within)) == len(set(beyond)) == 1
    assert within[0] != beyond[0]
    assert within[0][1] in {(home,), None}
    assert beyond[0][1] != (home,)
