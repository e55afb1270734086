"""How long a cold command takes: the wall time of whole processes, bytecode compiled before.

Prints one table: the least and the median of many runs, in milliseconds. The least is what the
program costs; the median has the rest of the machine in it.
"""

from __future__ import annotations

import compileall
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
BERLIN = str(ROOT / "examples" / "cases" / "berlin.yaml")
RUNS = 40


def main() -> None:
    compileall.compile_dir(str(ROOT / "src"), quiet=1)
    program = str(Path(sys.executable).with_name("totalize"))
    measured = [
        ("python itself", [sys.executable, "-c", "pass"], None),
        ("import totalize", [sys.executable, "-c", "import totalize"], 60),
        ("totalize --version", [program, "--version"], None),
        ("totalize check berlin.yaml --json", [program, "check", BERLIN, "--json"], 120),
        ("totalize check berlin.yaml", [program, "check", BERLIN], 120),
        ("totalize schema determination", [program, "schema", "determination"], None),
        ("totalize agreements DE", [program, "agreements", "DE"], None),
        ("totalize agreements", [program, "agreements"], None),
    ]
    # One round after the other, so that a busy moment touches all alike.
    times: dict[str, list[float]] = {name: [] for name, _, _ in measured}
    for _ in range(RUNS):
        for name, command, _ in measured:
            times[name].append(wall(command))
    print(f"{'milliseconds, ' + str(RUNS) + ' runs each':<36}{'least':>8}{'median':>8}{'limit':>8}")
    for name, _, limit in measured:
        found = times[name]
        print(f"{name:<36}{min(found):>8.0f}{median(found):>8.0f}{limit or '':>8}")


def wall(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
