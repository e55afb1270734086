"""The register of affiliates in the database: completing cases from it, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django_tasks import task

from totalize.web.accounts.models import Organisation
from totalize.web.employers.affiliates import Registered, Uncovered, fill
from totalize.web.employers.models import Affiliate
from totalize.web.employers.savings import reckon_savings
from totalize.web.follow.models import Dossier
from totalize.web.follow.services import Completer, decide

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Posting:
    """Somebody posted to an affiliate that no agreement covers."""

    dossier: Dossier
    uncovered: Uncovered


def registered(organisation_id: UUID) -> tuple[Registered, ...]:
    """Return an organisation's affiliates."""
    rows = Affiliate.objects.filter(organisation_id=organisation_id)
    return tuple(
        Registered(row.name, row.country, row.share, row.section_3121l_from) for row in rows
    )


def complete(organisation_id: UUID | None) -> Completer:
    """Return what completes a case from an organisation's register; a worker has none."""
    known = () if organisation_id is None else registered(organisation_id)
    return lambda case: fill(case, known)[0] if known else case


def postings_without_agreement(organisation: Organisation) -> tuple[Posting, ...]:
    """Return who is posted to an affiliate without a section 3121(l) agreement, by name."""
    known = registered(organisation.id)
    if not known:
        return ()
    dossiers = (
        Dossier.objects.filter(organisation=organisation)
        .select_related("person")
        .order_by("person__full_name", "id")
    )
    return tuple(
        Posting(dossier, uncovered)
        for dossier in dossiers.iterator(chunk_size=CHUNK)
        for uncovered in fill(dossier.case, known)[1]
    )


@task()
def redecide(organisation_id: str) -> None:
    """Decide all of an organisation's dossiers anew, and what missing papers cost."""
    dossiers = list(Dossier.objects.filter(organisation_id=organisation_id).order_by("id"))
    for first in range(0, len(dossiers), CHUNK):
        chunk = dossiers[first : first + CHUNK]
        decide(chunk)
        reckon_savings(chunk)
