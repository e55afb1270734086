"""Processes that work on the chunks of a roster, and the one that hands out the work.

A worker reads tasks as lines of JSON and answers each with a line. It ends when its input does, so
none outlives the run that started it, however that ends.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Lock
from typing import Any, BinaryIO, Final, NoReturn, Protocol

from totalize.kernel.errors import InputError
from totalize.rosters.disk import Place, Rendering, write
from totalize.rosters.stages import Chunk, Stages, error_of, plain_error
from totalize.rosters.summary import Summary
from totalize.rosters.writing import Writer

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

    def submit(self, task: Mapping[str, Any], writer: Writer | None = None) -> Future[Any]:
        """Hand out a task, and where a chunk goes that is decided."""

    def close(self) -> None:
        """Send everybody home."""


class Desk:
    """Where one process does its tasks.

    Args:
        stages: what knows how.
    """

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._decided: Rendering | None = None

    def do(self, task: Mapping[str, Any]) -> Any:
        """Do one task and return what came of it.

        A chunk that was decided stays here until the next task tells where to write it.
        """
        stages = self._stages
        if task["stage"] == "write":
            if self._decided is not None:
                write(self._decided, Place(*task["place"]))
            self._decided = None
            return None
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
                self._decided, summary = stages.decide(number, chunks[0])
                return self._decided.size, summary.to_dict()


def decide_and_write(
    ask: Callable[[Mapping[str, Any]], Any], task: Mapping[str, Any], writer: Writer
) -> tuple[int, Summary]:
    """Have a chunk decided and written.

    Args:
        ask: has a task done by the one who is to do both.
        task: to decide the chunk.
        writer: tells where it goes.

    Returns:
        How far the output reaches with it, and how it came out.
    """
    try:
        size, summary = ask(task)
        place = writer.place(task["number"], size)
        ask({"stage": "write", "place": place})
    except BaseException:
        writer.give_up()
        raise
    return place.end, Summary.from_dict(summary)


class Alone:
    """No processes: every task is done when it is handed out."""

    size = 1

    def __init__(self, stages: Stages) -> None:
        self._desk = Desk(stages)

    def submit(self, task: Mapping[str, Any], writer: Writer | None = None) -> Future[Any]:
        """Do a task."""
        future: Future[Any] = Future()
        try:
            if writer is None:
                future.set_result(self._desk.do(task))
            else:
                future.set_result(decide_and_write(self._desk.do, task, writer))
        except InputError as error:
            future.set_exception(error)
        return future

    def close(self) -> None:
        """There is nobody."""


class Worker:
    """A process that does tasks.

    Args:
        process: its number.
        tasks: where it reads them.
        answers: where it answers.
    """

    def __init__(self, process: int, tasks: BinaryIO, answers: BinaryIO) -> None:
        self.process = process
        self._tasks = tasks
        self._answers = answers
        self._status: int | None = None
        self._waiting = Lock()

    @classmethod
    def fresh(cls, setup: Mapping[str, Any]) -> Worker:
        """Start a new Python, told how to open the files and to write."""
        ours, theirs = (os.pipe() for _ in range(2))
        process = subprocess.Popen(  # noqa: S603 - this very Python, with this very module
            [sys.executable, *_COMMAND],
            stdin=ours[0],
            stdout=theirs[1],
            env=dict(os.environ) | _ENVIRONMENT,  # noqa: TID251 - a child needs all of it
        )
        # It is waited for here, by its number, like one that was forked.
        process.returncode = 0
        os.close(ours[0])
        os.close(theirs[1])
        worker = cls(process.pid, os.fdopen(ours[1], "wb"), os.fdopen(theirs[0], "rb"))
        # Who cannot be told anything is found out with the first task.
        with suppress(BrokenPipeError):
            worker.tell(setup)
        return worker

    @classmethod
    def forked(cls, stages: Stages, unwanted: Sequence[int]) -> Worker:
        """Fork this process, with all that it has read and compiled.

        Args:
            stages: what it works on.
            unwanted: open files that are not its business.
        """
        ours, theirs = (os.pipe() for _ in range(2))
        process = os.fork()
        if process == 0:
            for file in (*unwanted, ours[1], theirs[0]):
                os.close(file)
            _serve(Desk(stages), os.fdopen(ours[0], "rb"), os.fdopen(theirs[1], "wb"))
        os.close(ours[0])
        os.close(theirs[1])
        return cls(process, os.fdopen(ours[1], "wb"), os.fdopen(theirs[0], "rb"))

    def files(self) -> tuple[int, int]:
        """Return the open files by which it is talked to."""
        return self._tasks.fileno(), self._answers.fileno()

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a line."""
        self._tasks.write(json.dumps(message).encode() + b"\n")
        self._tasks.flush()

    def ask(self, task: Mapping[str, Any]) -> bytes:
        """Send a task and return the line that answers it; no whole line if it has ended."""
        try:
            self.tell(task)
            return self._answers.readline()
        except BrokenPipeError:
            return b""

    def wait(self) -> int:
        """Wait for its end and return with which status it ended."""
        with self._waiting:
            if self._status is None:
                _, status = os.waitpid(self.process, 0)
                self._status = os.waitstatus_to_exitcode(status)
            return self._status

    def kill(self) -> None:
        """End it."""
        if self._status is None:
            with suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            self.wait()
        for pipe in (self._tasks, self._answers):
            with suppress(BrokenPipeError):
                pipe.close()


class Workers:
    """Several processes.

    Args:
        size: how many.
        start: starts one, told what open files of the others' it need not keep.
    """

    def __init__(self, size: int, start: Callable[[Sequence[int]], Worker]) -> None:
        self.size = size
        self._all: list[Worker] = []
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for _ in range(size):
            worker = start([file for other in self._all for file in other.files()])
            self._all.append(worker)
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(size)

    def submit(self, task: Mapping[str, Any], writer: Writer | None = None) -> Future[Any]:
        """Hand a task to the next who is idle."""
        return self._threads.submit(self._have_done, task, writer)

    def _have_done(self, task: Mapping[str, Any], writer: Writer | None) -> Any:
        worker = self._idle.get()
        ask = partial(self._ask, worker)
        try:
            return ask(task) if writer is None else decide_and_write(ask, task, writer)
        finally:
            self._idle.put(worker)

    @staticmethod
    def _ask(worker: Worker, task: Mapping[str, Any]) -> Any:
        line = worker.ask(task)
        if not line.endswith(b"\n"):
            raise InputError(
                "",
                f"a process that worked on the roster ended with status {worker.wait()}",
                expected="a run with --resume, which goes on from here, and with fewer --threads "
                "if memory was short",
                code="worker_lost",
            )
        answer = json.loads(line)
        if "error" in answer:
            raise error_of(answer["error"])
        return answer["found"]

    def close(self) -> None:
        """Let every process end, without waiting for what it is doing."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.kill()


def plain_chunk(chunk: Chunk) -> list[Any]:
    """Return a chunk as values for JSON."""
    return [chunk.source, list(chunk.stretch), chunk.begin, chunk.rows]


def main() -> None:
    """Do tasks until there are no more, told first on what."""
    from totalize.rosters.run import open_stages  # noqa: PLC0415 - it builds on this

    setup = json.loads(sys.stdin.buffer.readline() or b"null")
    if setup is None:
        return
    answer_tasks(Desk(open_stages(setup)), sys.stdin.buffer, sys.stdout.buffer)


def answer_tasks(desk: Desk, tasks: BinaryIO, answers: BinaryIO) -> None:
    """Do tasks, a line each, and answer each with a line, until there are no more."""
    for line in tasks:
        try:
            answer: dict[str, Any] = {"found": desk.do(json.loads(line))}
        except InputError as error:
            answer = {"error": plain_error(error)}
        except OSError as error:
            problem = f"cannot be written: {error.strerror or error}"
            answer = {"error": plain_error(InputError("out", problem, code="unwritable"))}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def keep_memory() -> None:
    """Let memory that was given back be kept for the next chunk, where the C library can."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_NO_MAPPINGS, 0)
        library.mallopt(_TRIM_FROM, 1 << 30)


_TRIM_FROM, _NO_MAPPINGS = -1, -4  # M_TRIM_THRESHOLD, M_MMAP_MAX of mallopt(3)


def _serve(desk: Desk, tasks: BinaryIO, answers: BinaryIO) -> NoReturn:
    """Do tasks in a fork, and end without what its parent has yet to do."""
    status = 1
    keep_memory()
    try:
        answer_tasks(desk, tasks, answers)
        status = 0
    except BrokenPipeError:
        pass
    except BaseException:  # noqa: BLE001 - nothing of the parent's may run on in a fork
        import traceback  # noqa: PLC0415 - only when something is badly wrong

        traceback.print_exc()
    finally:
        os._exit(status)


def chunk_tasks(stage: str, chunks: Sequence[Chunk], **more: Any) -> list[dict[str, Any]]:
    """Return the tasks of a stage, one a chunk."""
    return [
        {"stage": stage, "number": number, "chunks": [plain_chunk(chunk)], **more}
        for number, chunk in enumerate(chunks)
    ]


if __name__ == "__main__":
    main()
