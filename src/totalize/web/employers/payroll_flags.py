"""The payroll flags of an organisation's people, from the stretches that were decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from totalize.kernel.countries import US
from totalize.web.accounts.models import Organisation
from totalize.web.employers.payroll import Covered, PayrollFlag, flags
from totalize.web.follow.models import Dossier, Spell


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag, and for whom."""

    dossier: Dossier
    flag: PayrollFlag


def people_paid(organisation: Organisation, day: date) -> QuerySet[Dossier]:
    """Return the people of whom there is something to tell payroll on a day or later, by name."""
    return (
        Dossier.objects.filter(Exists(_spells(day).filter(dossier=OuterRef("pk"))))
        .filter(organisation=organisation)
        .order_by("person__full_name", "id")
    )


def flag_rows(
    organisation: Organisation, day: date, only: Iterable[UUID] | None = None
) -> list[FlagRow]:
    """Return the flags that hold on a day or later, by person and time, in one query.

    Args:
        organisation: whose people.
        day: what ended before it is left out.
        only: dossiers' identifiers, None for all.
    """
    spells = _spells(day).filter(organisation=organisation)
    if only is not None:
        spells = spells.filter(dossier__in=list(only))
    spells = (
        spells.select_related("dossier__person")
        .defer("dossier__case", "missing", "warnings")
        .order_by("dossier__person__full_name", "dossier_id", "first_day", "id")
    )
    people: dict[UUID, list[Spell]] = defaultdict(list)
    for spell in spells:
        people[spell.dossier_id].append(spell)
    return [
        FlagRow(mine[0].dossier, flag)
        for mine in people.values()
        for flag in flags(covered(spell) for spell in mine)
        if flag.last is None or flag.last >= day
    ]


def _spells(day: date) -> QuerySet[Spell]:
    return Spell.objects.filter(activity="employment").filter(
        Q(last_day__isnull=True) | Q(last_day__gte=day)
    )


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
