"""Taking a roster in: read it, check it person by person, take it in, undo it.

Each phase works in chunks, one transaction a chunk, and marks what it has done. A worker that dies
loses no more than a chunk, and whoever takes up the task goes on from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from totalize import api
from totalize.coverage.door import read_case
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.kernel.money import parse_amount
from totalize.rosters.careful import document_of
from totalize.rosters.fields import COLUMNS, WORKER_ID
from totalize.web.accounts.models import Organisation, User
from totalize.web.accounts.selectors import members_of
from totalize.web.audit.services import record
from totalize.web.employers.affiliates import Registered, fill
from totalize.web.employers.models import Batch, Entry, Phase
from totalize.web.employers.register import registered
from totalize.web.employers.savings import reckon
from totalize.web.follow.models import Dossier
from totalize.web.follow.services import decide
from totalize.web.people.models import Person

if TYPE_CHECKING:
    from totalize.rosters.reading import RosterRow

CHUNK = 500
MOST_ROWS = 100_000
MOST_ERRORS = 20
# What stands for a fact that no case can do without while the others are looked at.
STAND_INS = {
    "worker.citizenships": "US",
    "activity": "employment",
    "country": "FR",
    "start": "1990-01-01",
}
ENDINGS = (".csv", ".xlsx")
# Columns of a roster that are no facts of a case: who it is, and whose task.
NAME, OWNER, DUE, PAY, CURRENCY = "full_name", "owner", "due_on", "yearly_pay", "currency"
ASIDES = (NAME, OWNER, DUE, PAY, CURRENCY)
# What taking in sets on a dossier, and undoing gives back.
TAKEN = ("case", "owner_id", "due_on", "yearly_pay", "currency")
UPDATED = ("owner", *(name for name in TAKEN if name != "owner_id"))
_AT_WORK = re.compile(r"^work\[(\d+)\]\.?(.*)$")
_AT_VALUE = re.compile(r"\[\d+\]$")


@transaction.atomic
def read_batch(*, organisation: Organisation, by: User, file_name: str, data: bytes) -> Batch:
    """Read an uploaded roster and have it checked in the background.

    Raises:
        InputError: it is no roster, it is empty, or it has too many rows.
    """
    from totalize.rosters.reading import read_rows  # noqa: PLC0415 - brings Polars and a compiler

    ending = Path(file_name).suffix.lower()
    if ending not in ENDINGS:
        raise InputError(
            "file", "is of a kind we can't take", expected=" or ".join(ENDINGS), code="bad_type"
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"roster{ending}"
        path.write_bytes(data)
        people: dict[str, list[RosterRow]] = {}
        count = 0
        for row in read_rows(path):
            count += 1
            if count > MOST_ROWS:
                raise InputError(
                    "file",
                    "has too many rows",
                    expected=f"at most {MOST_ROWS:,}; split it",
                    code="too_many_rows",
                )
            people.setdefault(row.texts.get(WORKER_ID) or f"row {row.number}", []).append(row)
    if not count:
        raise InputError("file", "has no rows", expected="a header and rows", code="empty_file")
    batch = Batch.objects.create(
        organisation=organisation,
        by=by,
        file_name=Path(file_name).name[:200],
        rows=count,
        people=len(people),
        columns=_columns(people),
        started_at=timezone.now(),
    )
    Entry.objects.bulk_create(
        (
            Entry(
                batch=batch,
                position=position,
                key=key[:80],
                rows=[{"number": r.number, "texts": r.texts, "others": r.others} for r in rows],
                errors=[_error(r.error, r) for r in rows if r.error is not None],
            )
            for position, (key, rows) in enumerate(people.items())
        ),
        batch_size=500,
    )
    record("import.read", actor=by, subject=f"batch:{batch.id}", facts={"rows": count})
    go_on.enqueue(str(batch.id))
    return batch


def take(batch_id: UUID, *, by: User) -> Batch:
    """Take in the people of a checked import that have no errors."""
    return _turn(batch_id, Phase.CHECKED, Phase.TAKING, "import.taking", by)


def undo(batch_id: UUID, *, by: User) -> Batch:
    """Give dossiers back the case they had before, and remove those that were new."""
    return _turn(batch_id, Phase.TAKEN, Phase.UNDOING, "import.undoing", by)


@task()
def go_on(batch_id: str) -> None:
    """Bring an import to the end of its phase, from wherever it stands."""
    batch = Batch.objects.get(id=batch_id)
    steps: dict[str, tuple[Callable[[Batch, list[Entry]], None], dict[str, Any], Phase]] = {
        Phase.CHECKING.value: (_check_chunk, {"checked": False}, Phase.CHECKED),
        Phase.TAKING.value: (_take_chunk, {"taken": False, "errors": []}, Phase.TAKEN),
        Phase.UNDOING.value: (_undo_chunk, {"taken": True}, Phase.UNDONE),
    }
    if batch.phase not in steps:
        return
    work, left, then = steps[batch.phase]
    while True:
        with transaction.atomic():
            batch = Batch.objects.select_for_update().get(id=batch_id)
            entries = list(batch.entries.filter(**left)[:CHUNK])
            if not entries:
                break
            work(batch, entries)
            batch.done += sum(len(entry.rows) for entry in entries)
            batch.save(update_fields=["done", "bad"])
    with transaction.atomic():
        batch.phase, batch.finished_at = then.value, timezone.now()
        batch.save(update_fields=["phase", "finished_at"])
        record(f"import.{then.value}", actor=None, subject=f"batch:{batch.id}")
        if then is not Phase.CHECKED:
            # What papers cost is worked out afterwards: nobody waits for it.
            reckon.enqueue(str(batch.organisation_id))


def _turn(batch_id: UUID, out_of: Phase, to: Phase, act: str, by: User) -> Batch:
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(id=batch_id)
        if batch.phase != out_of.value:
            raise InputError(
                "phase",
                f"is not {out_of.label.partition(':')[0]}",
                value=batch.get_phase_display(),
                code="illegal_move",
            )
        batch.phase, batch.done, batch.finished_at = to.value, 0, None
        batch.save(update_fields=["phase", "done", "finished_at"])
        record(act, actor=by, subject=f"batch:{batch.id}")
        go_on.enqueue(str(batch.id))
    return batch


def _check_chunk(batch: Batch, entries: list[Entry]) -> None:
    today = timezone.localdate()
    known = registered(batch.organisation_id)
    owners = _owners(batch.organisation)
    for entry in entries:
        entry.checked = True
        if not entry.errors:
            _check(entry, today, known)
        entry.notes = _strangers(entry.rows, owners)
        batch.bad += bool(entry.errors)
    _keep(entries, "checked", "errors", "notes", "outcomes")


def _check(entry: Entry, today: date, known: tuple[Registered, ...]) -> None:
    entry.errors = _errors_of(entry.rows)
    if entry.errors:
        return
    try:
        case, uncovered = fill(case_of(entry.rows), known)
        determination = api.check(case, today)
    except InputError as error:
        entry.errors = [_placed(error, entry.rows)]
        return
    without = {each.work for each in uncovered}
    entry.outcomes = [
        {
            "without_3121l": result.work in without,
            "work": result.work,
            "outcome": period.outcome.value,
            "covered_by": list(period.covered_by or ()),
            "missing": list(period.missing),
        }
        for result in determination.results
        for period in result.periods
    ]


def _errors_of(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return everything that is wrong with a person's rows, so that they are mended in one go.

    The reader stops at the first fault. What it names is taken out, with a stand-in where a case
    can't do without, and the rest is read again.
    """
    found = [_placed(error, rows) for error in _aside_errors(rows)]
    left = [{**row, "texts": dict(row["texts"])} for row in rows]
    for _ in range(MOST_ERRORS):
        try:
            case_of(left)
        except InputError as error:
            placed = _placed(error, left)
            column = placed["column"]
            stand_in = STAND_INS.get(column)
            at_fault = [row for row in left if row["number"] == placed["row"]]
            if not _AT_WORK.match(error.path):
                at_fault = left
            if all(row["texts"].get(column) == stand_in for row in at_fault):
                break  # what is wrong lies elsewhere, and was told
            found.append(placed)
            for row in at_fault:
                row["texts"].pop(column, None)
                if stand_in is not None:
                    row["texts"][column] = stand_in
        else:
            break
    return found


def case_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the rows of a person as a case, section 1 of the contract, with an id a work.

    Raises:
        InputError: they can't be read; the path names the work.
    """
    document = document_of([row["texts"] for row in rows])
    for number, work in enumerate(document["work"], 1):
        work.setdefault("id", f"w{number}")
    read_case(document)
    return document


def _take_chunk(batch: Batch, entries: list[Entry]) -> None:
    kept = {
        dossier.key: dossier
        for dossier in Dossier.objects.select_for_update()
        .select_related("person")
        .filter(organisation=batch.organisation, key__in=[entry.key for entry in entries])
    }
    owners = _owners(batch.organisation)
    new_people: list[Person] = []
    new: list[Dossier] = []
    changed: list[Dossier] = []
    for entry in entries:
        asides = _asides(entry.rows)
        dossier = kept.get(entry.key)
        if dossier is None:
            person = Person(full_name=asides.full_name or entry.key)
            dossier = Dossier(person=person, organisation=batch.organisation, key=entry.key)
            new_people.append(person)
            new.append(dossier)
        else:
            entry.before = {name: getattr(dossier, name) for name in TAKEN}
            dossier.version += 1
            changed.append(dossier)
        dossier.case = case_of(entry.rows)
        _set_asides(dossier, asides, owners)
        entry.dossier, entry.taken, entry.version = dossier, True, dossier.version
    Person.objects.bulk_create(new_people)
    Dossier.objects.bulk_create(new)
    Dossier.objects.bulk_update(changed, [*UPDATED, "version"])
    decide([*new, *changed])
    _keep(entries, "dossier", "taken", "before", "version")


def _undo_chunk(batch: Batch, entries: list[Entry]) -> None:
    restored, removed = [], []
    for entry in entries:
        entry.taken = False
        dossier = entry.dossier
        if dossier is None:
            continue
        if dossier.version != entry.version:
            entry.kept_at_undo = True
        elif entry.before is None:
            removed.append(dossier)
        else:
            for name, value in entry.before.items():
                setattr(dossier, name, value)
            dossier.version += 1
            restored.append(dossier)
    _keep(entries, "taken", "kept_at_undo")
    Dossier.objects.bulk_update(restored, [*UPDATED, "version"])
    decide(restored)
    people = [dossier.person_id for dossier in removed]
    Dossier.objects.filter(id__in=[dossier.id for dossier in removed]).delete()
    # Who was applied for in the meantime stays a person.
    Person.objects.filter(
        id__in=people, dossiers__isnull=True, applications__isnull=True, account__isnull=True
    ).delete()


def _keep(entries: list[Entry], *names: str) -> None:
    # A row a person in one statement: many times faster than an update with a case for each.
    Entry.objects.bulk_create(
        entries, update_conflicts=True, unique_fields=["id"], update_fields=list(names)
    )


@dataclass(frozen=True, slots=True)
class Asides:
    """What the rows of a person say beside the case; None is what they leave out.

    Attributes:
        owner: e-mail address of who looks after the person.
    """

    full_name: str | None
    owner: str | None
    due_on: date | None
    yearly_pay: Decimal | None
    currency: str | None


def _asides(rows: Sequence[Mapping[str, Any]]) -> Asides:
    """Return what the rows say beside the case, where several do the first of them.

    Raises:
        InputError: a day, an amount or a currency can't be read.
    """
    found = _said_beside(rows)
    return Asides(
        full_name=found.get(NAME),
        owner=found.get(OWNER),
        due_on=parse_date(found[DUE], DUE) if DUE in found else None,
        yearly_pay=parse_amount(found[PAY], PAY) if PAY in found else None,
        currency=_currency(found[CURRENCY], CURRENCY) if CURRENCY in found else None,
    )


def _aside_errors(rows: Sequence[Mapping[str, Any]]) -> list[InputError]:
    errors = []
    for name, text in _said_beside(rows).items():
        try:
            if name in _READ_ASIDE:
                _READ_ASIDE[name](text, name)
        except InputError as error:
            errors.append(error)
    return errors


def _said_beside(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for name, text in row["others"].items():
            if name in ASIDES:
                found.setdefault(name, text)
    return found


def _currency(text: str, name: str) -> str:
    currency = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise InputError(
            name, "is no currency", value=text, expected="three letters, like USD", code="bad_value"
        )
    return currency


_READ_ASIDE: dict[str, Callable[[str, str], object]] = {
    DUE: parse_date,
    PAY: parse_amount,
    CURRENCY: _currency,
}


def _strangers(
    rows: Sequence[Mapping[str, Any]], owners: Mapping[str, User]
) -> list[dict[str, Any]]:
    """Return the addresses of owners who are none of the organisation's people.

    They stop nobody: whoever was to look after somebody may have left, or be still to be invited.
    """
    return [
        {"row": row["number"], "column": OWNER, "found": address}
        for row in rows
        if (address := row["others"].get(OWNER)) and address.casefold() not in owners
    ]


def unread_columns(batch: Batch) -> list[str]:
    """Return the columns of a file in which nothing was read, as they are named there."""
    return [name for name in batch.columns if name not in COLUMNS and name not in ASIDES]


def _set_asides(dossier: Dossier, asides: Asides, owners: Mapping[str, User]) -> None:
    """Put in place what the rows say; what they leave out stays as it was."""
    owner = owners.get((asides.owner or "").casefold())
    if owner is not None:
        dossier.owner = owner
    if asides.due_on is not None:
        dossier.due_on = asides.due_on
    if asides.yearly_pay is not None:
        dossier.yearly_pay = asides.yearly_pay
    dossier.currency = asides.currency or dossier.currency or "USD"


def _owners(organisation: Organisation) -> dict[str, User]:
    return {member.email.casefold(): member for member in members_of(organisation)}


def _columns(people: Mapping[str, list[RosterRow]]) -> list[str]:
    names: dict[str, None] = {}
    for rows in people.values():
        for row in rows:
            names |= dict.fromkeys(row.texts) | dict.fromkeys(row.others)
    return list(names)


def _placed(error: InputError, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return an error with the row and column of the file that it is about."""
    found = _AT_WORK.match(error.path)
    position = int(found.group(1)) if found else 0
    # One of several values of a cell: the column is that of the cell.
    column = _AT_VALUE.sub("", found.group(2) if found else error.path)
    number = rows[position]["number"] if position < len(rows) else rows[0]["number"]
    return {
        "row": number,
        "column": column,
        "problem": error.problem,
        "found": error.value,
        "expected": error.expected,
    }


def _error(error: InputError, row: RosterRow) -> dict[str, Any]:
    return {
        "row": row.number,
        "column": "",
        "problem": error.problem,
        "found": None,
        "expected": error.expected,
    }
