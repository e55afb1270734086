"""Chunks are decided and written at the same time, and every answer finds whoever asked."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Any

from totalize.rosters.desk import Desk, answer_tasks
from totalize.rosters.loops import Bytes
from totalize.rosters.summary import Summary

LONG = 20.0  # seconds, after which something hangs


class Slow:
    """A chunk of four bytes that is put together when it is told to."""

    size = 4

    def __init__(self) -> None:
        self.go_on = Event()

    def fill(self, room: Bytes) -> None:
        assert self.go_on.wait(LONG)
        room[:] = 7


class Stages:
    """Decides chunks that were made before."""

    def __init__(self, *chunks: Slow) -> None:
        self._chunks = iter(chunks)

    def chunk(self, *_: Any) -> None: ...

    def decide(self, _number: int, _chunk: None) -> tuple[Slow, Summary]:
        return next(self._chunks), Summary()


def desk_of(*chunks: Slow) -> Desk:
    return Desk(Stages(*chunks))  # type: ignore[arg-type] # as much of them as is asked here


def task(stage: str, **more: Any) -> dict[str, Any]:
    return {"stage": stage, "chunks": [[]], **more}


def writing(folder: Path, name: str) -> dict[str, Any]:
    return task("write", place=[str(folder / name), None, 4])


def test_the_next_chunk_is_decided_while_one_is_written(tmp_path: Path) -> None:
    first, second = Slow(), Slow()
    desk = desk_of(first, second)
    desk.start(task("decide")).result(0)
    written = desk.start(writing(tmp_path, "first"))
    assert desk.start(task("decide")).result(0)[0] == second.size
    assert not written.done()
    first.go_on.set()
    written.result(LONG)
    assert (tmp_path / "first").read_bytes() == bytes([7] * 4)


def test_memory_holds_two_chunks_and_no_third(tmp_path: Path) -> None:
    first, second = Slow(), Slow()
    desk = desk_of(first, second)
    desk.start(task("decide"))
    written = desk.start(writing(tmp_path, "first"))
    desk.start(task("decide"))
    second.go_on.set()
    handed_over = Event()

    def hand_over() -> None:
        desk.start(writing(tmp_path, "second")).result(LONG)
        assert written.done()
        handed_over.set()

    other = Thread(target=hand_over)
    other.start()
    assert not handed_over.wait(0.1), "the second is not taken before the first is written"
    first.go_on.set()
    assert handed_over.wait(LONG)
    other.join(LONG)


def test_what_is_being_written_is_finished_before_a_desk_is_left(tmp_path: Path) -> None:
    chunk = Slow()
    desk = desk_of(chunk)
    desk.start(task("decide"))
    written = desk.start(writing(tmp_path, "chunk"))
    chunk.go_on.set()
    desk.close()
    assert written.done()


def test_every_task_is_answered_under_its_number(tmp_path: Path) -> None:
    chunk = Slow()
    chunk.go_on.set()
    tasks = [task("decide"), writing(tmp_path, "chunk")]
    asked = [json.dumps({**one, "asked": 10 + place}) for place, one in enumerate(tasks)]
    answers = io.BytesIO()
    desk = desk_of(chunk)
    answer_tasks(desk, io.BytesIO("\n".join(asked).encode()), answers)
    desk.close()
    told = {one["asked"]: one["found"] for one in map(json.loads, answers.getvalue().splitlines())}
    assert told == {10: [4, Summary().to_dict()], 11: None}


def test_a_disk_that_refuses_is_an_answer(tmp_path: Path) -> None:
    chunk = Slow()
    chunk.go_on.set()
    desk = desk_of(chunk)
    desk.start(task("decide"))
    asked = json.dumps({**writing(tmp_path, "no/such/folder"), "asked": 0}).encode()
    answers = io.BytesIO()
    answer_tasks(desk, io.BytesIO(asked), answers)
    desk.close()
    _, problem, *_, code = json.loads(answers.getvalue())["error"]
    assert (problem, code) == ("cannot be written: No such file or directory", "unwritable")


BROKEN = """
import io, json, sys
from concurrent.futures import ThreadPoolExecutor
from totalize.rosters.desk import answer_tasks

class Desk:
    pool = ThreadPoolExecutor(1)
    def start(self, task):
        return self.pool.submit(lambda: 1 // 0)

answer_tasks(Desk(), io.BytesIO(b'{"asked": 0}'), sys.stdout.buffer)
Desk.pool.shutdown()
print("went on")
"""


def test_a_process_that_fails_ends_so_that_nobody_waits_for_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKEN], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "ZeroDivisionError" in done.stderr
