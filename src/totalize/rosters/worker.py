"""Processes that work on the chunks of a roster.

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
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock
from typing import Any, BinaryIO, Final, NoReturn

from totalize.kernel.errors import InputError
from totalize.rosters.desk import Desk, answer_tasks
from totalize.rosters.stages import Stages, error_of

_COMMAND: Final = ("-m", "totalize.rosters.worker")
# One thread each, for the processes share out the processors already. And memory that a chunk
# gave back is kept for the next one: asking the system for it again costs a fifth of the time.
_ENVIRONMENT: Final = {
    "POLARS_MAX_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
}


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
        self._asked: dict[int, Future[Any]] = {}
        self._following = 0
        self._ended = False
        self._asking = Lock()

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

    def ask(self, task: Mapping[str, Any]) -> Future[Any]:
        """Hand over a task and return what will come of it."""
        found: Future[Any] = Future()
        with self._asking:
            ended, number = self._ended, self._following
            self._following += 1
            self._asked[number] = found
        if ended:
            found.set_exception(self._lost())
        with suppress(BrokenPipeError):  # that it has ended is found out where its answers are read
            self.tell({**task, "asked": number})
        return found

    def listen(self) -> None:
        """Pass every answer on to whoever asked, until there are no more."""
        for line in self._answers:
            if not line.endswith(b"\n"):
                break
            answer = json.loads(line)
            found = self._asked.pop(answer["asked"])
            if "error" in answer:
                found.set_exception(error_of(answer["error"]))
            else:
                found.set_result(answer["found"])
        with self._asking:
            self._ended = True
            unanswered = list(self._asked.values())
        for found in unanswered:
            found.set_exception(self._lost())

    def _lost(self) -> InputError:
        return InputError(
            "",
            f"a process that worked on the roster ended with status {self.wait()}",
            expected="a run with --resume, which goes on from here, and with fewer --threads "
            "if memory was short",
            code="worker_lost",
        )

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

    def close(self) -> None:
        """Let go of what it was talked to by, once it has ended."""
        for pipe in (self._tasks, self._answers):
            with suppress(BrokenPipeError):
                pipe.close()


def main() -> None:
    """Do tasks until there are no more, told first on what."""
    from totalize.rosters.run import open_stages  # noqa: PLC0415 - it builds on this

    setup = json.loads(sys.stdin.buffer.readline() or b"null")
    if setup is None:
        return
    answer_tasks(Desk(open_stages(setup)), sys.stdin.buffer, sys.stdout.buffer)


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


if __name__ == "__main__":
    main()
