"""Costs and benefits in columns are those of each row alone, to the cent."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl
import pytest
from roster_support import AS_OF, case_of

from totalize import api
from totalize.contributions.results import total_of
from totalize.kernel.errors import InputError
from totalize.rosters.costs import CostOptions
from totalize.rosters.extras import Extras
from totalize.rosters.fields import BENEFIT_INPUT, COST_INPUT
from totalize.rosters.frames import decide_frame
from totalize.rosters.generate import generate

DRAWN = 16_000
SINCE = "2021-01-01"  # most of the law's figures begin later
COST = CostOptions(as_of=AS_OF, project=True, units={"UF": Decimal(39500)})
AMOUNTS = ("cost.without", "cost.with_certificate", "cost.saved", "cost.saved_up_to")


def draw_cost(chance: random.Random, row: dict[str, str | None]) -> dict[str, str | None]:
    alone = row["activity"] == "self_employment"
    cells: dict[str, str | None] = dict.fromkeys(COST_INPUT)
    if chance.random() < 0.1:
        return cells
    level = chance.choice([0, 380, 20_000, 62_000, 145_000, 120_000, 480_000, 9_000_000])
    cells["cost.earnings"] = chance.choice(
        [str(level), f"{level}.50", f"{chance.uniform(0, 2) * level:.2f}"]
    )
    currency = chance.choice(["USD", "USD", "USD", "EUR", "GBP", "JPY", None])
    cells["cost.currency"] = currency
    cells["cost.per"] = chance.choice([None, None, None, "month", "year"])
    cells["cost.year"] = chance.choice([None] * 8 + ["2024", "2026"])
    cells["cost.filing_status"] = chance.choice([None] * 5 + ["married_joint", "married_separate"])
    if alone and chance.random() < 0.3:
        cells["cost.us_wages"] = chance.choice(["20000", "176100", "99999.99"])
    if chance.random() < 0.03:
        name, wrong = chance.choice(
            [
                ("cost.earnings", "12,000"),
                ("cost.earnings", "-4"),
                ("cost.currency", "EURO"),
                ("cost.currency", "CLP"),
                ("cost.year", "26"),
                ("cost.year", "1990"),
                ("cost.per", "week"),
                ("cost.filing_status", "widowed"),
                ("cost.choices", "DE.nothing=such"),
                ("cost.choices", "what"),
                ("cost.us_wages", "7"),
            ]
        )
        cells[name] = wrong
    return cells


def draw_benefit(chance: random.Random) -> dict[str, str | None]:
    cells: dict[str, str | None] = dict.fromkeys(BENEFIT_INPUT)
    birth = date(chance.randint(1935, 1963), chance.randint(1, 12), chance.choice([1, 2, 15, 28]))
    cells["worker.birth_date"] = birth.isoformat()
    first = birth.year * 12 + birth.month + 62 * 12 + chance.randint(0, 60)
    first = min(first, 2026 * 12 + 8)
    cells["benefit.entitlement"] = f"{first // 12}-{first % 12 + 1:02d}"
    share, level = chance.choice([0.15, 0.4, 0.9]), chance.choice([400, 30_000, 400_000])
    years = [year for year in range(birth.year + 25, birth.year + 60) if chance.random() < share]
    years = [year for year in years if year <= 2025]
    cells["benefit.earnings"] = (
        ";".join(f"{year}={level * chance.random():.2f}" for year in years) or "[]"
    )
    old = [year for year in years if year < 1978]
    if old:
        cells["benefit.us_quarters"] = ";".join(f"{year}={chance.randint(0, 4)}" for year in old)
    if chance.random() < 0.6:
        country = chance.choice(["DE", "FR", "CA", "JP", "KR", "PL"])
        begin = birth.year + chance.randint(20, 40)
        cells["benefit.foreign"] = chance.choice(
            [
                f"{country}={begin}-02-01/{begin + chance.randint(1, 12)}-11-30",
                ";".join(f"{country}={begin + later}:{chance.randint(1, 4)}" for later in range(9)),
                f"{country}={begin}-02-01/{begin + 3}-11-30;GB={begin + 5}:4",
            ]
        )
    if chance.random() < 0.1:
        cells["benefit.kind"] = "survivor"
        cells["benefit.death_date"] = f"{birth.year + 58}-03-03"
        cells["benefit.survivor.relation"] = chance.choice(["widow", "child"])
        cells["benefit.survivor.birth_date"] = f"{birth.year}-06-01"
    if chance.random() < 0.08:
        name, wrong = chance.choice(
            [
                ("benefit.earnings", "1990:3"),
                ("benefit.earnings", "1990=much"),
                ("benefit.earnings", None),
                ("benefit.entitlement", "2026-13"),
                ("benefit.kind", "pension"),
                ("benefit.foreign", "DE=1990"),
                ("benefit.foreign", "US=1990:2"),
            ]
        )
        cells[name] = wrong
    return cells


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    chance = random.Random(8)
    frame = next(iter(generate(DRAWN, 8)))
    early = frame.filter(pl.col("start") < SINCE)["worker_id"]
    frame = frame.filter(~pl.col("worker_id").is_in(early.implode()))
    found = []
    for row in frame.to_dicts():
        more = draw_cost(chance, row)
        more |= dict.fromkeys(BENEFIT_INPUT)
        found.append(row | more)
    return found


@pytest.fixture(scope="module")
def decided(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    answer = decide_frame(pl.DataFrame(rows, infer_schema_length=None), extras=Extras(cost=COST))
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for line in answer.to_dicts():
        key = (line["worker_id"], line["id"])
        if key in first:
            assert all(line[name] is None for name in AMOUNTS), "a row's amounts stand once"
        first.setdefault(key, line)
    return first


def each_work(rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    """Yield each row with the case of its person and what was determined, None for bad ones."""
    people: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        people.setdefault(row["worker_id"], []).append(row)
    for works in people.values():
        case = case_of(
            [{n: v or "" for n, v in work.items() if n[:5] != "cost."} for work in works]
        )
        for work in case["work"]:
            work.pop("benefit", None)
        try:
            determination = api.check(case, AS_OF)
        except InputError:
            for work in works:
                yield work, case, None
            continue
        for work in works:
            yield work, case, determination


def systems_of(period: Any) -> tuple[str, ...]:
    return (*(period.covered_by or ()), *(period.otherwise or ()))


def alone(row: dict[str, Any], case: Any, determination: Any) -> Any:
    periods = determination.for_work(row["id"]).periods
    choices = {}
    for item in (row["cost.choices"] or "").split(";"):
        if item:
            name, mark, answer = item.partition("=")
            if not mark:
                raise InputError("choices", "")
            choices[name] = answer
    return api.cost(
        case,
        earnings=row["cost.earnings"],
        currency=row["cost.currency"] or "USD",
        per=row["cost.per"] or "year",
        year=row["cost.year"],
        work=row["id"],
        as_of=AS_OF,
        units=COST.units if any("CL" in systems_of(period) for period in periods) else None,
        choices=choices,
        filing_status=row["cost.filing_status"],
        other_us_wages=row["cost.us_wages"] or 0,
        project=True,
        determination=determination,
    )


def tried(question: Callable[[], Any]) -> tuple[Any, InputError | None]:
    try:
        return question(), None
    except InputError as error:
        return None, error


def test_a_population_costs_what_each_work_costs_alone(
    rows: list[dict[str, Any]], decided: dict[tuple[str, str], dict[str, Any]]
) -> None:
    compared = refused = unsettled = saved = 0
    for row, case, determination in each_work(rows):
        line = decided[row["worker_id"], row["id"]]
        got = tuple(line[name] for name in AMOUNTS)
        if row["cost.earnings"] is None or determination is None:
            assert got == (None,) * 4
            continue
        cost, error = tried(partial(alone, row, case, determination))
        if error is not None:
            assert got == (None,) * 4, (error, row)
            if error.code == "coverage_unknown":
                assert line["error"] is None
                unsettled += 1
            else:
                assert "cost." in line["error"], (error, line["error"])
                refused += 1
            continue
        detail = cost.detail
        expected = (
            total_of(detail.without),
            total_of(detail.with_certificate),
            detail.saved,
            detail.saved_up_to,
        )
        assert got == expected, (row, got, expected, line["error"])
        assert line["cost.for_year"] == detail.year
        assert line["cost.in_currency"] == cost.currency
        assert line["cost.at_least"] == ";".join(detail.at_least), row
        compared += 1
        saved += detail.saved > 0
    assert compared > 900
    assert saved > 400
    assert refused > 20
    assert unsettled > 0


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    chance = random.Random(9)
    plain = {"worker.citizenships": "US", "activity": "employment", "country": "US"}
    return [
        {**plain, "id": f"w{number}", "start": "2020-01-01", **draw_benefit(chance)}
        for number in range(700)
    ]


def record_of(row: dict[str, Any]) -> dict[str, Any]:
    """Write a row as a record, without the product's own reader."""

    def by_year(text: str) -> dict[str, str]:
        items = [item.partition("=") for item in text.split(";") if item and item != "[]"]
        return {year: value for year, _, value in items}

    names = {"kind": "benefit", "entitlement": "entitlement", "death_date": "death_date"}
    record: dict[str, Any] = {"birth_date": row["worker.birth_date"]}
    record |= {to: row[f"benefit.{name}"] for name, to in names.items()}
    record = {name: value for name, value in record.items() if value is not None}
    if row["benefit.survivor.relation"]:
        record["survivor"] = {
            "relation": row["benefit.survivor.relation"],
            "birth_date": row["benefit.survivor.birth_date"],
        }
    if row["benefit.earnings"] is not None:
        record["earnings"] = by_year(row["benefit.earnings"])
    if row["benefit.us_quarters"]:
        record["us_quarters"] = by_year(row["benefit.us_quarters"])
    foreign: dict[str, dict[str, Any]] = {}
    for item in (row["benefit.foreign"] or "").split(";"):
        if not item:
            continue
        country, value = item.split("=")
        side = foreign.setdefault(country, {"country": country})
        if "/" in value:
            first, last = value.split("/")
            side.setdefault("periods", []).append({"from": first, "to": last})
        else:
            year, mark, count = value.partition(":")
            if not mark:
                raise InputError("foreign", "cannot be read")
            side.setdefault("quarters", {})[year] = count
    if foreign:
        record["foreign"] = list(foreign.values())
    return record


def test_a_population_is_due_what_each_record_is_due_alone(records: list[dict[str, Any]]) -> None:
    answer = decide_frame(
        pl.DataFrame(records, infer_schema_length=None), extras=Extras(benefit=True)
    )
    assert answer.height == len(records)
    totalized = refused = 0
    for row, line in zip(records, answer.to_dicts(), strict=True):
        found, error = tried(lambda row=row: api.benefit(record_of(row)))
        if error is not None:
            assert line["benefit.insured"] is None, (row, error)
            assert "benefit." in line["error"], (row, line["error"])
            refused += 1
            continue
        total = found.totalized
        assert line["error"] is None, line["error"]
        assert (
            line["benefit.insured"],
            line["benefit.us_quarters_total"],
            line["benefit.foreign_quarters_used"],
            line["benefit.aime"],
            line["benefit.pia"],
            line["benefit.totalized_pia"],
            line["benefit.monthly"],
            line["benefit.family_maximum"],
        ) == (
            found.insured.value,
            found.us_quarters.total,
            sum(part.used for part in found.foreign_quarters.values()),
            found.aime,
            found.pia,
            None if total is None else total.totalized_pia,
            found.monthly_benefit,
            found.family_maximum,
        ), row
        totalized += found.insured == "totalized"
    assert totalized > 50
    assert refused > 15
