"""Note what of a run is finished, so that a run after a kill or a power cut goes on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from totalize.kernel.errors import InputError
from totalize.rosters.summary import Summary


@dataclass(slots=True)
class Journal:
    """What is finished, written line by line; a line that was cut off does not count."""

    path: Path
    chunks: int = 0
    reach: int = 0
    whole: bool = False
    summary: Summary = field(default_factory=Summary)

    def read(self, identity: dict[str, Any]) -> None:
        """Take over what an earlier run of the same work had finished."""
        if not self.path.exists():
            return
        lines = self.path.read_bytes().split(b"\n")[:-1]
        if not lines:
            return
        if json.loads(lines[0]) != identity:
            raise InputError(
                "resume",
                "the files, the options, the law or the program have changed since the run that "
                "was stopped",
                expected="a run without --resume, which starts anew",
                code="cannot_resume",
            )
        for line in lines[1:]:
            entry = json.loads(line)
            self.chunks, self.reach = entry["chunks"], entry["reach"]
            self.summary = Summary.from_dict(entry["summary"])
            self.whole = entry["whole"]

    def start(self, identity: dict[str, Any]) -> None:
        """Begin a new journal."""
        self._write(self.path.with_suffix(".new"), [identity])
        self.path.with_suffix(".new").replace(self.path)

    def entry(self, *, whole: bool = False) -> dict[str, Any]:
        """Return how far the output is."""
        return {
            "chunks": self.chunks,
            "reach": self.reach,
            "summary": self.summary.to_dict(),
            "whole": whole,
        }

    def note(self, entry: Mapping[str, Any]) -> None:
        """Say how far the output is good."""
        # A line that was cut off by a kill must not spoil the next one.
        data = self.path.read_bytes()
        if not data.endswith(b"\n"):
            with self.path.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)
        self._write(self.path, [entry])

    @staticmethod
    def _write(path: Path, entries: Sequence[Mapping[str, Any]]) -> None:
        with path.open("ab") as file:
            for entry in entries:
                file.write(json.dumps(entry, sort_keys=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
