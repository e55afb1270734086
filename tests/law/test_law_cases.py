"""Every law case: facts in, outcome out, with the provision it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from totalize.api import check
from totalize.kernel.dates import parse_date
from totalize.kernel.reading import parse_trusted

HERE = Path(__file__).parent
KINDS = {"worked_example", "rule_restated", "inferred"}
FIELDS = {"name", "source", "kind", "as_of", "case", "expect"}


def _cases() -> list[Any]:
    found = []
    for path in sorted(HERE.glob("*/*.yaml")):
        for number, case in enumerate(parse_trusted(path.read_text(encoding="utf-8"))):
            label = f"{path.parent.name}/{path.stem}[{number}]"
            found.append(pytest.param(case, id=label))
    return found


@pytest.mark.parametrize("case", _cases())
def test_the_law_decides_as_its_source_says(case: dict[str, Any]) -> None:
    assert set(case) == FIELDS, case["name"]
    assert case["kind"] in KINDS
    answer = check(case["case"], parse_date(case["as_of"], "as_of")).to_dict()
    results = {result["work"]: result["periods"] for result in answer["results"]}
    for work, expected in case["expect"].items():
        found = results[work]
        assert len(found) == len(expected), f"{case['name']}: {_short(found)}"
        for wanted, period in zip(expected, found, strict=True):
            _compare(wanted, period, case["name"])


def _compare(wanted: dict[str, Any], period: dict[str, Any], name: str) -> None:
    for field, value in wanted.items():
        if field == "warnings":
            codes = {warning["code"] for warning in period["warnings"]}
            assert set(value) <= codes, f"{name}: warnings {codes}"
        elif field == "certificate" and value is not None:
            assert period["certificate"] is not None, f"{name}: {_short([period])}"
            for key, item in value.items():
                assert period["certificate"][key] == item, f"{name}: {_short([period])}"
        else:
            assert period[field] == value, f"{name}: {field} in {_short([period])}"


def _short(periods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    shown = ("from", "to", "outcome", "covered_by", "otherwise", "rule", "proof", "missing")
    return [{key: period[key] for key in shown} for period in periods]
