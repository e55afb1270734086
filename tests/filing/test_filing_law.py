"""The law data of the filing room: against published tables, and against itself."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filing_support import answer, look

from totalize.filing.due_dates import next_business_day
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import LawError
from totalize.kernel.reading import parse_trusted
from totalize.law.filing import filing_years, load_filing, placeholders
from totalize.law.loading import DATA

PUBLISHED = parse_trusted(
    (Path(__file__).parent / "data" / "published.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("year", PUBLISHED["thresholds"])
def test_every_threshold_is_the_published_one(year: int) -> None:
    rows = load_filing(year).year.thresholds
    found = {
        status: [int(by_age[aged].value) for aged in sorted(by_age)]
        for status, by_age in rows.items()
    }
    assert found == PUBLISHED["thresholds"][year]


def test_every_year_with_figures_has_a_published_row_here() -> None:
    assert list(filing_years()) == sorted(PUBLISHED["thresholds"])


@pytest.mark.parametrize("year", PUBLISHED["dependents"])
@pytest.mark.parametrize("kind", ["single", "married"])
@pytest.mark.parametrize("marks", [0, 1, 2])
def test_the_limits_of_dependents_are_the_published_ones(year: int, kind: str, marks: int) -> None:
    table = PUBLISHED["dependents"][year]
    unearned, earned, added = table[kind][marks]
    given: dict[str, Any] = {
        "tax_year": year,
        "status": "single" if kind == "single" else "married_separate",
        "dependent": True,
        "blind": marks > 0,
        "worker": {"birth_date": "1940-01-01" if marks == 2 else "1990-01-01"},
    }
    if kind == "married":
        given["spouse_itemizes"] = False

    def met(income: int, from_work: int) -> list[bool]:
        tests = answer(given | {"income": income, "earned": from_work})["income_tax_return"]
        return [
            look(tests, f"tests[dependent_{name}].met") for name in ("unearned", "earned", "gross")
        ]

    assert met(unearned, 0)[0] is False
    assert met(unearned + 1, 0)[0] is True
    assert met(earned, earned)[1] is False
    assert met(earned + 1, earned + 1)[1] is True
    for part in (9000, table["cap"], table["cap"] + 5000):
        limit = max(unearned, min(part, table["cap"]) + added)
        if limit >= part:
            assert met(limit, part)[2] is False
        assert met(max(limit, part) + 1, part)[2] is True


def test_announced_due_dates_come_out() -> None:
    law = load_filing(2025)
    for written, announced in PUBLISHED["moved"].items():
        day = next_business_day(law, parse_date(written, "")).day
        assert day == parse_date(announced, ""), written


def test_no_other_holiday_of_the_district_can_fall_on_a_due_date() -> None:
    law = load_filing(2025)
    for year in range(2023, 2101):
        holidays = set(_other_holidays(year))
        for rule in law.rules.due_dates.values():
            assert next_business_day(law, date(year, rule.month, rule.day)).day not in holidays


def _other_holidays(year: int) -> list[date]:
    """Weekdays on which the federal holidays are kept, and Inauguration Day."""

    def nth(month: int, weekday: int, number: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))

    fixed = [date(year, month, day) for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))]
    kept = [day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0)) for day in fixed]
    last_monday = date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday())
    return [
        *kept,
        nth(1, 0, 3),
        nth(2, 0, 3),
        last_monday,
        nth(9, 0, 1),
        nth(10, 0, 2),
        nth(11, 3, 4),
        date(year, 1, 20),
    ]


def test_a_threshold_with_a_slip_of_the_pen_is_refused(tmp_path: Path) -> None:
    shutil.copytree(DATA / "filing", tmp_path / "filing")
    path = tmp_path / "filing" / "years" / "2023.yaml"
    text = path.read_text(encoding="utf-8")
    assert "15700" in text
    path.write_text(text.replace("15700", "15650"), encoding="utf-8")
    with pytest.raises(LawError, match=r"thresholds\.single\.1"):
        load_filing(2023, tmp_path)


def test_a_figure_without_a_source_is_refused(tmp_path: Path) -> None:
    shutil.copytree(DATA / "filing", tmp_path / "filing")
    path = tmp_path / "filing" / "rules.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in (("source: fbar}", "source: nowhere}"), (", source: fbar}", "}")):
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(LawError):
            load_filing(2024, tmp_path)
        load_filing.cache_clear()


@pytest.mark.parametrize("year", filing_years())
def test_every_source_says_when_it_was_compared_and_how_sure_it_is(year: int) -> None:
    law = load_filing(year)
    for key, cite in law.sources.items():
        assert cite.ref, key
        assert cite.checked_on >= date(2026, 1, 1), key
        assert cite.url or cite.sure.value == "unread", key


def test_only_the_years_not_yet_printed_hold_derived_thresholds() -> None:
    for year in filing_years():
        figures = [
            figure
            for status, rows in load_filing(year).year.thresholds.items()
            if status != "married_separate"
            for figure in rows.values()
        ]
        assert {figure.derived is not None for figure in figures} == {year == 2026}


def test_no_sentence_tells_anybody_that_nothing_has_to_be_filed() -> None:
    forbidden = ("need not file", "not have to file", "n't have to file", "no return is due")
    for code, sentence in load_filing(2025).sentences.items():
        assert not any(words in sentence.text.lower() for words in forbidden), code


def test_every_sentence_is_one_that_can_be_filled_in() -> None:
    for code, sentence in load_filing(2025).sentences.items():
        names = placeholders(sentence.text)
        assert sentence.text.format(**dict.fromkeys(names, "x")), code


def test_a_change_of_the_figures_changes_the_answer_with_no_code_touched(tmp_path: Path) -> None:
    shutil.copytree(DATA / "filing", tmp_path / "filing")
    years = tmp_path / "filing" / "years"
    text = (years / "2026.yaml").read_text(encoding="utf-8")
    text = text.replace("tax_year: 2026", "tax_year: 2027").replace("132900", "140000")
    (years / "2027.yaml").write_text(text, encoding="utf-8")
    rules = tmp_path / "filing" / "rules.yaml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("from: 2026, to: 2026", "from: 2026, to: 2027"),
        encoding="utf-8",
    )
    assert filing_years(tmp_path)[-1] == 2027
    assert load_filing(2027, tmp_path).year.exclusion_limit.value == Decimal(140000)
