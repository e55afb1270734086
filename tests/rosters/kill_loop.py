"""Start runs, kill each at a random moment, start again: run by a test in a process of its own.

The process forks, so that a run costs no imports and loads nothing that was compiled. Nothing here
touches Polars' threads before.
"""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import time
from pathlib import Path

from totalize.api import law
from totalize.rosters.run import RunOptions, run_roster

KILLS = 100


def run(roster: str, out: Path) -> None:
    run_roster([roster], out, law(), RunOptions(resume=True, chunk_bytes=9_000, threads=1))


def main(roster: str, out: Path, reference: Path) -> None:
    first = out.with_name("first.csv")
    run_roster([roster], first, law(), RunOptions(chunk_bytes=9_000))
    first.unlink()
    rng = random.Random(8)
    kills = whole = kills_before_whole = 0
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        run(roster, out)
        os._exit(0)
    os.waitpid(child, 0)
    longest = time.monotonic() - begun
    out.unlink()
    while kills < KILLS:
        # The child holds one end of a pipe: whoever waits at the other learns at once of its end.
        waiting, held = os.pipe()
        child = os.fork()
        if child == 0:
            run(roster, out)
            os._exit(0)
        os.close(held)
        # On a machine that has grown busier no run would ever get to its end: wait longer
        # until one does.
        patience = longest * 1.1 ** (kills - kills_before_whole)
        ended = bool(select.select([waiting], [], [], rng.random() * patience)[0])
        os.close(waiting)
        if ended:
            os.waitpid(child, 0)
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            kills += 1
        if out.exists():
            assert out.read_bytes() == reference.read_bytes(), "another output than without kills"
            out.unlink()
            whole += 1
            kills_before_whole = kills
    child = os.fork()
    if child == 0:
        run(roster, out)
        os._exit(0)
    os.waitpid(child, 0)
    assert out.read_bytes() == reference.read_bytes()
    assert not (out.parent / f".{out.name}.partial").exists()
    print(kills, whole)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
