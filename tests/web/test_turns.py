"""Requests take turns: one thread answers, the others wait for clients."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Event, get_ident

import pytest

from totalize.web.serving import turns
from totalize.web.serving.turns import AT_ONCE, READ_AHEAD, Turns


class Answer:
    """An answer in parts that knows in which thread it was closed."""

    def __init__(self, parts):
        self.parts, self.closed_in = iter(parts), None

    def __iter__(self):
        return self.parts

    def close(self):
        self.closed_in = get_ident()


def ask(application, body=b"", **more):
    said = []
    environ = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), **more}
    answer = application(environ, lambda status, headers: said.append((status, headers)))
    return said, answer


def test_an_answer_is_made_and_closed_in_one_thread_which_is_none_of_the_servers():
    threads, answers = set(), []

    def application(environ, start):
        threads.add(get_ident())
        start("200 OK", [("A", "b")])
        answers.append(Answer([environ["wsgi.input"].read(), b"!"]))
        return answers[-1]

    served = Turns(application)
    with ThreadPoolExecutor(4) as clients:
        got = list(clients.map(lambda word: ask(served, word), [b"a", b"b", b"c", b"d"]))
    assert [said for said, _ in got] == [[("200 OK", [("A", "b")])]] * 4
    assert [b"".join(answer) for _, answer in got] == [b"a!", b"b!", b"c!", b"d!"]
    assert len(threads) == 1
    assert {answer.closed_in for answer in answers} == threads
    assert get_ident() not in threads


def test_whoever_sends_slowly_holds_nobody_up():
    sending, sent = Event(), Event()

    class Slow(io.BytesIO):
        def read(self, size=-1):
            sending.set()
            assert sent.wait(20)
            return super().read(size)

    def application(environ, start):
        start("200 OK", [])
        return [environ["wsgi.input"].read()]

    served = Turns(application)
    with ThreadPoolExecutor(1) as slow:
        first = slow.submit(ask, served, **{"CONTENT_LENGTH": "4", "wsgi.input": Slow(b"slow")})
        assert sending.wait(20)
        assert b"".join(ask(served, b"fast")[1]) == b"fast"
        assert not first.done()
        sent.set()
        assert b"".join(first.result(60)[1]) == b"slow"


def test_a_body_larger_than_any_page_takes_is_left_with_the_client():
    body = io.BytesIO(b"x")

    def application(environ, start):
        start("413 Content Too Large", [])
        assert environ["wsgi.input"] is body
        return []

    too_long = {"CONTENT_LENGTH": str(READ_AHEAD + 1), "wsgi.input": body}
    assert ask(Turns(application), **too_long)[0] == [("413 Content Too Large", [])]
    assert body.tell() == 0


def test_while_a_long_answer_is_read_others_are_answered():
    part = b"x" * (AT_ONCE // 2)
    long = Answer([part] * 5)

    def application(environ, start):
        start("200 OK", [])
        return long if environ["PATH_INFO"] == "/long" else [b"short"]

    served = Turns(application)
    _, answer = ask(served, PATH_INFO="/long")
    read = iter(answer)
    assert next(read) == part
    assert b"".join(ask(served, PATH_INFO="/")[1]) == b"short"
    assert b"".join(read) == part * 4
    assert long.closed_in is None
    answer.close()
    assert long.closed_in not in (None, get_ident())


def test_what_an_application_raises_is_raised_and_the_next_request_is_answered():
    def application(environ, start):
        if environ["PATH_INFO"] == "/broken":
            raise TimeoutError("the application's own")
        start("200 OK", [])
        return [b"well"]

    served = Turns(application)
    with pytest.raises(TimeoutError, match="own"):
        ask(served, PATH_INFO="/broken")
    assert b"".join(ask(served, PATH_INFO="/")[1]) == b"well"


def test_a_request_that_never_ends_ends_its_process(monkeypatch):
    class EndedError(Exception):
        """Instead of the process, the test."""

    def end():
        raise EndedError

    forever = Event()
    monkeypatch.setattr(turns, "_LOOK", 0.01)
    monkeypatch.setattr(turns, "LONGEST", 0.02)
    monkeypatch.setattr(turns, "end", end)
    served = Turns(lambda environ, start: forever.wait(20) and [])
    with pytest.raises(EndedError):
        ask(served)
    forever.set()
