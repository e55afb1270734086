"""`totalize new`: only questions that still matter, and a case file at the end."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cli_support import AS_OF, CASES, Shell, refused

from totalize import api
from totalize.cli.new import read_answer
from totalize.coverage.determine import Determiner
from totalize.coverage.interview import Interview
from totalize.kernel.errors import InputError
from totalize.kernel.reading import read_document
from totalize.law.wording import load_wording

SENT = ["US", "employed, on land", "Germany", "2026-03-01", "US", "US", "2029-02-28", "yes", "none"]
FREELANCE = ["United States", "2", "France", "2025-01-01", "none", "none"]


def lines(answers: list[str]) -> str:
    return "\n".join(answers) + "\n"


def decided(document: Any) -> list[Any]:
    answer = api.check(document, date(2026, 11, 22))
    return [
        (period.first, period.last, period.outcome, period.covered_by, period.rule, period.proof)
        for period in answer.results[-1].periods
    ]


def test_scripted_answers_give_a_case_with_the_example_s_answer(totalize: Shell) -> None:
    ran = totalize("new", *AS_OF, stdin=lines(SENT))
    assert ran.status == 0
    example = read_document((CASES / "berlin.yaml").read_bytes())
    assert decided(read_document(ran.out)) == decided(example)
    assert "The United States covers this work." in ran.err


def test_the_file_reads_like_one_written_by_hand(totalize: Shell, tmp_path: Path) -> None:
    out = tmp_path / "case.yaml"
    ran = totalize("new", "--out", out, *AS_OF, stdin=lines(SENT))
    assert (ran.status, ran.out) == (0, "")
    assert out.read_text(encoding="utf-8") == (
        "contract: 1\n"
        "worker:\n"
        "  citizenships: [US]\n"
        "work:\n"
        "- activity: employment\n"
        "  country: DE\n"
        "  start: 2026-03-01\n"
        "  expected_end: 2029-02-28\n"
        "  employer: {country: US}\n"
        "  sent_from: US\n"
        "  employed_before_transfer: true\n"
    )
    assert totalize("check", out).status == 0


def test_a_json_file_is_written_where_the_name_asks_for_it(totalize: Shell, tmp_path: Path) -> None:
    out = tmp_path / "case.json"
    assert totalize("new", "--out", out, stdin=lines(FREELANCE)).status == 0
    assert json.loads(out.read_text(encoding="utf-8"))["work"][0]["also_in"] == []


def test_only_what_still_matters_is_asked(totalize: Shell) -> None:
    questions = totalize("new", stdin=lines(FREELANCE)).err
    assert "move your business to France" in questions
    for needless in ("employer", "section 3121(l)", "expected to end", "resident alien"):
        assert needless not in questions
    indian = totalize("new", stdin=lines(["IN", "2", "France", "2025-01-01"])).err
    assert "resident alien" in indian


def test_earlier_stays_are_asked_for_where_they_can_count(totalize: Shell) -> None:
    answers = [*SENT[:-1], "2020-01-01 to 2025-11-30"]
    ran = totalize("new", *AS_OF, stdin=lines(answers))
    document = read_document(ran.out)
    assert [work["start"] for work in document["work"]] == ["2020-01-01", "2026-03-01"]
    assert decided(document)[0][3] == ("DE",)
    local = totalize("new", stdin=lines(["US", "1", "DE", "2026-03-01", "none", "US"]))
    assert "before? From when to when?" not in local.err


def test_norway_stays_norway_in_the_file(totalize: Shell) -> None:
    ran = totalize("new", stdin=lines(["US", "1", "NO", "2026-03-01"]))
    assert read_document(ran.out)["work"][0]["country"] == "NO"


def test_what_stays_unanswered_stays_unknown_and_is_said(totalize: Shell) -> None:
    ran = totalize("new", stdin=lines(["US", "1", "DE", "2026-03-01", "US", "", "", "", ""]))
    assert ran.status == 0
    assert "expected_end" not in read_document(ran.out)["work"][0]
    assert "Left open:" in ran.err
    assert "expected last day" in ran.err.split("Left open:")[1]


def test_answers_that_end_early_leave_the_rest_open(totalize: Shell) -> None:
    ran = totalize("new", stdin=lines(SENT[:5]))
    assert ran.status == 0
    assert read_document(ran.out)["work"][0]["sent_from"] == "US"


def test_answers_from_a_pipe_must_be_right(totalize: Shell) -> None:
    for answers, parts in (
        (["US", "1"], ["work[0].country", "needed"]),
        (["Narnia"], ["worker.citizenships", "Narnia"]),
        ([""], ["worker.citizenships", "needed"]),
        (["US", "9"], ["work[0].occupation", "1 to 5"]),
        (["US", "1", "DE", "2026-02-30"], ["work[0].start", "2026-02-30"]),
        (["US", "1", "DE", "1800-01-01"], ["work[0].start"]),
        ([*SENT[:6], "2026-01-01"], ["work[0].expected_end", "before the start"]),
        ([*SENT[:-1], "some time ago"], ["earlier", "not a stay"]),
        ([*SENT[:-1], "2027-01-01 to 2028-01-01"], ["earlier", "before this work"]),
    ):
        ran = totalize("new", stdin=lines(answers))
        assert (ran.status, ran.out) == (2, "")
        assert "Traceback" not in ran.err
        for part in parts:
            assert part in ran.err.splitlines()[-1]


def test_nothing_is_written_over_another_file(totalize: Shell, tmp_path: Path) -> None:
    out = tmp_path / "mine.yaml"
    out.write_text("precious", encoding="utf-8")
    refused(totalize("new", "--out", out, stdin=lines(SENT)), "out", "is there already")
    assert out.read_text(encoding="utf-8") == "precious"
    refused(totalize("new", "--out", tmp_path / "no" / "case.yaml", stdin=""), "no folder")


class Terminal(io.TextIOWrapper):
    """Answers typed by a patient person."""

    def isatty(self) -> bool:
        return True


def test_a_person_is_asked_again_and_helped(
    totalize: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["?", "Narnia", "", *FREELANCE[:1], "seven", *FREELANCE[1:]]
    monkeypatch.setattr(sys, "stdin", Terminal(io.BytesIO(lines(typed).encode()), "utf-8"))
    ran = totalize("new", *AS_OF)
    assert ran.status == 0
    assert ran.err.count("Of which country or countries are you a citizen?") == 4
    assert "Dual citizens list both." in " ".join(ran.err.split())
    assert "'Narnia'" in ran.err
    assert read_document(ran.out)["worker"]["citizenships"] == ["US"]


def test_ctrl_c_gives_up_without_a_trace(tmp_path: Path) -> None:
    out = tmp_path / "case.yaml"
    command = [sys.executable, "-m", "totalize", "new", "--out", str(out)]
    running = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdin is not None
    assert running.stderr is not None
    running.stdin.write(b"US\n")
    running.stdin.flush()
    said = b""
    while b"What kind of work" not in said:  # it waits for the second answer now
        more = os.read(running.stderr.fileno(), 4096)
        assert more, f"it ended before it asked: {said!r}"
        said += more
    running.send_signal(signal.SIGINT)
    printed, rest = running.communicate(timeout=60)
    assert running.returncode == 130
    assert printed == b""
    assert b"Nothing was written." in rest
    assert b"Traceback" not in rest
    assert not out.exists()


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("worker.citizenships", "US, italy and the Netherlands", ["US", "IT", "NL"]),
        ("work[0].sent_from", "none", None),
        ("work[0].sent_from", "uk", "GB"),
        ("work[0].expected_end", "open", None),
        ("work[0].family_accompanies", "Y", True),
        ("work[0].occupation", "employed on a ship", "seafarer"),
        ("work[0].also_in", "none", []),
    ],
)
def test_answers_are_read_as_people_write_them(path: str, text: str, value: object) -> None:
    assert read_answer(text, load_wording().question(path), path) == value


def test_an_answer_the_case_cannot_hold_leaves_it_as_it_was() -> None:
    determiner = Determiner(api.law())
    interview = Interview(lambda case: determiner.decide(case, date(2026, 11, 22)))
    for path, value in (
        ("worker.citizenships", ["US"]),
        ("work[0].occupation", "general"),
        ("work[0].country", "DE"),
        ("work[0].start", "2026-03-01"),
    ):
        assert interview.next_question() == path
        interview.answer(path, value)
    kept = json.dumps(interview.document)
    with pytest.raises(InputError, match="before the start"):
        interview.answer("work[0].expected_end", "2026-01-01")
    assert json.dumps(interview.document) == kept
    assert interview.next_question() == "work[0].sent_from"


@pytest.mark.parametrize("country", sorted(api.law().countries() | {"IN"}))
def test_every_interview_comes_to_an_end_and_to_an_answer(country: str) -> None:
    """Answer every question with its plainest value: there is always a last one."""
    plain: dict[str, object] = {
        "yes_no": True,
        "country": "US",
        "country_or_none": "US",
        "countries": [],
        "date": "2020-01-01",
        "date_or_open": "2027-02-28",
    }
    determiner = Determiner(api.law())
    wording = load_wording()
    for kind in ("general", "self_employment", "seafarer", "aircrew", "government"):
        interview = Interview(lambda case: determiner.decide(case, date(2026, 11, 22)))
        first = {
            "worker.citizenships": [country],
            "work[0].occupation": kind,
            "work[0].country": country,
            "work[0].start": "2026-03-01",
        }
        asked = []
        while (path := interview.next_question()) is not None:
            assert path not in asked
            asked.append(path)
            if path == "earlier":
                interview.add_earlier_stays([])
            elif path == "work[0].via":
                interview.answer(path, None)
            else:
                kind_of_answer = wording.question(path).kind
                interview.answer(path, first.get(path) or plain[kind_of_answer])
        assert list(interview.open_facts()) == []
        assert len(asked) < 20
