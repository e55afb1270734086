"""Read rosters the plain way, and decide them one by one: what columns are held against."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

from totalize import api
from totalize.kernel.errors import InputError

AS_OF = date(2026, 11, 22)
ANSWER = (
    "from",
    "to",
    "outcome",
    "covered_by",
    "otherwise",
    "agreement",
    "rule",
    "proof",
    "certificate.issued_by",
    "missing",
    "error",
)
_FLAGS = {"true": True, "false": False}


def read_rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def case_of(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Write the rows of one person as a case, without the product's own reader."""
    worker: dict[str, Any] = {}
    works = []
    for row in rows:
        work: dict[str, Any] = {}
        for name, cell in row.items():
            if cell == "" or name == "worker_id":
                continue
            value: Any = cell
            if name in {"worker.citizenships", "also_in"}:
                value = [] if cell == "[]" else cell.split(";")
            elif cell == "null":
                value = None
            elif cell in _FLAGS:
                value = _FLAGS[cell]
            target = work
            if name.startswith("worker."):
                target = worker
            elif "." in name:
                target = work.setdefault(name.split(".")[0], {})
            target[name.rsplit(".", maxsplit=1)[-1]] = value
        works.append(work)
    return {"worker": worker, "work": works}


def expected_lines(rows: list[dict[str, str]]) -> list[list[tuple[str, ...]]]:
    """Return for each row of one person the answer's lines, as `check` gives them."""
    try:
        results = api.check(case_of(rows), AS_OF).results
    except InputError as error:
        lines = []
        for number in range(len(rows)):
            mine = len(rows) == 1 or not error.path.startswith("work[")
            if mine or error.path.startswith(f"work[{number}]"):
                lines.append([("",) * 10 + (str(error),)])
            else:
                lines.append([("",) * 10 + ("another row",)])
        return lines
    return [[_line(period) for period in result.periods] for result in results]


def _line(period: Any) -> tuple[str, ...]:
    def joined(values: Any) -> str:
        return ";".join(values or ())

    def text(value: Any) -> str:
        return "" if value is None else str(value)

    return (
        text(period.first),
        text(period.last),
        text(period.outcome),
        joined(period.covered_by),
        joined(period.otherwise),
        text(period.agreement),
        text(period.rule),
        text(period.proof),
        text(period.certificate and period.certificate.issued_by),
        joined(period.missing),
        "",
    )


def expected_of_people(people: list[list[dict[str, str]]]) -> list[list[list[tuple[str, ...]]]]:
    """Decide many people; runs in a process of its own."""
    return [expected_lines(rows) for rows in people]
