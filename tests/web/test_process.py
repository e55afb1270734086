"""Processes share the clients: whoever is free takes the next, and nobody is held up by silence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.workers.gthread import ThreadWorker

from totalize.web.serving import process
from totalize.web.serving.__main__ import server_options
from totalize.web.serving.process import AHEAD, Process

LONGEST = 60  # seconds; a machine on which it takes longer is broken
# Every request tells the test who answers it, and is answered when the test says so.
APPLICATION = """
import os, socket
from totalize.web.serving import process
from totalize.web.serving.turns import Turns

process.SPEAKS_WITHIN = float(os.environ["SPEAKS_WITHIN"])

def answer(environ, start):
    with socket.create_connection(("127.0.0.1", int(os.environ["TEST_LISTENS"]))) as test:
        test.sendall(str(os.getpid()).encode())
        test.recv(1)
    start("200 OK", [("Content-Length", "4")])
    return [b"well"]

application = Turns(answer)
"""


class Served:
    """Some processes behind one address, each of whose answers waits for the test."""

    def __init__(self, folder: Any, processes: int, speaks_within: float) -> None:
        (folder / "held.py").write_text(APPLICATION)
        self.listens = socket.create_server(("127.0.0.1", 0))
        self.asked = socket.create_server(("127.0.0.1", 0))
        self.listens.settimeout(LONGEST)
        options = server_options(f"fd://{self.asked.fileno()}", 2)[:-1]
        options[options.index("--workers") + 1] = str(processes)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", "from gunicorn.app.wsgiapp import run; run()"),
                *(*options, "--pythonpath", str(folder), "held"),
            ],
            pass_fds=[self.asked.fileno()],
            env={
                **os.environ,
                "TEST_LISTENS": str(self.listens.getsockname()[1]),
                "SPEAKS_WITHIN": str(speaks_within),
            },
        )

    def connect(self) -> socket.socket:
        return socket.create_connection(self.asked.getsockname(), LONGEST)

    def ask(self) -> socket.socket:
        client = self.connect()
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client

    def at_work(self) -> tuple[int, socket.socket]:
        """Wait for the next request that is at work; return who answers it, and its string."""
        string, _ = self.listens.accept()
        string.settimeout(LONGEST)
        return int(string.recv(20)), string

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.asked.close()
        self.listens.close()


@pytest.fixture
def serve(tmp_path) -> Iterator[Any]:
    with ExitStack() as stack:

        def start(processes: int, speaks_within: float) -> Served:
            served = Served(tmp_path, processes, speaks_within)
            stack.callback(served.stop)
            return served

        yield start


def let_go(string: socket.socket) -> None:
    string.sendall(b".")
    string.close()


def test_requests_that_come_together_are_shared_out_evenly(serve):
    served = serve(2, speaks_within=LONGEST)
    clients = [served.ask() for _ in range(2 * AHEAD)]
    answered = Counter()
    at_work = [served.at_work(), served.at_work()]
    for _ in clients[2:]:
        who, string = at_work.pop(0)
        answered[who] += 1
        let_go(string)
        at_work.append(served.at_work())
    for who, string in at_work:
        answered[who] += 1
        let_go(string)
    assert sorted(answered.values()) == [AHEAD, AHEAD]
    for client in clients:
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        client.close()


def test_clients_that_say_nothing_hold_nobody_up(serve):
    served = serve(1, speaks_within=0.0)
    silent = [served.connect() for _ in range(AHEAD + 1)]
    with closing(served.ask()) as client:
        let_go(served.at_work()[1])
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    for each in silent:
        each.close()


def process_with(under_way: int) -> Any:
    made = Process.__new__(Process)
    made.wsgi = SimpleNamespace(under_way=under_way)
    made._coming = {}
    return made


@pytest.mark.parametrize(("under_way", "closed"), [(0, False), (1, True)])
def test_a_client_is_let_go_where_others_wait_and_kept_where_nobody_does(
    monkeypatch, under_way, closed
):
    said = []
    request = SimpleNamespace(force_close=lambda: said.append("close"))
    monkeypatch.setattr(ThreadWorker, "handle_request", lambda self, req, conn: True)
    process_with(under_way).handle_request(request, object())
    assert bool(said) is closed


def test_a_thread_and_not_the_loop_waits_for_a_client_to_hang_up(monkeypatch):
    waited_for = []
    monkeypatch.setattr(ThreadWorker, "handle", lambda self, conn: conn.goes_on)
    monkeypatch.setattr(process, "close_graceful", waited_for.append)
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        for goes_on in (True, False):
            conn = SimpleNamespace(sock=ours, goes_on=goes_on)
            assert process_with(0).handle(conn) is goes_on
        (waiting,) = waited_for
        waiting.close()
        # It was the connection's other handle: the loop still has its own to close.
        theirs.sendall(b"still open")
        assert ours.recv(20) == b"still open"


def test_a_connection_that_is_gone_already_is_no_fault(monkeypatch):
    monkeypatch.setattr(ThreadWorker, "handle", lambda self, conn: False)
    ours, theirs = socket.socketpair()
    ours.close()
    theirs.close()
    assert process_with(0).handle(SimpleNamespace(sock=ours)) is False
