"""The commands of the examples run, and give what their questions ask for."""

import shlex
from pathlib import Path

import pytest

from totalize.cli.main import main

FOLDER = Path(__file__).parents[2] / "examples" / "cost"
COMMANDS = [
    line.split("`")[3]
    for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]
ANSWERS = {
    "munich.yaml": "2027 (projected)",
    "lyon.yaml": "claim by 2028-04-15",
    "milan.yaml": "The law leaves a choice",
    "santiago.yaml": "given by the user",
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[2])
def test_an_example_runs(capsys, monkeypatch, command):
    monkeypatch.chdir(FOLDER)
    words = shlex.split(command)
    assert words[0] == "totalize"
    assert main([*words[1:], "--as-of", "2026-11-22"]) == 0
    assert ANSWERS[words[2]] in capsys.readouterr().out


def test_every_example_file_is_in_the_table():
    assert {command.split()[2] for command in COMMANDS} == {f.name for f in FOLDER.glob("*.yaml")}
