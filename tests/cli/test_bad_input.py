"""Bad input is refused in one line that names the path; nothing goes to standard output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import CASES, Shell, refused, run_apart

GOOD = "contract: 1\nworker: {citizenships: [US]}\nwork:\n"
WORK = "  - {activity: employment, country: DE, start: 2026-03-01"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"{GOOD}{WORK}, emploier: x}}\n", ["work[0].emploier", "employer, perhaps"]),
        (f"{GOOD}{WORK}, residence: XX}}\n", ["work[0].residence", "'XX'", "two capital letters"]),
        (f"{GOOD}{WORK}, residence: UK}}\n", ["work[0].residence", "GB"]),
        (f"{GOOD}{WORK}, expected_end: 2026-02-30}}\n", ["work[0].expected_end", "2026-02-30"]),
        (f"{GOOD}{WORK}, expected_end: 2025-12-31}}\n", ["work[0].expected_end", "2026-03-01"]),
        (f"{GOOD}{WORK}, end: 2025-12-31}}\n", ["work[0].end", "before the start"]),
        (f"{GOOD}{WORK}, id: a}}\n{WORK}, id: a}}\n", ["work[1].id", "work[0]"]),
        (f"{GOOD}{WORK}, employer: {{american: perhaps}}}}\n", ["work[0].employer.american"]),
        (f"{GOOD}{WORK}, also_in: FR}}\n", ["work[0].also_in", "a list"]),
        ("contract: 2\nworker: {citizenships: [US]}\nwork: []\n", ["contract"]),
        (
            f"{GOOD}  - {{country: DE, activity: employment, start: 0001-01-01}}\n",
            ["work[0].start"],
        ),
        (
            f"{GOOD}  - {{country: DE, activity: employment, start: 9999-12-31}}\n",
            ["work[0].start"],
        ),
        (f"{GOOD}  - {{country: DE, start: 2026-01-01}}\n", ["work[0].activity", "missing"]),
        (f"{GOOD}  - {{activity: hobby, country: DE, start: 2026-01-01}}\n", ["work[0].activity"]),
        ("contract: 1\nworker: {citizenships: []}\nwork: []\n", ["worker.citizenships"]),
        ("contract: 1\nworker: {citizenships: [US]}\nwork: []\n", ["work", "at least one"]),
        ("contract: 1\nworker: {}\n", ["worker.citizenships"]),
        ("", ["empty"]),
        ("   \n\n", ["empty"]),
        ("null\n", ["empty"]),
        ("# only a comment\n", ["empty"]),
        ("just words\n", ["not a mapping"]),
        ("[1, 2]\n", ["not a mapping"]),
        ("a: [1\n", ["not well-formed YAML", "line 2"]),
        ("a: 1\na: 2\n", ["a", "twice"]),
        ('{"a": 1, "a": 2}', ["a", "twice"]),
        ('{"a": 1', ["not well-formed JSON"]),
        ('{"a": NaN}', ["NaN"]),
        ("a: &x [1]\nb: *x\n", ["anchor or alias", "line 1"]),
        ("a: !!python/object/apply:os.system ['true']\n", ["tag", "python"]),
        ("a: 1\n---\nb: 2\n", ["more than one document"]),
        ("? [a]\n: 1\n", ["key is not text"]),
    ],
    ids=lambda value: value[-40:] if isinstance(value, str) else None,
)
def test_what_is_wrong_is_named_by_its_path(
    totalize: Shell, tmp_path: Path, text: str, parts: list[str]
) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(text, encoding="utf-8")
    refused(totalize("check", case), "totalize check: ", *parts)
    refused(totalize("check", "-", "--json", stdin=text), *parts)


def test_a_bomb_of_aliases_is_refused_unexploded(totalize: Shell) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]\n" for number in range(1, 60)
    )
    refused(totalize("check", "-", stdin=bomb), "anchor or alias")


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", '{"a":'])
def test_deep_nesting_is_refused_by_depth_and_ten_megabytes_by_size(
    totalize: Shell, unit: str
) -> None:
    refused(totalize("check", "-", stdin=unit * 5000))
    ten_megabytes = (unit * (10_000_000 // len(unit))).encode()
    refused(totalize("check", "-", stdin=ten_megabytes), "too large")


def test_ten_megabytes_of_nesting_end_a_process_kindly() -> None:
    ran = run_apart("check", "-", stdin=b"[" * 10_000_000)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"too large" in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_files_that_are_no_text_are_refused(totalize: Shell, tmp_path: Path) -> None:
    binary = tmp_path / "case.bin"
    binary.write_bytes(bytes(range(256)) * 4)
    refused(totalize("check", binary), "not UTF-8")
    controls = tmp_path / "controls.yaml"
    controls.write_bytes(b"a: \x07\x1b[2J\n")
    refused(totalize("check", controls), "control characters")


def test_what_is_no_file_is_refused(totalize: Shell, tmp_path: Path) -> None:
    refused(totalize("check", tmp_path), "cannot read", "directory")
    refused(totalize("check", tmp_path / "none.yaml"), "cannot read", "No such file")
    refused(totalize("check", "a\0b"), "not the name of a file")


def test_a_name_in_the_file_cannot_command_the_terminal(totalize: Shell) -> None:
    case = {
        "contract": 1,
        "worker": {"citizenships": ["US"], "\x1b[2J\nfake": 1},
        "work": [{"activity": "employment", "country": "DE", "start": "2026-01-01"}],
    }
    ran = totalize("check", "-", stdin=json.dumps(case))
    refused(ran, "worker.\\x1b[2J\\nfake")
    assert "\x1b" not in ran.err
    case["worker"] = {"citizenships": ["US"]}
    case["work"] = [
        {"id": "\x1b]0;x\x07", "activity": "employment", "country": "DE", "start": "2026-01-01"}
    ]
    ran = totalize("check", "-", stdin=json.dumps(case))
    assert ran.status == 0
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--as-of", "2026-13-01"], ["as_of", "2026-13-01"]),
        (["--what-if", "work[0].end"], ["what_if", "PATH=VALUE"]),
        (["--what-if", "=1"], ["what_if"]),
        (["--what-if", "work[7].end=2027-01-01"], ["work[7].end", "0 to 0", "berlin"]),
        (["--what-if", "work[nobody].end=2027-01-01"], ["work[nobody].end", "berlin"]),
        (["--what-if", f"work[{'9' * 5000}].end=1"], ["leads to nothing"]),
        (["--what-if", "work[0].emploier.country=US"], ["work[0].emploier"]),
        (["--what-if", "work[0].start.day=1"], ["work[0].start.day", "no fields"]),
        (["--what-if", "work[0]..end=1"], ["not the path"]),
        (["--what-if", "work[0].end=2020-01-01"], ["work[0].end", "before the start"]),
        (["--what-if", "work[0].end=&a x"], ["anchor"]),
        (["--what-if", "work[0].end=[1"], ["not well-formed"]),
        (["--what-if", "work="], ["work", "missing"]),
        (["--what-if", "work[0].end=2027-01-01", "--what-if", "work[0].end=null"], ["twice"]),
    ],
    ids=str,
)
def test_options_that_say_nothing_sensible_are_refused(
    totalize: Shell, words: list[str], parts: list[str]
) -> None:
    refused(totalize("check", CASES / "berlin.yaml", *words), *parts)


@pytest.mark.parametrize(
    "words", [["nonsense"], ["check"], ["check", "a", "b"], ["completion", "tcsh"], ["--nope"]]
)
def test_a_command_written_wrongly_ends_with_status_two(totalize: Shell, words: list[str]) -> None:
    ran = totalize(*words)
    assert (ran.status, ran.out) == (2, "")
    assert "--help" in ran.err


def test_refusals_hold_in_a_process_of_its_own(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("work: 1\n", encoding="utf-8")
    ran = run_apart("check", bad, "--json")
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr.startswith(b"totalize check: work: is a number (found 1); expected a list")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("chek", "x"), ["chek is no command", "check, perhaps"]),
        (("check",), ["CASE: missing", "totalize check CASE", "totalize check --help"]),
        (
            ("cost", "case.yaml"),
            ["--earnings, --currency: missing", "totalize cost", "--earnings N --currency C"],
        ),
        (
            ("check", "x", "--as-off", "2026"),
            ["totalize check: --as-off is no option here", "--as-of"],
        ),
        (("check", "x", "y"), ["totalize check: y is one word too many"]),
        (("audit",), ["totalize audit verify|checkpoint"]),
        (("roster",), ["--out: missing", "totalize roster", "--out OUT"]),
        (("serve", "--port", "abc"), ["--port: is not a whole number (found 'abc')"]),
        (("check", "x", "--as-of"), ["--as-of", "totalize check --help"]),
        (("new", "--\x1b[2J"), ["is no option"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_command_line_that_does_not_fit_says_what_would(
    totalize: Shell, words: tuple[str, ...], parts: list[str]
) -> None:
    ran = totalize(*words)
    refused(ran, *parts)
    assert "\x1b" not in ran.err


def test_a_list_is_told_how_to_write_it(totalize: Shell) -> None:
    text = "contract: 1\nworker: {citizenships: US}\nwork: []\n"
    refused(totalize("check", "-", stdin=text), "worker.citizenships", "square brackets")


def test_verification_names_the_option_that_cannot_be_read(totalize: Shell, tmp_path: Path) -> None:
    case = CASES.parent / "certificates" / "engineer.yaml"
    paper, anchors = tmp_path / "s.pdf", tmp_path / "a.pem"
    assert totalize("specimen", case, "--out", paper, "--anchors", anchors).status == 0
    known = ("--trust", anchors)
    refused(totalize("verify", paper, *known, "--status", case), "--status", "is no status list")
    refused(totalize("verify", "ABCD", *known), "ABCD is no file here, and no reference")
