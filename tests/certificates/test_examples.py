"""The examples run, and their specimens check."""

import runpy
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


@pytest.mark.parametrize(
    ("case", "letters"),
    [
        ("too-long.yaml", {"exception-letter-us.en", "exception-letter-de.de"}),
        ("nobody-decides.yaml", {"exception-letter-us.en", "exception-letter-ie.en"}),
    ],
)
def test_an_example_that_needs_both_authorities_writes_to_both(tmp_path, capsys, case, letters):
    out = tmp_path / "pack"
    words = ["request", str(FOLDER / case), "--out", str(out), "--as-of", "2026-11-22"]
    assert main(words) == 0
    capsys.readouterr()
    assert letters <= {path.stem.partition("-")[2] for path in out.glob("*.pdf")}


def test_the_worked_example_does_what_the_page_shows(capsys):
    runpy.run_path(str(FOLDER / "service.py"), run_name="__main__")
    said = capsys.readouterr().out
    page = (FOLDER.parents[1] / "docs" / "certificates.md").read_text(encoding="utf-8")
    shown = page.partition("$ python examples/certificates/service.py")[2]
    shown = shown.partition("```text")[2].partition("```")[0].strip()
    # The size of a file can change with the libraries that make it.
    assert said.splitlines()[1:7] == shown.splitlines()[1:]
    assert "02-law.txt" in said
