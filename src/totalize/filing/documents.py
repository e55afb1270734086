"""Take from a case and its determination what falls in one tax year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from totalize.kernel.countries import parse_country
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError


class Activity(StrEnum):
    """Employed or self-employed."""

    EMPLOYMENT = "employment"
    SELF_EMPLOYMENT = "self_employment"


@dataclass(frozen=True, slots=True)
class CertificateHeld:
    """A certificate of coverage that the case shows; `last` None when it has no end."""

    issued_by: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class CoverageInYear:
    """A stretch of a work within the tax year in which the answer is one.

    Attributes:
        covered_by: systems whose contributions are due by law; None when not determined.
        otherwise: systems that would be due without an agreement; None when not known.
        missing: paths of the facts that would settle it.
        outcome: the determination's own word (`determined`, `needs_consent`, ...).
        unavailable: by the determination no certificate can be issued.
        agreement: partner whose agreement decided; None when none did.
    """

    first: date
    last: date
    covered_by: tuple[str, ...] | None
    otherwise: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    outcome: str | None = None
    unavailable: bool = False
    agreement: str | None = None


@dataclass(frozen=True, slots=True)
class WorkInYear:
    """A work as far as it falls in the tax year."""

    work: str
    activity: Activity
    country: str
    periods: tuple[CoverageInYear, ...]
    certificate: CertificateHeld | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a work is done, and where the person lives during it."""

    country: str
    also_in: tuple[str, ...]
    residence: str | None
    first: date
    last: date | None


def read_works(
    case: Mapping[str, Any], determination: Mapping[str, Any], year: int
) -> tuple[tuple[Place, ...], tuple[WorkInYear, ...]]:
    """Return every place of work, and the works that fall in the tax year.

    Raises:
        InputError: the two documents do not fit each other or hold what cannot be read.
    """
    works = _list(case, "work", "a case with at least one work")
    results = {
        _text(_mapping(item, f"determination.results[{i}]"), "work"): (
            f"determination.results[{i}]",
            _mapping(item, f"determination.results[{i}]"),
        )
        for i, item in enumerate(
            _list(determination, "results", "a determination", "determination")
        )
    }
    places: list[Place] = []
    found: list[WorkInYear] = []
    for position, item in enumerate(works):
        path = f"work[{position}]"
        work = _mapping(item, path)
        name = str(work.get("id") or f"w{position + 1}")
        if name not in results:
            raise InputError(
                f"{path}.id",
                "has no answer in the determination",
                value=name,
                expected="a determination of this very case",
                code="not_determined",
            )
        where, result = results[name]
        answers = [
            _answer(_mapping(raw, f"{where}.periods[{i}]"), f"{where}.periods[{i}]")
            for i, raw in enumerate(_list(result, "periods", "its periods", where))
        ]
        country = parse_country(work.get("country"), f"{path}.country")
        residence = work.get("residence")
        if answers:
            places.append(
                Place(
                    country,
                    tuple(str(other) for other in work.get("also_in") or ()),
                    None if residence is None else parse_country(residence, f"{path}.residence"),
                    answers[0].first,
                    answers[-1].last,
                )
            )
        inside = _clip(answers, year)
        if inside:
            found.append(
                WorkInYear(
                    name,
                    _activity(work.get("activity"), f"{path}.activity"),
                    country,
                    inside,
                    _certificate(work.get("certificate"), f"{path}.certificate"),
                )
            )
    return tuple(places), tuple(found)


def places_on(places: Sequence[Place], day: date) -> list[Place]:
    """Return the places where the person works on a day."""
    return [place for place in places if place.first <= day and (place.last or day) >= day]


def residence_on(there: Sequence[Place], worker: Mapping[str, Any]) -> str | None:
    """Return the country in which the person lives, a work's own residence first."""
    for place in there:
        if place.residence is not None:
            return place.residence
    residence = worker.get("residence")
    return None if residence is None else parse_country(residence, "worker.residence")


def unproven_days(
    period: CoverageInYear, certificate: CertificateHeld | None
) -> tuple[tuple[date, date], ...]:
    """Return the stretches of a period for which the covering country's certificate is missing."""
    covering = period.covered_by or ()
    if certificate is None or certificate.issued_by not in covering:
        return ((period.first, period.last),)
    gaps: list[tuple[date, date]] = []
    if certificate.first > period.first:
        gaps.append((period.first, min(period.last, certificate.first - timedelta(days=1))))
    if certificate.last is not None and certificate.last < period.last:
        gaps.append((max(period.first, certificate.last + timedelta(days=1)), period.last))
    return tuple(gaps)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A period of a determination, before it is cut to the year; `last` None without end."""

    first: date
    last: date | None
    covered_by: tuple[str, ...] | None
    otherwise: tuple[str, ...] | None
    missing: tuple[str, ...]
    outcome: str | None
    unavailable: bool
    agreement: str | None


def _answer(raw: Mapping[str, Any], path: str) -> _Answer:
    last = raw.get("to")
    return _Answer(
        parse_date(raw.get("from"), f"{path}.from"),
        None if last is None else parse_date(last, f"{path}.to"),
        _systems(raw.get("covered_by"), f"{path}.covered_by"),
        _systems(raw.get("otherwise"), f"{path}.otherwise"),
        tuple(str(item) for item in raw.get("missing") or ()),
        None if raw.get("outcome") is None else str(raw["outcome"]),
        raw.get("proof") == "unavailable",
        None
        if raw.get("agreement") is None
        else parse_country(raw["agreement"], f"{path}.agreement"),
    )


def _clip(answers: Sequence[_Answer], year: int) -> tuple[CoverageInYear, ...]:
    opening, closing = date(year, 1, 1), date(year, 12, 31)
    return tuple(
        CoverageInYear(
            max(answer.first, opening),
            min(answer.last or closing, closing),
            answer.covered_by,
            answer.otherwise,
            answer.missing,
            answer.outcome,
            answer.unavailable,
            answer.agreement,
        )
        for answer in answers
        if answer.first <= closing and (answer.last or closing) >= opening
    )


def _systems(value: object, path: str) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        raise InputError(path, "is not a list of countries", value=value, code="bad_list")
    return tuple(parse_country(item, f"{path}[{i}]") for i, item in enumerate(value))


def _activity(value: object, path: str) -> Activity:
    try:
        return Activity(str(value))
    except ValueError:
        raise InputError(
            path,
            "is not a kind of activity",
            value=value,
            expected=" or ".join(Activity),
            code="bad_activity",
        ) from None


def _certificate(value: object, path: str) -> CertificateHeld | None:
    if value is None:
        return None
    raw = _mapping(value, path)
    last = raw.get("to")
    first = parse_date(raw.get("from"), f"{path}.from")
    end = None if last is None else parse_date(last, f"{path}.to")
    if end is not None and end < first:
        raise InputError(
            f"{path}.to", "lies before the first day", value=end.isoformat(), code="ends_first"
        )
    return CertificateHeld(parse_country(raw.get("issued_by"), f"{path}.issued_by"), first, end)


def _mapping(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(path, "is not a group of fields", value=value, code="bad_type")
    return value


def _text(value: Mapping[str, Any], name: str) -> str:
    return str(value.get(name))


def _list(value: Mapping[str, Any], name: str, expected: str, prefix: str = "") -> Sequence[Any]:
    found = value.get(name)
    if not isinstance(found, (list, tuple)) or not found:
        path = f"{prefix}.{name}" if prefix else name
        raise InputError(path, "is missing or empty", expected=expected, code="missing")
    return found
