"""Run commands as a user does, in this process or as one of its own."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from totalize.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "examples" / "cases"
AS_OF = ("--as-of", "2026-11-22")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def plain(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Run `totalize` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._patch = patch

    def __call__(self, *words: str | Path, stdin: str | bytes | None = None) -> Ran:
        if stdin is not None:
            raw = stdin.encode() if isinstance(stdin, str) else stdin
            self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), "utf-8"))
        self._capsys.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as stop:
            status = int(stop.code or 0)
        out, err = self._capsys.readouterr()
        return Ran(status, out, err)


def run_apart(
    *words: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `totalize` as a process of its own."""
    command = [sys.executable, "-m", "totalize", *map(str, words)]
    return subprocess.run(
        command, input=stdin, capture_output=True, check=False, timeout=60, env=env
    )


def refused(ran: Ran, *parts: str) -> None:
    """Assert that bad input was refused as the contract says."""
    assert ran.status == 2
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert ran.err.count("\n") == 1, "one line, and nothing that a terminal obeys"
    for part in parts:
        assert part in ran.err
