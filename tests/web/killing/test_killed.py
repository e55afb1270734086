"""Kill -9 during submit, issue and withdraw: nothing is there twice, by half, or lost.

A hundred times each on the embedded database; on PostgreSQL fewer, unless `KILLS` says how often.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

HARNESS = Path(__file__).parent / "harness.py"
DATABASE_URL = os.environ.get("DATABASE_URL")
ROUNDS = int(os.environ.get("KILLS", "20" if DATABASE_URL else "100"))


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An installation of its own, and a database of its own in the server that is named."""
    own = {**os.environ, "TOTALIZE_DATA_DIR": str(tmp_path)}
    if DATABASE_URL is None:
        yield own
        return
    name = f"killing_{os.getpid()}"
    with psycopg.connect(DATABASE_URL, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield {**own, "DATABASE_URL": urlunsplit(urlsplit(DATABASE_URL)._replace(path=f"/{name}"))}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.long
def test_a_killed_process_leaves_whole_acts_only(environment):
    done = subprocess.run(
        [sys.executable, str(HARNESS), str(ROUNDS), "20261122"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["faults"] == []
    # Most children were killed on their way; were none, nothing would have been tested.
    assert all(count >= ROUNDS // 10 for count in found["killed"].values()), found
