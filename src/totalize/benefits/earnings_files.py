"""Earnings from the files people have: CSV, or the statement of my Social Security.

The statement is the XML of the schema `osss` (`http://ssa.gov/osss/schemas/2.0`): a birth date and
one `Earnings` element a year with `FicaEarnings`; -1 stands for "not recorded yet".
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from totalize.benefits.reading import FIRST_YEAR, LAST_YEAR
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.kernel.money import parse_amount

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

MAX_BYTES: Final = 1_000_000
_NAMESPACE = re.compile(r"http://(?:www\.)?ssa\.gov/osss/schemas/2\.\d+")
_ROOT = "OnlineSocialSecurityStatementData"
_NOT_RECORDED = "-1"
_YEAR = re.compile(r"\d{4}")
_YEAR_NAMES = frozenset({"year", "work year", "tax year"})
_EARNINGS_NAMES = frozenset(
    {"earnings", "covered_earnings", "fica_earnings", "taxed social security earnings"}
)


@dataclass(frozen=True, slots=True)
class EarningsFile:
    """What a file says.

    Attributes:
        earnings: by year in USD; years without a recorded amount are left out.
        birth_date: when the file names it.
        not_recorded: years that the file lists as not recorded yet.
    """

    earnings: dict[int, Decimal]
    birth_date: date | None
    not_recorded: tuple[int, ...]


def read_earnings(data: bytes, name: str) -> EarningsFile:
    """Read a file of yearly earnings, XML if it starts like XML, CSV otherwise.

    Raises:
        InputError: it is too large, no known shape, or holds anything that cannot be read
            without guessing.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            "",
            f"{name} is too large: {len(data):,} bytes",
            expected=f"at most {MAX_BYTES:,}",
            code="too_large",
        )
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return _read_xml(data, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "",
            f"{name} is not UTF-8 text: byte {error.start} cannot be read",
            expected="CSV saved as UTF-8, or the XML of my Social Security",
            code="not_utf8",
        ) from None
    return _read_csv(text, name)


def _read_csv(text: str, name: str) -> EarningsFile:
    delimiter = ";" if text.partition("\n")[0].count(";") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError("", f"{name} is no CSV: {error}", code="broken_csv") from None
    heads = [head.strip().lower() for head in rows[0]] if rows else []
    years = [at for at, head in enumerate(heads) if head in _YEAR_NAMES]
    amounts = [at for at, head in enumerate(heads) if head in _EARNINGS_NAMES]
    if len(years) != 1 or len(amounts) != 1:
        raise InputError(
            "",
            f"{name} does not begin with the columns year and earnings",
            value=rows[0] if rows else "",
            expected="a first line like: year,earnings",
            code="unknown_columns",
        )
    found: dict[int, Decimal] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        place = f"{name} line {number}"
        if len(row) != len(heads):
            raise InputError(
                place,
                f"has {len(row)} cells",
                expected=f"{len(heads)}, as in the first line",
                code="broken_csv",
            )
        year = _year(row[years[0]].strip(), place)
        _once(year, found, place)
        found[year] = _amount(row[amounts[0]].strip(), place)
    return EarningsFile(dict(sorted(found.items())), None, ())


def _read_xml(data: bytes, name: str) -> EarningsFile:
    root = _parse(data, name)
    space, _, tag = root.tag.rpartition("}")
    if tag != _ROOT or not _NAMESPACE.fullmatch(space.lstrip("{")):
        raise InputError(
            "",
            f"{name} is not a statement of my Social Security",
            value=root.tag,
            expected=f"{_ROOT} of http://ssa.gov/osss/schemas/2.0",
            code="unknown_document",
        )
    inside = f"{space}}}"
    record = root.find(f"{inside}EarningsRecord")
    if record is None:
        raise InputError("", f"{name} has no EarningsRecord", code="missing")
    found: dict[int, Decimal] = {}
    waiting: list[int] = []
    for at, (start, end, amount) in enumerate(_rows(record, inside, name)):
        place = f"{name} Earnings[{at}]"
        year = _year(start, place)
        if end != start:
            raise InputError(
                place,
                "covers more than one year, which cannot be divided",
                value=f"{start} to {end}",
                expected="one element a year",
                code="several_years",
            )
        _once(year, found | dict.fromkeys(waiting, Decimal(0)), place)
        if amount == _NOT_RECORDED:
            waiting.append(year)
        else:
            found[year] = _amount(amount, place)
    born = root.find(f"{inside}UserInformation/{inside}DateOfBirth")
    birth_date = None
    if born is not None and born.text and born.text.strip():
        birth_date = parse_date(born.text.strip(), f"{name} DateOfBirth")
    return EarningsFile(dict(sorted(found.items())), birth_date, tuple(sorted(waiting)))


def _parse(data: bytes, name: str) -> Element:
    try:
        from defusedxml import DefusedXmlException  # noqa: PLC0415 - only for XML
        from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415
    except ModuleNotFoundError:
        raise InputError(
            "",
            f"{name} is XML, and reading it needs defusedxml",
            expected="pip install 'totalize[statements]', or the earnings as CSV",
            code="not_installed",
        ) from None
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise InputError(
            "",
            f"{name} declares a document type or entities, which no statement does",
            expected="the file as it was downloaded",
            code="unsafe_xml",
        ) from None
    except (ParseError, ValueError) as error:
        raise InputError("", f"{name} is not well-formed XML: {error}", code="broken_xml") from None
    return root


def _rows(record: Element, inside: str, name: str) -> Iterator[tuple[str, str, str]]:
    for at, element in enumerate(record):
        place = f"{name} EarningsRecord[{at}]"
        if element.tag != f"{inside}Earnings":
            raise InputError(place, "is not Earnings", value=element.tag, code="unknown_field")
        amount = element.find(f"{inside}FicaEarnings")
        if amount is None or not (amount.text or "").strip():
            raise InputError(f"{place}.FicaEarnings", "is missing", code="missing")
        yield (
            element.get("startYear", ""),
            element.get("endYear", element.get("startYear", "")),
            (amount.text or "").strip(),
        )


def _year(text: str, place: str) -> int:
    if not _YEAR.fullmatch(text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise InputError(
            place,
            "does not name a year",
            value=text,
            expected=f"a year from {FIRST_YEAR} to {LAST_YEAR}",
            code="bad_number",
        )
    return int(text)


def _once(year: int, found: dict[int, Decimal], place: str) -> None:
    if year in found:
        raise InputError(place, "repeats a year", value=year, code="repeated_key")


def _amount(text: str, place: str) -> Decimal:
    # Thousands are accepted only where they stand in threes, so that 1,5 is not read as 15.
    plain = text.removeprefix("$").strip()
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d{1,2})?", plain):
        plain = plain.replace(",", "")
    if not re.fullmatch(r"\d+(\.\d{1,2})?", plain):
        raise InputError(
            place,
            "is not an amount in dollars",
            value=text,
            expected="an amount like 62000 or 62,000.50",
            code="bad_amount",
        )
    return parse_amount(plain, place)
