"""Benefit records: one at a time, and as columns on one and two threads.

The population is drawn from the calculator's cases with each year's earnings changed by a seeded
generator; the 14,000 records are laid fifteen times side by side for the columns.
"""

import json
import os
import random
import time
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import numpy as np

from totalize.benefits import answer
from totalize.benefits.columns import BenefitColumns, answer_columns, to_columns
from totalize.benefits.reading import read_record

DATA = Path(__file__).parents[1] / "tests/benefits/data/anypia_cases.jsonl"
COPIES = 40
REPEATS = 7


def record_of(case: dict, chance: random.Random) -> dict:
    record = {
        "birth_date": case["birth_date"],
        "benefit": {"old-age": "retirement"}.get(case["benefit_type"], case["benefit_type"]),
        "entitlement": case["entitlement_month"],
        "benefit_month": case["benefit_month"],
        "earnings": {
            year: str(round(Decimal(str(amount)) * chance.randint(800, 1250) / 1000, 2))
            for year, amount in case["covered_earnings"].items()
        },
        "us_quarters": case.get("pre_1978_quarters_given_as_input") or {},
    }
    if "disability" in case:
        record |= case["disability"]
    if "death_date" in case:
        record["death_date"] = case["death_date"]
        record["survivor"] = {"relation": "widow", "birth_date": case["widow"]["birth_date"]}
    if case.get("foreign_periods"):
        record["foreign"] = [{"country": "DE", "periods": case["foreign_periods"]}]
    return record


def line(name: str, count: int, wall: float, cpu: float) -> None:
    print(
        f"{name:<34}{count:>9,}{wall:>9.2f}{count / wall:>12,.0f}{cpu:>9.2f}{count / cpu:>12,.0f}"
    )


def repeat(columns: BenefitColumns, times: int) -> BenefitColumns:
    rows = np.tile(np.arange(len(columns)), times)
    return BenefitColumns(*(getattr(columns, item.name)[..., rows] for item in fields(columns)))


def main() -> None:
    with DATA.open() as file:
        cases = [json.loads(row) for row in file]
    chance = random.Random(1)
    records = [record_of(case, chance) for _ in range(COPIES) for case in cases]
    typed = [read_record(record) for record in records[:1400]]
    print(f"{'':<34}{'records':>9}{'wall s':>9}{'per second':>12}{'CPU s':>9}{'per CPU s':>12}")
    for name, given in (
        ("one by one, from a mapping", records[:1400]),
        ("one by one, typed", typed),
    ):
        answer(given[0])
        start, cpu = time.perf_counter(), time.process_time()
        for record in given:
            answer(record)
        line(name, len(given), time.perf_counter() - start, time.process_time() - cpu)
    start, cpu = time.perf_counter(), time.process_time()
    columns = to_columns(records)
    line("into columns", len(columns), time.perf_counter() - start, time.process_time() - cpu)
    columns = repeat(columns, 15)
    answer_columns(columns)
    for workers in (1, 2):
        best = (1e9, 1e9)
        for _ in range(REPEATS):
            start, cpu = time.perf_counter(), time.process_time()
            answer_columns(columns, workers=workers)
            best = min(best, (time.perf_counter() - start, time.process_time() - cpu))
        line(f"columns, {workers} thread(s), best of {REPEATS}", len(columns), *best)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs"
    print(f"{load}, numpy {np.__version__}")


if __name__ == "__main__":
    main()
