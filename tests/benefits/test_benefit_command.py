"""The command: plain words in 80 columns, JSON alone, refusals on standard error."""

import json
from pathlib import Path

import pytest

from totalize.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples/benefits"
RECORDS = sorted(EXAMPLES.glob("*.yaml"))
MUNICH = str(EXAMPLES / "retired-in-munich.yaml")
SEOUL = str(EXAMPLES / "engineer-from-seoul.yaml")


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: str(path.stem))
def test_every_example_runs_within_80_columns(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--plan"] if record.stem == "engineer-from-seoul" else ["--steps"]
    assert main(["benefit", str(record), *options]) == 0
    shown = capsys.readouterr().out
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_json_is_the_whole_of_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benefit", MUNICH, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["insured"], found["totalized"]["country"]) == ("totalized", "DE")
    assert found["totalized"]["denominator"] == 140


def test_a_refusal_leaves_standard_output_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "record.yaml"
    record.write_text("birth_date: 1960-05-15\nentitlement: 2026-06\nearnings: {1990: -5}\n")
    assert main(["benefit", str(record)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "earnings[1990]" in shown.err


def test_earnings_come_from_csv_or_a_statement(capsys: pytest.CaptureFixture[str]) -> None:
    bare = str(EXAMPLES / "retired-without-earnings.yaml")
    assert main(["benefit", bare, "--earnings", str(EXAMPLES / "earnings.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["us_quarters"]["total"] == 24
    assert main(["benefit", bare, "--earnings", str(EXAMPLES / "statement.xml"), "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["us_quarters"]["total"] == 8
    assert "2025" in shown.err


def test_earnings_in_two_places_or_of_another_person_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["benefit", MUNICH, "--earnings", str(EXAMPLES / "earnings.csv")]) == 2
    other = tmp_path / "other.yaml"
    other.write_text("birth_date: 1961-05-15\nentitlement: 2026-06\nearnings: {}\n")
    assert main(["benefit", str(other), "--earnings", str(EXAMPLES / "statement.xml")]) == 2
    assert "birth_date" in capsys.readouterr().err


def test_a_picture_goes_with_a_plan_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benefit", MUNICH, "--chart", "x.svg"]) == 2
    assert main(["benefit", SEOUL, "--plan", "--chart", "x.txt"]) == 2
    assert capsys.readouterr().out == ""


def test_the_chart_says_in_words_what_it_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "plan.svg"
    assert main(["benefit", SEOUL, "--plan", "--chart", str(picture)]) == 0
    text = picture.read_text()
    assert 'role="img"' in text
    assert "<desc" in text
    assert "3 US years" in text
    assert "3 US years" in capsys.readouterr().err


def test_the_statement_is_one_accessible_page(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    page = tmp_path / "statement.pdf"
    assert main(["benefit", MUNICH, "--pdf", str(page)]) == 0
    first = page.read_bytes()
    assert first.startswith(b"%PDF")
    assert main(["benefit", MUNICH, "--pdf", str(page)]) == 0
    assert page.read_bytes() == first
    assert first.count(b"/Type/Page\n") + first.count(b"/Type /Page\n") <= 1
