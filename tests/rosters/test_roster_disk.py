"""Chunks stand where they belong, whichever way their bytes take to the disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from totalize.rosters import disk, shares
from totalize.rosters.disk import PAGE, Place, write
from totalize.rosters.writing import Whole

SIZES = st.sampled_from([0, 1, 17, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 5 * PAGE + 7])


def chunks_of(sizes: list[int]) -> list[bytes]:
    return [bytes([65 + number]) * size for number, size in enumerate(sizes)]


def write_all(path: Path, chunks: list[bytes], order: list[int]) -> None:
    begins = np.cumsum([0, *map(len, chunks)]).tolist()
    for number in order:
        data = np.frombuffer(chunks[number], dtype=np.uint8)
        write(Whole(data), Place(str(path), begins[number], begins[number + 1]))


@given(st.lists(SIZES, min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_chunks_written_in_any_order_stand_one_behind_the_other(
    tmp_path: Path, sizes: list[int], chance: Any
) -> None:
    chunks = chunks_of(sizes)
    order = list(range(len(chunks)))
    chance.shuffle(order)
    path = tmp_path / "out"
    path.write_bytes(b"")
    write_all(path, chunks, order)
    assert path.read_bytes() == b"".join(chunks)


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EOPNOTSUPP])
def test_a_disk_that_takes_no_straight_way_gets_the_bytes_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    ways = []

    def refuse(path: str, how: int, *mode: int) -> int:
        ways.append(bool(how & disk.STRAIGHT))
        if how & disk.STRAIGHT:
            raise OSError(code, os.strerror(code))
        return real(path, how, *mode)

    real = os.open
    monkeypatch.setattr(disk.os, "open", refuse)
    chunks = chunks_of([3 * PAGE + 5, 2 * PAGE])
    write_all(tmp_path / "out", chunks, [0, 1])
    assert (tmp_path / "out").read_bytes() == b"".join(chunks)
    assert any(ways) == bool(disk.STRAIGHT)


def test_what_else_is_wrong_with_a_disk_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(disk.os, "pwrite", fail)
    with pytest.raises(OSError, match="no room"):
        write_all(tmp_path / "out", chunks_of([5 * PAGE]), [0])


def test_a_file_of_a_chunks_own_holds_nothing_of_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "piece"
    path.write_bytes(b"x" * (10 * PAGE))
    write(Whole(np.frombuffer(b"a" * (2 * PAGE + 9), dtype=np.uint8)), Place(str(path), None, 0))
    assert path.read_bytes() == b"a" * (2 * PAGE + 9)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_everybody_finds_their_share(tmp_path: Path, sizes: list[int]) -> None:
    bounds = np.cumsum([0, *sizes]).tolist()
    records = np.empty(bounds[-1], dtype=[("row", np.int64), ("odd", np.bool_)])
    records["row"] = np.arange(bounds[-1])
    records["odd"] = records["row"] % 2 == 1
    path = tmp_path / "works"
    shares.save_shares(path, records, bounds)
    nobodys = tmp_path / "none"
    for number in range(len(sizes)):
        found = shares.load_share([path, nobodys, path], number, records.dtype)
        assert found.dtype == records.dtype
        own = list(range(bounds[number], bounds[number + 1]))
        assert found["row"].tolist() == own * 2
        assert found["odd"].tolist() == [row % 2 == 1 for row in own] * 2
    assert len(shares.load_share([nobodys], 0, records.dtype)) == 0


@given(st.lists(st.integers(0, 9)))
def test_records_are_picked_whole(places: list[int]) -> None:
    records = np.empty(10, dtype=[("row", np.int64), ("odd", np.bool_)])
    records["row"], records["odd"] = np.arange(10), np.arange(10) % 3 == 0
    found = shares.pick(records, np.array(places, dtype=np.int64))
    assert found.tolist() == [(place, place % 3 == 0) for place in places]
