"""Agreements that were signed and are not in force: one edited date brings them to life."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from totalize.api import check
from totalize.coverage.determination import CoveragePeriod, Outcome, Rule
from totalize.law.book import LawBook
from totalize.law.loading import DATA

AS_OF = date(2026, 11, 22)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a copy of all law data."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def _bring_to_life(root: Path, country: str, day: str) -> LawBook:
    path = root / "agreements" / country.lower() / "agreement.yaml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^status: signed$", "status: in_force", text, count=1)
    text = re.sub(r"(?m)^in_force: null$", f"in_force: {day}", text, count=1)
    path.write_text(text, encoding="utf-8")
    return LawBook(root)


def _work(country: str, **fields: Any) -> dict[str, Any]:
    work = {
        "activity": "employment",
        "country": country,
        "start": "2026-10-01",
        "expected_end": "2028-09-30",
        "employer": {"country": "US"},
        "sent_from": "US",
        "via": None,
        "employed_before_transfer": True,
        **fields,
    }
    return {"worker": {"citizenships": ["US"], "residence": "US"}, "work": [work]}


def _decide(case: dict[str, Any], book: LawBook) -> tuple[CoveragePeriod, ...]:
    return check(case, AS_OF, book=book).results[0].periods


@pytest.mark.parametrize("country", ["MX", "RO"])
def test_as_long_as_it_is_only_signed_both_countries_take_contributions(
    root: Path, country: str
) -> None:
    (period,) = _decide(_work(country), LawBook(root))
    assert (period.rule, period.covered_by) == (Rule.NO_AGREEMENT, ("US", country))
    assert period.agreement is None


def test_romania_in_force_splits_the_work_at_its_date(root: Path) -> None:
    """What was read: up to five years, its conditions unread; the place of work otherwise."""
    before, after = _decide(_work("RO"), _bring_to_life(root, "RO", "2027-07-01"))
    assert (before.first, before.last) == (date(2026, 10, 1), date(2027, 6, 30))
    assert (before.rule, before.covered_by) == (Rule.BEFORE_AGREEMENT, ("US", "RO"))
    assert (after.first, after.last) == (date(2027, 7, 1), date(2028, 9, 30))
    assert (after.rule, after.covered_by) == (Rule.DETACHED_WORKER, ("US",))
    assert after.agreement == "RO"
    assert "unconfirmed_rule" in {warning.code for warning in after.warnings}


def test_romania_in_force_knows_its_five_years(root: Path) -> None:
    book = _bring_to_life(root, "RO", "2026-01-01")
    (five,) = _decide(_work("RO", expected_end="2031-09-30"), book)
    (longer,) = _decide(_work("RO", expected_end="2031-10-01"), book)
    assert five.covered_by == ("US",)
    assert (longer.rule, longer.covered_by) == (Rule.TERRITORIAL, ("RO",))


def test_romania_in_force_is_not_guessed_at_where_its_conditions_are_unread(root: Path) -> None:
    book = _bring_to_life(root, "RO", "2026-01-01")
    (period,) = _decide(_work("RO", employed_before_transfer=False), book)
    assert (period.outcome, period.covered_by) == (Outcome.UNSETTLED, None)


def test_mexico_in_force_is_unsettled_for_nothing_of_its_text_was_read(root: Path) -> None:
    before, after = _decide(_work("MX"), _bring_to_life(root, "MX", "2027-07-01"))
    assert (before.rule, before.last) == (Rule.BEFORE_AGREEMENT, date(2027, 6, 30))
    assert (after.outcome, after.covered_by) == (Outcome.UNSETTLED, None)
    assert after.agreement == "MX"
    assert "law_not_read" in {warning.code for warning in after.warnings}


def test_other_agreements_stay_as_they_were(root: Path) -> None:
    case = _work("DE")
    edited = _decide(case, _bring_to_life(root, "RO", "2026-01-01"))
    assert edited == check(case, AS_OF).results[0].periods


def test_the_edited_law_has_a_version_of_its_own(root: Path) -> None:
    edited = check(_work("RO"), AS_OF, book=_bring_to_life(root, "RO", "2026-01-01"))
    assert edited.law != check(_work("RO"), AS_OF).law
