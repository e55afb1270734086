"""Cases that SSA's own calculator has worked out, as records of the contract."""

import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@cache
def oracle_cases() -> list[dict[str, Any]]:
    with (DATA / "anypia_cases.jsonl").open() as file:
        return [json.loads(line) for line in file]


def record_of(case: dict[str, Any], country: str = "DE") -> dict[str, Any]:
    """Return the record of a case; the calculator knows no country, so any may be named."""
    given = case.get("pre_1978_quarters_given_as_input") or {}
    record: dict[str, Any] = {
        "contract": 1,
        "birth_date": case["birth_date"],
        "benefit": {"old-age": "retirement"}.get(case["benefit_type"], case["benefit_type"]),
        "entitlement": case["entitlement_month"],
        "benefit_month": case["benefit_month"],
        "earnings": case["covered_earnings"],
        "us_quarters": given,
    }
    if "disability" in case:
        record["onset"] = case["disability"]["onset"]
        record["first_waiting_month"] = case["disability"]["first_waiting_month"]
    if "death_date" in case:
        record["death_date"] = case["death_date"]
        record["survivor"] = {"relation": "widow", "birth_date": case["widow"]["birth_date"]}
    if case.get("foreign_periods"):
        record["foreign"] = [{"country": country, "periods": case["foreign_periods"]}]
    return record
