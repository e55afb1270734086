"""`totalize serve` as it is started: on a free port, in an empty folder, stopped and killed."""

from __future__ import annotations

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
from typing import Any

import pytest

from totalize.cli.main import build_parser
from totalize.web.config import installation

_NUMBERS = count(1)
LONGEST = 120  # seconds; a machine on which it takes longer is broken


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
    link = re.search(r"/start/first/\S+", server.said()).group()
    assert server.get(link)[0] == 200
    assert server.get("/start/first/forged/")[0] == 404
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
