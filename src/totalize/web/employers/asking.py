"""Starting the applications that an organisation's people lack, each once."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from totalize.coverage.determination import Outcome, Proof
from totalize.kernel.errors import InputError
from totalize.web.accounts.models import Organisation, User
from totalize.web.applications.models import Application
from totalize.web.applications.services import start
from totalize.web.applications.states import State
from totalize.web.audit.services import record
from totalize.web.employers.board import BoardSpell, Standing, spells_of
from totalize.web.follow.models import Dossier
from totalize.web.follow.services import completed

LACKING = [Standing.LAPSED.value, Standing.UNPROVEN.value]
# An application in one of these states does not stand in the way of another one.
OVER = [State.WITHDRAWN.value, State.REFUSED.value, State.ISSUED.value, State.KEPT.value]


def lacking(organisation: Organisation) -> QuerySet[BoardSpell]:
    """Return the stretches that lack a certificate for which no application is on its way."""
    going = Application.objects.filter(
        person_id=OuterRef("dossier__person_id"), employer=organisation, work=OuterRef("work")
    ).exclude(state__in=OVER)
    return spells_of(organisation, timezone.localdate()).filter(
        ~Exists(going),
        standing__in=LACKING,
        outcome=Outcome.DETERMINED.value,
        proof__in=[Proof.NEEDED.value, Proof.HELD.value],
    )


def works_lacking(organisation: Organisation) -> int:
    """Return for how many works an application can be begun."""
    works = lacking(organisation).order_by().values("dossier_id", "work").distinct()
    return works.count()


@transaction.atomic
def begin(dossier: Dossier, *, by: User) -> int:
    """Begin the applications that a person's works lack; return how many.

    Raises:
        InputError: one could not be begun, so none was.
    """
    organisation = dossier.organisation
    if organisation is None:
        raise InputError("dossier", "is followed by no organisation", code="no_organisation")
    # Whoever begins them at the same time waits here, and then finds the drafts.
    dossier = (
        Dossier.objects.select_for_update(of=("self",)).select_related("person").get(id=dossier.id)
    )
    works = lacking(organisation).filter(dossier=dossier).order_by("first_day", "id")
    begun = list(dict.fromkeys(works.values_list("work", flat=True)))
    for work in begun:
        application = start(
            by=by,
            case=completed(dossier),
            work=work,
            employer=organisation,
            person=dossier.person,
            details={"full_name": dossier.person.full_name},
        )
        record(
            "dossier.asked",
            actor=by,
            subject=f"dossier:{dossier.id}",
            facts={"application": str(application.id)},
        )
    return len(begun)
