"""What `make run` prints."""

from __future__ import annotations

import runpy

import pytest
from cli_support import CASES, ROOT

from totalize.cli.answer import speaker


def test_the_examples_are_decided_with_reasons_and_sources(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    runpy.run_path(str(ROOT / "examples" / "run.py"), run_name="__main__")
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    parts = out.split("\n\n")
    for path in CASES.glob("*.yaml"):
        part = next(part for part in parts if part.startswith(f"{path.stem}\n"))
        assert "Source: " in part
        assert "http" in part
    assert speaker().missing("work[0].elects") in out
