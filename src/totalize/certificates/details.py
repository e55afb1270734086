"""The details file: what a request says beyond the case, by the stable keys of the law data.

Names, numbers and addresses decide nothing, so the case does without them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from totalize.certificates.social_security_number import read_social_security_number
from totalize.kernel.countries import NAMES
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.law.agreements import countries
from totalize.law.offices import load_offices

MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """An employer or a business: its name and its address."""

    name: str
    address: str | None

    @property
    def line(self) -> str:
        """Name and address on one line."""
        return ", ".join(filter(None, [self.name, self.address]))


@dataclass(frozen=True, slots=True)
class Affiliate:
    """Whether a section 3121(l) agreement covers the affiliate, and since when."""

    covered: bool
    since: date | None


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """Somebody who comes along."""

    name: str
    relationship: str | None
    birth_date: date | None
    birth_place: str | None
    number: str | None


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks and signs."""

    name: str
    role: str | None
    address: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The foreign office has refused a certificate."""

    office: str
    day: date | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Details:
    """The details as read: by key, in the types above."""

    values: Mapping[str, Any]

    def get(self, key: str) -> Any:
        """Return a value, None when it was left out."""
        return self.values.get(key)

    def text(self, key: str) -> str | None:
        """Return a value that is text, None when it was left out."""
        value = self.values.get(key)
        return value if isinstance(value, str) else None


NO_DETAILS = Details({})


def read_details(document: object) -> Details:
    """Check a details file.

    Args:
        document: a flat mapping of keys.

    Raises:
        InputError: an unknown key, or a value that cannot be what the key asks; by path.
    """
    if not isinstance(document, Mapping):
        raise InputError(
            "details", "is not a mapping of fields", expected="full_name: and so on, one a line"
        )
    known = known_keys()
    values: dict[str, Any] = {}
    for key, value in document.items():
        path = f"details.{key}"
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            raise InputError(
                path,
                "is not a field of the details",
                expected=near[0] if near else ", ".join(sorted(known)),
                code="unknown_field",
            )
        if value is not None:
            values[str(key)] = _READERS.get(str(key), read_text)(value, path)
    return Details(values)


@cache
def known_keys() -> frozenset[str]:
    """Return every key that some agreement asks for, and those that letters need."""
    asked = {
        item.key
        for country in countries()
        for item in load_offices(country).required_information.items
    }
    return frozenset(asked | _READERS.keys() | {"work_place", "address_home", "reasons"})


def read_text(value: object, path: str) -> str:
    """Return text on one line, fit to be printed.

    Raises:
        InputError: it is none, is empty or too long, or holds what can't be printed.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InputError(path, "is not text", value=value, expected="text", code="bad_text")
    text = re.sub(r"[ \t]*\n[ \t]*", ", ", str(value).strip())
    if not text or len(text) > MAX_TEXT or not text.isprintable():
        raise InputError(
            path,
            "is empty, too long, or holds characters that cannot be printed",
            value=value,
            expected=f"1 to {MAX_TEXT} printable characters",
            code="bad_text",
        )
    return text


def _flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(path, "is not yes or no", value=value, expected="true or false")
    return value


def _fields(
    value: object, path: str, readers: Mapping[str, Callable[[object, str], Any]]
) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(
            path, "is not a mapping of fields", value=value, expected=", ".join(readers)
        )
    unknown = [str(key) for key in value if key not in readers]
    if unknown:
        raise InputError(
            f"{path}.{unknown[0]}",
            "is not a field here",
            expected=", ".join(readers),
            code="unknown_field",
        )
    return {
        key: None if value.get(key) is None else read(value[key], f"{path}.{key}")
        for key, read in readers.items()
    }


def _place(value: object, path: str) -> Place:
    if isinstance(value, str):
        return Place(read_text(value, path), None)
    found = _fields(value, path, {"name": read_text, "address": read_text})
    if found["name"] is None:
        raise InputError(f"{path}.name", "is missing", expected="the name", code="missing")
    return Place(**found)


def _affiliate(value: object, path: str) -> Affiliate:
    if isinstance(value, bool):
        return Affiliate(value, None)
    found = _fields(value, path, {"covered": _flag, "since": parse_date})
    if found["covered"] is None:
        raise InputError(f"{path}.covered", "is missing", expected="true or false", code="missing")
    return Affiliate(**found)


def _family(value: object, path: str) -> tuple[FamilyMember, ...]:
    if not isinstance(value, list):
        raise InputError(path, "is not a list", value=value, expected="a list of people")
    readers = {
        "name": read_text,
        "relationship": read_text,
        "birth_date": parse_date,
        "birth_place": read_text,
        "number": read_text,
    }
    members = []
    for position, item in enumerate(value):
        where = f"{path}[{position}]"
        found = _fields(item, where, readers)
        if found["name"] is None:
            raise InputError(f"{where}.name", "is missing", expected="the name", code="missing")
        members.append(FamilyMember(**found))
    return tuple(members)


def _applicant(value: object, path: str) -> Applicant:
    keys = ("name", "role", "address", "phone", "email")
    found = _fields(value, path, dict.fromkeys(keys, read_text))
    if found["name"] is None:
        raise InputError(f"{path}.name", "is missing", expected="who signs", code="missing")
    return Applicant(**found)


def _country(value: object, path: str) -> str:
    if not isinstance(value, str) or value not in NAMES:
        raise InputError(
            path,
            "is not a country",
            value=value,
            expected="two letters, like US or DE",
            code="unknown_country",
        )
    return value


def _refusal(value: object, path: str) -> Refusal:
    found = _fields(value, path, {"office": read_text, "day": parse_date, "reason": read_text})
    if found["office"] is None:
        raise InputError(f"{path}.office", "is missing", expected="which office", code="missing")
    return Refusal(**found)


_READERS: dict[str, Callable[[object, str], Any]] = {
    "social_security_number": read_social_security_number,
    "birth_date": parse_date,
    "hire_date": parse_date,
    "employer_home": _place,
    "employer_host": _place,
    "business_home": _place,
    "business_host": _place,
    "affiliate_3121l": _affiliate,
    "health_insurance_statement": _flag,
    "remains_employee": _flag,
    "stays_with_employer": _flag,
    "family_members": _family,
    "applicant": _applicant,
    "wanted_coverage": _country,
    "refusal": _refusal,
}
