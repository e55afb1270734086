"""The payroll flags of an organisation's people, from the stretches that were decided."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from totalize.kernel.countries import US
from totalize.web.accounts.models import Organisation
from totalize.web.employers.payroll import Covered, PayrollFlag, flags
from totalize.web.follow.models import Dossier, Spell


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag, and for whom."""

    dossier: Dossier
    flag: PayrollFlag


def flag_rows(organisation: Organisation, day: date) -> list[FlagRow]:
    """Return the flags that hold on a day or later, by person and time, in one query."""
    spells = (
        Spell.objects.filter(dossier__organisation=organisation, activity="employment")
        .filter(Q(last_day__isnull=True) | Q(last_day__gte=day))
        .select_related("dossier__person")
        .order_by("dossier__person__full_name", "dossier_id", "first_day", "id")
    )
    people: dict[Any, list[Spell]] = defaultdict(list)
    for spell in spells:
        people[spell.dossier_id].append(spell)
    return [
        FlagRow(mine[0].dossier, flag)
        for mine in people.values()
        for flag in flags(covered(spell) for spell in mine)
        if flag.last is None or flag.last >= day
    ]


def covered(spell: Spell) -> Covered:
    """Return what payroll needs of a stretch."""
    systems = tuple(filter(None, spell.covered_by.split(";")))
    return Covered(
        work=spell.work,
        first=spell.first_day,
        last=spell.last_day,
        covered_by=systems,
        # What is not known to be free of FICA is not treated so.
        us_claims=not spell.otherwise or US in spell.otherwise.split(";"),
        issued_by=spell.issued_by,
        proven_until=date.max if spell.endless_proof else spell.proven_until,
    )
