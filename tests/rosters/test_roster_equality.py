"""A table of people is decided exactly as each person alone."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from roster_support import ANSWER, expected_of_people, read_rows

from totalize.api import law
from totalize.rosters.making import make_roster
from totalize.rosters.run import RunOptions, run_roster

ROWS = 100_000


@pytest.mark.long
def test_a_hundred_thousand_works_come_out_as_check_decides_them_one_by_one(
    tmp_path: Path,
) -> None:
    roster, decided = tmp_path / "roster.csv", tmp_path / "decided.csv"
    make_roster(roster, ROWS, seed=20_261_122)
    summary = run_roster([str(roster)], decided, law(), RunOptions(chunk_bytes=4_000_000))
    assert summary.rows == ROWS
    rows = read_rows(roster)
    people: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        people.setdefault(row["worker_id"], []).append(row)
    found: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for row in read_rows(decided):
        key = row["worker_id"], row["id"]
        found.setdefault(key, []).append(tuple(row[name] for name in ANSWER))
    assert len(found) == ROWS
    everyone = list(people.values())
    pieces = [everyone[begin::8] for begin in range(8)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        answers = list(pool.map(expected_of_people, pieces))
    compared = several = 0
    for piece, lines_of_piece in zip(pieces, answers, strict=True):
        for works, lines_of_person in zip(piece, lines_of_piece, strict=True):
            several += len(works) > 1
            for work, lines in zip(works, lines_of_person, strict=True):
                got = found[work["worker_id"], work["id"]]
                if lines[0][-1] == "another row":
                    assert len(got) == 1
                    assert "is another row of this worker" in got[0][-1]
                else:
                    assert got == lines, work
                compared += 1
    assert compared == ROWS
    assert several > ROWS / 20
