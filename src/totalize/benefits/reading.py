"""Read a mapping into a record, refusing by path whatever is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from totalize.benefits.months import month_text, parse_month
from totalize.benefits.record import (
    Benefit,
    ForeignCoverage,
    ForeignPeriod,
    Plan,
    Record,
    Relation,
    Survivor,
)
from totalize.kernel.countries import US, parse_country
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.kernel.money import parse_amount

FIRST_YEAR: Final = 1937
LAST_YEAR: Final = 2199
_RECORD_FIELDS = Record.__struct_encode_fields__
_CENT_PLACES = -2

Item = TypeVar("Item")
Choice = TypeVar("Choice", bound=StrEnum)


def read_record(document: object) -> Record:
    """Return the typed record of a document, or the record itself when it is one.

    Raises:
        InputError: naming the path, the value and what would be accepted.
    """
    if isinstance(document, Record):
        return document
    fields = _mapping(document, "", _RECORD_FIELDS)
    if fields.get("contract", 1) != 1:
        raise InputError(
            "contract",
            "is a version that is not known",
            value=fields["contract"],
            expected="1",
            code="unknown_contract",
        )
    for name in ("birth_date", "earnings"):
        if fields.get(name) is None:
            raise InputError(name, "is missing", expected=_EXPECTED[name], code="missing")
    worker_entitlement = fields.get("worker_entitlement", msgspec.UNSET)
    record = Record(
        birth_date=parse_date(fields["birth_date"], "birth_date"),
        benefit=_optional(fields, "benefit", _choice(Benefit)) or Benefit.RETIREMENT,
        entitlement=_optional(fields, "entitlement", _month),
        benefit_month=_optional(fields, "benefit_month", _month),
        onset=_optional(fields, "onset", parse_date),
        first_waiting_month=_optional(fields, "first_waiting_month", _month),
        blind=_optional(fields, "blind", _truth),
        death_date=_optional(fields, "death_date", parse_date),
        survivor=_optional(fields, "survivor", _survivor),
        worker_entitlement=(
            worker_entitlement
            if worker_entitlement is msgspec.UNSET or worker_entitlement is None
            else _month(worker_entitlement, "worker_entitlement")
        ),
        earnings=_by_year(fields["earnings"], "earnings", _cents),
        us_quarters=_optional(fields, "us_quarters", _quarters) or {},
        us_quarters_placed=_optional(fields, "us_quarters_placed", _placed) or {},
        foreign=_optional(fields, "foreign", _foreign) or (),
        plan=_optional(fields, "plan", _plan),
    )
    for year, places in record.us_quarters_placed.items():
        given = record.us_quarters.get(year)
        if given is not None and given != len(places):
            raise InputError(
                f"us_quarters_placed[{year}]",
                f"lists {len(places)} quarters where us_quarters says {given}",
                expected="the same number in both",
                code="contradiction",
            )
    return record


_EXPECTED = {
    "birth_date": "a date like 1960-05-15",
    "earnings": "covered US earnings by year, like {1990: 25000}; {} for none",
}


def _mapping(value: object, path: str, names: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(
            path,
            "is not a mapping" if path else "the record is not a mapping",
            value=value,
            expected="fields with values",
            code="bad_type",
        )
    for name in value:
        if name not in names:
            raise InputError(
                f"{path}.{name}" if path else str(name),
                "is not a known field",
                expected=f"one of {', '.join(names)}",
                code="unknown_field",
            )
    return value


def _optional(
    fields: Mapping[str, Any], name: str, read: Callable[[object, str], Item], path: str = ""
) -> Item | None:
    value = fields.get(name)
    return None if value is None else read(value, f"{path}.{name}" if path else name)


def _choice(kind: type[Choice]) -> Callable[[object, str], Choice]:
    def read(value: object, path: str) -> Choice:
        for choice in kind:
            if choice.value == value:
                return choice
        raise InputError(
            path,
            "is not one of the choices",
            value=value,
            expected=", ".join(kind),
            code="bad_choice",
        )

    return read


def _month(value: object, path: str) -> str:
    return month_text(parse_month(value, path))


def _truth(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(
            path, "is not true or false", value=value, expected="true or false", code="bad_type"
        )
    return value


def _cents(value: object, path: str) -> Decimal:
    amount = parse_amount(value, path)
    exponent = amount.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < _CENT_PLACES:
        raise InputError(
            path,
            "has parts of a cent",
            value=value,
            expected="dollars and cents, like 26000.50",
            code="bad_amount",
        )
    return amount


def _whole(low: int, high: int) -> Callable[[object, str], int]:
    def read(value: object, path: str) -> int:
        number = value
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            number = int(value)
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise InputError(
                path,
                "is not a number in range",
                value=value,
                expected=f"a whole number from {low} to {high}",
                code="bad_number",
            )
        return number

    return read


_year = _whole(FIRST_YEAR, LAST_YEAR)


def _by_year(value: object, path: str, read: Callable[[object, str], Item]) -> dict[int, Item]:
    if not isinstance(value, Mapping):
        raise InputError(
            path, "is not a mapping by year", value=value, expected="{1990: ...}", code="bad_type"
        )
    found: dict[int, Item] = {}
    for key, item in value.items():
        place = f"{path}[{key}]"
        year = _year(key, place)
        if year in found:
            raise InputError(place, "stands twice in the same place", code="repeated_key")
        found[year] = read(item, place)
    return found


def _quarters(value: object, path: str) -> dict[int, int]:
    return _by_year(value, path, _whole(0, 4))


def _placed(value: object, path: str) -> dict[int, tuple[int, ...]]:
    def read(item: object, place: str) -> tuple[int, ...]:
        listed = _listed(item, place, _whole(1, 4))
        if len(set(listed)) != len(listed):
            raise InputError(place, "names a quarter twice", value=item, code="repeated_value")
        return tuple(sorted(listed))

    return _by_year(value, path, read)


def _listed(value: object, path: str, read: Callable[[object, str], Item]) -> tuple[Item, ...]:
    if not isinstance(value, (list, tuple)):
        raise InputError(path, "is not a list", value=value, expected="a list", code="bad_type")
    return tuple(read(item, f"{path}[{at}]") for at, item in enumerate(value))


def _survivor(value: object, path: str) -> Survivor:
    fields = _mapping(value, path, Survivor.__struct_encode_fields__)
    relation = _optional(fields, "relation", _choice(Relation), path)
    if relation is None:
        raise InputError(
            f"{path}.relation", "is missing", expected=", ".join(Relation), code="missing"
        )
    return Survivor(relation=relation, birth_date=_optional(fields, "birth_date", parse_date, path))


def _foreign(value: object, path: str) -> tuple[ForeignCoverage, ...]:
    listed = _listed(value, path, _coverage)
    seen: set[str] = set()
    for at, coverage in enumerate(listed):
        if coverage.country in seen:
            raise InputError(
                f"{path}[{at}].country",
                "stands twice",
                value=coverage.country,
                expected="all coverage of a country in one place",
                code="repeated_value",
            )
        seen.add(coverage.country)
    return listed


def _coverage(value: object, path: str) -> ForeignCoverage:
    fields = _mapping(value, path, ForeignCoverage.__struct_encode_fields__)
    if fields.get("country") is None:
        raise InputError(
            f"{path}.country", "is missing", expected="a country code like DE", code="missing"
        )
    country = parse_country(fields["country"], f"{path}.country")
    if country == US:
        raise InputError(
            f"{path}.country",
            "is the United States",
            expected="another country; US coverage stands under earnings and us_quarters",
            code="bad_choice",
        )
    periods = _optional(fields, "periods", lambda item, place: _listed(item, place, _period), path)
    quarters = _optional(fields, "quarters", _quarters, path)
    if periods and quarters:
        raise InputError(
            path,
            "gives both periods and quarters",
            expected="whichever the statement shows, not both",
            code="contradiction",
        )
    return ForeignCoverage(country=country, periods=periods or (), quarters=quarters or {})


def _period(value: object, path: str) -> ForeignPeriod:
    fields = _mapping(value, path, ForeignPeriod.__struct_encode_fields__)
    days: dict[str, date] = {}
    for name in ("from", "to"):
        if fields.get(name) is None:
            raise InputError(
                f"{path}.{name}", "is missing", expected="a date like 1984-02-01", code="missing"
            )
        days[name] = parse_date(fields[name], f"{path}.{name}")
    if days["to"] < days["from"]:
        raise InputError(
            f"{path}.to",
            "is before the start",
            value=days["to"].isoformat(),
            expected=f"{days['from']} or later",
            code="wrong_order",
        )
    units = {
        name: _optional(fields, name, _whole(0, 100_000), path)
        for name in ("months", "weeks", "days")
    }
    if sum(unit is not None for unit in units.values()) > 1:
        raise InputError(
            path, "gives more than one unit", expected="months, weeks or days", code="contradiction"
        )
    return ForeignPeriod(start=days["from"], end=days["to"], **units)


def _plan(value: object, path: str) -> Plan:
    fields = _mapping(value, path, Plan.__struct_encode_fields__)
    first = _optional(fields, "first_year", _year, path)
    last = _optional(fields, "last_year", _year, path)
    if first is not None and last is not None and last < first:
        raise InputError(
            f"{path}.last_year",
            "is before the first year",
            value=last,
            expected=f"{first} or later",
            code="wrong_order",
        )
    return Plan(
        first_year=first,
        last_year=last,
        us_earnings=_optional(fields, "us_earnings", _cents, path),
        country=_optional(fields, "country", parse_country, path),
    )
