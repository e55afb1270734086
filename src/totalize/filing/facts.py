"""What the filing room is told: the person, the money of the year, the coverage of the work.

The room reads a case and a determination in the shapes of the contract; it knows nothing of how
the determination was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from totalize.filing.documents import (
    Place,
    WorkInYear,
    places_on,
    read_works,
    residence_on,
)
from totalize.filing.due_dates import due_date
from totalize.kernel.countries import US
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.kernel.money import parse_amount
from totalize.law.filing import FilingLaw, filing_years, load_filing

# Law that asks whether one is abroad means outside both.
_HOME = frozenset({US, "PR"})


class Status(StrEnum):
    """How the person files."""

    SINGLE = "single"
    HEAD_OF_HOUSEHOLD = "head_of_household"
    MARRIED_JOINT = "married_joint"
    MARRIED_SEPARATE = "married_separate"
    SURVIVING_SPOUSE = "qualifying_surviving_spouse"

    @property
    def married(self) -> bool:
        """Whether there is a spouse at the end of the year."""
        return self in {Status.MARRIED_JOINT, Status.MARRIED_SEPARATE}


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One product of the self-employment tax: base x rate = amount, not rounded.

    Attributes:
        scheme: `oasdi`, `medicare` or `additional_medicare`.
        source: the provision of the rate.
    """

    scheme: str
    base: Decimal
    rate: Decimal
    amount: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """One person's year. None always means: not known. Money is in US dollars.

    Attributes:
        income: gross income of the year from everywhere, before any exclusion; on a joint
            return that of both.
        us_person: citizen or resident alien of the United States.
        earned: the part of `income` that is earned.
        self_employment: net profit of all self-employment, before the factor of 92.35 percent.
        dependent: somebody else can claim the person as a dependent.
        lived_with_spouse: the spouses lived together at the end of the year.
        spouse_itemizes: the spouse files separately and itemizes deductions.
        special_items: which of the special cases apply; empty when none does.
        qualifies_abroad: tax home abroad, and residence there for a whole tax year or 330 full
            days in twelve months.
        abroad_on_due_date: lives and mainly works outside the US and Puerto Rico on that day.
        abroad_from_case: `abroad_on_due_date` was read from the case, not stated.
        foreign_accounts: highest total of all foreign accounts on any day of the year.
        foreign_assets_year_end: foreign financial assets on the last day of the year.
        foreign_assets_highest: their highest value in the year.
        works: what of the case falls in the tax year.
        tax_on_profit: self-employment tax on `self_employment`, as if the United States covered
            it and no wages stood beside it; reckoned elsewhere.
        place: where the person works on the regular due date, by the case.
    """

    tax_year: int
    status: Status
    income: Decimal
    works: tuple[WorkInYear, ...]
    us_person: bool | None = None
    birth_date: date | None = None
    spouse_birth_date: date | None = None
    earned: Decimal | None = None
    self_employment: Decimal | None = None
    dependent: bool | None = None
    blind: bool | None = None
    lived_with_spouse: bool | None = None
    spouse_itemizes: bool | None = None
    special_items: frozenset[str] | None = None
    qualifies_abroad: bool | None = None
    abroad_on_due_date: bool | None = None
    abroad_from_case: bool = False
    foreign_accounts: Decimal | None = None
    foreign_assets_year_end: Decimal | None = None
    foreign_assets_highest: Decimal | None = None
    tax_on_profit: tuple[TaxLine, ...] | None = None
    place: str | None = None


_TRUTHS = (
    "dependent",
    "blind",
    "lived_with_spouse",
    "spouse_itemizes",
    "qualifies_abroad",
    "abroad_on_due_date",
)
_AMOUNTS = (
    "earned",
    "self_employment",
    "foreign_accounts",
    "foreign_assets_year_end",
    "foreign_assets_highest",
)
OPTIONS = (
    "tax_year",
    "status",
    "income",
    "spouse_birth_date",
    "special_items",
    *_AMOUNTS,
    *_TRUTHS,
)
assert {*OPTIONS} <= {item.name for item in fields(FilingFacts)}  # noqa: S101 - names are one


def read_facts(
    case: Mapping[str, Any], determination: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[FilingFacts, FilingLaw]:
    """Read the facts of one tax year and the law for it.

    Args:
        case: section 1 of the contract.
        determination: section 2 of the contract, for the same case.
        options: what the case does not hold, by the names in `OPTIONS`.

    Raises:
        InputError: a name, type or value that cannot be used, or a year without figures.
    """
    for name in options:
        if name not in OPTIONS:
            raise InputError(
                name, "is not known here", expected=", ".join(OPTIONS), code="unknown_field"
            )
    year = _read_year(options.get("tax_year"))
    law = load_filing(year)
    status = _read_status(options.get("status"))
    if options.get("income") is None:
        raise InputError(
            "income",
            "is missing",
            expected="gross income of the year from everywhere, in US dollars",
            code="missing",
        )
    amounts = {name: _amount(options, name) for name in ("income", *_AMOUNTS)}
    income = amounts.pop("income")
    assert income is not None  # noqa: S101 - refused above
    _refuse_impossible(income, amounts, status, options)
    worker = case.get("worker")
    worker = worker if isinstance(worker, Mapping) else {}
    places, works = read_works(case, determination, year)
    regular = due_date(law, "regular").day
    truths = {name: _truth(options, name) for name in _TRUTHS}
    stated = truths.pop("abroad_on_due_date")
    abroad = _abroad(places, worker, regular) if stated is None else stated
    here = [place.country for place in places_on(places, regular)]
    return (
        FilingFacts(
            tax_year=year,
            status=status,
            income=income,
            works=works,
            us_person=_us_person(worker),
            birth_date=_birth_date(worker.get("birth_date"), "worker.birth_date", year),
            spouse_birth_date=_birth_date(
                options.get("spouse_birth_date"), "spouse_birth_date", year
            ),
            special_items=_special_items(options.get("special_items"), law),
            abroad_on_due_date=abroad,
            abroad_from_case=stated is None,
            place=here[0] if len(here) == 1 else None,
            earned=amounts["earned"],
            self_employment=amounts["self_employment"],
            foreign_accounts=amounts["foreign_accounts"],
            foreign_assets_year_end=amounts["foreign_assets_year_end"],
            foreign_assets_highest=amounts["foreign_assets_highest"],
            dependent=truths["dependent"],
            blind=truths["blind"],
            lived_with_spouse=truths["lived_with_spouse"],
            spouse_itemizes=truths["spouse_itemizes"],
            qualifies_abroad=truths["qualifies_abroad"],
        ),
        law,
    )


def _read_year(value: object) -> int:
    known = filing_years()
    expected = f"one of {', '.join(map(str, known))}"
    if value is None:
        raise InputError("tax_year", "is missing", expected=expected, code="missing")
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) == 4):
        raise InputError(
            "tax_year", "is not a year", value=value, expected=expected, code="bad_year"
        )
    if int(text) not in known:
        raise InputError(
            "tax_year",
            f"has no figures: those for {text} are not in the law data",
            value=value,
            expected=expected,
            code="year_without_figures",
        )
    return int(text)


def _read_status(value: object) -> Status:
    expected = ", ".join(Status)
    if value is None:
        raise InputError("status", "is missing", expected=expected, code="missing")
    try:
        return Status(str(value))
    except ValueError:
        raise InputError(
            "status", "is not a filing status", value=value, expected=expected, code="bad_status"
        ) from None


def _amount(options: Mapping[str, Any], name: str) -> Decimal | None:
    value = options.get(name)
    return None if value is None else parse_amount(value, name)


def _truth(options: Mapping[str, Any], name: str) -> bool | None:
    value = options.get(name)
    if value is not None and not isinstance(value, bool):
        raise InputError(
            name, "is not yes or no", value=value, expected="true or false", code="bad_truth"
        )
    return value


def _refuse_impossible(
    income: Decimal,
    amounts: Mapping[str, Decimal | None],
    status: Status,
    options: Mapping[str, Any],
) -> None:
    for name in ("earned", "self_employment"):
        part = amounts[name]
        if part is not None and part > income:
            raise InputError(
                name,
                "is more than the gross income it is part of",
                value=str(part),
                expected=f"at most {income}, or a larger income",
                code="part_over_whole",
            )
    last, highest = amounts["foreign_assets_year_end"], amounts["foreign_assets_highest"]
    if last is not None and highest is not None and last > highest:
        raise InputError(
            "foreign_assets_highest",
            "is less than the value on the last day of the year",
            value=str(highest),
            expected=f"at least {last}",
            code="highest_under_last",
        )
    if status is Status.MARRIED_JOINT:
        for name in ("dependent", "spouse_itemizes"):
            if options.get(name):
                raise InputError(
                    name,
                    "does not go with a joint return",
                    expected="married_separate, or no",
                    code="joint_return",
                )
    for name in ("spouse_birth_date", "lived_with_spouse", "spouse_itemizes"):
        if options.get(name) is not None and not status.married:
            raise InputError(
                name,
                f"does not go with the status {status}",
                expected="married_joint or married_separate, or leave it out",
                code="no_spouse",
            )


def _special_items(value: object, law: FilingLaw) -> frozenset[str] | None:
    if value is None:
        return None
    known = law.rules.special_items
    if isinstance(value, str) or not isinstance(value, (list, tuple, set, frozenset)):
        raise InputError(
            "special_items",
            "is not a list",
            value=value,
            expected="a list, empty when no special case applies",
            code="bad_list",
        )
    for position, item in enumerate(value):
        if item not in known:
            raise InputError(
                f"special_items[{position}]",
                "is not a special case known here",
                value=item,
                expected=", ".join(known),
                code="unknown_item",
            )
    return frozenset(value)


def _us_person(worker: Mapping[str, Any]) -> bool | None:
    citizenships = worker.get("citizenships")
    if isinstance(citizenships, (list, tuple)) and US in citizenships:
        return True
    resident = worker.get("us_resident")
    return resident if isinstance(resident, bool) else None


def _birth_date(value: object, path: str, year: int) -> date | None:
    if value is None:
        return None
    day = parse_date(value, path)
    if day.year > year:
        raise InputError(
            path,
            f"lies after the tax year {year}",
            value=day.isoformat(),
            expected=f"a day up to {year}-12-31",
            code="born_later",
        )
    return day


def _abroad(places: tuple[Place, ...], worker: Mapping[str, Any], day: date) -> bool | None:
    """Read from the case whether the person lives and mainly works abroad on a day."""
    there = places_on(places, day)
    home = residence_on(there, worker)
    if home in _HOME:
        return False
    countries = {country for place in there for country in (place.country, *place.also_in)}
    if not countries or home is None:
        return None
    if countries <= _HOME:
        return False
    return True if not countries & _HOME else None
