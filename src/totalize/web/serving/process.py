"""A process of the server: it takes a client when it can answer soon, and lets go when others wait.

A connection stays with the process that took it. Where each takes whoever comes, one soon has seven
clients and its neighbour one, and people wait while half of the machine has nothing to do.
"""

from __future__ import annotations

import contextlib
import sys
from socket import socket
from time import monotonic
from typing import Any

from gunicorn.http.message import Request
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import TConn, ThreadWorker

from totalize.web.serving.turns import Environment

AHEAD = 2  # requests that a process holds before others take the next: one at work, one to follow
SPEAKS_WITHIN = 0.05  # seconds; a client that was taken and says nothing counts no longer
# Seconds. A thread that only reads or writes waits this long for the one that answers. With the
# five milliseconds of Python's own an answer that was made lay as long as it took to make: it needs
# the interpreter three or four times on its way out.
GIVES_WAY_AFTER = 0.001


class Process(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's worker with threads, which shares the clients with those beside it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._coming: dict[socket, float] = {}

    def init_process(self) -> None:
        """Start to work."""
        sys.setswitchinterval(GIVES_WAY_AFTER)
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, and be told which requests it has."""
        super().load_wsgi()
        self.wsgi.came_in = self._came_in

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to a thread. It counts as a request until it had time to say one."""
        self._coming[conn.sock] = monotonic() + SPEAKS_WITHIN
        super().enqueue_req(conn)
        self.set_accept_enabled(self._accepting)

    def handle(self, conn: TConn) -> Any:
        """Answer what comes on a connection; wait in this thread, not in the loop, for its end."""
        goes_on = super().handle(conn)
        if goes_on is False:
            # The loop closes it, and would wait there for a client that doesn't hang up.
            with contextlib.suppress(OSError):
                close_graceful(conn.sock.dup())
        return goes_on

    def handle_request(self, req: Request, conn: TConn) -> bool:
        """Answer. Where others wait here too, the client comes back to whoever is free."""
        if self.wsgi.under_way:
            req.force_close()
        kept: bool = super().handle_request(req, conn)
        return kept

    def set_accept_enabled(self, enabled: bool) -> None:
        """Take clients, as long as there is room for what they want."""
        super().set_accept_enabled(enabled and self._held() < AHEAD)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for what comes; look again soon where a client may turn out to say nothing."""
        super().wait_for_and_dispatch_events(
            min(timeout, SPEAKS_WITHIN) if self._coming else timeout
        )

    def _came_in(self, environ: Environment) -> None:
        self._coming.pop(environ["gunicorn.socket"], None)

    def _held(self) -> int:
        """Return how many requests are here or about to be read."""
        now = monotonic()
        for client, until in list(self._coming.items()):
            if until < now:
                self._coming.pop(client, None)
        # In this order: what leaves the first number is in the second one already.
        return len(self._coming) + int(self.wsgi.under_way)
