"""The certificate that came back from another country's office: read, checked for fit, kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from totalize.certificates.verification.pdf import read_facts
from totalize.kernel.countries import in_sentence, parse_country
from totalize.kernel.dates import parse_date, written_day
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require
from totalize.web.accounts.models import User
from totalize.web.applications.facts import person_of
from totalize.web.applications.models import Application, Purpose
from totalize.web.applications.services.moves import locked, move
from totalize.web.applications.services.uploads import add_upload
from totalize.web.applications.states import State
from totalize.web.audit.services import record


@dataclass(frozen=True, slots=True)
class ForeignFacts:
    """What a certificate of another office says.

    Attributes:
        issuer: the country whose office issued it.
        last: None where it sets no end.
        name: the worker's, as it stands there.
        number: the office's own number of the paper, if it has one.
    """

    issuer: str
    first: date
    last: date | None
    name: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something that does not fit what was asked for."""

    code: str
    words: str


class KeptForeign(Protocol):
    """The row of a certificate that was kept; its model is of the app of certificates.

    Attributes:
        fits: nothing speaks against it.
        misfits: what does, each by `code` and `words`.
    """

    id: UUID
    issuer: str
    number: str
    fits: bool
    misfits: list[dict[str, str]]


def read_foreign(data: bytes) -> dict[str, Any]:
    """Return what a certificate says in a form machines read; nothing when it has none."""
    if not data.startswith(b"%PDF"):
        return {}
    try:
        found = read_facts(data)
    except InputError:
        return {}
    if found is None:
        return {}
    return {
        "issuer": found.covered_by,
        "from": found.first.isoformat(),
        "to": None if found.last is None else found.last.isoformat(),
        "name": found.worker.full_name,
        "number": found.reference,
    }


def read_foreign_facts(plain: Mapping[str, Any]) -> ForeignFacts:
    """Check what was read or typed.

    Raises:
        InputError: something is missing or can't be, by path.
    """
    for key in ("issuer", "from", "name"):
        if not plain.get(key):
            raise InputError(
                key, "is missing", expected="as it stands on the paper", code="missing"
            )
    first = parse_date(plain["from"], "from")
    last = parse_date(plain["to"], "to") if plain.get("to") else None
    if last is not None and last < first:
        raise InputError(
            "to", "is before the first day", expected=f"{first} or later", code="end_before_start"
        )
    return ForeignFacts(
        issuer=parse_country(str(plain["issuer"]), "issuer"),
        first=first,
        last=last,
        name=str(plain["name"]).strip()[:200],
        number=str(plain.get("number") or "").strip()[:80],
    )


def misfits_of(application: Application, facts: ForeignFacts) -> tuple[Misfit, ...]:
    """Compare a certificate with what was asked for."""
    found = []
    if facts.issuer != application.issuing_country:
        wanted = in_sentence(application.issuing_country)
        found.append(
            Misfit("issuer", f"It is from {in_sentence(facts.issuer)}; {wanted} was asked.")
        )
    person = application.person
    if person is not None and _key(facts.name) != _key(person.full_name):
        found.append(
            Misfit("person", f"It names {facts.name}; the request is for {person.full_name}.")
        )
    first, last = application.first_day, application.last_day
    if first is not None and facts.first > first:
        found.append(
            Misfit(
                "starts_late",
                f"It begins on {written_day(facts.first)}, the work on {written_day(first)}.",
            )
        )
    if facts.last is not None and (last is None or facts.last < last):
        end = "has no end" if last is None else f"ends on {written_day(last)}"
        found.append(Misfit("ends_early", f"It ends on {written_day(facts.last)}; the work {end}."))
    return tuple(found)


def keep_foreign(
    application: Application,
    data: bytes,
    facts: Mapping[str, Any],
    by: User,
    *,
    name: str = "certificate.pdf",
    accept: bool = False,
) -> KeptForeign:
    """Keep a certificate that came back.

    The application is `kept` when it fits, or when `accept` says that it is kept all the same.

    Args:
        application: one whose request was prepared here.
        data: the file.
        facts: `issuer`, `from`, `to`, `name`, `number`; what the file itself says goes first.
        by: who keeps it.
        name: of the file.
        accept: keep it although something does not fit.

    Raises:
        InputError: the file or a fact can't be used.
    """
    require(by, "application.upload", application)
    read = read_foreign_facts({**facts, **read_foreign(data)})
    with transaction.atomic():
        taken = locked(application.id)
        if State(taken.state) not in (State.PREPARED, State.KEPT):
            raise InputError(
                "state", "expects no certificate", value=taken.state, code="illegal_move"
            )
        misfits = misfits_of(taken, read)
        upload = add_upload(taken, name, data, by, Purpose.CERTIFICATE)
        # The rows are `certificates.Foreign`, reached from here, since that app knows this one.
        kept, _ = taken.foreign.update_or_create(
            upload_id=upload.id,
            defaults={
                "person": person_of(taken),
                "issuer": read.issuer,
                "first_day": read.first,
                "last_day": read.last,
                "number": read.number,
                "fits": not misfits,
                "misfits": [{"code": item.code, "words": item.words} for item in misfits],
                "kept_by": by,
                "kept_at": timezone.now(),
            },
        )
        record(
            "certificate.foreign_kept",
            actor=by,
            subject=f"application:{taken.id}",
            facts={"foreign": str(kept.id), "misfits": [item.code for item in misfits]},
        )
        if not misfits or accept:
            move(taken, "keep", by=by)
    return kept


def _key(name: str) -> tuple[str, ...]:
    """Return a name as it is compared: its words in any order, without case and commas."""
    return tuple(sorted(name.replace(",", " ").casefold().split()))
