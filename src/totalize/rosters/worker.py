"""Processes that work on the chunks of a roster, and the one that hands out the work.

A worker is a fresh Python that reads tasks as lines of JSON and answers each with a line. It ends
when its input does, so none outlives the run that started it, however that ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, Protocol

from totalize.kernel.errors import InputError
from totalize.rosters.stages import Chunk, Stages, error_of, plain_error
from totalize.rosters.summary import Summary

_COMMAND: Final = ("-m", "totalize.rosters.worker")
# One thread each, for the processes share out the processors already. And memory that a chunk
# gave back is kept for the next one: asking the system for it again costs a fifth of the time.
_ENVIRONMENT: Final = {
    "POLARS_MAX_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
}


class Crew(Protocol):
    """Those who work on the chunks."""

    size: int

    def submit(self, task: Mapping[str, Any]) -> Future[Any]:
        """Hand out a task."""

    def close(self) -> None:
        """Send everybody home."""


def run_task(stages: Stages, task: Mapping[str, Any], folder: Path | None) -> Any:
    """Do one task and return what came of it.

    Args:
        stages: what knows how.
        task: what to do, with which chunk.
        folder: where to leave the bytes of a decided chunk; None to hand them over.
    """
    number = task.get("number", 0)
    chunks = [stages.chunk(*chunk) for chunk in task["chunks"]]
    match task["stage"]:
        case "count":
            return stages.count(number, chunks[0])
        case "gather":
            return stages.gather(number, chunks[0], task["turns"])
        case "review":
            return stages.review(task["turn"], chunks)
        case _:
            data, summary = stages.decide(number, chunks[0])
            if folder is None:
                return data, summary
            path = folder / f"decided-{number}"
            path.write_bytes(data)
            return str(path), summary.to_dict()


class Alone:
    """No processes: every task is done when it is handed out."""

    size = 1

    def __init__(self, stages: Stages) -> None:
        self._stages = stages

    def submit(self, task: Mapping[str, Any]) -> Future[Any]:
        """Do a task."""
        future: Future[Any] = Future()
        try:
            future.set_result(run_task(self._stages, task, None))
        except InputError as error:
            future.set_exception(error)
        return future

    def close(self) -> None:
        """There is nobody."""


class Workers:
    """Several processes.

    Args:
        size: how many.
        setup: what each needs to open the files and to write.
    """

    def __init__(self, size: int, setup: Mapping[str, Any]) -> None:
        self.size = size
        environment = dict(os.environ) | _ENVIRONMENT  # noqa: TID251 - a child needs all of it
        self._all = [
            subprocess.Popen(  # noqa: S603 - this very Python, with this very module
                [sys.executable, *_COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
            )
            for _ in range(size)
        ]
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        for process in self._all:
            # Who cannot be told anything is found out with the first task.
            with suppress(BrokenPipeError):
                _tell(process, setup)
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(size)

    def submit(self, task: Mapping[str, Any]) -> Future[Any]:
        """Hand a task to the next who is idle."""
        return self._threads.submit(self._ask, task)

    def _ask(self, task: Mapping[str, Any]) -> Any:
        process = self._idle.get()
        try:
            _tell(process, task)
            line = process.stdout.readline() if process.stdout is not None else b""
        except BrokenPipeError:
            line = b""
        finally:
            self._idle.put(process)
        if not line.endswith(b"\n"):
            raise InputError(
                "",
                f"a process that worked on the roster ended with status {process.wait()}",
                expected="a run with --resume, which goes on from here, and with fewer --threads "
                "if memory was short",
                code="worker_lost",
            )
        answer = json.loads(line)
        if "error" in answer:
            raise error_of(answer["error"])
        found = answer["found"]
        if task["stage"] == "decide":
            return Path(found[0]), Summary.from_dict(found[1])
        return found

    def close(self) -> None:
        """Let every process end, without waiting for what it is doing."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._all:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()


def _tell(process: subprocess.Popen[bytes], message: Mapping[str, Any]) -> None:
    if process.stdin is None:
        raise TypeError("a worker has an input")
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()


def plain_chunk(chunk: Chunk) -> list[Any]:
    """Return a chunk as values for JSON."""
    return [chunk.source, list(chunk.stretch), chunk.begin, chunk.rows]


def main() -> None:
    """Do tasks until there are no more."""
    from totalize.rosters.run import open_stages  # noqa: PLC0415 - it builds on this

    setup = json.loads(sys.stdin.buffer.readline() or b"null")
    if setup is None:
        return
    folder = Path(setup["folder"])
    stages = open_stages(setup)
    for line in sys.stdin.buffer:
        try:
            answer: dict[str, Any] = {"found": run_task(stages, json.loads(line), folder)}
        except InputError as error:
            answer = {"error": plain_error(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def chunk_tasks(stage: str, chunks: Sequence[Chunk], **more: Any) -> list[dict[str, Any]]:
    """Return the tasks of a stage, one a chunk."""
    return [
        {"stage": stage, "number": number, "chunks": [plain_chunk(chunk)], **more}
        for number, chunk in enumerate(chunks)
    ]


if __name__ == "__main__":
    main()
