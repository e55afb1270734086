"""`totalize serve` as it is started: on a free port, in an empty folder, stopped and killed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from totalize.cli.main import build_parser
from totalize.web.config import installation

_NUMBERS = count(1)
LONGEST = 120  # seconds; a machine on which it takes longer is broken


def _below(pid: int) -> list[int]:
    """Return the processes that a process started, and theirs."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(each) for each in listed.read_text().split()] if listed.exists() else []
    return [*direct, *(each for child in direct for each in _below(child))]


class Server:
    """A server that was started with the command."""

    def __init__(self, folder: Path, *options: str, database: str | None = None) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TOTALIZE_") and name != "DJANGO_SETTINGS_MODULE"
        }
        environment.pop("DATABASE_URL", None)
        if database is not None:
            environment["DATABASE_URL"] = database
        self.log = folder.with_name(f"{next(_NUMBERS)}.log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "totalize", "serve", "--port", "0"),
                    *("--data-dir", str(folder), *options),
                ],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.address = ""
        try:
            self._come_up()
        except BaseException:
            self.stop()
            raise

    def _come_up(self) -> None:
        self.address = self._wait_for(r"serves at (\S+)").group(1)
        # The socket is open already: this waits until somebody answers.
        assert self.get("/api/v1/health")[0] == 200

    def said(self) -> str:
        return self.log.read_text()

    def get(self, path: str) -> tuple[int, bytes]:
        return self.send(urllib.request.Request(self.address + path))

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, bytes]:
        sent = {"Content-Type": "application/json", **headers}
        return self.send(
            urllib.request.Request(self.address + path, json.dumps(body).encode(), sent)
        )

    def send(self, request: urllib.request.Request) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(request, timeout=LONGEST) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONGEST)

    def _wait_for(self, pattern: str) -> re.Match[str]:
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            found = re.search(pattern, self.said())
            if found is not None:
                return found
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)
        raise AssertionError(self.said())


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    started: list[Server] = []
    yield started
    for server in started:
        server.stop()


def _port_is_free(address: str) -> bool:
    host, _, port = address.rpartition("//")[2].partition(":")
    with socket.socket() as tried:
        return tried.connect_ex((host, int(port))) != 0


def test_an_empty_folder_becomes_an_installation_that_answers_and_stops(tmp_path, servers):
    folder = tmp_path / "data"
    server = Server(folder)
    servers.append(server)
    link = re.search(r"/people/first/\S+", server.said()).group()
    assert server.get(link)[0] == 200
    assert server.get("/people/first/forged/")[0] == 404
    for path in ("/", "/check/", "/verify/", "/account/login/", "/api/v1/openapi.json"):
        assert server.get(path)[0] == 200, path
    case = {
        "contract": 1,
        "worker": {"citizenships": ["US"]},
        "work": [{"id": "w", "activity": "employment", "country": "DE", "start": "2027-03-01"}],
    }
    status, body = server.post("/api/v1/check", case)
    assert (status, json.loads(body)["contract"]) == (200, 1)
    assert {path.stat().st_mode & 0o077 for path in (folder / "keys").iterdir()} == {0}
    assert server.stop() == 0
    assert _port_is_free(server.address)


def test_a_port_that_is_taken_is_said_at_once(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "totalize",
                "serve",
                "--port",
                port,
                "--data-dir",
                str(tmp_path),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
    assert done.returncode == 2
    assert "--port: is taken by another program" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_killed_leaves_nothing_running_and_starts_again(tmp_path, servers):
    folder = tmp_path / "data"
    server = Server(folder, "--demo")
    servers.append(server)
    assert "DEMONSTRATION" in server.said()
    server.process.kill()
    server.process.wait(LONGEST)
    until = time.monotonic() + LONGEST
    while not _port_is_free(server.address):
        assert time.monotonic() < until, "the processes outlive the one that started them"
        time.sleep(0.05)
    again = Server(folder, "--demo")
    servers.append(again)
    assert "nothing was made up" in again.said()
    assert "Nobody administers" not in again.said()
    assert again.get("/")[0] == 200


_MAKE_TOKEN = """
import sys
from totalize.web.serving import setup
setup.load_settings(sys.argv[1], "127.0.0.1", 8000)
from totalize.web.accounts.models import User
from totalize.web.api import tokens
worker = User.objects.get(email="worker1@demo.example")
print(tokens.make(worker, "test", tokens.SCOPES, 1)[1])
"""
_CASE = {
    "contract": 1,
    "worker": {"citizenships": ["US"]},
    "work": [{"id": "w", "activity": "employment", "country": "DE", "start": "2027-03-01"}],
}


def test_calls_that_were_cut_off_are_repeated_after_a_kill_and_done_once(tmp_path, servers):
    folder = tmp_path / "data"
    server = Server(folder, "--demo")
    servers.append(server)
    made = subprocess.run(
        [sys.executable, "-c", _MAKE_TOKEN, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        timeout=LONGEST,
    )
    token = {"Authorization": f"Bearer {made.stdout.strip()}"}
    body = {"case": _CASE, "work": "w"}
    before = len(json.loads(_listed(server, token))["items"])
    tried: list[str] = []
    answered: dict[str, bytes] = {}

    def write() -> None:
        for number in range(30):
            tried.append(f"key {number}")
            try:
                status, answer = server.post(
                    "/api/v1/applications", body, **token, **{"Idempotency-Key": tried[-1]}
                )
            except OSError:
                return
            assert status == 201, answer
            answered[tried[-1]] = answer

    writing = Thread(target=write)
    writing.start()
    while len(answered) < 5 and writing.is_alive():
        time.sleep(0.001)
    children = _below(server.process.pid)
    for pid in (server.process.pid, *children):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    writing.join(LONGEST)
    again = Server(folder)
    servers.append(again)
    for key in tried:
        status, answer = again.post(
            "/api/v1/applications", body, **token, **{"Idempotency-Key": key}
        )
        assert status == 201
        assert answer == answered.get(key, answer)
    assert len(json.loads(_listed(again, token))["items"]) == before + len(tried)


def _listed(server: Server, token: dict[str, str]) -> bytes:
    address = f"{server.address}/api/v1/applications?limit=200"
    return server.send(urllib.request.Request(address, headers=token))[1]


def test_what_is_written_for_production_starts_the_command_as_it_is():
    deploy = Path(__file__).parents[2] / "deploy"
    unit = re.search(
        r"^ExecStart=\S+/totalize (.+)$", (deploy / "totalize.service").read_text(), re.MULTILINE
    )
    container = re.search(
        r"^ENTRYPOINT (\[.+\])$", (deploy / "Containerfile").read_text(), re.MULTILINE
    )
    for words in (unit.group(1).split(), json.loads(container.group(1))[1:]):
        options = build_parser("serve").parse_args(words)
        assert (options.command, options.port) == ("serve", 8000)
    named = {
        line.partition("=")[0]
        for line in (deploy / "environment.example").read_text().splitlines()
        if line and not line.startswith("#")
    }
    source = (Path(installation.__file__)).read_text()
    assert all(f'"{name}"' in source for name in named)
