"""Those who work on the chunks of a roster, and the one who hands out the work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Protocol

from totalize.rosters.desk import Desk
from totalize.rosters.stages import Chunk, Stages
from totalize.rosters.summary import Summary
from totalize.rosters.worker import Worker
from totalize.rosters.writing import Writer


class Crew(Protocol):
    """Those who work on the chunks."""

    size: int

    def submit(self, task: Mapping[str, Any], writer: Writer | None = None) -> Future[Any]:
        """Hand out a task, and where a chunk goes that is decided."""

    def close(self) -> None:
        """Send everybody home."""


class Alone:
    """No processes: every task is done when it is handed out, but for the last one's writing."""

    size = 1

    def __init__(self, stages: Stages) -> None:
        self._desk = Desk(stages)

    def submit(self, task: Mapping[str, Any], writer: Writer | None = None) -> Future[Any]:
        """Do a task."""
        if writer is None:
            return self._desk.start(task)
        done: Future[Any] = Future()
        decide_and_write(self._desk.start, task, writer, done)
        return done

    def close(self) -> None:
        """Wait until everything is written."""
        self._desk.close()


def decide_and_write(
    ask: Callable[[Mapping[str, Any]], Future[Any]],
    task: Mapping[str, Any],
    writer: Writer,
    done: Future[tuple[int, Summary]],
) -> None:
    """Have a chunk decided, and its writing started.

    Args:
        ask: has a task done by the one who is to do both.
        task: to decide the chunk.
        writer: tells where it goes.
        done: told, once it is written, how far the output reaches with it, and how it came out.
    """
    try:
        size, summary = ask(task).result()
        place = writer.place(task["number"], size)
        written = ask({"stage": "write", "place": place})
    except BaseException as error:  # noqa: BLE001 - whoever waits for the chunk is to raise it
        writer.give_up()
        done.set_exception(error)
        return

    def tell(written: Future[None]) -> None:
        error = written.exception()
        if error is None:
            done.set_result((place.end, Summary.from_dict(summary)))
        else:
            writer.give_up()
            done.set_exception(error)

    written.add_done_callback(tell)


def _pass_on(found: Future[Any], done: Future[Any]) -> None:
    error = found.exception()
    if error is None:
        done.set_result(found.result())
    else:
        done.set_exception(error)


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
        # None before all are started: a fork would lack them.
        self._threads = ThreadPoolExecutor(size)
        self._listeners = ThreadPoolExecutor(size)
        for worker in self._all:
            self._listeners.submit(worker.listen)

    def submit(self, task: Mapping[str, Any], writer: Writer | None = None) -> Future[Any]:
        """Hand a task to the next who is idle."""
        done: Future[Any] = Future()
        self._threads.submit(self._have_done, task, writer, done)
        return done

    def _have_done(self, task: Mapping[str, Any], writer: Writer | None, done: Future[Any]) -> None:
        worker = self._idle.get()
        if writer is None:
            _pass_on(worker.ask(task), done)
        else:
            decide_and_write(worker.ask, task, writer, done)
        self._idle.put(worker)

    def close(self) -> None:
        """Let every process end, without waiting for what it is doing."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.kill()
        self._listeners.shutdown()
        for worker in self._all:
            worker.close()


def in_order(
    crew: Crew, tasks: Sequence[dict[str, Any]], writer: Writer | None = None
) -> Iterator[Any]:
    """Hand out tasks, a few ahead, and yield what comes of them in their order."""
    waiting: deque[Future[Any]] = deque()
    ahead = 2 * crew.size + 1  # everybody may decide a chunk and write another
    following = 0
    while following < len(tasks) or waiting:
        while following < len(tasks) and len(waiting) < ahead:
            waiting.append(crew.submit(tasks[following], writer))
            following += 1
        yield waiting.popleft().result()


def plain_chunk(chunk: Chunk) -> list[Any]:
    """Return a chunk as values for JSON."""
    return [chunk.source, list(chunk.stretch), chunk.begin, chunk.rows]


def chunk_tasks(stage: str, chunks: Sequence[Chunk], **more: Any) -> list[dict[str, Any]]:
    """Return the tasks of a stage, one a chunk."""
    return [
        {"stage": stage, "number": number, "chunks": [plain_chunk(chunk)], **more}
        for number, chunk in enumerate(chunks)
    ]
