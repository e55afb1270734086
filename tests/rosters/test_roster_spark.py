"""Spark decides as one machine does, in one process and on a cluster that loses a worker."""

from __future__ import annotations

import gc
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from totalize.api import law
from totalize.rosters.costs import CostOptions
from totalize.rosters.extras import Extras
from totalize.rosters.making import make_roster
from totalize.rosters.run import RunOptions, run_roster
from totalize.rosters.summary import Summary

pyspark = pytest.importorskip("pyspark", reason="totalize[spark] is not installed")
spark = pytest.importorskip("totalize.rosters.spark")

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.skipif(
        spark.find_java() is None and shutil.which("java") is None, reason="there is no Java"
    ),
]
ROWS = 6_000
EXAMPLES = Path(__file__).parents[2] / "examples" / "rosters"


@pytest.fixture(autouse=True)
def _what_spark_leaves_open_is_gone() -> Iterator[None]:
    """Find what Spark forgot to close here, where it is forgiven, and not in somebody's test."""
    yield
    gc.collect()


@pytest.fixture(scope="module", autouse=True)
def _java_starts_quickly() -> Iterator[None]:
    """Spare Java the machine code that pays only where it runs for long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame, Summary]:
    """A roster, what one machine makes of it, and how that came out."""
    folder = tmp_path_factory.mktemp("roster")
    make_roster(folder / "in.parquet", ROWS, seed=21)
    summary = run_roster([str(folder / "in.parquet")], folder / "local.parquet", law())
    return folder / "in.parquet", pl.read_parquet(folder / "local.parquet"), summary


def assert_same(folder: Path, local: pl.DataFrame) -> None:
    found = pl.read_parquet(f"{folder}/*.parquet")
    keys = ["worker_id", "id", "from"]
    assert_frame_equal(found.sort(keys), local.sort(keys), check_column_order=True)


def test_a_local_spark_decides_the_same(
    decided: tuple[Path, pl.DataFrame, Summary], tmp_path: Path
) -> None:
    roster, local, counted = decided
    out = tmp_path / "out.parquet"
    summary = spark.run_spark([str(roster)], out, RunOptions(), "local[2]")
    assert_same(out, local)
    assert summary == counted
    assert summary.rows == ROWS
    assert summary.missing
    assert summary.errors


def test_spark_adds_the_amounts_of_the_example(tmp_path: Path) -> None:
    cost = CostOptions(as_of=date(2026, 6, 30), project=True)
    options = RunOptions(extras=Extras(cost=cost, benefit=True))
    out = tmp_path / "out.parquet"
    counted = run_roster([str(EXAMPLES / "money.csv")], tmp_path / "local.csv", law(), options)
    summary = spark.run_spark([str(EXAMPLES / "money.csv")], out, options, "local[1]")
    assert summary == counted
    assert summary.amounts
    keys = ["worker_id", "id", "from"]
    found = pl.read_parquet(f"{out}/*.parquet").select(pl.all().cast(pl.String)).sort(keys)
    expected = pl.read_csv(EXAMPLES / "money-decided.csv", infer_schema=False).sort(keys)
    # A file of text does not tell an empty text from none.
    assert_frame_equal(found.select(pl.all().replace("", None)), expected)


class Cluster:
    """A stand-alone master with workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        home = Path(pyspark.__file__).parent
        self._start = str(home / "bin" / "spark-class")
        self._environment = (
            os.environ
            | spark.environment(folder)
            | {
                "SPARK_HOME": str(home),
                "SPARK_LOCAL_IP": "127.0.0.1",
                "SPARK_NO_DAEMONIZE": "1",
                "SPARK_WORKER_DIR": str(folder / "work"),
            }
        )
        self.processes: list[subprocess.Popen[str]] = []
        self._readers: list[threading.Thread] = []
        self.url = self._launch(
            ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0",
             "--webui-port", "0"],
            r"Starting Spark master at (spark://\S+)",
        )  # fmt: skip

    def add_worker(self) -> subprocess.Popen[str]:
        """Start a worker with one core and wait until the master has it."""
        self._launch(
            ["org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1",
             "--memory", "1g", "--webui-port", "0", self.url],
            r"(Successfully registered with master)",
        )  # fmt: skip
        return self.processes[-1]

    def _launch(self, command: list[str], sign: str) -> str:
        process = subprocess.Popen(
            [self._start, *command],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(sign, line):
                # Who writes to a full pipe stands still.
                reader = threading.Thread(target=process.stderr.read, daemon=True)
                reader.start()
                self._readers.append(reader)
                return found[1]
        pytest.fail("".join(said))

    def kill(self, process: subprocess.Popen[str]) -> None:
        """End a process and those it started, without a goodbye."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End what still runs."""
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)
        for process, reader in zip(self.processes, self._readers, strict=False):
            reader.join(20)
            if process.stderr is not None and not reader.is_alive():
                process.stderr.close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "spark").mkdir()
    started = Cluster(tmp_path / "spark")
    try:
        yield started
    finally:
        started.stop()


def wait_until(there: str) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Return a step that holds every partition but the first until a file is there."""

    def step(batches: Iterator[Any]) -> Iterator[Any]:
        import time
        from pathlib import Path

        from pyspark import TaskContext

        context = TaskContext.get()
        assert context is not None
        longest = time.monotonic() + 120
        while context.partitionId() > 0 and not Path(there).exists():
            assert time.monotonic() < longest
            time.sleep(0.01)
        yield from batches

    return step


@pytest.mark.long
def test_a_cluster_that_loses_a_worker_in_the_middle_decides_the_same(
    decided: tuple[Path, pl.DataFrame, Summary], cluster: Cluster, tmp_path: Path
) -> None:
    roster, local, counted = decided
    first, _ = cluster.add_worker(), cluster.add_worker()
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executor.memory": "512m",
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    }
    out = tmp_path / "out.parquet"
    with spark.start_spark(cluster.url, tmp_path / "spark", settings) as session:
        tracker = session.sparkContext.statusTracker()
        killed = tmp_path / "killed"
        ended = threading.Event()
        killed_after = []

        def kill_in_the_middle() -> None:
            while not ended.wait(0.02):
                for stage in tracker.getActiveStageIds():
                    info = tracker.getStageInfo(stage)
                    if info and info.numTasks == 8 and info.numCompletedTasks >= 1:
                        cluster.kill(first)
                        killed_after.append(info.numCompletedTasks)
                        killed.touch()
                        return

        killer = threading.Thread(target=kill_in_the_middle)
        killer.start()
        try:
            frame = session.read.parquet(str(roster))
            counts = spark.Counts(session)
            decided_there = spark.decide_spark(frame, partitions=8, counts=counts)
            # Under a name with dots Spark looks for a field inside a field.
            plain = decided_there.toDF(
                *(f"c{place}" for place in range(len(decided_there.columns)))
            )
            waiting = plain.mapInArrow(wait_until(str(killed)), plain.schema)
            waiting.toDF(*decided_there.columns).write.parquet(str(out))
        finally:
            ended.set()
            killer.join()
        summary = counts.summary()
    assert killed_after == [1]
    assert_same(out, local)
    assert summary == counted, "a partition that was decided twice counts once"
