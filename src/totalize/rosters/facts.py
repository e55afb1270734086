"""A block of rows as the facts that provisions look at, all rows at once.

The same mapping as `coverage.facts` makes for one work. A row that holds anything out of the
ordinary (an error, too, is out of the ordinary) is not read here but marked, and read with care.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from totalize.coverage.codes import COUNTRY_CODES, NEVER, NOWHERE, US
from totalize.coverage.columns import FACTS
from totalize.kernel.errors import InputError
from totalize.logic.expressions import OPEN
from totalize.rosters.careful import CarefulRow
from totalize.rosters.coding import NULL
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

    def left_out(self) -> bool:
        """Tell whether some rows are not to be decided."""
        return bool(self.errors or self.blank)

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

    def usable_facts(self) -> dict[str, Ints]:
        """Return the facts of the usable rows as the columns that `decide_columns` takes."""
        facts = self.facts | {"stop": self.stop}
        if self.left_out():
            usable = np.flatnonzero(self.usable)
            facts = {name: values.take(usable) for name, values in facts.items()}
        return facts


class Reader:
    """Put together the facts of one part from what its columns say."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._size = part.size
        self._unread = part.codes.unread.copy()
        self._unknown = np.full(part.size, UNKNOWN, dtype=np.int32)
        self._nowhere = np.full(part.size, NOWHERE, dtype=np.int32)

    def read(self, rows: Rows | None = None) -> Rows:
        """Return the rows as facts.

        Args:
            rows: room for them.
        """
        rows = Rows.room(self._size) if rows is None else rows
        facts: dict[str, Ints] = {name: self._value(column) for name, column in _PLAIN.items()}
        citizenships = self._list("worker.citizenships")
        activity = self._needed(self._value("activity"))
        country = self._needed(self._value("country"))
        start = self._needed(self._value("start"))
        self._needed(citizenships[0])
        occupation = self._value("occupation")
        employed = activity == 1
        own_residence, worker_residence = self._value("residence"), self._value("worker.residence")
        also = self._list("also_in")
        expected = self._value("expected_end")
        seat = self._value("employer.country")
        end = self._value("end")
        affiliate = self._value("employer.affiliate_of")
        facts |= {
            "residence": np.where(own_residence == UNKNOWN, worker_residence, own_residence),
            "employment": activity,
            "employment_in_us": activity,
            "employment_in_partner": activity,
            "occupation": np.where(occupation == UNKNOWN, 0, occupation),
            "country": country,
            "start": start,
            "from_day": start,
            "expected_stop": np.where(
                expected == NULL, OPEN, np.where(expected >= 0, expected + 1, UNKNOWN)
            ),
            "employer_country": np.where(employed, seat, NOWHERE),
            "american": self._american(employed, seat, facts["government"]),
            "affiliate_of": np.where(
                employed, _affiliate(affiliate, facts["sent_from"], seat), NOWHERE
            ),
            "section_3121l": self._of_employer("employer.section_3121l", employed),
            "majority_owned": self._of_employer("employer.majority_owned", employed),
            "region": self._value("region"),
        }
        facts |= self._citizenships(citizenships, facts, country, own_residence)
        facts |= self._also(also, country)
        facts |= self._no_history()
        self._check_order(start, expected, end)
        last = np.where(end == UNKNOWN, expected, end)
        held = self._held()
        for name in ("id", "employer.name"):
            cells = self._part.text_cells(name)
            if cells is not None:
                self._unread |= cells.sizes > MAX_ID_BYTES
        for name, values in facts.items():
            rows.facts[name][:] = values
        rows.stop[:] = np.where(last >= 0, last + 1, UNKNOWN)
        for room, values in zip(rows.held, held, strict=True):
            room[:] = values
        rows.residence_told[:] = worker_residence != UNKNOWN
        rows.unread[:] = self._unread
        rows.position[:] = 0
        rows.open_code[:] = UNKNOWN
        return rows

    def _value(self, column: str) -> Ints:
        found = self._part.codes.column(column)
        return self._unknown if found is None else found

    def _list(self, column: str) -> tuple[Ints, Ints, Ints]:
        found = self._part.codes.list_column(column)
        return (self._unknown, self._nowhere, self._nowhere) if found is None else found

    def _needed(self, values: Ints) -> Ints:
        self._unread |= values < 0
        return values

    def _of_employer(self, column: str, employed: Mask) -> Ints:
        # What is said of an employer of the self-employed is not looked at.
        return np.where(employed, self._value(column), UNKNOWN)

    def _american(self, employed: Mask, seat: Ints, government: Ints) -> Ints:
        said = self._value("employer.american")
        implied = np.where(government == US, 1, np.where(seat == UNKNOWN, UNKNOWN, seat == US))
        return np.where(employed, np.where(said >= 0, said, implied), 0)

    def _citizenships(
        self, given: tuple[Ints, Ints, Ints], facts: Mapping[str, Ints], country: Ints, home: Ints
    ) -> dict[str, Ints]:
        first, second, third = given
        american = (first == US) | (second == US) | (third == US)
        one = np.where(first == US, NOWHERE, first)
        two, three = self._nowhere, self._nowhere
        several = np.flatnonzero(second != NOWHERE)
        if len(several):
            two, three = two.copy(), three.copy()
            codes = np.stack([column[several] for column in given], axis=1)
            codes[codes == US] = NOWHERE
            concerned = np.zeros(codes.shape, dtype=np.bool_)
            for other in (country, facts["sent_from"], facts["government"], home):
                concerned |= codes == other[several][:, None]
            rank = np.where(codes == NOWHERE, 10_000, codes + np.where(concerned, 0, 1000))
            order = np.argsort(rank, axis=1, kind="stable")
            codes = np.take_along_axis(codes, order, axis=1)
            one[several], two[several], three[several] = codes[:, 0], codes[:, 1], codes[:, 2]
        return {
            "us_citizen": american.astype(np.int32),
            "citizenship_1": one,
            "citizenship_2": two,
            "citizenship_3": three,
        }

    def _also(self, given: tuple[Ints, Ints, Ints], country: Ints) -> dict[str, Ints]:
        known = given[0] != UNKNOWN
        codes = [np.where(code == country, NOWHERE, code) for code in given]
        american = (codes[0] == US) | (codes[1] == US) | (codes[2] == US)
        # Of other countries than these two, the first ones come first.
        first, second = (np.where(code <= US, NOWHERE, code) for code in codes[:2])
        several = np.flatnonzero(given[1] != NOWHERE)
        if len(several):
            others = np.stack([code[several] for code in codes], axis=1)
            others = np.where(others <= US, 10_000, others)
            others.sort(axis=1)
            others[others == 10_000] = NOWHERE
            first[several], second[several] = others[:, 0], others[:, 1]
        return {
            "also_in_us": np.where(known, american, UNKNOWN),
            "also_in_1": np.where(known, first, UNKNOWN),
            "also_in_2": np.where(known, second, UNKNOWN),
        }

    def _no_history(self) -> dict[str, Ints]:
        zero = self._nowhere
        return {
            "earlier_stay": zero,
            "ever_sent_before": zero,
            "earlier_start": zero,
            "earlier_stop": zero,
            "second_job_start": np.full(self._size, NEVER, dtype=np.int32),
        }

    def _check_order(self, start: Ints, expected: Ints, end: Ints) -> None:
        for last in (expected, end):
            self._unread |= (last >= 0) & (last < start)
        self._unread |= self._value("worker.birth_date") >= start

    def _held(self) -> tuple[Ints, Ints, Ints]:
        issuer, first, last = (self._value(name) for name in _CERTIFICATE)
        told = [values != UNKNOWN for values in (issuer, first, last)]
        self._unread |= (told[0] != told[1]) | (told[0] != told[2])
        self._unread |= (last >= 0) & (last < first)
        stop = np.where(last == NULL, OPEN, np.where(last >= 0, last + 1, UNKNOWN))
        return issuer, first, stop


_CERTIFICATE: Final = ("certificate.issued_by", "certificate.from", "certificate.to")


def _affiliate(given: Ints, sent_from: Ints, seat: Ints) -> Ints:
    """Return who sent the worker, as `coverage.facts` concludes where it is left out."""
    own = (sent_from == NOWHERE) | (sent_from == seat)
    implied = np.where(sent_from == UNKNOWN, UNKNOWN, np.where(own, NOWHERE, UNKNOWN))
    return np.where(given == UNKNOWN, implied, given)
