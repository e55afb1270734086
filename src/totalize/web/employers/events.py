"""Which events happen to whom: what other apps do, told to the organisations it concerns."""

from __future__ import annotations

from totalize.web.applications.models import Application
from totalize.web.certificates.models import Issued
from totalize.web.employers.webhooks import emit
from totalize.web.follow.models import Dossier, Reminder


def tell_of_move(application: Application, move: str) -> None:
    """Tell the employer that an application moved."""
    if application.employer_id is not None:
        emit(
            application.employer_id,
            "application.moved",
            {"application": str(application.id), "move": move, "state": str(application.state)},
        )


def tell_of_certificate(issued: Issued) -> None:
    """Tell the employer and everybody who follows the person that a certificate changed."""
    holders = set(
        Dossier.objects.filter(person_id=issued.person_id, organisation__isnull=False).values_list(
            "organisation_id", flat=True
        )
    )
    if issued.application.employer_id is not None:
        holders.add(issued.application.employer_id)
    facts = {
        "certificate": str(issued.id),
        "state": str(issued.state),
        "from": issued.first_day.isoformat(),
        "to": None if issued.last_day is None else issued.last_day.isoformat(),
    }
    for holder in sorted(holders, key=str):
        emit(holder, "certificate.changed", facts)


def tell_of_end(reminder: Reminder) -> None:
    """Tell the organisation that a certificate ends."""
    dossier = reminder.dossier
    if dossier.organisation_id is not None:
        emit(
            dossier.organisation_id,
            "certificate.ends",
            {
                "dossier": str(dossier.id),
                "worker_id": dossier.key,
                "ends_on": reminder.ends_on.isoformat(),
                "months": reminder.stage,
            },
        )
