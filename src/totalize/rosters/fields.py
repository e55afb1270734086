"""The columns of a roster: the fields of a case, named with dots."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import msgspec

from totalize.coverage.case import Employer, HealthInsurance, HeldCertificate, Work, Worker
from totalize.kernel.errors import InputError


class Kind(Enum):
    """How a column's cells are written."""

    TEXT = "text"
    COUNTRY = "country"
    COUNTRIES = "countries"
    FLAG = "flag"
    DAY = "day"
    ACTIVITY = "activity"
    OCCUPATION = "occupation"
    CLASSES = "classes"


WORKER_ID: Final = "worker_id"

# A cell that says null in the contract's sense, where an empty one says unknown.
NULL_WORDS: Final = ("null", "none", "~")
NO_LIST: Final = ("[]", *NULL_WORDS)

_FLAGS = frozenset(
    {
        "us_resident",
        "american",
        "section_3121l",
        "majority_owned",
        "worker",
        "family",
        "employed_before_transfer",
        "business_before_transfer",
        "family_accompanies",
        "same_work_as_before",
        "same_employer_as_before",
        "us_contract_or_port",
    }
)
_DAYS = frozenset(
    {"birth_date", "start", "expected_end", "end", "insured_before_since", "from", "to"}
)
_SPECIAL = {
    "citizenships": Kind.COUNTRIES,
    "also_in": Kind.COUNTRIES,
    "activity": Kind.ACTIVITY,
    "occupation": Kind.OCCUPATION,
    "activity_in": Kind.CLASSES,
    "id": Kind.TEXT,
    "name": Kind.TEXT,
    "region": Kind.TEXT,
}
_NESTED: dict[str, type[msgspec.Struct]] = {
    "employer": Employer,
    "health_insurance": HealthInsurance,
    "certificate": HeldCertificate,
}


def _kind(name: str) -> Kind:
    if name in _SPECIAL:
        return _SPECIAL[name]
    if name in _FLAGS:
        return Kind.FLAG
    return Kind.DAY if name in _DAYS else Kind.COUNTRY


def _columns() -> dict[str, Kind]:
    columns = {WORKER_ID: Kind.TEXT}
    for field in msgspec.structs.fields(Worker):
        columns[f"worker.{field.encode_name}"] = _kind(field.encode_name)
    for field in msgspec.structs.fields(Work):
        name = field.encode_name
        if name in _NESTED:
            for inner in msgspec.structs.fields(_NESTED[name]):
                columns[f"{name}.{inner.encode_name}"] = _kind(inner.encode_name)
        else:
            columns[name] = _kind(name)
    return columns


COLUMNS: Final[dict[str, Kind]] = _columns()

# What costs and benefits need beside the case; coverage does not look at it.
COST_INPUT: Final = (
    "cost.earnings",
    "cost.currency",
    "cost.per",
    "cost.year",
    "cost.filing_status",
    "cost.us_wages",
    "cost.choices",
)
BENEFIT_INPUT: Final = (
    "benefit.kind",
    "benefit.entitlement",
    "benefit.month",
    "benefit.onset",
    "benefit.first_waiting_month",
    "benefit.blind",
    "benefit.death_date",
    "benefit.survivor.relation",
    "benefit.survivor.birth_date",
    "benefit.worker_entitlement",
    "benefit.earnings",
    "benefit.us_quarters",
    "benefit.foreign",
)
ASIDES: Final = frozenset((*COST_INPUT, *BENEFIT_INPUT))
NEEDED: Final = ("worker.citizenships", "activity", "country", "start")

# What the answer adds, in this order.
ANSWER: Final = (
    "from",
    "to",
    "outcome",
    "covered_by",
    "otherwise",
    "agreement",
    "rule",
    "proof",
    "certificate.issued_by",
    "missing",
    "error",
    "reasons",
)
COST_ANSWER: Final = (
    "cost.for_year",
    "cost.in_currency",
    "cost.without",
    "cost.with_certificate",
    "cost.saved",
    "cost.saved_up_to",
    "cost.at_least",
)
BENEFIT_ANSWER: Final = (
    "benefit.insured",
    "benefit.us_quarters_total",
    "benefit.foreign_quarters_used",
    "benefit.aime",
    "benefit.pia",
    "benefit.totalized_pia",
    "benefit.monthly",
    "benefit.family_maximum",
)
_ANSWERS: Final = frozenset((*ANSWER, *COST_ANSWER, *BENEFIT_ANSWER))


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of one roster.

    Attributes:
        names: as they stand in the file.
        fields: for each name the column of the contract it is, None for one that is only kept.
        written: the names under which they are written out again.
    """

    names: tuple[str, ...]
    fields: tuple[str | None, ...]
    written: tuple[str, ...]

    @property
    def place(self) -> dict[str, int]:
        """Where each column of the contract stands."""
        return {name: number for number, name in enumerate(self.fields) if name is not None}


def read_header(names: Sequence[str], where: str, keep: Iterable[str] = ()) -> Header:
    """Check the names of a roster's columns.

    Args:
        names: as they stand in the file.
        where: what to call the file in an error.
        keep: columns that are no fields and are written out as they are; `*`: all such.

    Raises:
        InputError: a name is unknown or stands twice, or a needed column is not there.
    """
    kept = set(keep)
    fields: list[str | None] = []
    first: dict[str, int] = {}
    for number, name in enumerate(names):
        field: str | None = name.strip()
        bare = (field or "").removeprefix("work.")
        if bare in COLUMNS or bare in ASIDES:
            field = bare
        elif field in kept or "*" in kept:
            field = None
        else:
            raise _unknown(field or "", number, where)
        key = field if field is not None else f"\0{name}"
        if key in first:
            raise InputError(
                name,
                f"stands twice in the header of {where}: columns {first[key] + 1} and {number + 1}",
                code="repeated_column",
            )
        first[key] = number
        fields.append(field)
    lacking = [name for name in NEEDED if name not in first]
    if lacking:
        raise InputError(
            lacking[0],
            f"is no column of {where}",
            expected=f"the columns {', '.join(NEEDED)} and, for people with several works, "
            f"{WORKER_ID}",
            code="missing_column",
        )
    return Header(tuple(names), tuple(fields), tuple(_written(names, fields)))


def _written(names: Sequence[str], fields: Sequence[str | None]) -> list[str]:
    """Return the names to write: what would meet a column of the answer gets its long form."""
    written = []
    for name, field in zip(names, fields, strict=True):
        if field in ANSWER:
            written.append(f"work.{field}")
        else:
            written.append(f"kept.{name}" if name in _ANSWERS else name)
    return written


def _unknown(name: str, number: int, where: str) -> InputError:
    if name in _ANSWERS:
        return InputError(
            name,
            f"is a column of the answer; {where} seems to be a roster that was decided before",
            expected="a roster without the answer's columns, or --keep for them",
            code="unknown_column",
        )
    if not name:
        return InputError("", f"column {number + 1} of {where} has no name", code="unknown_column")
    near = difflib.get_close_matches(
        name.lower().replace(" ", "_"), (*COLUMNS, *sorted(ASIDES)), n=1, cutoff=0.7
    )
    return InputError(
        name[:80],
        f"is not a column of a roster ({where})",
        expected=f"{near[0]}, perhaps; --keep passes columns of your own through"
        if near
        else "a field of a case, like employer.country; --keep passes columns of your own through",
        code="unknown_column",
    )
