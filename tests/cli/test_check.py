"""`totalize check`: what the contract fixes, what a person reads, what changes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_support import AS_OF, CASES, Shell, run_apart

from totalize import api

DATA = Path(__file__).parent / "data"
CONTRACT = ["berlin", "affiliate-tokyo", "freelancer-paris", "pune"]


def holds(expected: Any, found: Any) -> bool:
    """Tell whether everything expected is found, other fields left aside."""
    if isinstance(expected, dict):
        return all(key in found and holds(value, found[key]) for key, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(holds, expected, found))
    return bool(expected == found)


@pytest.mark.parametrize("name", CONTRACT)
def test_the_contract_s_example_is_answered_as_written(totalize: Shell, name: str) -> None:
    expected = json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))
    ran = totalize("check", CASES / f"{name}.yaml", "--json", *AS_OF)
    assert ran.status == 0
    assert ran.err == ""
    assert ran.plain["contract"] == 1
    assert ran.plain["as_of"] == "2026-11-22"
    assert holds(expected, ran.plain)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_gives_json_that_fits_the_published_schema(
    totalize: Shell, path: Path
) -> None:
    schema = totalize("schema", "determination").plain
    answer = totalize("check", path, "--json", *AS_OF).plain
    jsonschema.validate(answer, schema, cls=jsonschema.Draft202012Validator)
    period = answer["results"][0]["periods"][0]
    assert set(period) == set(schema["$defs"]["CoveragePeriod"]["properties"])


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("options", [(), ("--full",)], ids=["minimal", "full"])
def test_every_example_reads_well_within_eighty_columns(
    totalize: Shell, path: Path, options: tuple[str, ...]
) -> None:
    ran = totalize("check", path, *options, *AS_OF)
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line.endswith(" ") for line in lines)
    assert "\x1b" not in ran.out
    assert "{" not in ran.out, "a placeholder was left"
    assert "None" not in ran.out


@pytest.mark.parametrize("name", ["berlin", "affiliate-tokyo"])
def test_the_answer_comes_first_and_looks_like_the_golden_page(totalize: Shell, name: str) -> None:
    ran = totalize("check", CASES / f"{name}.yaml", *AS_OF)
    golden = (DATA / f"{name}.txt").read_text(encoding="utf-8")
    assert ran.out.replace(api.law().version, "LAW") == golden


def test_no_answer_says_exempt_on_entitlement_alone(totalize: Shell) -> None:
    for path in CASES.glob("*.yaml"):
        assert "exempt " not in totalize("check", path, *AS_OF).out.split("Good to know")[0]


def test_a_held_certificate_is_said_to_prove_the_answer(totalize: Shell, tmp_path: Path) -> None:
    case = tmp_path / "held.yaml"
    case.write_text(
        (CASES / "berlin.yaml").read_text(encoding="utf-8")
        + "    certificate: {issued_by: US, from: 2026-03-01, to: 2029-02-28}\n",
        encoding="utf-8",
    )
    assert "the certificate you hold fits" in totalize("check", case, *AS_OF).out
    assert totalize("check", case, "--json").plain["results"][0]["periods"][0]["proof"] == "held"


def test_a_case_comes_from_standard_input_too(totalize: Shell) -> None:
    text = (CASES / "pune.yaml").read_text(encoding="utf-8")
    assert totalize("check", "-", stdin=text).out.startswith("pune: work in India\n  Both ")


def test_where_residence_takes_the_place_of_work_the_rule_says_so(totalize: Shell) -> None:
    worker = "worker: {citizenships: [NL], residence: NL}\n"
    work = "work: [{activity: employment, country: US, also_in: [NL], start: 2026-03-01, "
    rest = "expected_end: null, employer: {country: US}, sent_from: null}]\n"
    out = totalize("check", "-", *AS_OF, stdin=f"contract: 1\n{worker}{work}{rest}").out
    why = out.split("  Why\n")[1].split("\n    +")[0].split()
    said = "The Netherlands covers this work too: the worker lives there and works there as well."
    assert " ".join(why) == said
    assert "Work is covered where it is done" not in out
    assert "It is presumed that the law of the Netherlands" not in out


def test_the_nearest_facts_that_would_change_it_are_named(totalize: Shell) -> None:
    out = totalize("check", CASES / "berlin.yaml", *AS_OF).out
    change = out.split("What would change it")[1].split("\n\n")[0]
    assert "later than 28 February 2031 -> Germany covers it" in change
    tried = totalize(
        "check", CASES / "berlin.yaml", "--what-if", "work[0].expected_end=2031-02-28", "--json"
    ).plain["after"]
    beyond = totalize(
        "check", CASES / "berlin.yaml", "--what-if", "work[0].expected_end=2031-03-01", "--json"
    ).plain["after"]
    assert tried["results"][0]["periods"][0]["covered_by"] == ["US"]
    assert beyond["results"][0]["periods"][0]["covered_by"] == ["DE"]


def test_a_missing_fact_is_shown_with_what_each_value_would_mean(totalize: Shell) -> None:
    out = totalize("check", CASES / "affiliate-tokyo.yaml", *AS_OF).out
    assert "section 3121(l) agreement: yes -> The United States covers it" in out
    assert "section 3121(l) agreement: no -> Japan covers it" in out


@pytest.mark.parametrize("path", ["work[0].expected_end", "work[berlin].expected_end"])
def test_what_if_shows_both_answers_and_the_tests_that_moved(totalize: Shell, path: str) -> None:
    ran = totalize("check", CASES / "berlin.yaml", "--what-if", f"{path}=2031-06-30", *AS_OF)
    assert ran.out.startswith(f"{path}: 28 February 2029 -> 30 June 2031\n")
    before, after = ran.out.split("After\n")
    assert "1 March 2026 to 28 February 2029: The United States covers this work." in before
    assert "1 March 2026 to 30 June 2031: Germany covers this work." in after
    assert "+ The stay was expected to last longer than the limit (5 years)." in after


def test_what_if_gives_both_determinations_as_json(totalize: Shell) -> None:
    plain = totalize(
        "check",
        CASES / "berlin.yaml",
        "--json",
        "--what-if=work[0].sent_from=null",
        "--what-if=worker.citizenships=[US, DE]",
        "--what-if=work[0].via=",
        *AS_OF,
    ).plain
    jsonschema.validate(plain, api.schema("what_if"), cls=jsonschema.Draft202012Validator)
    changes = {change["path"]: change for change in plain["changes"]}
    assert changes["work[0].sent_from"]["known_after"] is True
    assert changes["work[0].sent_from"]["after"] is None
    assert changes["work[0].via"]["known_after"] is False
    assert changes["worker.citizenships"]["after"] == ["US", "DE"]
    assert plain["before"]["results"][0]["periods"][0]["covered_by"] == ["US"]
    assert plain["after"]["results"][0]["periods"][0]["covered_by"] == ["DE"]
    assert "sent_by_employer" in [moved["code"] for moved in plain["moved"]]


def test_what_if_leaves_the_case_it_was_given_alone() -> None:
    case = {
        "contract": 1,
        "worker": {"citizenships": ["US"]},
        "work": [{"activity": "employment", "country": "DE", "start": "2026-01-01"}],
    }
    kept = json.dumps(case)
    api.what_if(case, {"work[0].employer.country": "US"})
    assert json.dumps(case) == kept


def test_four_hundred_works_are_answered_without_turning_every_fact(totalize: Shell) -> None:
    works = [
        {
            "activity": "employment",
            "country": "DE",
            "start": f"{1981 + number // 12}-{number % 12 + 1:02}-01",
            "expected_end": f"{1981 + number // 12}-{number % 12 + 1:02}-20",
            "employer": {"country": "US"},
            "sent_from": None,
        }
        for number in range(400)
    ]
    case = {"contract": 1, "worker": {"citizenships": ["US"]}, "work": works}
    out = totalize("check", "-", *AS_OF, stdin=json.dumps(case)).out
    assert "w400: work in Germany" in out
    assert "What would change it" not in out


def test_colour_is_for_terminals_whose_owner_wants_it(
    totalize: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from totalize.cli import layout

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert not layout.wants_colour(sys.stdout)
    monkeypatch.delenv("NO_COLOR")
    assert layout.wants_colour(sys.stdout)
    monkeypatch.setenv("TERM", "dumb")
    assert not layout.wants_colour(sys.stdout)


def test_colour_changes_no_letter_of_the_text() -> None:
    import re

    from totalize.cli.layout import Page

    pages = [Page(colour=colour) for colour in (True, False)]
    for page in pages:
        page.heading("Why")
        page.add_after("+ ", "one two three " * 20, indent=4, hang=2, style="yes")
        page.add("dim words", indent=6, style="dim")
    painted, plain = map(str, pages)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain
    assert painted != plain


def test_the_command_is_quiet_when_its_reader_goes_away() -> None:
    import os
    import subprocess
    import sys

    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "totalize", "check", str(CASES / "berlin.yaml")]
    ran = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writing)
    assert ran.returncode == 0
    assert ran.stderr == b""


def test_a_process_of_its_own_answers_the_same(totalize: Shell) -> None:
    here = totalize("check", CASES / "berlin.yaml", "--json", *AS_OF)
    there = run_apart("check", CASES / "berlin.yaml", "--json", *AS_OF)
    assert (there.returncode, there.stderr) == (0, b"")
    assert json.loads(there.stdout) == here.plain


@pytest.mark.parametrize(("columns", "longest"), [(48, 48), (200, 80), (10, 40), (0, 80)])
def test_lines_fit_a_narrow_terminal_and_grow_no_longer_than_usual(
    monkeypatch: pytest.MonkeyPatch, columns: int, longest: int
) -> None:
    import os
    import sys

    from totalize.cli import layout

    class Terminal:
        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            return 1

    size = os.terminal_size((columns, 24))
    monkeypatch.setattr(os, "get_terminal_size", lambda number: size)
    monkeypatch.setattr(sys, "stdout", Terminal())
    page = layout.page_for_output()
    page.add("word " * 100)
    assert max(map(len, str(page).splitlines())) in range(longest - 4, longest + 1)
