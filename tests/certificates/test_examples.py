"""The examples run, and their specimens check."""

from pathlib import Path

import pytest

from totalize.cli.main import main

FOLDER = Path(__file__).parents[2] / "examples" / "certificates"


@pytest.mark.parametrize(
    ("case", "details", "draft"),
    [("engineer.yaml", "engineer-details.yaml", False), ("from-warsaw.yaml", None, True)],
)
def test_an_example_gives_a_pack_and_a_specimen(tmp_path, capsys, case, details, draft):
    more = ["--details", str(FOLDER / details)] if details else []
    out = tmp_path / "pack"
    words = ["request", str(FOLDER / case), *more, "--out", str(out), "--as-of", "2026-11-22"]
    assert main(words) == 0
    assert ("Still missing" in capsys.readouterr().err) is draft
    assert (out / "00-cover.pdf").read_bytes().startswith(b"%PDF")
    pdf, anchors = str(tmp_path / "s.pdf"), str(tmp_path / "s.pem")
    assert main(["specimen", str(FOLDER / case), *more, "--out", pdf, "--anchors", anchors]) == 0
    assert main(["verify", pdf, "--trust", anchors]) == 1
    assert capsys.readouterr().out.startswith("NOT VALID: a specimen")
