"""Rows a second from CSV to CSV with reason codes, by size and by cores; Spark with --spark.

python bench/bench_rosters.py [--sizes 1e5,1e6,1e7] [--spark ROWS]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from totalize.rosters.making import make_roster

SCRIPT = (
    "import sys; from pathlib import Path;"
    "from totalize.api import law; from totalize.rosters.run import RunOptions, run_roster;"
    "options = RunOptions(threads=int(sys.argv[3]), may_fork=True);"
    "run_roster([sys.argv[1]], Path(sys.argv[2]), law(), options)"
)
AGAIN = (
    "import sys, time; from pathlib import Path;"
    "from totalize.api import law; from totalize.rosters.run import RunOptions, run_roster;"
    "options = RunOptions(threads=int(sys.argv[3]), may_fork=True);"
    "run = lambda: run_roster([sys.argv[1]], Path(sys.argv[2]), law(), options);"
    "run(); begun = time.perf_counter(); run(); print(time.perf_counter() - begun)"
)
BLOCK = 1_000_000
CORES = (1, 2)
LOOK_EVERY = 0.3  # seconds; looking at the memory takes the processors from what is measured


def write_roster(path: Path, rows: int) -> None:
    """Write a roster; beyond a million rows the first million again, with other people."""
    make_roster(path, min(rows, BLOCK), seed=1)
    head, _, body = path.read_bytes().partition(b"\n")
    with path.open("wb") as file:
        file.write(head + b"\n")
        for letter in range(max(rows // BLOCK, 1)):
            file.write((b"\n" + body).replace(b"\nP", b"\n" + bytes([65 + letter]))[1:])
        os.fsync(file.fileno())  # or the disk is still busy with it while it is read


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for process in found:
        try:
            children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        except OSError:
            continue
        found += map(int, children)
    return found


def resident(pid: int) -> int:
    """Return the memory of a process and all below it in MB, a page they share in equal parts."""
    total = 0
    for process in family(pid):
        try:
            told = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in told.splitlines() if line[:4] == "Pss:")
    return total >> 10


def highest(pid: int, ended: Event) -> int:
    """Return the most memory that a process and all below it had, in MB, until it ended."""
    peak = 0
    while not ended.wait(LOOK_EVERY):
        peak = max(peak, resident(pid))
    return peak


def run_local(roster: Path, out: Path, cores: int) -> tuple[float, int, float]:
    """Return seconds from start to end, peak memory in MB and seconds of processor."""
    # The child needs the whole environment, with one word added.
    environment = os.environ | {"POLARS_MAX_THREADS": str(cores)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    command = [
        *("taskset", "-c", ",".join(map(str, range(cores)))),
        *(sys.executable, "-c", SCRIPT, str(roster), str(out), str(cores)),
    ]
    with subprocess.Popen(command, env=environment) as run, ThreadPoolExecutor(1) as watcher:
        ended = Event()
        peak = watcher.submit(highest, run.pid, ended)
        run.wait()
        seconds = time.perf_counter() - begun
        ended.set()
        if run.returncode:
            raise SystemExit(run.returncode)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, peak.result(), processor


def local(sizes: list[int], folder: Path) -> None:
    print(f"{'rows':>12} {'cores':>6} {'seconds':>9} {'rows/s':>12} {'cpu us/row':>11} {'MB':>6}")
    for rows in sizes:
        roster = folder / f"{rows}.csv"
        write_roster(roster, rows)
        for cores in CORES:
            runs = 1 if rows > BLOCK else 3
            best = min(run_local(roster, folder / "out.csv", cores) for _ in range(runs))
            seconds, memory, processor = best
            print(
                f"{rows:>12,} {cores:>6} {seconds:>9.2f} {rows / seconds:>12,.0f}"
                f" {processor / rows * 1e6:>11.2f} {memory:>6}",
                flush=True,
            )
        if rows >= BLOCK:
            again(roster, folder / "out.csv", rows)
        roster.unlink()


def again(roster: Path, out: Path, rows: int) -> None:
    """Print how long a roster takes in a process that has decided it before."""
    for cores in CORES:
        command = [sys.executable, "-c", AGAIN, str(roster), str(out), str(cores)]
        done = subprocess.run(
            ["taskset", "-c", ",".join(map(str, range(cores))), *command],
            env=os.environ | {"POLARS_MAX_THREADS": str(cores)},
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = float(done.stdout)
        print(f"{'again':>12} {cores:>6} {seconds:>9.2f} {rows / seconds:>12,.0f}", flush=True)


def spark(rows: int, folder: Path) -> None:
    from totalize.rosters.spark import decide_spark, start_spark

    roster = folder / "spark.parquet"
    make_roster(roster, rows, seed=1)
    print(f"{'rows':>12} {'cores':>6} {'partitions':>11} {'seconds':>9} {'rows/s':>12}")
    for cores in (1, 2):
        with start_spark(f"local[{cores}]", folder) as session:
            frame = session.read.parquet(str(roster))
            # What every run costs before a row is decided: the first one starts Python and law.
            begun = time.perf_counter()
            decide_spark(frame.limit(100), partitions=cores).collect()
            print(
                f"{100:>12,} {cores:>6} {cores:>11} {time.perf_counter() - begun:>9.2f}", flush=True
            )
            for partitions in (1, 2, 4, 8):
                begun = time.perf_counter()
                decided = decide_spark(frame, partitions=partitions)
                decided.write.mode("overwrite").parquet(str(folder / "out.parquet"))
                seconds = time.perf_counter() - begun
                print(
                    f"{rows:>12,} {cores:>6} {partitions:>11} {seconds:>9.2f}"
                    f" {rows / seconds:>12,.0f}",
                    flush=True,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1e5,1e6")
    parser.add_argument("--spark", type=float, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.spark:
            spark(int(options.spark), Path(folder))
        else:
            local([int(float(size)) for size in options.sizes.split(",")], Path(folder))


if __name__ == "__main__":
    main()
