"""Starting the applications that an organisation's people lack, each once."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from totalize.coverage.determination import Outcome, Proof
from totalize.kernel.errors import InputError
from totalize.web.accounts.models import Organisation, User
from totalize.web.applications.models import Application
from totalize.web.applications.services import start
from totalize.web.applications.states import State
from totalize.web.audit.services import record
from totalize.web.employers.board import Standing, spells_of
from totalize.web.follow.models import Spell
from totalize.web.follow.services import completed

LACKING = [Standing.LAPSED.value, Standing.UNPROVEN.value]
# An application in one of these states does not stand in the way of another one.
OVER = [State.WITHDRAWN.value, State.REFUSED.value, State.ISSUED.value, State.KEPT.value]
MOST = 1000


@dataclass(frozen=True, slots=True)
class Started:
    """What came of it.

    Attributes:
        drafts: applications begun.
        going: works for which one is on its way already.
        problems: works for which none could be begun, and why.
    """

    drafts: tuple[Application, ...]
    going: int
    problems: tuple[tuple[str, str], ...]


def start_all(organisation: Organisation, *, by: User) -> Started:
    """Begin an application for every work that lacks its certificate and has none on its way.

    At most a thousand at a time; what is left is begun the next time.
    """
    spells = (
        spells_of(organisation, timezone.localdate())
        .filter(
            standing__in=LACKING,
            outcome=Outcome.DETERMINED.value,
            proof__in=[Proof.NEEDED.value, Proof.HELD.value],
        )
        .select_related("dossier__person")
        .order_by("dossier_id", "first_day")
    )
    drafts: list[Application] = []
    problems: list[tuple[str, str]] = []
    going = 0
    for spell in spells.iterator(chunk_size=200):
        if len(drafts) == MOST:
            break
        try:
            application = _start(spell, organisation, by)
        except InputError as error:
            problems.append((spell.dossier.key, str(error)))
            continue
        if application is None:
            going += 1
        else:
            drafts.append(application)
    return Started(tuple(drafts), going, tuple(problems))


@transaction.atomic
def _start(spell: Spell, organisation: Organisation, by: User) -> Application | None:
    # Whoever starts all at the same time waits here, and then finds the draft.
    dossier = type(spell.dossier).objects.select_for_update().get(id=spell.dossier_id)
    going = Application.objects.filter(
        person_id=dossier.person_id, employer=organisation, work=spell.work
    ).exclude(state__in=OVER)
    if going.exists():
        return None
    application = start(
        by=by,
        case=completed(dossier),
        work=spell.work,
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
    return application
