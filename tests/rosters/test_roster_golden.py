"""The example roster comes out as the file beside it says, whatever kind of file goes in."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from roster_support import read_rows

import totalize
from totalize.cli.main import main
from totalize.rosters.costs import CostOptions
from totalize.rosters.fields import BENEFIT_ANSWER, COST_ANSWER

EXAMPLES = Path(__file__).parents[2] / "examples" / "rosters"
GIVEN, EXPECTED = EXAMPLES / "money.csv", EXAMPLES / "money-decided.csv"
AMOUNTS = ["--cost", "--benefit", "--project", "--as-of", "2026-06-30"]
NUMBERS = [
    name
    for name in (*COST_ANSWER, *BENEFIT_ANSWER)
    if name not in {"cost.in_currency", "cost.at_least", "benefit.insured"}
]


def as_lines(frame: pl.DataFrame) -> list[dict[str, Any]]:
    texts = frame.select(pl.all().cast(pl.String).fill_null(""))
    return [comparable(row) for row in texts.to_dicts()]


def comparable(row: dict[str, str]) -> dict[str, Any]:
    return {name: float(row[name]) if name in NUMBERS and row[name] else row[name] for name in row}


def write_workbook(path: Path, frame: pl.DataFrame) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([frame.columns, *frame.rows()]):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write_string(line, column, cell)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_the_example_comes_out_as_it_stands_there(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, out = tmp_path / f"money.{kind}", tmp_path / f"decided.{kind}"
    frame = pl.read_csv(GIVEN, infer_schema=False)
    if kind == "csv":
        given.write_bytes(GIVEN.read_bytes())
    elif kind == "parquet":
        frame.write_parquet(given)
    else:
        write_workbook(given, frame)
    assert main(["roster", str(given), "--out", str(out), "--json", *AMOUNTS]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["rows"], summary["bad"]) == (14, 1)
    assert summary["amounts"]["cost EUR saved"] == sum_of("EUR", "cost.saved")
    if kind == "csv":
        assert out.read_text() == EXPECTED.read_text()
        return
    expected = [comparable(row) for row in read_rows(EXPECTED)]
    found = pl.read_parquet(out) if kind == "parquet" else pl.DataFrame(read_workbook(out))
    assert as_lines(found) == expected


def sum_of(currency: str, name: str) -> str:
    rows = [row for row in read_rows(EXPECTED) if row["cost.in_currency"] == currency]
    return f"{sum(float(row[name]) for row in rows):.2f}"


def read_workbook(path: Path) -> list[dict[str, str]]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(path))
    header, *rows = book.get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), map(str, row), strict=True)) for row in rows]


def test_a_frame_comes_out_as_the_file_does() -> None:
    frame = pl.read_csv(GIVEN, infer_schema=False)
    cost = CostOptions(as_of=date(2026, 6, 30), project=True)
    decided = totalize.rosters.decide(frame, cost=cost, benefit=True)
    assert decided["cost.saved"].dtype == pl.Decimal(18, 2)
    assert as_lines(decided) == [comparable(row) for row in read_rows(EXPECTED)]
    plain = totalize.rosters.decide(frame)
    assert plain.columns == decided.columns[: -len(COST_ANSWER + BENEFIT_ANSWER)]


def test_the_engineer_in_munich_saves_what_her_case_saves() -> None:
    row = next(row for row in read_rows(EXPECTED) if row["worker_id"] == "munich")
    case = {
        "worker": {"citizenships": ["US"], "birth_date": "1985-04-02"},
        "work": [
            {
                "activity": "employment",
                "country": "DE",
                "start": "2026-03-01",
                "expected_end": "2029-02-28",
                "employer": {"country": "US"},
                "sent_from": "US",
                "via": None,
                "employed_before_transfer": True,
                "residence": "US",
            }
        ],
    }
    cost = totalize.cost(
        case, earnings=145000, currency="USD", year=2026, as_of=date(2026, 6, 30), project=True
    )
    assert row["cost.saved"] == str(cost.detail.saved)


def test_every_column_of_amounts_is_filled_by_some_row() -> None:
    rows = read_rows(EXPECTED)
    for name in (*COST_ANSWER, *BENEFIT_ANSWER):
        assert any(row[name] for row in rows), name
    assert {row["benefit.insured"] for row in rows} >= {"totalized", "regular"}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--explain", "15"], "explain: is no row of the roster"),
        (["--currency", "EUR"], "currency: belongs to a cost"),
        (["--cost", "--unit", "ELL=3"], "unit.ELL: no country counts in that unit"),
        (["--cost", "--rate", "CLP"], "rate: is not a pair"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_decided(
    options: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    assert main(["roster", str(GIVEN), "--out", str(out), *options]) == 2
    said = capsys.readouterr()
    assert complaint in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_the_header_says_which_columns_are_the_answer() -> None:
    with EXPECTED.open(newline="") as file:
        header = next(csv.reader(file))
    assert header[-len(COST_ANSWER) - len(BENEFIT_ANSWER) :] == [*COST_ANSWER, *BENEFIT_ANSWER]
