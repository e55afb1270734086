"""A run survives being killed, keeps its memory and never leaves half an output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest
from roster_support import read_rows

from totalize.api import law
from totalize.kernel.errors import InputError
from totalize.rosters import run
from totalize.rosters.making import make_roster
from totalize.rosters.run import RunOptions, run_roster
from totalize.rosters.worker import Worker

HEADER = (
    "worker_id,worker.citizenships,id,activity,country,start,expected_end,employer.country,"
    "sent_from,via,employed_before_transfer\n"
)


def write_plain(path: Path, rows: int) -> None:
    lines = [
        f"P{number // 3},US,w{number % 3},employment,DE,"
        f"20{10 + number % 3 * 4}-0{number % 9 + 1}-01,20{13 + number % 3 * 4}-06-30,"
        f"US,US,null,true\n"
        for number in range(rows)
    ]
    path.write_text(HEADER + "".join(lines))


@pytest.mark.long
def test_a_run_killed_a_hundred_times_and_resumed_gives_the_same_output(tmp_path: Path) -> None:
    roster, reference = tmp_path / "in.csv", tmp_path / "reference.csv"
    write_plain(roster, 700)
    run_roster([str(roster)], reference, law())
    script = Path(__file__).with_name("kill_loop.py")
    done = subprocess.run(
        [sys.executable, str(script), str(roster), str(tmp_path / "out.csv"), str(reference)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kills, whole = map(int, done.stdout.split())
    assert kills == 100
    assert whole >= 1


def test_chunks_of_any_size_give_the_same_output_and_keep_the_order(tmp_path: Path) -> None:
    roster = tmp_path / "in.csv"
    make_roster(roster, 4_000, seed=5)
    outputs = []
    for size in (50_000, 200_000, 64_000_000):
        out = tmp_path / f"out{size}.csv"
        run_roster([str(roster)], out, law(), RunOptions(chunk_bytes=size))
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1] == outputs[2]
    given = [row["id"] for row in read_rows(roster)]
    kept = list(dict.fromkeys(row["id"] for row in read_rows(tmp_path / "out50000.csv")))
    assert kept == given


def test_loops_that_are_not_compiled_give_the_same_output(tmp_path: Path) -> None:
    roster, out, plain = (tmp_path / name for name in ("in.csv", "out.csv", "plain.csv"))
    make_roster(roster, 150, seed=9)
    run_roster([str(roster)], out, law())
    command = [sys.executable, "-W", "ignore", "-m", "totalize", "roster", str(roster)]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    subprocess.run([*command, "--out", str(plain)], env=environment, check=True)
    assert plain.read_bytes() == out.read_bytes()


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
@pytest.mark.parametrize("may_fork", [False, True])
def test_processes_write_what_one_process_writes(tmp_path: Path, name: str, may_fork: bool) -> None:
    roster = tmp_path / "in.csv"
    make_roster(roster, 3_000, seed=6)
    text = roster.read_text().splitlines()
    wages = [f"{line},{'' if number % 12 else number * 37}" for number, line in enumerate(text)]
    roster.write_text("\n".join([f"{text[0]},cost.earnings", *wages[1:]]) + "\n")
    # In a process of its own: one that has run tests has threads, and should not be forked.
    script = (
        "import json, sys; from datetime import date; from pathlib import Path;"
        "from totalize.api import law; from totalize.rosters import run, stages;"
        "from totalize.rosters.costs import CostOptions;"
        "from totalize.rosters.extras import Extras;"
        "run.SMALL_BYTES = stages.PEOPLE_WORTH_SHARING = 0; stages.PEOPLE_AT_ONCE = 200;"
        "extras = Extras(cost=CostOptions(as_of=date(2026, 11, 22), project=True));"
        "options = run.RunOptions(chunk_bytes=100_000, threads=int(sys.argv[3]),"
        f" may_fork={may_fork}, extras=extras);"
        "summary = run.run_roster([sys.argv[1]], Path(sys.argv[2]), law(), options);"
        "print(json.dumps(summary.to_dict()))"
    )
    outputs, summaries = [], []
    for threads in (1, 2):
        out = tmp_path / str(threads) / name
        out.parent.mkdir()
        command = [sys.executable, "-c", script, str(roster), str(out), str(threads)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        summaries.append(json.loads(done.stdout))
        outputs.append(out.read_bytes())
        assert [path.name for path in out.parent.iterdir()] == [name]
    assert outputs[0] == outputs[1]
    assert summaries[0] == summaries[1]
    assert summaries[0]["amounts"]["cost USD rows"] > 30


@pytest.mark.parametrize("may_fork", [False, True])
def test_a_run_that_loses_its_processes_can_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may_fork: bool
) -> None:
    roster, out, reference = (tmp_path / name for name in ("in.csv", "out.csv", "reference.csv"))
    make_roster(roster, 3_000, seed=7)
    run_roster([str(roster)], reference, law())
    monkeypatch.setattr(run, "SMALL_BYTES", 0)

    started: list[int] = []

    class Watched(Worker):
        def __init__(self, process: int, tasks: BinaryIO, answers: BinaryIO) -> None:
            super().__init__(process, tasks, answers)
            started.append(process)

    def kill_all(done: int, rows: int) -> None:
        for process in started:
            os.kill(process, signal.SIGKILL)

    monkeypatch.setattr(run, "Worker", Watched)
    options = RunOptions(chunk_bytes=50_000, threads=2, may_fork=may_fork, progress=kill_all)
    with pytest.raises(InputError) as caught:
        run_roster([str(roster)], out, law(), options)
    assert caught.value.code in {"worker_lost", "stopped"}
    assert not out.exists()
    again = RunOptions(chunk_bytes=50_000, threads=2, may_fork=may_fork, resume=True)
    assert run_roster([str(roster)], out, law(), again).rows == 3_000
    assert out.read_bytes() == reference.read_bytes()
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_workers_end_with_the_run_that_started_them(tmp_path: Path) -> None:
    roster = tmp_path / "in.csv"
    make_roster(roster, 3_000, seed=7)
    script = (
        "import os, signal, sys; from pathlib import Path; from totalize.api import law;"
        "from totalize.rosters import run;"
        "run.SMALL_BYTES = 0; worker = run.Worker;"
        "kept = worker.__init__;"
        "worker.__init__ = lambda self, process, *pipes:"
        " (print(process, flush=True), kept(self, process, *pipes))[1];"
        "options = run.RunOptions(chunk_bytes=50_000, threads=2, may_fork=True,"
        " progress=lambda done, rows: os.kill(os.getpid(), signal.SIGKILL));"
        "run.run_roster([sys.argv[1]], Path(sys.argv[2]), law(), options)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(roster), str(tmp_path / "out.csv")],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        # Its output ends when the last of its workers, who have it too, has ended.
        assert process.stdout is not None
        workers = [int(line) for line in process.stdout]
    assert process.returncode == -signal.SIGKILL
    assert len(workers) == 2
    options = RunOptions(chunk_bytes=50_000, resume=True)
    assert run_roster([str(roster)], tmp_path / "out.csv", law(), options).rows == 3_000


@pytest.mark.parametrize("may_fork", [False, True])
def test_a_full_disk_is_said_by_whoever_meets_it(tmp_path: Path, may_fork: bool) -> None:
    roster = tmp_path / "in.csv"
    make_roster(roster, 3_000, seed=7)
    script = (
        "import resource, sys; from pathlib import Path; from totalize.api import law;"
        "from totalize.kernel.errors import InputError; from totalize.rosters import run;"
        "run.SMALL_BYTES = 0; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000));"
        f"options = run.RunOptions(chunk_bytes=50_000, threads=2, may_fork={may_fork})\n"
        "try: run.run_roster([sys.argv[1]], Path(sys.argv[2]), law(), options)\n"
        "except InputError as error: print(error.code, error.path)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(roster), str(tmp_path / "out.csv")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "unwritable out\n"
    assert not (tmp_path / "out.csv").exists()


def test_a_file_is_cut_with_care_where_a_text_goes_on_over_the_end_of_a_line(
    tmp_path: Path,
) -> None:
    roster = tmp_path / "in.csv"
    name = "\n".join(["Example"] * 40)
    head = HEADER.rstrip() + ",employer.name\n"
    row = "P{},US,w,employment,DE,2020-01-01,2022-06-30,US,US,null,true"
    rows = [row.format(number) + f',"{name[:99]}"\n' for number in range(200)]
    roster.write_text(head + "".join(rows))
    outputs = []
    for size in (1_000, 64_000_000):
        out = tmp_path / f"out{size}.csv"
        assert run_roster([str(roster)], out, law(), RunOptions(chunk_bytes=size)).rows == 200
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1]
    assert [row["outcome"] for row in read_rows(tmp_path / "out1000.csv")] == ["determined"] * 200


def test_a_changed_file_is_not_resumed(tmp_path: Path) -> None:
    roster, out = tmp_path / "in.csv", tmp_path / "out.csv"
    write_plain(roster, 300)

    class StoppedError(Exception):
        pass

    def stop(done: int, rows: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        run_roster([str(roster)], out, law(), RunOptions(chunk_bytes=5_000, progress=stop))
    assert not out.exists()
    write_plain(roster, 301)
    with pytest.raises(InputError, match="have changed since") as caught:
        run_roster([str(roster)], out, law(), RunOptions(chunk_bytes=5_000, resume=True))
    assert caught.value.code == "cannot_resume"
    assert run_roster([str(roster)], out, law()).rows == 301


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_run_goes_on_from_nothing_where_what_it_had_written_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    roster, out = tmp_path / "in.csv", tmp_path / name
    write_plain(roster, 300)
    folder = tmp_path / f".{name}.partial"

    def stop_cleaning(path: Path) -> None:
        for item in [*path.glob("whole*"), *path.glob("piece*")]:
            item.unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run.shutil, "rmtree", stop_cleaning)
        with pytest.raises(KeyboardInterrupt):
            run_roster([str(roster)], out, law(), RunOptions(chunk_bytes=5_000))
    assert (folder / "journal").exists()
    out.unlink()
    again = RunOptions(chunk_bytes=5_000, resume=True)
    assert run_roster([str(roster)], out, law(), again).rows == 300
    assert out.exists()
    assert not folder.exists()


def test_what_a_killed_run_handed_over_is_made_anew(tmp_path: Path) -> None:
    roster, out, reference = (tmp_path / name for name in ("in.csv", "out.csv", "reference.csv"))
    write_plain(roster, 300)
    run_roster([str(roster)], reference, law())

    def stop(done: int, rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_roster([str(roster)], out, law(), RunOptions(chunk_bytes=5_000, progress=stop))
    half = tmp_path / ".out.csv.partial" / "people-1-7.npy"
    half.write_bytes(b"half a file of a heap that there is no longer")
    run_roster([str(roster)], out, law(), RunOptions(chunk_bytes=5_000, resume=True))
    assert out.read_bytes() == reference.read_bytes()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    make_roster(small, 50_000, seed=3)
    head, _, body = small.read_bytes().partition(b"\n")
    with large.open("wb") as file:
        file.write(head + b"\n")
        for letter in b"ABCDEF":
            file.write((b"\n" + body).replace(b"\nP", b"\n" + bytes([letter]))[1:])
    script = (
        "import sys, resource; from pathlib import Path; from totalize.api import law;"
        "from totalize.rosters.run import RunOptions, run_roster;"
        "run_roster([sys.argv[1]], Path(sys.argv[2]), law(), RunOptions(chunk_bytes=2_000_000));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    peaks = []
    for roster in (small, large):
        done = subprocess.run(
            [sys.executable, "-c", script, str(roster), str(tmp_path / "out.csv")],
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout))
    assert len(read_rows(tmp_path / "out.csv")) > 300_000
    assert peaks[1] < peaks[0] + 200, peaks
