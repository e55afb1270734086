"""What the US tax return asks, as data: thresholds by year, lines, dates, reports, sentences.

Every figure names a source of its file; one that was reckoned from others says how (`derived`),
one that was replaced while the year ran keeps what it replaced (`earlier`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec

from totalize.kernel.errors import LawError
from totalize.law.loading import DATA, load
from totalize.law.sources import Citation
from totalize.law.us_contributions import SelfEmployment, load_us

FOLDER = "filing"
SELF_EMPLOYMENT_SOURCE = "us_self_employment"
STATUSES = (
    "single",
    "head_of_household",
    "married_joint",
    "married_separate",
    "qualifying_surviving_spouse",
)
_DEDUCTION_OF = {
    "single": ("single", "unmarried"),
    "head_of_household": ("head_of_household", "unmarried"),
    "married_joint": ("joint", "married"),
    "qualifying_surviving_spouse": ("joint", "married"),
}

Month = Annotated[int, msgspec.Meta(ge=1, le=12)]
Day = Annotated[int, msgspec.Meta(ge=1, le=31)]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Replaced(_Strict, frozen=True):
    """A value that was in force until a day in the year itself."""

    value: Decimal
    source: str
    until: date


class Figure(_Strict, frozen=True):
    """A value, the key of its source, and how it was reckoned if it was not read."""

    value: Decimal
    source: str
    derived: str | None = None
    earlier: tuple[Replaced, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no figure of this law can be."""
        if not self.value.is_finite() or self.value < 0:
            raise ValueError(f"a figure cannot be {self.value}")


class StandardDeduction(_Strict, frozen=True):
    """By status; a separate filer's equals a single one's."""

    single: Figure
    joint: Figure
    head_of_household: Figure


class AgeAmount(_Strict, frozen=True):
    """Added to the threshold for each person 65 or older."""

    unmarried: Figure
    married: Figure


class DependentFigures(_Strict, frozen=True):
    """What the test of those who can be claimed as a dependent is made of."""

    floor: Figure
    added: Figure
    earned_cap: Figure
    spouse_itemizes: Figure


class FilingYear(_Strict, frozen=True):
    """The figures of one tax year, in US dollars.

    Attributes:
        thresholds: gross income from which a return is due, by status and by how many of those
            on the return are 65 or older.
    """

    tax_year: int
    sources: dict[str, Citation]
    standard_deduction: StandardDeduction
    age_amount: AgeAmount
    thresholds: dict[str, dict[int, Figure]]
    joint_apart: Figure
    dependent: DependentFigures
    exclusion_limit: Figure


class AgeRule(_Strict, frozen=True):
    """The age counted; it is reached on the day before the birthday."""

    years: int
    source: str


class Entry(_Strict, frozen=True, rename={"first": "from", "last": "to"}):
    """Where the words of exemption go in a range of tax years."""

    first: int
    last: int
    form: str
    line: str
    source: str
    box: str | None = None
    inferred: str | None = None


class LegalHoliday(_Strict, frozen=True):
    """A holiday with a fixed date, kept on the nearest weekday when it falls on a weekend."""

    name: str
    month: Month
    day: Day
    source: str


class DueDate(_Strict, frozen=True):
    """A day in the year after the tax year, before weekends and holidays move it."""

    month: Month
    day: Day
    source: str


class AssetLimits(_Strict, frozen=True):
    """Foreign financial assets above either of which a report is due."""

    year_end: Figure
    any_time: Figure


class AssetLimitsByStatus(_Strict, frozen=True):
    """On a joint return, and on any other."""

    joint: AssetLimits
    other: AssetLimits


class AssetReport(_Strict, frozen=True):
    """Limits for those whose tax home is abroad, and for everybody else."""

    abroad: AssetLimitsByStatus
    united_states: AssetLimitsByStatus


class CreditableLevies(_Strict, frozen=True):
    """Levies of a partner that the IRS does not count among what its agreement covers."""

    levies: str
    source: str


class FilingRules(_Strict, frozen=True):
    """What does not change with the figures of a year."""

    age: AgeRule
    special_items: dict[str, str]
    entries: tuple[Entry, ...]
    words: str
    legal_holidays: tuple[LegalHoliday, ...]
    due_dates: dict[str, DueDate]
    refund_years: Figure
    refund_years_from_payment: Figure
    notice_days: Figure
    notice_days_abroad: Figure
    fbar_over: Figure
    form_8938: AssetReport
    creditable_levies: dict[str, CreditableLevies]


class Sentence(_Strict, frozen=True):
    """A text for people, with {names} to fill in, and the keys of its sources."""

    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilingLaw:
    """The whole of it for one tax year.

    Attributes:
        year: the figures of the tax year.
        sources: every citation by its key; the year's own keys stand above the common ones.
        sentences: texts by their stable code.
        self_employment: how net earnings follow from net profit, and their floor.
    """

    year: FilingYear
    rules: FilingRules
    sources: Mapping[str, Citation]
    sentences: Mapping[str, Sentence]
    self_employment: SelfEmployment

    def entry(self) -> Entry:
        """Return where the words go in this tax year."""
        for entry in self.rules.entries:
            if entry.first <= self.year.tax_year <= entry.last:
                return entry
        raise LawError(f"{FOLDER}/rules.yaml", f"no entry for {self.year.tax_year}")


@cache
def filing_years(root: Path = DATA) -> tuple[int, ...]:
    """Return the tax years for which there are figures, in order."""
    return tuple(sorted(int(path.stem) for path in (root / FOLDER / "years").glob("*.yaml")))


@cache
def load_filing(tax_year: int, root: Path = DATA) -> FilingLaw:
    """Read the law for one tax year and check that it agrees with itself.

    Raises:
        LawError: no such year, a figure or sentence without a known source, or thresholds that
            are not the deduction plus the age amounts.
    """
    year = load(f"{FOLDER}/years/{tax_year}.yaml", FilingYear, root)
    rules = load(f"{FOLDER}/rules.yaml", FilingRules, root)
    sentences = load(f"{FOLDER}/sentences.yaml", dict[str, Sentence], root)
    common = load(f"{FOLDER}/sources.yaml", dict[str, Citation], root)
    us = load_us()
    factor = {SELF_EMPLOYMENT_SOURCE: us.sources[us.self_employment.source]}
    law = FilingLaw(
        year, rules, {**common, **factor, **year.sources}, sentences, us.self_employment
    )
    _check_sources(law, f"{FOLDER}/years/{tax_year}.yaml")
    _check_thresholds(year, f"{FOLDER}/years/{tax_year}.yaml")
    if year.tax_year != tax_year:
        raise LawError(f"{FOLDER}/years/{tax_year}.yaml", f"says it is for {year.tax_year}")
    law.entry()
    return law


def _check_sources(law: FilingLaw, where: str) -> None:
    named = {*_named_sources(msgspec.to_builtins(law.year, str_keys=True))}
    named.update(_named_sources(msgspec.to_builtins(law.rules, str_keys=True)))
    for sentence in law.sentences.values():
        named.update(sentence.sources)
    unknown = sorted(named - set(law.sources))
    if unknown:
        raise LawError(where, f"names sources that are nowhere: {', '.join(unknown)}")


def _named_sources(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "source" and isinstance(item, str):
                yield item
            else:
                yield from _named_sources(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _named_sources(item)


def _check_thresholds(year: FilingYear, where: str) -> None:
    """A slip of the pen in a table of thresholds shows against what it is made of."""
    if set(year.thresholds) != set(STATUSES):
        raise LawError(where, "thresholds must name every filing status once")
    for status, (deduction, age) in _DEDUCTION_OF.items():
        base: Figure = getattr(year.standard_deduction, deduction)
        each: Figure = getattr(year.age_amount, age)
        for aged, figure in year.thresholds[status].items():
            if figure.value != base.value + aged * each.value:
                raise LawError(where, f"thresholds.{status}.{aged} is not deduction plus age")
    cap, added = year.dependent.earned_cap.value, year.dependent.added.value
    if cap + added != year.standard_deduction.single.value:
        raise LawError(where, "dependent.earned_cap plus dependent.added is not the deduction")


def placeholders(text: str) -> frozenset[str]:
    """Return the names that a sentence wants filled in."""
    return frozenset(re.findall(r"{(\w+)}", text))
