"""The column reader and the explaining reader give the same answers, for every agreement."""

from __future__ import annotations

from functools import cache

import msgspec
import polars as pl
import pytest
from explained import Answer, Explained, Facts, day_of
from population import draw_population

from totalize.coverage.codes import COUNTRIES, COUNTRY_CODES
from totalize.coverage.columns import ColumnDeterminer, missing_facts
from totalize.coverage.provisions import PROVISIONS
from totalize.coverage.reading import changes_of
from totalize.law.book import LawBook

ROWS = 100_000
NO_AGREEMENT = "IN"
FIELDS = ("row", "first", "stop", "partner", "provision", "us_claims", "partner_claims", "missing")


@cache
def _book() -> LawBook:
    return LawBook()


@cache
def _columns() -> ColumnDeterminer:
    return ColumnDeterminer(_book())


@cache
def _explained() -> Explained:
    return Explained(_book())


def _population(country: str, rows: int) -> pl.DataFrame:
    agreement = _book().agreement(country) if country in _book().countries() else None
    around = changes_of(agreement) if agreement is not None else ()
    return draw_population(country, rows, COUNTRY_CODES[country], around)


def _by_columns(determiner: ColumnDeterminer, frame: pl.DataFrame) -> list[Answer]:
    decided = determiner.decide(frame).sort("row", "first")
    return [
        (row, day_of(first), None if stop is None else day_of(stop), *others)
        for row, first, stop, *others in decided.select(FIELDS).iter_rows()
    ]


def _one_by_one(frame: pl.DataFrame) -> list[Answer]:
    explained, stops = _explained(), frame["stop"].to_list()
    answers: list[Answer] = []
    for row, facts in enumerate(frame.drop("stop").iter_rows(named=True)):
        stop = stops[row]
        answers.extend(explained.stretches(row, facts, None if stop is None else day_of(stop)))
    return answers


@pytest.mark.parametrize("country", [*sorted(LawBook().countries()), NO_AGREEMENT])
def test_both_readers_give_every_work_the_same_answer(country: str) -> None:
    frame = _population(country, ROWS)
    found, expected = _by_columns(_columns(), frame), _one_by_one(frame)
    if found != expected:
        pytest.fail(_first_difference(frame.to_dicts(), found, expected))
    assert {row for row, *_ in found} == set(range(ROWS))


@pytest.mark.parametrize("country", ["DE", "RO", NO_AGREEMENT])
def test_works_get_the_same_answers_together_and_alone(country: str) -> None:
    frame = _population(country, 60)
    together = _columns().decide(frame)
    alone = [_columns().decide(frame[row : row + 1]) for row in range(frame.height)]
    assert [set(answers["row"]) for answers in alone] == [{0}] * frame.height
    assert pl.concat(alone).drop("row").equals(together.drop("row"))
    nothing = _columns().decide(frame.head(0))
    assert nothing.is_empty()
    assert nothing.schema == together.schema


def test_works_get_the_same_answers_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = _population("JP", 1000)
    at_once = _columns().decide(frame)
    monkeypatch.setattr("totalize.coverage.columns.BLOCK", 72)
    assert _columns().decide(frame).equals(at_once)


def test_the_comparison_sees_a_limit_that_differs_by_one_month() -> None:
    agreement = _book().agreement("DE")
    assert agreement is not None
    coverage = agreement.coverage
    assert coverage.detached_worker is not None
    changed = [
        msgspec.structs.replace(version, max_months=61)
        for version in coverage.detached_worker.us_to_foreign
    ]
    detached = msgspec.structs.replace(coverage.detached_worker, us_to_foreign=changed)
    amended = msgspec.structs.replace(
        agreement, coverage=msgspec.structs.replace(coverage, detached_worker=detached)
    )
    frame = _population("DE", 3000)
    other = _by_columns(ColumnDeterminer(LawBook(amended={"DE": amended})), frame)
    assert other != _one_by_one(frame)


def _first_difference(rows: list[Facts], found: list[Answer], expected: list[Answer]) -> str:
    """Tell the first work on which the readers differ, and how many there are."""
    by_row: dict[int, tuple[list[Answer], list[Answer]]] = {}
    for side, answers in enumerate((found, expected)):
        for answer in answers:
            by_row.setdefault(answer[0], ([], []))[side].append(answer)
    differing = [row for row, (one, other) in sorted(by_row.items()) if one != other]
    if not differing:
        return "the readers agree on every work but not on the order"
    row = differing[0]
    told = [f"{len(differing)} works differ; the first is {row}:"]
    told += [f"  {name}: {value}" for name, value in rows[row].items()]
    for name, answers in zip(("columns", "explained"), by_row[row], strict=True):
        told += [f"  {name}: {_in_words(answer)}" for answer in answers]
    return "\n".join(told)


def _in_words(answer: Answer) -> str:
    _, first, stop, partner, provision, us, other, missing = answer
    name = "unknown" if provision < 0 else PROVISIONS[provision].code
    return (
        f"{first} to {stop}, {COUNTRIES.get(partner)}: {name}, claims {us} {other}, "
        f"missing {missing_facts(missing)}"
    )
