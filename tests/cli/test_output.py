"""Where an answer goes: a full disk, a closed stream, an output that knows no accents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_support import CASES, ROOT, run_apart

COST = ("--earnings", "100000", "--currency", "USD", "--project")
ANSWERS = {
    "check": ("check", CASES / "berlin.yaml"),
    "check as JSON": ("check", CASES / "berlin.yaml", "--json"),
    "cost": ("cost", ROOT / "examples" / "cost" / "munich.yaml", *COST),
    "benefit as JSON": (
        "benefit",
        ROOT / "examples" / "benefits" / "retired-in-munich.yaml",
        "--json",
    ),
    "schema": ("schema", "case"),
}
ASCII = {**os.environ, "PYTHONIOENCODING": "ascii"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("name", ANSWERS)
def test_a_full_disk_is_said_in_one_line(name: str) -> None:
    command = [sys.executable, "-m", "totalize", *map(str, ANSWERS[name])]
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert ran.returncode == 2
    said = ran.stderr.decode()
    assert "cannot write the answer: No space left on device" in said
    assert said.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="closes a stream as a shell does")
@pytest.mark.parametrize("name", ANSWERS)
def test_whoever_closes_the_output_wants_only_the_status(name: str) -> None:
    ran = in_a_shell('exec "$@" >&-', *ANSWERS[name])
    assert (ran.returncode, ran.stderr) == (0, b"")


def in_a_shell(command: str, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run `totalize` under a redirection of the shell."""
    program = [sys.executable, "-m", "totalize", *map(str, words)]
    return subprocess.run(
        ["sh", "-c", command, "sh", *program], capture_output=True, check=False, timeout=60
    )


@pytest.mark.skipif(sys.platform == "win32", reason="closes a stream as a shell does")
@pytest.mark.parametrize("command", ["check", "benefit", "new"])
def test_a_closed_input_holds_nothing_and_is_said_to(command: str, tmp_path: Path) -> None:
    words = ("--out", tmp_path / "case.yaml") if command == "new" else ("-",)
    ran = in_a_shell('exec "$@" <&-', command, *words)
    assert ran.returncode == 2
    assert ran.stdout == b""
    assert b"Traceback" not in ran.stderr
    assert ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="closes a stream as a shell does")
def test_what_is_meant_for_a_closed_error_stream_stays_out_of_the_json(tmp_path: Path) -> None:
    chart = tmp_path / "bars.svg"
    ran = in_a_shell('exec "$@" 2>&-', *ANSWERS["cost"], "--json", "--chart", chart)
    assert ran.returncode == 0
    assert chart.exists()
    assert json.loads(ran.stdout)["work"] == "munich"


def test_letters_that_the_output_cannot_show_are_written_out() -> None:
    ran = run_apart("agreements", "FR", env=ASCII)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"\\xe9" in ran.stdout
    assert ran.stdout.isascii()


def test_json_stays_json_where_the_output_knows_no_accents() -> None:
    there = run_apart("agreements", "FR", "--json", env=ASCII)
    here = run_apart("agreements", "FR", "--json", env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert there.returncode == 0
    assert there.stdout.isascii()
    assert not here.stdout.isascii()
    assert json.loads(there.stdout) == json.loads(here.stdout)
