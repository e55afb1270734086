"""The table of security requirements names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("| \n").split(" | ")]
    for line in (ROOT / "docs" / "security" / "asvs.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]


def test_each_requirement_stands_once_with_a_state():
    ids = [row[0] for row in ROWS]
    assert len(ids) == len(set(ids)) > 80
    assert {row[2] for row in ROWS} == {"met", "partly", "not met"}
    assert ids == sorted(ids, key=lambda each: [int(part) for part in each.split(".")])


def test_what_is_met_is_shown_by_a_test_that_exists():
    for number, _, state, shown in ROWS:
        named = re.findall(r"`((?:tests/)?[\w/]+\.py)(?:::(\w+))?`", shown)
        assert named or state != "met", number
        for file, name in named:
            path = ROOT / file if file.startswith("tests/") else ROOT / "tests" / "web" / file
            text = path.read_text(encoding="utf-8")
            assert re.search(rf"(def|class) {name}\b", text), f"{number}: {file}::{name}"
