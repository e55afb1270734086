"""What each social security system takes, as dated rows with a source each; and their loader.

A country's file lists schemes; a scheme lists versions in time; a version holds exactly one way
to reckon (`rate`, `bands`, `whole_bands`, `sliding`, `flat`) or says `unknown`. Rows that
exclude each other carry a `choice`, so that one person never pays two of them. Figures that
only explain another row stand under `informational` and are never added.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

import msgspec

from totalize.kernel.countries import NAMES
from totalize.kernel.errors import LawError
from totalize.law.loading import DATA, load
from totalize.law.sources import Citation, Sure

FOLDER = "contributions"
_SOURCE_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Payer(StrEnum):
    """Who bears a contribution."""

    EMPLOYEE = "employee"
    EMPLOYER = "employer"
    SELF_EMPLOYED = "self_employed"


class Per(StrEnum):
    """The period for which an amount is stated."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"

    @property
    def in_a_year(self) -> int:
        """How many such periods the law counts in a year."""
        return {"year": 1, "quarter": 4, "month": 12, "week": 52}[self.value]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Limit(_Strict, frozen=True, kw_only=True):
    """An amount for a period, in the country's currency or in one of its indexed units."""

    amount: Decimal
    per: Per
    unit: str | None = None


class Band(_Strict, frozen=True, kw_only=True):
    """A slice of pay: its upper end (None: no end) and the rate there."""

    up_to: Decimal | None
    rate: Decimal
    unit: str | None = None


class Point(_Strict, frozen=True, kw_only=True):
    """A point of a sliding scale: at this base the rate is exactly this."""

    at: Decimal
    rate: Decimal


class Grade(_Strict, frozen=True, kw_only=True):
    """A step of a table of standard pay: pay from this amount on counts as `standard`."""

    at: Decimal
    standard: Decimal


class Version(_Strict, frozen=True, kw_only=True):
    """A row as it holds from one day to another.

    Attributes:
        first: first day on which it holds (`from` in the file).
        to: last day; None when no end is known, which is no promise that it still holds.
        rate: a fraction of the whole base.
        bands: marginal slices, each taken at its own rate.
        whole_bands: the rate of the band reached is taken on the whole base, in the order listed.
        sliding: the rate on the whole base, straight between the points, constant outside them.
        flat: an amount whatever the pay.
        unknown: the contribution is due, its size is not in the data; says why.
        per: the period for which bands, points and grades are stated.
        ceiling: what is above it does not count.
        minimum_base: pay below counts as this much.
        allowance: deducted from the base before the rate.
        nothing_up_to: nothing is due up to this pay, the full contribution above it.
        nothing_above: nothing is due above this pay.
        inexact_below: below this pay the row is not exact; `note` tells why.
        inexact_above: the same above this pay.
        grades: name of the table of standard pay used instead of the pay itself.
        source: key into the country's sources.
        source_date: the year, month or day for which the source speaks; None when undated.
    """

    first: date = msgspec.field(name="from")
    to: date | None
    source: str
    source_date: str | None
    rate: Decimal | None = None
    bands: tuple[Band, ...] | None = None
    whole_bands: tuple[Band, ...] | None = None
    sliding: tuple[Point, ...] | None = None
    flat: Limit | None = None
    unknown: str | None = None
    per: Per = Per.MONTH
    ceiling: Limit | None = None
    minimum_base: Limit | None = None
    allowance: Limit | None = None
    nothing_up_to: Limit | None = None
    nothing_above: Limit | None = None
    inexact_below: Limit | None = None
    inexact_above: Limit | None = None
    grades: str | None = None
    note: str | None = None


class Ages(_Strict, frozen=True, kw_only=True):
    """Ages in whole years, both included; `only` these, or everybody but these."""

    first: int
    last: int
    only: bool


class Scheme(_Strict, frozen=True, kw_only=True):
    """One contribution and who bears it.

    Attributes:
        scheme: stable name; its title stands in the catalogue of schemes.
        payer: who bears it.
        agreement_scope: true when a certificate lifts it, false when it stays due, None when no
            source read settles it.
        base_share: fraction of the earnings that counts.
        base_plus: schemes of the same payer whose amounts are added to the base.
        base_minus: schemes of the same payer whose amounts are taken off the base.
        choice: options under which the row holds, by group; others exclude it.
        ages: ages for which it holds.
        voluntary: may be left; never counted in a total.
    """

    scheme: str
    payer: Payer
    agreement_scope: bool | None
    versions: tuple[Version, ...]
    base_share: Decimal = Decimal(1)
    base_plus: tuple[str, ...] = ()
    base_minus: tuple[str, ...] = ()
    choice: dict[str, str] = {}
    ages: Ages | None = None
    voluntary: bool = False
    note: str | None = None


class Option(_Strict, frozen=True, kw_only=True):
    """One of several situations that exclude each other."""

    text: str
    if_citizen: bool = False


class Choice(_Strict, frozen=True, kw_only=True):
    """A question whose answer decides which rows hold; `default` is assumed and said."""

    text: str
    default: str
    options: dict[str, Option]


class Unit(_Strict, frozen=True, kw_only=True):
    """An indexed unit: its value in money by date; without values the user must give it."""

    text: str
    values: tuple[UnitValue, ...] = ()


class UnitValue(_Strict, frozen=True, kw_only=True):
    """The value of a unit for a stretch of time, for the same period as the limits using it."""

    first: date = msgspec.field(name="from")
    to: date | None
    amount: Decimal
    source: str


class Scope(_Strict, frozen=True, kw_only=True):
    """Which contributions the agreement names, as read."""

    text: str
    source: str


class Informational(_Strict, frozen=True, kw_only=True):
    """A figure that explains another row. It is shown on request and never added."""

    scheme: str
    payer: Payer
    first: date = msgspec.field(name="from")
    to: date | None
    rate: Decimal
    text: str
    source: str
    source_date: str | None


class CountryContributions(_Strict, frozen=True, kw_only=True):
    """All rows of one country."""

    country: str
    currency: str
    known_until: date
    sources: dict[str, Citation]
    schemes: tuple[Scheme, ...]
    choices: dict[str, Choice] = {}
    units: dict[str, Unit] = {}
    grades: dict[str, tuple[Grade, ...]] = {}
    scope: Scope | None = None
    informational: tuple[Informational, ...] = ()
    notes: tuple[str, ...] = ()

    def sure(self, version: Version) -> Sure:
        """Return how sure the source of a version is."""
        return self.sources[version.source].sure


class Titles(_Strict, frozen=True, kw_only=True):
    """Names of the schemes for people."""

    titles: dict[str, str]


@cache
def countries() -> tuple[str, ...]:
    """Return the countries with contribution data, sorted."""
    return tuple(
        sorted(
            path.stem.upper() for path in (DATA / FOLDER).glob("*.yaml") if path.stem != "schemes"
        )
    )


@cache
def load_titles() -> dict[str, str]:
    """Return the titles of all schemes by their name."""
    return load(f"{FOLDER}/schemes.yaml", Titles).titles


class Sentences(_Strict, frozen=True, kw_only=True):
    """What a cost says, by stable code."""

    warnings: dict[str, str]
    given_up: dict[str, str]
    refund: dict[str, str]


@cache
def load_sentences() -> Sentences:
    """Return the sentences of a cost."""
    return load("messages/cost.en.yaml", Sentences)


@cache
def load_country(country: str) -> CountryContributions:
    """Return the rows of one country, checked.

    Raises:
        LawError: there are none, or they contradict their schema or themselves.
    """
    where = f"{FOLDER}/{country.lower()}.yaml"
    data = load(where, CountryContributions)
    check_country(data, where)
    return data


def check_country(data: CountryContributions, where: str) -> None:
    """Refuse rows that point nowhere, reckon in two ways, or hold twice at once.

    Raises:
        LawError: naming the row.
    """
    if data.country not in NAMES:
        raise LawError(where, f"unknown country {data.country}")
    for group, choice in data.choices.items():
        if choice.default not in choice.options:
            raise LawError(f"{where}: {group}", "the default is not one of the options")
    if data.scope is not None:
        _check_source(data, data.scope.source, where)
    for unit in data.units.values():
        for value in unit.values:
            _check_source(data, value.source, where)
    for line in data.informational:
        _check_source(data, line.source, where)
    for scheme in data.schemes:
        _check_scheme(data, scheme, f"{where}: {scheme.scheme}/{scheme.payer.value}")


def _check_scheme(data: CountryContributions, scheme: Scheme, where: str) -> None:
    if scheme.scheme not in load_titles():
        raise LawError(where, "the scheme has no title")
    for group, option in scheme.choice.items():
        if group not in data.choices or option not in data.choices[group].options:
            raise LawError(where, f"no such choice: {group}={option}")
    peers = {other.scheme for other in data.schemes if other.payer is scheme.payer}
    for name in (*scheme.base_plus, *scheme.base_minus):
        if name not in peers:
            raise LawError(where, f"its base refers to {name}, which nobody pays")
    if not scheme.versions:
        raise LawError(where, "has no versions")
    last: date | None = date.min
    for version in scheme.versions:
        if last is None or version.first <= last:
            raise LawError(where, f"two versions hold on {version.first}")
        if version.to is not None and version.to < version.first:
            raise LawError(where, f"ends before it begins on {version.first}")
        last = version.to
        _check_version(data, version, f"{where} from {version.first}")


def _check_version(data: CountryContributions, version: Version, where: str) -> None:
    _check_source(data, version.source, where)
    ways = [
        way
        for way in ("rate", "bands", "whole_bands", "sliding", "flat", "unknown")
        if getattr(version, way) is not None
    ]
    if len(ways) != 1:
        raise LawError(where, f"must hold exactly one way to reckon, holds {ways or 'none'}")
    if version.source_date is not None and not _SOURCE_DATE.fullmatch(version.source_date):
        raise LawError(where, f"not a year, month or day: {version.source_date}")
    for bands in (version.bands, version.whole_bands):
        if bands is not None and (not bands or bands[-1].up_to is not None):
            raise LawError(where, "the last band must have no end")
    bounds = [band.up_to for band in version.bands or () if band.up_to is not None]
    if bounds != sorted(set(bounds)):
        raise LawError(where, "bands must rise")
    if version.grades is not None and version.grades not in data.grades:
        raise LawError(where, f"no table of grades named {version.grades}")
    limits = (
        version.ceiling,
        version.minimum_base,
        version.allowance,
        version.nothing_up_to,
        version.flat,
    )
    named = [limit.unit for limit in limits if limit is not None]
    named += [band.unit for band in version.whole_bands or ()]
    for unit in named:
        if unit is not None and unit not in data.units:
            raise LawError(where, f"no unit named {unit}")
    _check_units(data, version, {unit for unit in named if unit is not None}, where)
    rates = [version.rate, *(band.rate for band in (version.bands or version.whole_bands or ()))]
    if any(rate is not None and not 0 <= rate < 1 for rate in rates):
        raise LawError(where, "a rate is a fraction from 0 to below 1")


def _check_units(data: CountryContributions, version: Version, units: set[str], where: str) -> None:
    """Refuse a version in which the value of a unit changes: it must be split there."""
    for unit in units:
        for value in data.units[unit].values:
            last = version.to or data.known_until
            if version.first < value.first <= last:
                raise LawError(where, f"{unit} changes on {value.first}, inside the version")


def _check_source(data: CountryContributions, key: str, where: str) -> None:
    if key not in data.sources:
        raise LawError(where, f"no source named {key}")
