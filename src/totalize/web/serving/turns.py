"""One request at a time in each process: threads wait for clients, never for one another.

Threads of one Python process that answer at once make all of them slower: whoever asks the
database lets the others go first, and gets its turn back milliseconds later, at every statement.
"""

from __future__ import annotations

import io
import logging
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any, Protocol, TypeVar

READ_AHEAD = 12_000_000  # bytes of a request's body, above what any page takes
AT_ONCE = 4_000_000  # bytes of an answer that are made in one turn
LONGEST = 60.0  # seconds; a turn that lasts longer never ends
_LOOK = 5.0

_log = logging.getLogger("totalize")

Environment = dict[str, Any]
Result = TypeVar("Result")
Start = Callable[[str, list[tuple[str, str]]], Any]


class Application(Protocol):
    """What a server calls with a request."""

    def __call__(self, environ: Environment, start_response: Any) -> Iterable[bytes]:
        """Answer."""


class Turns:
    """An application whose requests take turns, in the order in which they came in whole.

    All turns are taken in one thread, which has the process's only connection to the database.

    Attributes:
        under_way: how many requests came in whole and have no answer yet.
        came_in: called with each request that came in whole, once it counts as under way.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._thread = ThreadPoolExecutor(1, "application")
        self._began: float | None = None
        self._counting = Lock()
        self.under_way = 0
        self.came_in: Callable[[Environment], object] = lambda _: None

    def __call__(self, environ: Environment, start_response: Start) -> Iterable[bytes]:
        """Wait for what the client sends, then for the turn."""
        whole = _whole(environ)
        self._count(1)
        try:
            self.came_in(environ)
            status, headers, body = self.take(lambda: self._answer(whole))
        finally:
            self._count(-1)
        start_response(status, headers)
        return body

    def _count(self, more: int) -> None:
        with self._counting:
            self.under_way += more

    def take(self, work: Callable[[], Result]) -> Result:
        """Have something done in a turn, and return what came of it."""
        turn: Future[Result] = self._thread.submit(self._timed, work)
        while True:
            try:
                return turn.result(_LOOK)
            except TimeoutError:
                if turn.done():
                    return turn.result()
                if self._began is not None and monotonic() - self._began > LONGEST:
                    _log.critical("a request took longer than %d s: the process ends", LONGEST)
                    end()

    def _timed(self, work: Callable[[], Result]) -> Result:
        self._began = monotonic()
        try:
            return work()
        finally:
            self._began = None

    def _answer(self, environ: Environment) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            said.append((status, headers))

        answer = self._application(environ, start)
        more, parts, size = iter(answer), [], 0
        try:
            for part in more:
                parts.append(part)
                size += len(part)
                if size >= AT_ONCE:
                    return (*said[-1], Rest(self, answer, parts, more))
        except BaseException:
            _close(answer)
            raise
        _close(answer)
        return (*said[-1], parts)


class Rest:
    """A long answer: each further part is a turn of its own, so that nobody waits for a reader."""

    def __init__(
        self, turns: Turns, answer: Iterable[bytes], parts: list[bytes], more: Iterator[bytes]
    ) -> None:
        self._turns, self._answer, self._parts, self._more = turns, answer, parts, more

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts
        while (part := self._turns.take(lambda: next(self._more, None))) is not None:
            yield part

    def close(self) -> None:
        """Close the answer where it was made."""
        self._turns.take(lambda: _close(self._answer))


def _whole(environ: Environment) -> Environment:
    """Return a request with its body read, unless that is larger than anything that is taken."""
    whole = {name: value for name, value in environ.items() if name != "wsgi.file_wrapper"}
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) <= READ_AHEAD:
        whole["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(length)))
    return whole


def _close(answer: Iterable[bytes]) -> None:
    close = getattr(answer, "close", None)
    if close is not None:
        close()


def end() -> None:
    """End this process; the server starts another in its place."""
    os.kill(os.getpid(), signal.SIGKILL)
