"""`totalize serve` as it is started: on a free port, in an empty folder, stopped and killed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from itertools import count, takewhile
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from totalize.certificates.reference import new_reference
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

    def __init__(
        self,
        folder: Path,
        *options: str,
        database: str | None = None,
        also: dict[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.port = port
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("TOTALIZE_") and name != "DJANGO_SETTINGS_MODULE"
        }
        environment.pop("DATABASE_URL", None)
        environment |= also or {}
        if database is not None:
            environment["DATABASE_URL"] = database
        self.log = folder.with_name(f"{next(_NUMBERS)}.log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "totalize", "serve", "--port", str(port)),
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
        if self.port:
            # It says where people reach it, and that is the proxy.
            self.address = f"http://localhost:{self.port}"
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


def _runs(pid: int) -> bool:
    """Tell whether a process still does something; one that ended may wait to be taken note of."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


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
    children = _below(server.process.pid)
    assert children
    assert server.stop() == 0
    assert not [pid for pid in children if _runs(pid)]


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


@pytest.mark.long
def test_a_server_that_is_killed_leaves_nothing_running_and_starts_again(tmp_path, servers):
    folder = tmp_path / "data"
    server = Server(folder, "--demo")
    servers.append(server)
    assert "DEMONSTRATION" in server.said()
    children = _below(server.process.pid)
    assert children
    server.process.kill()
    server.process.wait(LONGEST)
    until = time.monotonic() + LONGEST
    while any(_runs(pid) for pid in children):
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


BESIDE = """
import sys
sys.path.insert(0, sys.argv[1])
import os, pathlib, subprocess
from test_serve import Server, serves_on_postgresql
serves_on_postgresql(pathlib.Path(sys.argv[2]), os.environ["DATABASE_URL"])
print("SERVED")
"""


def serves_on_postgresql(folder: Path, database: str) -> None:
    """Start the command on PostgreSQL, work with it, kill it, and start it again."""
    server = Server(folder, "--demo", database=database)
    try:
        assert "DEMONSTRATION" in server.said()
        made = subprocess.run(
            [sys.executable, "-c", _MAKE_TOKEN, str(folder)],
            env={**os.environ, "DATABASE_URL": database},
            capture_output=True,
            text=True,
            check=True,
            timeout=LONGEST,
        )
        token = {"Authorization": f"Bearer {made.stdout.strip()}"}
        for path in ("/", "/check/", "/verify/", "/account/login/", "/api/v1/openapi.json"):
            assert server.get(path)[0] == 200, path
        key = {"Idempotency-Key": "one"}
        body = {"case": _CASE, "work": "w"}
        first = server.post("/api/v1/applications", body, **token, **key)
        assert first[0] == 201, first
        assert not (folder / "totalize.sqlite3").exists()
        server.process.kill()
        server.process.wait(LONGEST)
        server = Server(folder, "--demo", database=database)
        assert "nothing was made up" in server.said()
        again = server.post("/api/v1/applications", body, **token, **key)
        assert again == first, (again, first)
    finally:
        server.stop()


@pytest.mark.long
def test_serve_works_on_postgresql_as_on_the_embedded_database(tmp_path):
    beside = Path(__file__).parents[2] / "tools" / "with-postgresql"
    done = subprocess.run(
        [
            *(sys.executable, str(beside), sys.executable, "-c", BESIDE),
            *(str(Path(__file__).parent), str(tmp_path / "data")),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * LONGEST,
    )
    if "not run on PostgreSQL" in done.stdout:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SERVED" in done.stdout


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_the_unit_is_one_that_systemd_understands(tmp_path):
    deploy = Path(__file__).parents[2] / "deploy"
    # The program is where this test finds one; systemd refuses a unit whose program is missing.
    text = (deploy / "totalize.service").read_text()
    unit = tmp_path / "totalize.service"
    unit.write_text(text.replace("/opt/totalize/bin/totalize", sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    said = [line for line in done.stderr.splitlines() if "totalize.service" in line]
    assert not said, said
    wrong = tmp_path / "wrong.service"
    wrong.write_text(unit.read_text().replace("NoNewPrivileges=yes", "NoNewPrivilege=yes"))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(wrong)],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    assert "NoNewPrivilege" in found.stderr, "a misspelt line would have been seen"


@pytest.fixture
def held_port() -> Iterator[Any]:
    """Give ports that a program may open by their number, and that nobody is given meanwhile."""
    with contextlib.ExitStack() as stack:

        def hold() -> int:
            held = stack.enter_context(socket.socket())
            # Held without listening, and shared with whoever says the same: servers do.
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(("127.0.0.1", 0))
            return held.getsockname()[1]

        yield hold


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not here")
def test_the_proxy_of_the_example_says_who_called_and_over_what(tmp_path, servers, held_port):
    """The example before a server: TLS in front, cookies and limits as they are meant."""
    from totalize.web.verify import limits

    tls = "https://coverage.example.org"
    behind = {
        "TOTALIZE_ADDRESS": tls,
        "TOTALIZE_HOSTS": "coverage.example.org",
        "TOTALIZE_BEHIND_PROXY": "yes",
    }
    inner, port = held_port(), held_port()
    server = Server(tmp_path / "data", also=behind, port=inner)
    servers.append(server)
    for name, content in _certificate().items():
        (tmp_path / f"tls.{name}").write_bytes(content)
    example = (Path(__file__).parents[2] / "deploy" / "nginx.conf.example").read_text()
    for old, new in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{inner}"),
        ("/etc/ssl/coverage.example.org.pem", str(tmp_path / "tls.pem")),
        ("/etc/ssl/private/coverage.example.org.key", str(tmp_path / "tls.key")),
    ):
        assert old in example
        example = example.replace(old, new)
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\n"
        "events {}\n"
        f"http {{ access_log off; client_body_temp_path {tmp_path}/body;"
        f" proxy_temp_path {tmp_path}/proxy; fastcgi_temp_path {tmp_path}/fastcgi;"
        f" uwsgi_temp_path {tmp_path}/uwsgi; scgi_temp_path {tmp_path}/scgi;\n{example}\n}}\n"
    )
    command = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    assert "warn" not in tried.stderr
    proxy = subprocess.Popen(command)
    try:
        call = _through(port)
        status, headers = _ask(call, "/account/login/")
        assert status == 200
        assert "max-age=31536000" in headers["Strict-Transport-Security"]
        assert "__Host-csrf=" in headers["Set-Cookie"]
        assert "Secure" in headers["Set-Cookie"]
        # A caller who names another address each time is counted as the one who called. An hour may
        # end in between, and the count begins anew once.
        tries = (
            _ask(
                call,
                "/api/v1/verify",
                {"reference": new_reference(), "fact": "BCN-P5Y"},
                **{"X-Forwarded-For": f"203.0.113.{number}"},
            )[0]
            for number in range(2 * limits.ADDRESS.most + 1)
        )
        allowed = list(takewhile(lambda status: status != 429, tries))
        assert limits.ADDRESS.most <= len(allowed) <= 2 * limits.ADDRESS.most
        assert set(allowed) == {200}
        call.close()
    finally:
        proxy.terminate()
        proxy.wait(LONGEST)


def _through(port: int) -> HTTPSConnection:
    """Connect with the proxy, as a browser that was told where the name leads."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    call = HTTPSConnection("127.0.0.1", port, context=trusting, timeout=LONGEST)
    until = time.monotonic() + LONGEST
    while True:
        try:
            call.connect()
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return call


def _ask(call: HTTPSConnection, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    said = {"Host": "coverage.example.org", "Content-Type": "application/json", **headers}
    sent = None if body is None else json.dumps(body)
    call.request("GET" if body is None else "POST", path, sent, said)
    answer = call.getresponse()
    answer.read()
    return answer.status, answer.headers


def _certificate() -> dict[str, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "coverage.example.org")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {"pem": made.public_bytes(serialization.Encoding.PEM), "key": private}


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
