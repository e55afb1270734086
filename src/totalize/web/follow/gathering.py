"""How dossiers come into being by themselves: from what a worker applies for and is given."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django.db import transaction
from django.utils import timezone

from totalize import api
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import may, roles_towards
from totalize.web.accounts.models import User
from totalize.web.applications.models import Application
from totalize.web.certificates.models import Issued
from totalize.web.follow.models import Dossier, Share
from totalize.web.follow.services import CHUNK, change_case, decide, open_dossier, tie_proofs
from totalize.web.people.models import Person
from totalize.web.people.services import ERASED

# Moves by which an application leaves its maker's hands, and those that bring a certificate.
SENT = frozenset({"submit", "prepare"})
KEPT = frozenset({"keep"})


def follow_application(application: Application, move: str) -> None:
    """Take an application that was sent into its worker's dossier, and a certificate that came."""
    if application.person is None:
        return
    if move in SENT:
        take_in(application)
    if move in KEPT:
        tie_proofs(application.person.id)


def follow_certificate(issued: Issued) -> None:
    """Look again what is proven, after a certificate came into being or changed its state."""
    tie_proofs(issued.person_id)


def take_in(application: Application) -> Dossier | None:
    """Put the works of an application into the worker's own dossier; open one where there is none.

    Call it inside the transaction of the move: the dossier is locked.

    A case that can't stand beside what is there leaves the dossier as it was: an application is
    never refused because of it.
    """
    worker, person = application.worker, application.person
    if worker is None or person is None:
        return None
    kept = Dossier.objects.select_for_update().filter(worker=worker, person=person).first()
    try:
        if kept is None:
            return open_dossier(by=worker, person=person, case=application.case)
        merged = merge(kept.case, application.case)
        if merged == kept.case:
            return kept
        return change_case(kept.id, merged, by=worker)
    except InputError:
        return kept


def merge(followed: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case with the works of both, in order of their start.

    A work is the same when it begins on the same day in the same country: then the newer facts
    stand. Works of the same name that are others get a name of their own.
    """
    case = deepcopy(dict(followed))
    case["worker"] = {**case.get("worker", {}), **deepcopy(dict(sent.get("worker", {})))}
    works: list[dict[str, Any]] = _named(case["work"])
    for work in _named(deepcopy(list(sent["work"]))):
        same = [place for place, other in enumerate(works) if _is_same(work, other)]
        if same:
            works[same[0]] = {**work, "id": works[same[0]]["id"]}
            continue
        taken = {other["id"] for other in works}
        number, name = 1, work["id"]
        while work["id"] in taken:
            number += 1
            work["id"] = f"{name}-{number}"
        works.append(work)
    case["work"] = sorted(works, key=lambda work: str(work["start"]))
    return case


def decide_again() -> int:
    """Decide the dossiers anew that were decided with another state of the law; say how many.

    Each chunk is locked, so that nobody's change of a case is lost under an answer to the old one.
    """
    ids = list(Dossier.objects.exclude(law=api.law().version).values_list("id", flat=True))
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            decide(Dossier.objects.select_for_update().filter(id__in=ids[start : start + CHUNK]))
    return len(ids)


def forget(person: Person) -> None:
    """Blank what dossiers hold in clear of a person who is erased, and end every link."""
    now = timezone.now()
    shares = Share.objects.filter(dossier__person=person)
    shares.filter(revoked_at__isnull=True).update(revoked_at=now)
    shares.update(for_whom=ERASED)
    for dossier in Dossier.objects.select_for_update().filter(person=person):
        case = deepcopy(dossier.case)
        case.get("worker", {}).pop("birth_date", None)
        for work in case.get("work", []):
            if isinstance(work.get("employer"), dict):
                work["employer"].pop("name", None)
        dossier.case, dossier.note, dossier.key, dossier.yearly_pay = case, "", "", None
        dossier.save()


def knows(by: User, person: Person) -> bool:
    """Tell whether somebody may apply for a person whom they follow."""
    dossiers = Dossier.objects.filter(person=person)
    return any(may(roles_towards(by, each, manage=True), "follow.change") for each in dossiers)


def _named(works: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"w{number}", **work} for number, work in enumerate(works, 1)]


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in ("start", "country", "activity"))
