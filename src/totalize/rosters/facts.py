"""A block of rows as the facts that provisions look at, all rows at once.

The same mapping as `coverage.facts` makes for one work. A row that holds anything out of the
ordinary (an error, too, is out of the ordinary) is not read here but marked, and read with care.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from totalize.coverage.codes import COUNTRY_CODES
from totalize.coverage.columns import FACTS
from totalize.kernel.errors import InputError
from totalize.rosters.careful import CarefulRow
from totalize.rosters.fact_loops import Made, Told, make_facts
from totalize.rosters.loops import UNKNOWN, Ints, Mask
from totalize.rosters.parts import Part

MAX_ID_BYTES: Final = 100

# Facts that are one column's value as it stands.
_PLAIN: Final = {
    "us_resident": "worker.us_resident",
    "principal_country": "principal_country",
    "sent_from": "sent_from",
    "via": "via",
    "employed_before_transfer": "employed_before_transfer",
    "insured_before": "insured_before",
    "insured_since": "insured_before_since",
    "business_before_transfer": "business_before_transfer",
    "health_worker": "health_insurance.worker",
    "health_family": "health_insurance.family",
    "family_accompanies": "family_accompanies",
    "vessel_flag": "vessel_flag",
    "headquarters": "employer_headquarters",
    "government": "government",
    "elects": "elects",
    "same_work": "same_work_as_before",
    "us_contract_or_port": "us_contract_or_port",
    "region": "region",
}


@dataclass(slots=True)
class Rows:
    """Rows as read: facts as integers (-1: unknown), and what else the answer needs.

    Attributes:
        facts: by name, for every row.
        stop: encoded day after the last one, -1 when open-ended or unknown.
        held: issuer, first day and stop of the certificate held; issuer -1: none.
        residence_told: the worker's residence is given.
        unread: rows to be read with care.
        has_history: rows of people with several works, and rows read with care.
        position: which of the person's works a row is.
        open_code: what leaves the history open, a number for each work and each of
            `careful.OPEN_FIELDS`; -1 where nothing does.
        errors: rows that cannot be used.
        blank: rows with nothing in them.
    """

    size: int
    facts: dict[str, Ints]
    stop: Ints
    held: tuple[Ints, Ints, Ints]
    residence_told: Mask
    unread: Mask
    has_history: Mask
    position: Ints
    open_code: Ints
    errors: dict[int, InputError] = field(default_factory=dict)
    blank: set[int] = field(default_factory=set)

    @classmethod
    def room(cls, size: int) -> Rows:
        """Return room for so many rows, to be filled by a reader."""

        def numbers() -> Ints:
            return np.empty(size, dtype=np.int32)

        def mask() -> Mask:
            return np.zeros(size, dtype=np.bool_)

        return cls(
            size=size,
            facts={name: numbers() for name in FACTS},
            stop=numbers(),
            held=(numbers(), numbers(), numbers()),
            residence_told=mask(),
            unread=mask(),
            has_history=mask(),
            position=numbers(),
            open_code=numbers(),
        )

    def within(self, begin: int, stop: int) -> Rows:
        """Return the room of some rows; what is put there is put here, but for what is wrong."""
        part = slice(begin, stop)
        issuer, since, until = self.held
        return Rows(
            stop - begin,
            {name: values[part] for name, values in self.facts.items()},
            self.stop[part],
            (issuer[part], since[part], until[part]),
            self.residence_told[part],
            self.unread[part],
            self.has_history[part],
            self.position[part],
            self.open_code[part],
        )

    def add_left_out(self, begin: int, part: Rows) -> None:
        """Take over what is wrong with some rows."""
        self.errors |= {begin + row: error for row, error in part.errors.items()}
        self.blank |= {begin + row for row in part.blank}

    @property
    def usable(self) -> Mask:
        """The rows to be decided."""
        usable = np.ones(self.size, dtype=np.bool_)
        usable[[*self.errors, *self.blank]] = False
        return usable

    def put(self, row: int, read: CarefulRow) -> None:
        """Take over a row that was read with care."""
        self.has_history[row] = True
        self.position[row] = read.position
        if read.error is not None:
            self.errors[row] = read.error
            return
        for name, value in read.facts.items():
            if name in self.facts:
                self.facts[name][row] = UNKNOWN if value is None else int(value)
        self.stop[row] = UNKNOWN if read.stop is None else read.stop
        self.residence_told[row] = read.residence_told
        if read.held is not None:
            issuer, since, until = read.held
            for values, value in zip(self.held, (COUNTRY_CODES[issuer], since, until), strict=True):
                values[row] = value
        self.open_code[row] = read.open_code

    def columns(self) -> dict[str, Ints]:
        """Return the facts as the columns that `decide_columns` takes.

        Of rows that are not to be decided nothing is known.
        """
        columns = self.facts | {"stop": self.stop}
        out = [*self.errors, *self.blank]
        if out:
            for values in columns.values():
                values[out] = UNKNOWN
        return columns


# Columns of which other facts are made, as `fact_loops.Told` names them.
_TOLD: Final = {
    "activity": "activity",
    "country": "country",
    "start": "start",
    "expected_end": "expected_end",
    "end": "end",
    "birth_date": "worker.birth_date",
    "residence": "residence",
    "worker_residence": "worker.residence",
    "occupation": "occupation",
    "sent_from": "sent_from",
    "government": "government",
    "seat": "employer.country",
    "american": "employer.american",
    "affiliate_of": "employer.affiliate_of",
    "section_3121l": "employer.section_3121l",
    "majority_owned": "employer.majority_owned",
    "issued_by": "certificate.issued_by",
    "issued_from": "certificate.from",
    "issued_to": "certificate.to",
}
_TOLD_LISTS: Final = {"citizenships": "worker.citizenships", "also_in": "also_in"}
_BESIDE: Final = frozenset({"stop", "held", "residence_told", "unread"})


def read_facts(part: Part, rows: Rows) -> None:
    """Put together the facts of a part from what its columns say.

    Args:
        part: the rows.
        rows: filled with their facts.
    """
    codes = part.codes
    nothing = np.full(part.size, UNKNOWN, dtype=np.int32)
    no_list = nothing, np.zeros(part.size, dtype=np.int32), np.zeros(part.size, dtype=np.int32)

    def column(name: str) -> Ints:
        found = codes.column(name)
        return nothing if found is None else found

    for name, field_name in _PLAIN.items():
        rows.facts[name][:] = column(field_name)
    rows.unread[:] = codes.unread
    rows.position[:] = 0
    rows.open_code[:] = UNKNOWN
    told: dict[str, Any] = {name: column(field_name) for name, field_name in _TOLD.items()}
    told |= {name: codes.list_column(field) or no_list for name, field in _TOLD_LISTS.items()}
    made: dict[str, Any] = {name: getattr(rows, name) for name in _BESIDE}
    made |= {name: rows.facts[name] for name in Made._fields if name not in _BESIDE}
    make_facts(Told(**told), Made(**made))
    for name in ("id", "employer.name"):
        cells = part.text_cells(name)
        if cells is not None:
            rows.unread |= cells.sizes > MAX_ID_BYTES
