"""Read places with a country code of their own as the country they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter

import msgspec

from totalize.coverage.case import Case, Employer, Work

_WORK_FIELDS = (
    "country",
    "principal_country",
    "sent_from",
    "via",
    "insured_before",
    "residence",
    "vessel_flag",
    "employer_headquarters",
    "government",
    "elects",
)
_EMPLOYER_FIELDS = ("country", "affiliate_of")
_countries_of = attrgetter(*_WORK_FIELDS)
_seats_of = attrgetter(*_EMPLOYER_FIELDS)


def place(case: Case, territories: Mapping[str, str]) -> Case:
    """Return the case with every such place replaced; citizenships stay as they are.

    Args:
        case: the case as given.
        territories: the country to which each place belongs.
    """
    works = [
        work if _is_plain(work, territories) else _place_work(work, territories)
        for work in case.work
    ]
    worker = case.worker
    if worker.residence in territories:
        worker = msgspec.structs.replace(worker, residence=territories[str(worker.residence)])
    if worker is case.worker and all(new is old for new, old in zip(works, case.work, strict=True)):
        return case
    return msgspec.structs.replace(case, worker=worker, work=works)


def _is_plain(work: Work, territories: Mapping[str, str]) -> bool:
    """Tell at one glance that no such place stands in a work, as in nearly all."""
    return (
        territories.keys().isdisjoint(_countries_of(work))
        and (
            not isinstance(work.employer, Employer)
            or territories.keys().isdisjoint(_seats_of(work.employer))
        )
        and not work.also_in
        and not work.activity_in
    )


def _place_work(work: Work, territories: Mapping[str, str]) -> Work:
    changes: dict[str, object] = {
        name: territories[value]
        for name in _WORK_FIELDS
        if (value := getattr(work, name)) in territories
    }
    if isinstance(work.employer, Employer):
        seats = {
            name: territories[value]
            for name in _EMPLOYER_FIELDS
            if (value := getattr(work.employer, name)) in territories
        }
        if seats:
            changes["employer"] = msgspec.structs.replace(work.employer, **seats)
    if isinstance(work.also_in, list) and any(code in territories for code in work.also_in):
        changes["also_in"] = [territories.get(code, code) for code in work.also_in]
    if isinstance(work.activity_in, dict) and any(code in territories for code in work.activity_in):
        changes["activity_in"] = {
            territories.get(code, code): kind for code, kind in work.activity_in.items()
        }
    return msgspec.structs.replace(work, **changes) if changes else work
