"""The processes of an installation: one answers requests, one works in the background.

The address is taken once and handed on, so that a server that died is followed by another without
a connection refused. What is started here ends with it, however it ends: each process reads a pipe
whose other end only this one has.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from time import monotonic
from types import FrameType

from totalize.kernel.errors import InputError
from totalize.web.serving.setup import say

LIFELINE = "TOTALIZE_LIFELINE"
ADDRESS_FD = "TOTALIZE_LISTENS"
LOOK = 0.2
PATIENCE = 25.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LONG_ENOUGH = 60.0


def listen(host: str, port: int) -> socket.socket:
    """Take the address.

    Raises:
        InputError: somebody else has it, or it is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise InputError("--host", "is no address of this machine", value=host) from None
    taken = socket.socket(family, kind, protocol)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(address)
    except OSError as error:
        taken.close()
        raise _refusal(error, host, port) from None
    taken.listen(512)
    taken.set_inheritable(True)
    return taken


def _refusal(error: OSError, host: str, port: int) -> InputError:
    if error.errno == errno.EADDRINUSE:
        return InputError(
            "--port",
            "is taken by another program",
            value=port,
            expected="a free one, or 0 for any",
            code="port_taken",
        )
    if error.errno == errno.EACCES:
        return InputError(
            "--port",
            "is not yours to take",
            value=port,
            expected="1024 or higher",
            code="port_refused",
        )
    return InputError("--host", "is no address of this machine", value=host, code="bad_host")


@dataclass(slots=True)
class Child:
    """A process that is started again when it ends."""

    role: str
    fds: tuple[int, ...]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    again_at: float = 0.0
    pause: float = FIRST_PAUSE

    def start(self) -> None:
        """Start it in a session of its own: signals of the terminal come to this process only."""
        self.started = monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-m", "totalize.web.serving", self.role],
            env=self.environment,
            pass_fds=self.fds,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def look(self) -> None:
        """Start it again when it ended, after a pause that grows while it keeps ending."""
        now = monotonic()
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            if now - self.started > LONG_ENOUGH:
                self.pause = FIRST_PAUSE
            say(f"the {self.role} process ended ({self.process.returncode}) and is started again")
            self.again_at, self.process = now + self.pause, None
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if now >= self.again_at:
            self.start()

    def stop(self, by: float) -> None:
        """Wait for it until a moment, then end it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(by - monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class Supervisor:
    """Keeps the processes running until it is told to stop."""

    address: socket.socket
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; return the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        reading, writing = os.pipe()
        os.set_inheritable(reading, True)
        listens = self.address.fileno()
        environment = {**os.environ, LIFELINE: str(reading), ADDRESS_FD: str(listens)}
        children = [
            Child("web", (reading, listens), environment),
            Child("work", (reading,), environment),
        ]
        try:
            while not self.stopping.is_set():
                for child in children:
                    child.look()
                self.stopping.wait(LOOK)
        finally:
            for child in children:
                if child.process is not None:
                    child.process.terminate()
            by = monotonic() + PATIENCE
            for child in children:
                child.stop(by)
            os.close(writing)
            os.close(reading)
            self.address.close()
        return 0

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()
