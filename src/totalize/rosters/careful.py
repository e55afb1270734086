"""Read the rows of one person with care: the checks, the words and the history of a single case.

Rows come here that hold anything out of the ordinary: an error, a place that belongs to another
country, works whose history is too long for columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import UnsetType

from totalize.coverage.case import Case, HeldCertificate, Work
from totalize.coverage.codes import NO_PARTNER
from totalize.coverage.conditions import OTHER_COUNTRY
from totalize.coverage.door import read_case
from totalize.coverage.facts import gather_facts
from totalize.coverage.history import USUAL_GAP, review
from totalize.coverage.places import place
from totalize.coverage.reading import gap_on
from totalize.coverage.situation import partner_of
from totalize.kernel.errors import InputError
from totalize.law.book import LawBook
from totalize.logic.explain import Reader
from totalize.logic.expressions import OPEN, Value, encode_day
from totalize.rosters.fields import COLUMNS, NO_LIST, NULL_WORDS, WORKER_ID, Kind

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CarefulRow:
    """One row, read: its facts, or what is wrong with it.

    Attributes:
        facts: as `coverage.facts` gives them.
        stop: encoded day after the last one, None when open-ended or unknown.
        held: issuer, first day and stop of the certificate held.
        residence_told: the worker's residence is given.
        position: which of the person's works it is.
        open_code: what leaves the history open, as in `facts.Rows`; -1 when nothing does.
    """

    facts: dict[str, Value] = field(default_factory=dict)
    stop: int | None = None
    held: tuple[str, int, int] | None = None
    residence_told: bool = False
    position: int = 0
    open_code: int = -1
    error: InputError | None = None


def is_blank(texts: Texts) -> bool:
    """Tell whether a row holds nothing at all."""
    return not any(texts.values())


def document_of(rows: Sequence[Texts]) -> dict[str, Any]:
    """Return the rows of one person as a case document (section 1 of the contract).

    Raises:
        InputError: two rows tell different things about the person.
    """
    worker: dict[str, Any] = {}
    works: list[dict[str, Any]] = []
    for number, texts in enumerate(rows):
        work: dict[str, Any] = {}
        for name, text in texts.items():
            if not text or name == WORKER_ID:
                continue
            group, _, inner = name.rpartition(".")
            value = _value(COLUMNS[name], text)
            if group == "worker":
                if worker.setdefault(inner, value) != value:
                    raise InputError(
                        f"work[{number}]",
                        f"{name} differs from that in another row of the same worker",
                        value=text,
                        expected=_shown(worker[inner]),
                        code="worker_differs",
                    )
            elif group:
                work.setdefault(group, {})[inner] = value
            else:
                work[name] = value
        works.append(work)
    return {"worker": worker, "work": works}


def _shown(value: Any) -> str:
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


def _value(kind: Kind, text: str) -> Any:
    word = text.lower()
    if kind is Kind.COUNTRIES:
        if word in NO_LIST:
            return []
        return [item.strip() for item in text.split(";") if item.strip()]
    if kind is Kind.CLASSES:
        return pairs_of(text)
    if kind is not Kind.TEXT and word in NULL_WORDS:
        return None
    if kind is Kind.FLAG and word in {"true", "false"}:
        return word == "true"
    return text


def pairs_of(text: str) -> dict[str, str]:
    """Return what a cell like `US=employment;DE=self_employment` says."""
    pairs = (item.partition("=") for item in text.split(";") if item.strip())
    return {code.strip(): name.strip() for code, _, name in pairs}


class CarefulReader:
    """Read rows one by one under one law book."""

    def __init__(self, book: LawBook) -> None:
        self.book = book
        self._territories = book.territories()
        self._other_country = Reader().compile(OTHER_COUNTRY)

    def read(self, rows: Sequence[Texts]) -> list[CarefulRow]:
        """Return the rows of one person, in the order given.

        A row with an error takes the person's other rows with it: what it says may count for
        them, and a wrong answer is worse than none.
        """
        try:
            case = read_case(document_of(rows))
        except InputError as error:
            # A caught error holds on to every frame it came through, and so to all their cells.
            error.__traceback__ = error.__context__ = None
            return _refuse(error, len(rows))
        return [self._read(case, position) for position in range(len(rows))]

    def _read(self, case: Case, position: int) -> CarefulRow:
        placed = place(case, self._territories)
        work = placed.work[position]
        history = review(placed, position)
        facts = gather_facts(placed, position, history)
        partner = self._other_country(facts)
        country = partner_of(partner or NO_PARTNER)
        gap = gap_on(
            self.book.agreement(country) if country is not None else None,
            work.start,
            to_us=work.country == "US",
            employed=work.activity == "employment",
        )
        if gap != USUAL_GAP:
            history = review(placed, position, gap)
            facts = gather_facts(placed, position, history)
        return CarefulRow(
            facts=facts,
            stop=_stop(work),
            held=_held(work),
            residence_told=not isinstance(case.worker.residence, UnsetType),
            position=position,
            open_code=_open_code(history.unknown_path),
        )


def _stop(work: Work) -> int | None:
    last = work.expected_end if isinstance(work.end, UnsetType) else work.end
    return None if last is None or isinstance(last, UnsetType) else encode_day(last) + 1


def _held(work: Work) -> tuple[str, int, int] | None:
    held = work.certificate
    if not isinstance(held, HeldCertificate):
        return None
    stop = OPEN if held.last is None else encode_day(held.last) + 1
    return held.issued_by, encode_day(held.first), stop


def _open_code(path: str | None) -> int:
    if path is None:
        return -1
    found = _OPEN_PATH.fullmatch(path)
    if found is None:
        raise ValueError(f"a history is left open by {path}")
    return int(found[1]) * len(OPEN_FIELDS) + OPEN_FIELDS.index(found[2])


# The facts that can leave a history open; a code counts by them, work after work.
OPEN_FIELDS = ("sent_from", "end", "same_employer_as_before")
_OPEN_PATH = re.compile(r"work\[(\d+)\]\.(\w+)")
_OWN_PATH = re.compile(r"work\[(\d+)\]")


def _refuse(error: InputError, size: int) -> list[CarefulRow]:
    """Return the error for its row, and for the person's others that they hang on it."""
    found = _OWN_PATH.match(error.path)
    if found is None or size == 1:
        return [CarefulRow(error=error, position=number) for number in range(size)]
    at = int(found[1])
    other = InputError(
        f"work[{at}]",
        "is another row of this worker and cannot be used, and it may count for this one",
        expected="that row put right",
        code="row_of_same_worker",
    )
    return [
        CarefulRow(error=error if number == at else other, position=number)
        for number in range(size)
    ]
