"""What real files do: other separators, marks, encodings, ends of lines, quotes, slips, bombs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from python_calamine import CalamineWorkbook
from roster_support import read_rows

from totalize.api import law
from totalize.coverage.case import Employer, HealthInsurance, HeldCertificate, Work, Worker
from totalize.kernel.errors import InputError
from totalize.rosters.fields import COLUMNS, Kind
from totalize.rosters.making import make_roster
from totalize.rosters.run import RunOptions, run_roster
from totalize.rosters.summary import Summary

HEADER = (
    "worker_id,worker.citizenships,activity,country,start,expected_end,employer.country,"
    "sent_from,employed_before_transfer,employer.name"
)
ROW = "P1,US,employment,DE,2026-03-01,2029-02-28,US,US,true,Acme"


def decide(
    tmp_path: Path, data: str | bytes, name: str = "in.csv", out: str = "out.csv", **options: Any
) -> tuple[list[dict[str, str]], Summary]:
    roster = tmp_path / name
    roster.write_bytes(data if isinstance(data, bytes) else data.encode())
    target = tmp_path / out
    summary = run_roster([str(roster)], target, law(), RunOptions(**options))
    return read_rows(target), summary


def refusal(tmp_path: Path, data: str | bytes, name: str = "in.csv", **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        decide(tmp_path, data, name, **options)
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / ".out.csv.partial").exists()
    return caught.value


def plain(tmp_path: Path) -> dict[str, str]:
    (row,), _ = decide(tmp_path, f"{HEADER}\n{ROW}\n", "plain.csv", "plain_out.csv")
    return row


def test_one_plain_row_is_decided(tmp_path: Path) -> None:
    (row,), summary = decide(tmp_path, f"{HEADER}\n{ROW}\n")
    assert (row["outcome"], row["covered_by"], row["otherwise"]) == ("determined", "US", "US;DE")
    assert (row["from"], row["to"]) == ("2026-03-01", "2029-02-28")
    assert (row["proof"], row["certificate.issued_by"]) == ("needed", "US")
    assert (row["rule"], row["agreement"], row["error"]) == ("detached_worker", "DE", "")
    assert row["reasons"].startswith("detached")
    assert (summary.rows, summary.decided, summary.undecided, summary.bad) == (1, 1, 0, 0)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_recognised_and_kept(tmp_path: Path, separator: str) -> None:
    text = f"{HEADER}\n{ROW}\n".replace(",", separator)
    decide(tmp_path, text)
    (row,) = read_rows(tmp_path / "out.csv", separator)
    assert row == plain(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"\n", b"\r\n", 1),
        lambda text: text.replace(b"\n", b"\r"),
        lambda text: text.rstrip(b"\n"),
        lambda text: text.replace(b"\n", b"\n\n") + b"\n\n",
        lambda text: text.replace(b"employment,DE", b'"employment","DE"'),
        lambda text: text + b",,,,,,,,,\n",
        lambda text: text.replace(b",DE,", b", DE ,"),
    ],
    ids=["mark", "crlf", "mixed", "cr", "no_last_end", "blank", "quoted", "empty_row", "spaces"],
)
def test_harmless_differences_do_not_change_the_answer(tmp_path: Path, change: Any) -> None:
    (row,), summary = decide(tmp_path, change(f"{HEADER}\n{ROW}\n".encode()))
    expected = plain(tmp_path)
    assert {name: row[name] for name in expected if name != "country"} == {
        name: value for name, value in expected.items() if name != "country"
    }
    assert summary.rows == 1


def test_a_text_with_separators_quotes_and_line_ends_stays_whole(tmp_path: Path) -> None:
    row = ROW.replace("Acme", '"Acme, ""Sons""\nand Daughters"')
    rows, _ = decide(tmp_path, f"{HEADER}\n{row}\n{ROW}\n")
    assert [row["employer.name"] for row in rows] == ['Acme, "Sons"\nand Daughters', "Acme"]
    assert {row["outcome"] for row in rows} == {"determined"}


def test_text_that_is_not_utf8_is_refused_with_the_line_or_read_as_told(tmp_path: Path) -> None:
    data = f"{HEADER}\n{ROW}\n{ROW.replace('Acme', 'Café')}\n".encode("latin-1")
    error = refusal(tmp_path, data)
    assert error.code == "not_utf8"
    assert "line 3" in error.problem
    rows, _ = decide(tmp_path, data, encoding="latin-1")
    assert rows[1]["employer.name"] == "Café"


def test_text_in_utf16_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, f"{HEADER}\n{ROW}\n".encode("utf-16"))
    assert error.code == "not_utf8"
    assert "--encoding utf-16" in error.expected
    (row,), _ = decide(tmp_path, f"{HEADER}\n{ROW}\n".encode("utf-16"), encoding="utf-16")
    assert row["outcome"] == "determined"


@pytest.mark.parametrize(
    ("header", "code", "words"),
    [
        (HEADER.replace("sent_from", "sent_form"), "unknown_column", "sent_from, perhaps"),
        (HEADER.replace("sent_from", "country"), "repeated_column", "columns 4 and 8"),
        (HEADER.replace("activity,", ""), "missing_column", "activity"),
        (HEADER.replace(",", ":"), "missing_column", "names no column"),
        ("", "empty", "empty"),
        (HEADER + ",outcome", "unknown_column", "decided before"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(
    tmp_path: Path, header: str, code: str, words: str
) -> None:
    error = refusal(tmp_path, header + "\n" if header else "")
    assert error.code == code
    assert words in error.message()


def test_columns_of_ones_own_pass_through_when_named(tmp_path: Path) -> None:
    data = f"{HEADER},cost centre\n{ROW},4711\n"
    assert refusal(tmp_path, data).code == "unknown_column"
    (row,), _ = decide(tmp_path, data, keep=("cost centre",))
    assert (row["cost centre"], row["outcome"]) == ("4711", "determined")


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("2026-03-01", "2026-02-30", "work[0].start: is not a date of the calendar"),
        ("2026-03-01", "1.3.2026", "work[0].start: is not a date"),
        (",DE,", ",UK,", "work[0].country: is not a country (found 'UK'); expected GB"),
        (",DE,", ",,", "work[0].country: is missing and needed"),
        ("employment", "employee", "work[0].activity: "),
        ("2029-02-28", "2020-02-28", "work[0].expected_end: is before the start, 2026-03-01"),
        ("true", "maybe", "work[0].employed_before_transfer: "),
        ("P1,US", ",US", "worker_id: is missing and needed"),
        ("P1,US", "P1,U" + "S" * 100_000, "worker.citizenships[0]: is not a country"),
        (",Acme", "", "the row has 9 cells, the header 10"),
        (",Acme", ",Acme,more", "the row has 11 cells, the header 10"),
    ],
)
def test_a_bad_row_carries_its_error_and_the_others_go_on(
    tmp_path: Path, old: str, new: str, error: str
) -> None:
    good = ROW.replace("P1", "P2")
    rows, summary = decide(tmp_path, f"{HEADER}\n{ROW.replace(old, new, 1)}\n{good}\n")
    assert rows[0]["error"].startswith(error)
    assert rows[0]["outcome"] == ""
    assert rows[1]["outcome"] == "determined"
    assert (summary.rows, summary.decided, summary.bad) == (2, 1, 1)


def test_a_quotation_mark_that_is_never_closed_refuses_the_file(tmp_path: Path) -> None:
    error = refusal(tmp_path, f"{HEADER}\n{ROW.replace('Acme', chr(34) + 'Acme')}\n{ROW}\n")
    assert error.code == "open_quote"


def test_formulas_are_made_harmless_on_the_way_out(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://example.com")'
    quoted = '"' + evil.replace('"', '""') + '"'
    rows, _ = decide(
        tmp_path,
        f"{HEADER},note\n{ROW.replace('Acme', quoted)},@SUM(A1)\n"
        f"{ROW.replace('P1', '+P3').replace(',DE,', ',=DE,')},-5\n",
        keep=("note",),
    )
    assert (rows[0]["employer.name"], rows[0]["note"]) == ("'" + evil, "'@SUM(A1)")
    assert (rows[1]["worker_id"], rows[1]["country"], rows[1]["note"]) == ("'+P3", "'=DE", "-5")
    assert rows[1]["error"]


@pytest.mark.parametrize("model", [Worker, Work, Employer, HealthInsurance, HeldCertificate])
def test_every_field_of_a_case_is_read_as_what_it_is(model: type[msgspec.Struct]) -> None:
    prefix = {
        Worker: "worker.",
        Work: "",
        Employer: "employer.",
        HealthInsurance: "health_insurance.",
        HeldCertificate: "certificate.",
    }[model]
    for field in msgspec.structs.fields(model):
        kind = COLUMNS.get(prefix + field.encode_name)
        if kind is None:
            assert field.encode_name in {"employer", "health_insurance", "certificate"}
            continue
        written = str(field.type)
        assert (kind is Kind.FLAG) == ("bool" in written), field.name
        assert (kind is Kind.DAY) == ("date" in written), field.name
        assert (kind in {Kind.COUNTRY, Kind.COUNTRIES, Kind.CLASSES}) == ("A-Z" in written)


def test_works_of_one_person_count_wherever_they_stand(tmp_path: Path) -> None:
    earlier = ROW.replace("2026-03-01,2029-02-28", "2021-02-01,2025-12-31")
    others = "".join(f"{ROW.replace('P1', f'Q{number}')}\n" for number in range(500))
    text = f"{HEADER}\n{ROW}\n{others}{earlier}\n"
    rows, _ = decide(tmp_path, text, chunk_bytes=4_000)
    alone, _ = decide(tmp_path, f"{HEADER}\n{ROW}\n", "alone.csv", "alone_out.csv")
    assert alone[0]["covered_by"] == "US"
    assert rows[0]["covered_by"] == "DE"
    assert rows[1]["covered_by"] == rows[-1]["covered_by"] == "US"


def test_what_a_persons_rows_say_of_the_person_must_agree(tmp_path: Path) -> None:
    other = ROW.replace("P1,US", "P1,FR").replace("2026-03-01,2029", "2020-03-01,2021")
    rows, summary = decide(tmp_path, f"{HEADER}\n{ROW}\n{other}\n")
    assert "differs from that in another row of the same worker" in rows[1]["error"]
    assert "another row of this worker" in rows[0]["error"]
    assert summary.errors == {"worker_differs": 1, "row_of_same_worker": 1}


def test_the_certificate_held_does_not_meet_the_certificate_needed(tmp_path: Path) -> None:
    header = f"{HEADER},certificate.issued_by,certificate.from,certificate.to"
    (row,), _ = decide(tmp_path, f"{header}\n{ROW},US,2026-03-01,2029-02-28\n")
    assert row["work.certificate.issued_by"] == "US"
    assert (row["proof"], row["certificate.issued_by"]) == ("held", "US")
    again = (tmp_path / "out.csv").read_text().splitlines()
    width = len(header.split(","))
    back = "\n".join(",".join(line.split(",")[:width]) for line in again)
    (same,), _ = decide(tmp_path, back + "\n", "again.csv", "again_out.csv")
    assert same == row


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_parquet_and_workbooks_say_the_same_as_text(tmp_path: Path, kind: str) -> None:
    make_roster(tmp_path / "in.csv", 600, seed=11)
    make_roster(tmp_path / f"in.{kind}", 600, seed=11)
    run_roster([str(tmp_path / "in.csv")], tmp_path / "out.csv", law())
    run_roster([str(tmp_path / f"in.{kind}")], tmp_path / f"out.{kind}", law())
    if kind == "parquet":
        frame = pl.read_parquet(tmp_path / "out.parquet").select(pl.all().cast(pl.String))
        got = frame.fill_null("").to_dicts()
    else:
        book = CalamineWorkbook.from_path(str(tmp_path / "out.xlsx"))
        names, *cells = book.get_sheet_by_index(0).to_python()
        got = [dict(zip(names, row, strict=True)) for row in cells]
    assert got == read_rows(tmp_path / "out.csv")


def test_broken_parquet_is_refused(tmp_path: Path) -> None:
    make_roster(tmp_path / "whole.parquet", 500, seed=1)
    data = (tmp_path / "whole.parquet").read_bytes()
    assert refusal(tmp_path, data[: len(data) // 2], "in.parquet").code == "unreadable"
    assert refusal(tmp_path, b"PAR1", "in.parquet").code == "unreadable"


def test_workbooks_that_are_bombs_are_refused(tmp_path: Path) -> None:
    make_roster(tmp_path / "whole.xlsx", 20, seed=1)
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as whole:
        members = {item.filename: whole.read(item) for item in whole.infolist()}
    sheet = "xl/worksheets/sheet1.xml"

    def packed(name: str, text: bytes) -> bytes:
        path = tmp_path / "bomb.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, text if member == name else data)
        return path.read_bytes()

    filled = members[sheet].replace(b"</sheetData>", b" " * 60_000_000 + b"</sheetData>")
    assert refusal(tmp_path, packed(sheet, filled), "in.xlsx").code == "too_large"
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    spread = members[sheet].replace(b"</sheetData>", far)
    assert refusal(tmp_path, packed(sheet, spread), "in.xlsx").code == "too_large"
    assert refusal(tmp_path, b"PK\x03\x04 no workbook", "in.xlsx").code == "unreadable"


def test_several_files_become_one_in_order_and_people_are_found_across_them(tmp_path: Path) -> None:
    earlier = ROW.replace("2026-03-01,2029-02-28", "2021-02-01,2025-12-31")
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{ROW}\n")
    (tmp_path / "b.csv").write_text(f"{HEADER}\n{earlier}\n")
    run_roster([str(tmp_path / "[ab].csv")], tmp_path / "out.csv", law())
    rows = read_rows(tmp_path / "out.csv")
    assert [row["covered_by"] for row in rows] == ["DE", "US"]
    (tmp_path / "b.csv").write_text(f"{HEADER.replace(',employer.name', '')}\n")
    with pytest.raises(InputError, match="has other columns"):
        run_roster([str(tmp_path / "[ab].csv")], tmp_path / "out.csv", law())


def test_text_comes_from_standard_input_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "totalize", "roster", "-"]
    told = f"{HEADER}\n{ROW}\n".encode()
    out = tmp_path / "out.csv"
    done = subprocess.run(
        [*command, "--out", str(out)], input=told, capture_output=True, check=True
    )
    assert b"rows read" in done.stdout
    (row,) = read_rows(out)
    assert row["outcome"] == "determined"
    for more, message in (["--resume"], b"resume"), (["-"], b"more than once"):
        refused = subprocess.run(
            [*command, *more, "--out", str(tmp_path / "no.csv")],
            input=told,
            capture_output=True,
            check=False,
        )
        assert refused.returncode == 2
        assert refused.stdout == b""
        assert message in refused.stderr
