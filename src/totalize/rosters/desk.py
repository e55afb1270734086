"""Where one process does its tasks on the chunks of a roster.

A chunk that was decided is written while the next one is decided: a disk takes its time.
"""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, BinaryIO

from totalize.kernel.errors import InputError
from totalize.rosters.disk import Place, Rendering, write
from totalize.rosters.stages import Stages, plain_error


class Desk:
    """Where one process does its tasks.

    Args:
        stages: what knows how.
    """

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._decided: Rendering | None = None
        self._writer = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def start(self, task: Mapping[str, Any]) -> Future[Any]:
        """Start a task; all but writing is done when this returns.

        A chunk that was decided stays here until the next task tells where to write it.
        """
        if task["stage"] == "write":
            return self._write(Place(*task["place"]))
        done: Future[Any] = Future()
        try:
            done.set_result(self._do(task))
        except (InputError, OSError) as error:
            done.set_exception(error)
        return done

    def _do(self, task: Mapping[str, Any]) -> Any:
        stages, number = self._stages, task.get("number", 0)
        chunks = [stages.chunk(*chunk) for chunk in task["chunks"]]
        match task["stage"]:
            case "count":
                return stages.count(number, chunks[0])
            case "gather":
                return stages.gather(number, chunks[0], task["turns"])
            case "review":
                return stages.review(task["turn"], chunks)
            case _:
                self._decided, summary = stages.decide(number, chunks[0])
                return self._decided.size, summary.to_dict()

    def _write(self, place: Place) -> Future[None]:
        if self._decided is None:
            raise ValueError("no chunk was decided that could be written")
        decided, self._decided = self._decided, None
        if self._writing is not None:
            wait([self._writing])  # memory is to hold two chunks, no more
        self._writing = self._writer.submit(write, decided, place)
        return self._writing

    def close(self) -> None:
        """Wait until everything is written."""
        self._writer.shutdown()


def answer_tasks(desk: Desk, tasks: BinaryIO, answers: BinaryIO) -> None:
    """Do tasks, a line each, and answer each with a line under its number."""
    one_at_a_time = Lock()
    for line in tasks:
        task = json.loads(line)
        answer = partial(_answer, answers, one_at_a_time, task["asked"])
        desk.start(task).add_done_callback(answer)


def _answer(answers: BinaryIO, one_at_a_time: Lock, asked: int, done: Future[Any]) -> None:
    told: dict[str, Any] = {"asked": asked}
    try:
        told["found"] = done.result()
    except InputError as error:
        told["error"] = plain_error(error)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        told["error"] = plain_error(InputError("out", problem, code="unwritable"))
    except BaseException:  # noqa: BLE001 - whoever asked is to find that this process ended
        traceback.print_exc()
        os._exit(1)
    # Who asked may have ended; so does this process then, with its tasks.
    with one_at_a_time, suppress(BrokenPipeError):
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()
