"""`totalize completion`: scripts that the shells themselves accept and that complete."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from cli_support import Shell

from totalize.cli.main import COMMANDS


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_knows_every_command_and_its_options(totalize: Shell, shell: str) -> None:
    script = totalize("completion", shell).out
    for command in COMMANDS:
        if find_spec(f"totalize.cli.{command}") is not None:
            assert command in script
    for option in ("what-if", "as-of", "determination"):
        assert option in script


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_accepts_its_script(totalize: Shell, tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    script = tmp_path / "script"
    script.write_text(totalize("completion", shell).out, encoding="utf-8")
    ran = subprocess.run([shell, "-n", str(script)], capture_output=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("totalize che", {"check"}),
        ("totalize check --wh", {"--what-if"}),
        ("totalize schema determ", {"determination"}),
        ("totalize completion z", {"zsh"}),
        ("totalize agreements D", {"DE", "DK"}),
    ],
)
def test_bash_completes(totalize: Shell, tmp_path: Path, typed: str, offered: set[str]) -> None:
    script = tmp_path / "script"
    script.write_text(totalize("completion", "bash").out, encoding="utf-8")
    words = typed.split()
    asked = (
        f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; "
        '_totalize; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    ran = subprocess.run(
        ["bash", "-c", asked], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(ran.stdout.split()) == offered
