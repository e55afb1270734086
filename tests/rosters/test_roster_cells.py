"""Days read by the thousand are the days read one by one."""

from __future__ import annotations

import random
from datetime import timedelta

import numpy as np

from totalize.kernel.dates import FIRST_DAY, LAST_DAY, parse_date
from totalize.kernel.errors import InputError
from totalize.logic.expressions import encode_day
from totalize.rosters.cells import NOT_READ, NULL, PADDING, UNKNOWN, Block, Cells


def days_of(texts: list[str]) -> list[int]:
    raw = [text.encode() for text in texts]
    sizes = np.array([len(cell) for cell in raw], dtype=np.int32)
    starts = np.cumsum(sizes, dtype=np.int64) - sizes
    return Cells(Block.of(b"".join(raw) + PADDING), starts, sizes).days(may_be_null=True).tolist()


def one_by_one(text: str) -> int | None:
    try:
        return encode_day(parse_date(text, "day"))
    except InputError:
        return None


def test_every_day_within_reach_is_read() -> None:
    size = (LAST_DAY - FIRST_DAY).days + 1
    days = [FIRST_DAY + timedelta(days=number) for number in range(size)]
    assert days_of([day.isoformat() for day in days]) == [encode_day(day) for day in days]


def test_what_is_no_day_is_left_to_careful_reading() -> None:
    chance = random.Random(4)
    texts = ["1900-02-29", "2100-02-29", "1899-12-31", "2200-01-01", "2023-02-30", "2023-00-10"]
    for _ in range(30_000):
        day = FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days))
        letters = list(day.isoformat())
        for _ in range(chance.randint(1, 2)):
            letters[chance.randrange(10)] = chance.choice("0123456789-/:;?aé ")
        texts.append("".join(letters))
    wrong = 0
    for text, found in zip(texts, days_of(texts), strict=True):
        expected = one_by_one(text)
        assert found == (NOT_READ if expected is None else expected), text
        wrong += expected is None
    assert wrong > 10_000
    assert days_of(["", "null", "2024-1-1"]) == [UNKNOWN, NULL, NOT_READ]
