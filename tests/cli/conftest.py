"""Commands run in this process."""

from __future__ import annotations

import pytest
from cli_support import Shell


@pytest.fixture
def totalize(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("NO_COLOR", "1")
    return Shell(capsys, monkeypatch)
