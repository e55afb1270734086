"""A time-stamp service over HTTP, as `--time-service URL` uses it; it runs in a thread here."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from asn1crypto import tsp

from tests.certificates import authority as office
from tests.certificates.test_commands import CASE
from tests.certificates.test_keys import bundle
from totalize.certificates.keys import to_pem
from totalize.cli.main import main

KIND = "application/timestamp-reply"


def answer(body):
    request = tsp.TimeStampReq.load(body)
    return 200, KIND, office.TestTime(office.SIGNED).answer(request).dump()


@contextmanager
def serving(respond):
    """Serve on a free port of the loopback address."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(self.headers["Content-Type"])
            status, kind, content = respond(body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.yaml").write_text(CASE)
    (tmp_path / "details.yaml").write_text("full_name: Anna Example\n")
    (tmp_path / "key.p12").write_bytes(bundle())
    (tmp_path / "password").write_text("secret\n")
    anchors = (office.root(), office.intermediate(), office.signer())
    (tmp_path / "anchors.pem").write_bytes(to_pem([item.certificate for item in anchors]))
    return tmp_path


def request(url):
    words = ["request", "case.yaml", "--details", "details.yaml", "--out", "pack"]
    return main([*words, "--key", "key.p12", "--key-password", "password", "--time-service", url])


def test_the_time_of_asking_is_proven_by_the_service(place, capsys):
    with serving(answer) as (url, asked):
        assert request(url) == 0
    assert asked == ["application/timestamp-query"]
    capsys.readouterr()
    proof = str(place / "pack" / "proof-of-request.pdf")
    words = ["verify", proof, "--trust", "anchors.pem", "--at", "2028-06-01", "--json"]
    assert main(words) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "proof_of_request"
    assert report["time"]["level"] == "B-T"
    assert report["time"]["proven"] == office.SIGNED.isoformat()


@pytest.mark.parametrize(
    "respond",
    [
        lambda _: (503, "text/plain", b"busy"),
        lambda _: (200, "text/html", b"<p>welcome</p>"),
        lambda _: (200, KIND, b"not a time-stamp"),
        lambda _: (200, KIND, b""),
    ],
    ids=["out of order", "a page", "rubbish", "nothing"],
)
def test_a_service_that_gives_no_time_ends_with_status_2_and_no_proof(place, capsys, respond):
    with serving(respond) as (url, _):
        status = request(url)
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert "time-stamp service" in captured.err
    assert "Traceback" not in captured.err
    assert len(captured.err.splitlines()) == 1
    assert not (place / "pack" / "proof-of-request.pdf").exists()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/tsa", "nowhere", "ftp://127.0.0.1/", "http://[", "http://"]
)
def test_a_service_that_is_not_there_is_said_so(place, capsys, url):
    assert request(url) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "time-stamp service" in captured.err or "--time-service" in captured.err
    assert len(captured.err.splitlines()) == 1
