"""Earnings files: what is read, and what is refused rather than guessed."""

from decimal import Decimal

import pytest

from totalize.benefits.earnings_files import read_earnings
from totalize.kernel.errors import InputError

SPACE = "http://ssa.gov/osss/schemas/2.0"


def statement(*rows: str, space: str = SPACE, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}'
        f'<osss:OnlineSocialSecurityStatementData xmlns:osss="{space}">'
        "<osss:UserInformation><osss:Name>A PERSON</osss:Name>"
        "<osss:DateOfBirth>1960-05-15</osss:DateOfBirth></osss:UserInformation>"
        f"<osss:EarningsRecord>{''.join(rows)}</osss:EarningsRecord>"
        "</osss:OnlineSocialSecurityStatementData>"
    ).encode()


def row(year: object, amount: object, end: object = None) -> str:
    return (
        f'<osss:Earnings startYear="{year}" endYear="{end or year}">'
        f"<osss:FicaEarnings>{amount}</osss:FicaEarnings>"
        f"<osss:MedicareEarnings>{amount}</osss:MedicareEarnings></osss:Earnings>"
    )


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read_earnings(data, "file")
    return caught.value.code


def test_a_statement_gives_earnings_and_birth_date() -> None:
    found = read_earnings(statement(row(1991, 26000), row(1990, 25000), row(2025, -1)), "file")
    assert found.earnings == {1990: Decimal(25000), 1991: Decimal(26000)}
    assert str(found.birth_date) == "1960-05-15"
    assert found.not_recorded == (2025,)


def test_csv_with_either_delimiter_and_thousands_in_threes() -> None:
    comma = read_earnings(b'year,earnings\n1990,25000\n1991,"26,000.50"\n', "file")
    rows = ("Year;Taxed Social Security Earnings", "1990;$25,000", "1991;26000.50", "", "")
    semicolon = read_earnings("\r\n".join(rows).encode("utf-8-sig"), "file")
    assert comma.earnings == semicolon.earnings == {1990: Decimal(25000), 1991: Decimal("26000.50")}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unknown_columns"),
        (b"jahr,lohn\n1990,1\n", "unknown_columns"),
        (b"year,earnings\n1990\n", "broken_csv"),
        (b'year,earnings\n1990,"1\n', "broken_csv"),
        (b"year,earnings\n1990,1\n1990,2\n", "repeated_key"),
        (b"year,earnings\n90,1\n", "bad_number"),
        (b"year,earnings\n1990,-1\n", "bad_amount"),
        (b'year,earnings\n1990,"1,5"\n', "bad_amount"),
        (b"year,earnings\n1990,1.005\n", "bad_amount"),
        (b"year,earnings\n1990,\n", "bad_amount"),
        (b"year,earnings\n1990,\xff\n", "not_utf8"),
        (b"x" * 1_000_001, "too_large"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<a/>", "unknown_document"),
        (b"<a>", "broken_xml"),
        (statement(row(1990, 1), space="http://ssa.gov/osss/schemas/3.0"), "unknown_document"),
        (statement(row(1990, 1, 1995)), "several_years"),
        (statement(row(1990, 1), row(1990, 2)), "repeated_key"),
        (statement(row(1990, -1), row(1990, 2)), "repeated_key"),
        (statement(row(1990, "")), "missing"),
        (statement(row(1990, -5)), "bad_amount"),
        (statement(row("x", 5)), "bad_number"),
        (statement("<osss:Other/>"), "unknown_field"),
        (statement().replace(b"<osss:EarningsRecord></osss:EarningsRecord>", b""), "missing"),
        (statement(row(1990, 1)).replace(b"1960-05-15", b"15 May"), "bad_date"),
    ],
)
def test_a_statement_that_cannot_be_read_is_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE a SYSTEM "http://example.invalid/a.dtd">',
    ],
)
def test_bombs_and_outside_entities_are_refused(head: str) -> None:
    assert refused(statement(row(1990, 1), head=head)) == "unsafe_xml"
