"""What a missing certificate costs in a year: worked out in the background, kept on the stretch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_tasks import task

from totalize import api
from totalize.coverage.determination import Proof
from totalize.kernel.errors import InputError
from totalize.web.follow.models import Dossier, Spell
from totalize.web.follow.services import Completer, completer

CHUNK = 200
PROVABLE = [Proof.NEEDED.value, Proof.HELD.value]
CENT = Decimal("0.01")


def reckon_missing(organisation_id: UUID | None = None) -> int:
    """Work out the savings that are not known though the pay is, of one organisation or all.

    Returns:
        How many are known now.
    """
    waiting = Dossier.objects.filter(
        organisation__isnull=False,
        yearly_pay__isnull=False,
        spells__proof__in=PROVABLE,
        spells__yearly_saving__isnull=True,
    )
    if organisation_id is not None:
        waiting = waiting.filter(organisation_id=organisation_id)
    ids = list(waiting.order_by("id").values_list("id", flat=True).distinct())
    return sum(
        reckon_savings(Dossier.objects.filter(id__in=ids[first : first + CHUNK]))
        for first in range(0, len(ids), CHUNK)
    )


@task()
def reckon(organisation_id: str) -> None:
    """Work out what missing papers cost an organisation, after people were taken in."""
    reckon_missing(UUID(organisation_id))


def reckon_savings(dossiers: Iterable[Dossier], on: date | None = None) -> int:
    """Keep on each stretch what a certificate lifts in a year; return how many are known.

    Where the pay or a figure is not known the saving stays unknown: it is never guessed.
    """
    day = on or timezone.localdate()
    by_id = {dossier.id: dossier for dossier in dossiers}
    completers: dict[UUID | None, Completer] = {}
    savings: dict[tuple[UUID, str], Decimal | None] = {}
    spells = list(Spell.objects.filter(dossier__in=by_id, proof__in=PROVABLE))
    for spell in spells:
        place = (spell.dossier_id, spell.work)
        if place not in savings:
            dossier = by_id[spell.dossier_id]
            holder = dossier.organisation_id
            if holder not in completers:
                completers[holder] = completer(holder)
            savings[place] = _saving(dossier, completers[holder](dossier.case), spell.work, day)
        spell.yearly_saving = savings[place]
    Spell.objects.bulk_update(spells, ["yearly_saving"], batch_size=500)
    return sum(spell.yearly_saving is not None for spell in spells)


def _saving(dossier: Dossier, case: dict[str, Any], work: str, day: date) -> Decimal | None:
    if dossier.yearly_pay is None:
        return None
    try:
        cost = api.cost(
            case,
            earnings=dossier.yearly_pay,
            currency=dossier.currency or "USD",
            work=work,
            as_of=day,
            project=True,
        )
    except InputError:
        return None
    if not cost.detail.months:
        return None
    return (cost.detail.saved * 12 / cost.detail.months).quantize(CENT)
