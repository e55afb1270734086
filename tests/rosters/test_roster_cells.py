"""Rows read by the thousand are the rows read one by one."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from datetime import timedelta
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from totalize.coverage.codes import COUNTRY_CODES, NOWHERE, US
from totalize.kernel.dates import FIRST_DAY, LAST_DAY, parse_date
from totalize.kernel.errors import InputError
from totalize.law.territories import load_territories
from totalize.logic.expressions import encode_day
from totalize.rosters import loops, namesakes
from totalize.rosters.coding import NULL, Codes, all_as_texts, code_columns
from totalize.rosters.facts import Rows, read_facts
from totalize.rosters.fields import Header
from totalize.rosters.loops import NOT_READ, UNKNOWN
from totalize.rosters.namesakes import mix
from totalize.rosters.parts import Part
from totalize.rosters.tokens import Lines, make_room

PLAIN_CELLS = st.text(alphabet='abc"\n\r ,;é', max_size=6)


def lines_of(data: bytes, fields: tuple[str | None, ...], delimiter: str = ",") -> Lines:
    room = make_room(len(data))
    room[: len(data)] = np.frombuffer(data, dtype=np.uint8)
    return Lines(room, ord(delimiter), code_columns(fields))


def codes_of(field: str, texts: list[str]) -> Codes:
    """Read one column; the column beside it keeps lines from being empty."""
    data = "".join(f"{text},x\n" for text in texts).encode()
    tables = list(lines_of(data, (field, "id")).tables(len(texts)))
    assert [table.size for table in tables] == [len(texts)]
    return tables[0].codes


def read(field: str, texts: list[str]) -> list[int]:
    codes = codes_of(field, texts)
    column = codes.column(field)
    assert column is not None
    assert (codes.unread == (column == NOT_READ)).all()
    return column.tolist()


def rows_of(lines: Lines, rows: int = 7) -> list[list[str]]:
    return [
        [column.text(row) for column in table.columns()]
        for table in lines.tables(rows)
        for row in range(table.size)
    ]


def one_by_one(text: str) -> int | None:
    try:
        return encode_day(parse_date(text, "day"))
    except InputError:
        return None


def test_every_day_within_reach_is_read() -> None:
    size = (LAST_DAY - FIRST_DAY).days + 1
    days = [FIRST_DAY + timedelta(days=number) for number in range(size)]
    assert read("start", [day.isoformat() for day in days]) == [encode_day(day) for day in days]


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
    for text, found in zip(texts, read("end", texts), strict=True):
        expected = one_by_one(text)
        assert found == (NOT_READ if expected is None else expected), text
        wrong += expected is None
    assert wrong > 10_000
    assert read("end", ["", "null", "2024-1-1"]) == [UNKNOWN, NULL, NOT_READ]
    assert read("start", ["null"]) == [NOT_READ]


def test_a_country_is_two_letters_that_stand_for_one() -> None:
    pairs = [f"{one}{other}" for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for other in "AEDFRSUT"]
    elsewhere = load_territories()
    expected = [
        NOT_READ if pair in elsewhere else COUNTRY_CODES.get(pair, NOT_READ) for pair in pairs
    ]
    assert {"GF", "PR"} <= set(elsewhere)
    assert read("country", pairs) == expected
    assert read("country", ["", "us", "USA", "U", "null", " DE"]) == [UNKNOWN] + [NOT_READ] * 5
    assert read("via", ["null", "none", "~", "nul"]) == [NOWHERE] * 3 + [NOT_READ]


def test_a_list_holds_up_to_three_different_countries() -> None:
    texts = ["US", "US;DE", "US;DE;FR", "US;US", "US;DE;DE", "US,", "US;XX", "US:DE", "US;DE;FR;IT"]
    texts = [f'"{text}"' if "," in text else text for text in [*texts, ""]]
    found = codes_of("worker.citizenships", texts).list_column("worker.citizenships")
    assert found is not None
    germany, france = COUNTRY_CODES["DE"], COUNTRY_CODES["FR"]
    first, second, third = (column.tolist() for column in found)
    assert first == [US, US, US, *[NOT_READ] * 6, UNKNOWN]
    assert second[:3] == [NOWHERE, germany, germany]
    assert third[:3] == [NOWHERE, NOWHERE, france]
    assert read("also_in", ["[]", "null", "DE"])[:2] == [NOWHERE, NOWHERE]


def test_words_are_read_whole() -> None:
    texts = ["employment", "self_employment", "employments", "employmen", "Employment", ""]
    assert read("activity", texts) == [1, 0, NOT_READ, NOT_READ, NOT_READ, UNKNOWN]
    assert read("family_accompanies", ["true", "FALSE", "True", "1"]) == [1, 0, NOT_READ, NOT_READ]
    assert read("activity_in", ["", "US=employment"]) == [UNKNOWN, NOT_READ]
    assert read("region", ["QC", "ON", ""]) == [1, 0, UNKNOWN]


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(
            st.lists(PLAIN_CELLS, min_size=width, max_size=width), min_size=1, max_size=30
        )
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.integers(1, 9),
)
def test_cells_are_those_that_the_csv_module_writes(
    rows: list[list[str]], line_end: str, ends: bool, at_once: int
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows(rows)
    data = text.getvalue() if ends else text.getvalue().removesuffix(line_end)
    fields = (None,) * len(rows[0])
    lines = lines_of(data.encode(), fields)
    assert rows_of(lines, at_once) == [[cell.strip() for cell in row] for row in rows]
    starts, sizes = lines.rows()
    for place in range(len(fields)):
        cells = lines.column(place, (starts, sizes))
        assert [cells.text(row) for row in range(len(rows))] == [row[place].strip() for row in rows]
    odd = np.arange(1, len(rows), 2)
    assert rows_of(lines.copy(starts[odd], sizes[odd])) == [
        [cell.strip() for cell in row] for row in rows[1::2]
    ]


def test_rows_of_any_length_are_found_whole() -> None:
    long = "x" * 100_000
    rows = [["a", "b"], [long, "c"], ["d", long], ["e", "f"]] * 3
    data = "".join(f"{one},{other}\n" for one, other in rows).encode()
    assert rows_of(lines_of(data, (None, None))) == rows


def test_lines_with_nothing_on_them_are_no_rows_and_rows_are_counted_across_them() -> None:
    count = 3000
    data = "".join(f"{number},y\n" + "\r\n" * (number % 3) for number in range(count)).encode()
    assert rows_of(lines_of(data, (None, None)), 1000) == [[str(row), "y"] for row in range(count)]


def test_a_row_with_other_cells_than_the_header_is_known_by_their_number() -> None:
    data = b"US,DE\nUS\nUS,DE,FR\nUS,DE\n"
    (table,) = lines_of(data, ("country", "via")).tables(10)
    assert table.ragged == {1: 1, 2: 3}
    assert table.codes.unread.tolist() == [False, True, True, False]
    assert [table.text(row) for row in range(4)] == ["US,DE", "US", "US,DE,FR", "US,DE"]


def test_how_all_cells_are_kept_is_thought_of_once() -> None:
    assert all_as_texts(3) is all_as_texts(3)
    assert all_as_texts(3).texts == (0, 1, 2)


FIELDS = (
    "worker_id", "worker.citizenships", "start", "end", "activity", "via", "family_accompanies",
    "also_in", "employer.name", "certificate.to",
)  # fmt: skip
CELLS = {
    "worker_id": ["P1", "", "=1", 'o"o'],
    "worker.citizenships": ["US", "DE;US", "US;DE;FR", "US;US", "DE;XX", ""],
    "start": ["2026-03-01", "2026-02-30", "", "1.3.2026"],
    "end": ["2027-12-31", "null", "", "never"],
    "activity": ["employment", "self_employment", "work", ""],
    "via": ["DE", "null", "de", ""],
    "family_accompanies": ["true", "false", "perhaps", ""],
    "also_in": ["IT;FR", "[]", "", "IT;"],
    "employer.name": ["Globex", "Hooli, Inc", "a\nb", ""],
    "certificate.to": ["2028-01-01", "null", "", "x"],
}
ROWS = st.lists(
    st.tuples(*(st.sampled_from(CELLS[field]) for field in FIELDS)), min_size=1, max_size=12
)


@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.integers(0, 2))
def test_rows_read_straight_through_say_what_their_cells_say_one_by_one(
    rows: list[tuple[str, ...]], line_end: str, quoted: bool, blank_lines: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(
        text,
        lineterminator=line_end * (1 + blank_lines),
        quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerows(rows)
    (table,) = lines_of(text.getvalue().encode(), FIELDS).tables(len(rows) + 1)
    header = Header(FIELDS, FIELDS, FIELDS)
    frame = pl.DataFrame(dict(zip(FIELDS, zip(*rows, strict=True), strict=True)))
    part = Part.of_frame(frame, frame, header)
    assert table.size == len(rows)
    assert (table.codes.numbers == part.codes.numbers).all()
    assert (table.codes.unread == part.codes.unread).all()
    for number in (0, 8):
        told = [table.texts[number].text(row) for row in range(table.size)]
        assert told == [row[number].strip() for row in rows]


@given(st.lists(st.integers(0, 400), max_size=600), st.integers(1, 5))
def test_who_has_several_works_is_found_whatever_is_looked_at_at_once(
    people: list[int], chunks: int
) -> None:
    numbers = mix(np.array(people, dtype=np.uint64) + np.uint64(1))
    pieces = np.array_split(numbers, chunks)
    with (
        patch.object(namesakes, "_PLACES_A_ROW_BITS", -6),  # hardly any place is anybody's own
        patch.object(namesakes, "_COMPARED_AT_ONCE", 50),
    ):
        found = namesakes.find_shared(pieces, 2)
    times = Counter(people)
    expected = [times[person] > 1 for person in people]
    if found is None:
        assert not any(expected)
    else:
        assert np.concatenate(found).tolist() == expected


@given(
    st.lists(
        st.lists(PLAIN_CELLS | st.sampled_from(["=1", "+a", "@", "-1"]), min_size=3, max_size=3)
    )
)
def test_lines_with_a_cell_that_begins_with_a_mark_are_found(rows: list[list[str]]) -> None:
    lines = []
    for row in rows:
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(row)
        lines.append(text.getvalue().encode())
    sizes = np.array([len(line) for line in lines], dtype=np.int64)
    marks = np.zeros(256, dtype=np.bool_)
    marks[[ord(mark) for mark in "=+-@"]] = True
    found = np.zeros(len(lines), dtype=np.bool_)
    data = np.frombuffer(b"".join(lines) + b"\0", dtype=np.uint8)
    loops.find_first_bytes_of_cells(data, np.cumsum(sizes) - sizes, sizes, 44, marks, found)
    assert found.tolist() == [any(cell[:1] and cell[0] in "=+-@" for cell in row) for row in rows]


def test_nothing_of_a_row_is_left_as_the_memory_was() -> None:
    (table,) = lines_of(b"P1,US\nP2,DE;FR\n", ("worker_id", "worker.citizenships")).tables(2)
    rows = Rows.room(2)
    left = -77
    for values in (*rows.facts.values(), rows.stop, *rows.held, rows.position, rows.open_code):
        values[:] = left
    header = Header(("a", "b"), ("worker_id", "worker.citizenships"), ("a", "b"))
    read_facts(Part.of_table(table, header), rows)
    unfilled = [name for name, values in rows.facts.items() if left in values]
    assert unfilled == []
    for values in (rows.stop, *rows.held, rows.position, rows.open_code):
        assert left not in values


@pytest.mark.parametrize("byte", [34, 200])
@pytest.mark.parametrize("place", [None, 0, 1000, 4096])
def test_a_byte_is_found_wherever_it_stands(byte: int, place: int | None) -> None:
    data = np.full(4097, 65, dtype=np.uint8)
    if place is not None:
        data[place] = byte
    data.flags.writeable = False
    assert loops.holds_byte(data, byte) == (place is not None)
