"""The life of a certificate after it was issued: amended, replaced, withdrawn.

Pure functions over frozen values: whoever keeps the records stores what comes out. A certificate
in force can make one move, and only one; the status list then says so of every copy.

| move | for | the old one becomes |
|---|---|---|
| `amend` | a correction, or an earlier end: never more than was decided | `amended` |
| `replace` | a new decision: another employer, a longer stay, another rule | `replaced` |
| `withdraw` | it should not have been issued, or must not be used any more | `withdrawn` |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from totalize.certificates.details import read_text
from totalize.certificates.model import Authority, Certificate, Kind, State, StatusEntry
from totalize.certificates.reference import new_fact, new_reference
from totalize.kernel.errors import InputError
from totalize.kernel.typed import convert

CORRECTABLE = (
    "worker.full_name",
    "worker.birth_date",
    "worker.citizenships",
    "worker.number_ending",
    "employer.name",
    "employer.address",
    "host.name",
    "host.address",
    "work.place",
    "from",
    "to",
)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate as it was issued, and where it stands now.

    Attributes:
        certificate: what the signed file says; it never changes.
        state: where it stands.
        changed_on: when that came about, None while it is in force.
        reason: why, for the office; it is shown to nobody who checks.
        successor: reference of the certificate that took its place.
    """

    certificate: Certificate
    state: State = State.VALID
    changed_on: datetime | None = None
    reason: str | None = None
    successor: str | None = None

    @property
    def reference(self) -> str:
        """The reference it is kept under."""
        return self.certificate.reference

    @property
    def index(self) -> int | None:
        """Its place in the status list."""
        entry = self.certificate.status
        return None if entry is None else entry.index

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, to be stored; `read_record` reads them back."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def read_record(plain: Mapping[str, Any]) -> Record:
    """Read a stored record back.

    Raises:
        msgspec.ValidationError: it is none.
    """
    return convert(plain, Record)


@dataclass(frozen=True, slots=True)
class Succession:
    """One certificate takes the place of another: both are to be stored together or not at all.

    Attributes:
        former: the old record in its new state.
        successor: the new certificate, not yet signed.
    """

    former: Record
    successor: Certificate


def amend(
    record: Record,
    changes: Mapping[str, Any],
    made_on: datetime,
    reason: str,
    status: StatusEntry,
    *,
    authority: Authority | None = None,
    reference: str | None = None,
    fact: str | None = None,
) -> Succession:
    """Correct a certificate, or end it earlier. It never certifies more than was decided.

    Args:
        record: of a certificate in force.
        changes: new values by path (`worker.full_name`, `to`); the paths are `CORRECTABLE`.
        made_on: when the new document is made, with a time zone.
        reason: why, for the record.
        status: a free place in a status list for the new document.
        authority: the office as it is named now; default: as on the old one.
        reference: of the new document; default: a new random one.
        fact: its check word; default: a new random one.

    Raises:
        InputError: it isn't in force (`already_withdrawn`, ...), a path can't be amended
            (`needs_decision`), a value is of the wrong kind, or nothing would change.
    """
    former = _moved(record, State.AMENDED, made_on, reason)
    corrected = _corrected(record.certificate, changes)
    successor = msgspec.structs.replace(
        corrected,
        reference=reference or new_reference(),
        fact=fact or new_fact(),
        made_on=made_on.replace(microsecond=0),
        amends=record.reference,
        replaces=None,
        authority=authority or record.certificate.authority,
        status=status,
    )
    return _succession(former, successor)


def replace(record: Record, successor: Certificate, reason: str) -> Succession:
    """Put a certificate from a new decision in the place of another.

    Args:
        record: of a certificate in force.
        successor: as `draft.draft` or `authority.prepare` made it from the new determination.
        reason: why, for the record.

    Raises:
        InputError: the old one isn't in force, or the new one can't take its place (a specimen,
            another office's, without a place of its own in a status list).
    """
    former = _moved(record, State.REPLACED, successor.made_on, reason)
    if successor.kind is not Kind.CERTIFICATE:
        raise InputError(
            "successor",
            "is not a certificate",
            value=successor.kind.value,
            expected="certificate",
            code="not_a_certificate",
        )
    if successor.authority.country != record.certificate.authority.country:
        raise InputError(
            "successor",
            "is another office's: each office replaces its own certificates only",
            value=successor.authority.country,
            expected=record.certificate.authority.country,
            code="other_authority",
        )
    return _succession(
        former, msgspec.structs.replace(successor, amends=None, replaces=record.reference)
    )


def withdraw(record: Record, on: datetime, reason: str) -> Record:
    """Take a certificate back. No day of it holds any more; who returns early is amended.

    Args:
        record: of a certificate in force.
        on: when it is withdrawn, with a time zone.
        reason: why, for the record.

    Raises:
        InputError: it isn't in force (`already_withdrawn`, `already_amended`, ...), or no status
            list would show the withdrawal.
    """
    return _moved(record, State.WITHDRAWN, on, reason)


def states_of(records: Iterable[Record]) -> dict[int, State]:
    """Return the state by place, as the status list takes it; what is in force is left out."""
    return {
        record.index: record.state
        for record in records
        if record.index is not None and record.state is not State.VALID
    }


def _moved(record: Record, state: State, on: datetime, reason: str) -> Record:
    if record.certificate.kind is not Kind.CERTIFICATE:
        raise InputError(
            "kind",
            f"cannot be {state}: only a certificate can",
            value=record.certificate.kind.value,
            expected="certificate",
            code="not_a_certificate",
        )
    if record.state is not State.VALID:
        follow = f"; {record.successor} took its place" if record.successor else ""
        raise InputError(
            "state",
            f"does not allow this: the certificate is {record.state} already{follow}",
            value=record.state.value,
            expected="a certificate in force",
            code=f"already_{record.state}",
        )
    if record.certificate.status is None:
        raise InputError(
            "status",
            f"is missing: nobody who checks would learn that the certificate is {state}",
            expected="a place in a status list",
            code="no_status",
        )
    if on.tzinfo is None:
        raise InputError("on", "has no time zone", value=on.isoformat(), code="bad_time")
    if on < record.certificate.made_on:
        raise InputError(
            "on",
            "is before the certificate was made",
            value=on.isoformat(),
            expected=f"from {record.certificate.made_on.isoformat()} on",
            code="bad_time",
        )
    return msgspec.structs.replace(
        record, state=state, changed_on=on, reason=read_text(reason, "reason")
    )


def _succession(former: Record, successor: Certificate) -> Succession:
    if successor.status is None or successor.status == former.certificate.status:
        raise InputError(
            "status",
            "needs a place of its own for the new certificate",
            expected="a free place in a status list",
            code="no_status",
        )
    if successor.reference == former.reference:
        raise InputError(
            "reference", "is the old one's", expected="a new reference", code="same_reference"
        )
    return Succession(msgspec.structs.replace(former, successor=successor.reference), successor)


def _corrected(certificate: Certificate, changes: Mapping[str, Any]) -> Certificate:
    plain = certificate.to_dict()
    for path, value in changes.items():
        if path not in CORRECTABLE:
            raise InputError(
                path,
                "cannot be amended: it follows from a decision, or is no field of a certificate",
                expected=", ".join(CORRECTABLE),
                code="needs_decision",
            )
        _put(plain, path, value)
    try:
        corrected = convert(plain, Certificate)
    except msgspec.ValidationError as error:
        where = str(error).rpartition("`$.")[2].rstrip("`") or "changes"
        problem = str(error).partition(" - at ")[0]
        raise InputError(where, f"cannot be that: {problem}", code="bad_value") from None
    if corrected == certificate:
        raise InputError(
            "changes", "change nothing", expected="another value", code="nothing_changed"
        )
    _check_period(certificate, corrected)
    return corrected


def _put(plain: dict[str, Any], path: str, value: Any) -> None:
    part, _, name = path.rpartition(".")
    if isinstance(value, str) and name not in ("birth_date", "from", "to"):
        value = read_text(value, path)
    if not part:
        plain[name] = value
        return
    if plain.get(part) is None:
        plain[part] = {}
    plain[part] = {**plain[part], name: value}


def _check_period(old: Certificate, new: Certificate) -> None:
    for path, was, becomes, more in (
        ("from", old.first, new.first, new.first < old.first),
        ("to", old.last, new.last, _later(new.last, old.last)),
    ):
        if more:
            raise InputError(
                path,
                "would certify more than was decided",
                value=_day(becomes),
                expected=f"a new decision, or no {'earlier' if path == 'from' else 'later'} "
                f"than {_day(was)}",
                code="needs_decision",
            )
    if new.last is not None and new.last < new.first:
        raise InputError(
            "to",
            "is before the first day: nothing would be left",
            value=_day(new.last),
            expected="a withdrawal, if no day was covered",
            code="empty_period",
        )


def _later(new: date | None, old: date | None) -> bool:
    return old is not None and (new is None or new > old)


def _day(day: date | None) -> str:
    return "open-ended" if day is None else day.isoformat()
