"""The year of a person, case by case: what is given, what the law says of it, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from filing_support import answer, look

from totalize.kernel.reading import parse_trusted

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in parse_trusted(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", CASES)
def test_the_year_is_answered_as_the_law_says(case: dict[str, Any]) -> None:
    assert set(case) <= {"name", "why", "given", "expect"}
    result = answer(case["given"])
    for path, expected in case["expect"].items():
        found = look(result, path)
        if isinstance(expected, dict):
            codes = {item["code"] for item in found}
            assert set(expected.get("has", [])) <= codes, (path, codes)
            assert not set(expected.get("lacks", [])) & codes, (path, codes)
        else:
            assert _plain(found) == expected, path


def _plain(value: Any) -> Any:
    """Fractions are written as text in the cases, so that they are exact."""
    return str(value) if isinstance(value, float) else value
