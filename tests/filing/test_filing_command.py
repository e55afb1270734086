"""`totalize filing` and `totalize.filing` as their users meet them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import totalize
from totalize.cli.main import main

CASE = """
contract: 1
worker: {citizenships: [US], residence: FR, birth_date: 1990-05-01}
work:
  - id: lyon
    activity: self_employment
    country: FR
    also_in: []
    start: 2024-01-01
    expected_end: null
    sent_from: null
    certificate: {issued_by: FR, from: 2024-01-01, to: 2026-12-31}
"""
WORDS = ["--tax-year", "2025", "--status", "married_separate", "--income", "62000"]


@pytest.fixture
def case(tmp_path: Path) -> str:
    path = tmp_path / "case.yaml"
    path.write_text(CASE, encoding="utf-8")
    return str(path)


def test_json_is_all_there_is_on_standard_output(
    case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["filing", case, *WORDS, "--as-of", "2026-11-22", "--json"]) == 0
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert err == ""
    assert answer["contract"] == 1
    assert answer["income_tax_return"]["outcome"] == "required"
    assert answer["social_security_tax"]["entry"]["proven"] is True


def test_the_function_of_the_package_gives_the_same_as_the_command(
    case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["filing", case, *WORDS, "--as-of", "2026-11-22", "--json"])
    given = {"tax_year": 2025, "status": "married_separate", "income": "62000"}
    from datetime import date

    from totalize.kernel.reading import read_document

    result = totalize.filing(read_document(CASE), as_of=date(2026, 11, 22), **given)
    assert result.to_dict() == json.loads(capsys.readouterr().out)


def test_the_room_and_the_function_share_a_name_without_harm() -> None:
    import totalize.filing.pages as pages  # noqa: PLR0402 - this very form is tested

    assert pages.as_text is sys.modules["totalize.filing.pages"].as_text
    assert callable(totalize.filing)


def test_the_answer_for_people_shows_three_boxes_in_order(
    case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["filing", case, *WORDS, "--as-of", "2026-11-22"]) == 0
    out = capsys.readouterr().out
    boxes = ["1. INCOME TAX RETURN", "2. SOCIAL SECURITY TAX", "3. ACCOUNT REPORTS"]
    assert [out.index(box) for box in boxes] == sorted(out.index(box) for box in boxes)
    assert "exemption-statement-2025" in out


def test_pages_are_written_where_they_are_wanted(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pages"
    words = ["--as-of", "2026-11-22", "--pages", str(folder), "--json"]
    assert main(["filing", case, *WORDS, *words]) == 0
    json.loads(capsys.readouterr().out)
    names = {path.name for path in folder.iterdir()}
    assert {"exemption-statement-2025.txt", "two-month-statement-2025.txt"} <= names


def test_without_the_typesetter_the_text_is_written_and_the_extra_is_named(
    case: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    folder = tmp_path / "pages"
    assert main(["filing", case, *WORDS, "--as-of", "2026-11-22", "--pages", str(folder)]) == 0
    assert "totalize[documents]" in capsys.readouterr().err
    assert {path.suffix for path in folder.iterdir()} == {".txt"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--tax-year", "2027", "--status", "single", "--income", "1"], "tax_year"),
        (["--tax-year", "2025", "--status", "wed", "--income", "1"], "status"),
        (["--tax-year", "2025", "--status", "single", "--income=-1"], "income"),
        (["--tax-year", "2025", "--status", "single"], "--income"),
        ([*WORDS, "--dependent", "perhaps"], "--dependent"),
        ([*WORDS, "--special", "none", "--special", "premium_credit_advance"], "none goes with"),
        ([*WORDS, "--notice", "CP2000"], "notice_date"),
        ([*WORDS, "--as-of", "yesterday"], "as_of"),
        ([*WORDS, "--determination", "/nowhere.json"], "nowhere.json"),
    ],
)
def test_bad_words_leave_with_two_and_nothing_on_standard_output(
    case: str, words: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(["filing", case, *words])
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert named in err


def test_a_folder_that_cannot_be_made_is_refused(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    words = [*WORDS, "--as-of", "2026-11-22", "--pages", str(blocked / "in")]
    assert main(["filing", case, *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "pages" in err


EXAMPLES = Path(__file__).parents[2] / "examples" / "filing"
TRIES = [
    line.split("`")[3].split()[2:]
    for line in (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    if "`totalize filing" in line
]


def test_none_said_twice_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    answers = []
    for often in (1, 2):
        none = ["--special", "none"] * often
        assert main(["filing", str(EXAMPLES / "lyon.yaml"), *WORDS, *none, "--json"]) == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("words", TRIES, ids=lambda words: words[0])
def test_every_example_runs_as_its_page_says(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(tmp_path / word) if word == "pages" else word for word in words]
    assert main(["filing", str(EXAMPLES / words[0]), *words[1:], "--as-of", "2026-11-22"]) == 0
    out = capsys.readouterr().out
    expected = {
        "lyon.yaml": 'Write "Exempt, see attached statement"',
        "mexico_city.yaml": "$11,303.64",
        "munich.yaml": "the employer withholds FICA",
    }
    assert expected[words[0]] in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80
