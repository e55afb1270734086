"""The door: turn a plain document into a case, or say what is wrong, where, and what would do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, get_args

import msgspec

from totalize.coverage.case import (
    Activity,
    Case,
    Employer,
    HealthInsurance,
    HeldCertificate,
    Occupation,
    Work,
    Worker,
)
from totalize.kernel.countries import A_COUNTRY, NAMES, parse_country
from totalize.kernel.dates import FIRST_DAY, LAST_DAY, parse_date
from totalize.kernel.errors import InputError
from totalize.kernel.typed import convert

MAX_WORKS = 400
MAX_ID = 100


def read_case(document: object) -> Case:
    """Check a plain document and return it as a case.

    Args:
        document: a mapping as in section 1 of the contract, scalars as text or typed.

    Raises:
        InputError: the first thing found wrong, with its path, its value and what would do.
    """
    if isinstance(document, Case):
        return document
    if not isinstance(document, Mapping):
        raise InputError("", "the case is not a mapping of fields", expected="worker: and work:")
    try:
        case = convert(document, Case)
    except msgspec.ValidationError as error:
        raise _translate(error, document) from None
    _check(case)
    return case


def _check(case: Case) -> None:
    if not case.worker.citizenships:
        raise InputError("worker.citizenships", "is empty", expected="at least one country")
    if not case.work:
        raise InputError("work", "is empty", expected="at least one work")
    if len(case.work) > MAX_WORKS:
        raise InputError("work", f"lists {len(case.work)} works", expected=f"at most {MAX_WORKS}")
    for path, code in _countries(case):
        if isinstance(code, str) and code not in NAMES:
            parse_country(code, path)
    ids: dict[str, int] = {}
    for position, work in enumerate(case.work):
        _check_dates(work, f"work[{position}]")
        own = case.work_id(position)
        if not own or len(own) > MAX_ID:
            raise InputError(
                f"work[{position}].id",
                "is empty or too long",
                value=own,
                expected=f"1 to {MAX_ID} characters",
            )
        if own in ids:
            raise InputError(
                f"work[{position}].id",
                f"is already the id of work[{ids[own]}]",
                value=own,
                expected="a different id for each work",
                code="repeated_id",
            )
        ids[own] = position
    born = case.worker.birth_date
    if isinstance(born, date):
        first = min(work.start for work in case.work)
        if born >= first:
            raise InputError(
                "worker.birth_date",
                "is not before the first work",
                value=born.isoformat(),
                expected=f"a day before {first}",
            )


def _check_dates(work: Work, path: str) -> None:
    for name in ("start", "expected_end", "end", "insured_before_since"):
        day = getattr(work, name)
        if isinstance(day, date) and not FIRST_DAY <= day <= LAST_DAY:
            parse_date(day, f"{path}.{name}")
    for name in ("expected_end", "end"):
        day = getattr(work, name)
        if isinstance(day, date) and day < work.start:
            raise InputError(
                f"{path}.{name}",
                f"is before the start, {work.start}",
                value=day.isoformat(),
                expected="the start or a later day",
                code="end_before_start",
            )
    held = work.certificate
    if isinstance(held, HeldCertificate) and held.last is not None and held.last < held.first:
        raise InputError(
            f"{path}.certificate.to",
            f"is before its first day, {held.first}",
            value=held.last.isoformat(),
            expected="that day or a later one",
            code="end_before_start",
        )


_EMPLOYER_COUNTRIES = ("country", "affiliate_of")
_WORK_COUNTRIES = (
    "country",
    "principal_country",
    "sent_from",
    "via",
    "insured_before",
    "residence",
    "vessel_flag",
    "employer_headquarters",
    "government",
    "elects",
)


def _countries(case: Case) -> Iterator[tuple[str, object]]:
    """Yield every country a case names, with its path."""
    for number, code in enumerate(case.worker.citizenships):
        yield f"worker.citizenships[{number}]", code
    yield "worker.residence", case.worker.residence
    for position, work in enumerate(case.work):
        path = f"work[{position}]"
        for name in _WORK_COUNTRIES:
            yield f"{path}.{name}", getattr(work, name)
        if isinstance(work.also_in, list):
            for number, code in enumerate(work.also_in):
                yield f"{path}.also_in[{number}]", code
        for name in _EMPLOYER_COUNTRIES:
            yield f"{path}.employer.{name}", getattr(work.employer, name, None)
        yield f"{path}.certificate.issued_by", getattr(work.certificate, "issued_by", None)
        if isinstance(work.activity_in, dict):
            for code in work.activity_in:
                yield f"{path}.activity_in.{code}", code


_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_LOCATION = re.compile(r"^(?P<problem>.*?)(?: - at `(?P<where>(?:key in )?\$.*)`)?$", re.DOTALL)
_DATES = frozenset(
    {"start", "expected_end", "end", "insured_before_since", "birth_date", "from", "to"}
)


def _translate(error: msgspec.ValidationError, document: object) -> InputError:
    found = _LOCATION.match(str(error))
    problem = found["problem"] if found else str(error)
    where = (found["where"] or "$") if found else "$"
    path = where.removeprefix("key in ").removeprefix("$").removeprefix(".")
    if unknown := _UNKNOWN.match(problem):
        name = unknown["name"]
        known = _fields_at(path)
        near = difflib.get_close_matches(name, known, n=1)
        return InputError(
            f"{path}.{name}" if path else name,
            "is not a field of the contract",
            expected=f"{near[0]}, perhaps" if near else f"one of {', '.join(known)}",
            code="unknown_field",
        )
    if missing := _MISSING.match(problem):
        name = missing["name"]
        return InputError(
            f"{path}.{name}" if path else name, "is missing and needed", code="missing_field"
        )
    field = re.sub(r"\[.*", "", path.removesuffix("[...]").rsplit(".", 1)[-1])
    path = _entry_at(document, path)
    value = _value_at(document, path)
    if field in _DATES:
        if isinstance(value, str):
            parse_date(value, path)
        wrong = "is null" if value is None else "is not a date"
        return InputError(
            path, wrong, value=value, expected="a date like 2026-03-01", code="bad_date"
        )
    wrong, right = _in_words(problem, field)
    return InputError(path, wrong, value=value, expected=right)


def _entry_at(document: object, path: str) -> str:
    """Return the path of the entry that is wrong where the decoder names only its mapping."""
    whole = path.removesuffix("[...]")
    entries = _value_at(document, whole)
    if whole == path or not isinstance(entries, Mapping):
        return path
    allowed = get_args(Activity)
    return next((f"{whole}.{key}" for key, kind in entries.items() if kind not in allowed), whole)


_WORDS = {
    "object": "a mapping of fields",
    "array": "a list",
    "str": "text",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "null": "null",
}
_WANTED = _WORDS | {"array": "a list: square brackets around it, or a dash before each entry"}


def _in_words(problem: str, field: str) -> tuple[str, str]:
    """Put the decoder's finding into a person's words: what is wrong, and what would be right."""
    if problem.startswith("Invalid enum value"):
        allowed = _ALLOWED.get(field, ())
        return "is not one of the values allowed", " or ".join(allowed)
    found = re.match(r"Expected `(?P<wanted>[^`]*)`.*, got `(?P<given>[^`]*)`", problem)
    if found is None:
        return problem, ""
    wanted = [_WANTED.get(kind, kind) for kind in found["wanted"].split(" | ")]
    if field in _ALLOWED:
        wanted = list(_ALLOWED[field])
    elif field in _COUNTRY_FIELDS and "array" not in found["wanted"]:
        wanted = [A_COUNTRY, *(kind for kind in wanted if kind == "null")]
    return f"is {_WORDS.get(found['given'], found['given'])}", " or ".join(wanted)


_COUNTRY_FIELDS = frozenset(
    {*_WORK_COUNTRIES, *_EMPLOYER_COUNTRIES, "citizenships", "also_in", "issued_by"}
)
_ALLOWED = {
    "contract": ("1",),
    "activity": get_args(Activity),
    "activity_in": get_args(Activity),
    "occupation": get_args(Occupation),
}


def _fields_at(path: str) -> list[str]:
    models: tuple[tuple[str, type[msgspec.Struct]], ...] = (
        (r"work\[.*\]\.employer$", Employer),
        (r"work\[.*\]\.health_insurance$", HealthInsurance),
        (r"work\[.*\]\.certificate$", HeldCertificate),
        (r"work\[[^.]*\]$", Work),
        (r"worker$", Worker),
        (r"$", Case),
    )
    for pattern, model in models:
        if re.match(pattern, path):
            return [field.encode_name for field in msgspec.structs.fields(model)]
    return []


def _value_at(document: Any, path: str) -> object:
    value: Any = document
    for step in re.findall(r"[^.\[\]]+", path):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return value
