"""Find the dates of a claim from the record, refusing impossible ones."""

from __future__ import annotations

from datetime import date

from totalize.benefits.ages import LegalBirth
from totalize.benefits.claim import Claim
from totalize.benefits.credits import count_us_quarters
from totalize.benefits.months import (
    month_of,
    month_text,
    quarter_of,
    quarter_of_month,
    read_month,
)
from totalize.benefits.primary import find_basis
from totalize.benefits.record import Benefit, Record, Survivor
from totalize.benefits.tables import Tables
from totalize.kernel.errors import InputError


def open_claim(record: Record, tables: Tables) -> Claim:
    """Return the claim of a record: its dates, its credits, the years that are averaged.

    Raises:
        InputError: a date that the benefit needs is missing or impossible.
    """
    birth = LegalBirth.of(record.birth_date)
    entitled, waiting = {
        Benefit.RETIREMENT: _retirement,
        Benefit.DISABILITY: _disability,
        Benefit.SURVIVOR: _survivor,
    }[record.benefit](record, birth, tables)
    month = read_month(record.benefit_month) if record.benefit_month else entitled
    if month < entitled:
        raise InputError(
            "benefit_month",
            "is before entitlement",
            value=record.benefit_month,
            expected=f"{month_text(entitled)} or later",
            code="wrong_order",
        )
    death = record.death_date if record.benefit is Benefit.SURVIVOR else None
    onset = record.onset if record.benefit is Benefit.DISABILITY else None
    ends = [birth.year + 62, *(day.year for day in (death, onset) if day is not None)]
    basis = find_basis(
        birth,
        tables,
        min(ends),
        last_base_year=death.year if death else month // 12 - 1,
        disability=onset is not None,
        death_year=death.year if death else None,
    )
    survivor = record.survivor if death else None
    return Claim(
        record=record,
        tables=tables,
        us_quarters=count_us_quarters(record, tables),
        birth=birth,
        entitled=entitled,
        month=month,
        waiting=waiting,
        last_quarter=quarter_of(death) if death else quarter_of_month(entitled),
        onset_year=onset.year if onset else None,
        onset_quarter=quarter_of(onset) if onset else None,
        share=tables.rules.shares.percents[survivor.relation] if survivor else None,
        basis=basis,
    )


def waiting_month(record: Record) -> int | None:
    """Return the first month of the waiting period: the first full month of disability.

    Source: 42 USC 423(c)(2); 20 CFR 404.315(a)(4).
    """
    if record.first_waiting_month:
        return read_month(record.first_waiting_month)
    if record.onset is None:
        return None
    return month_of(record.onset) + (0 if record.onset.day == 1 else 1)


def _missing(path: str, expected: str) -> InputError:
    return InputError(path, "is missing", expected=expected, code="missing")


def _after_birth(day: date, path: str, record: Record) -> None:
    if day < record.birth_date:
        raise InputError(
            path,
            "is before birth",
            value=day.isoformat(),
            expected=f"a date after {record.birth_date}",
            code="wrong_order",
        )


def _retirement(record: Record, birth: LegalBirth, tables: Tables) -> tuple[int, int | None]:
    earliest = birth.first_month_throughout(tables.rules.ages.worker_earliest)
    if record.entitlement is None:
        raise _missing("entitlement", f"a month from {month_text(earliest)} on")
    entitled = read_month(record.entitlement)
    if entitled < earliest:
        raise InputError(
            "entitlement",
            "is before the first month throughout which the worker is 62",
            value=record.entitlement,
            expected=f"{month_text(earliest)} or later",
            code="too_early",
        )
    return entitled, None


def _disability(record: Record, birth: LegalBirth, tables: Tables) -> tuple[int, int | None]:
    if record.onset is None:
        raise _missing("onset", "the date on which the disability began")
    _after_birth(record.onset, "onset", record)
    waiting = waiting_month(record)
    if waiting is None:
        raise _missing("first_waiting_month", "the first full month of disability")
    if waiting < month_of(record.onset):
        raise InputError(
            "first_waiting_month",
            "is before the disability began",
            value=record.first_waiting_month,
            expected=f"{month_text(month_of(record.onset))} or later",
            code="wrong_order",
        )
    full = birth.month_of_age(tables.full_retirement_months(birth.year + 62))
    entitled = waiting + tables.rules.waiting_months.months
    if record.entitlement is not None:
        entitled = read_month(record.entitlement)
        if entitled < month_of(record.onset):
            raise InputError(
                "entitlement",
                "is before the disability began",
                value=record.entitlement,
                expected=f"{month_text(waiting + tables.rules.waiting_months.months)} or later",
                code="wrong_order",
            )
    if entitled >= full:
        raise InputError(
            "entitlement" if record.entitlement else "onset",
            "is after full retirement age, when no disability benefit begins",
            value=month_text(entitled),
            expected=f"before {month_text(full)}, or benefit: retirement",
            code="too_late",
        )
    return entitled, waiting


def _from_age(survivor: Survivor, years: int, record: Record) -> None:
    """Refuse a parent who is too young.

    Source: 20 CFR 404.370.
    """
    if survivor.birth_date is None or record.entitlement is None:
        return
    earliest = LegalBirth.of(survivor.birth_date).month_of_age(years * 12)
    if read_month(record.entitlement) < earliest:
        raise InputError(
            "entitlement",
            f"is before the {survivor.relation.value.replace('_', ' ')} is {years}",
            value=record.entitlement,
            expected=f"{month_text(earliest)} or later",
            code="too_early",
        )


def _survivor(record: Record, birth: LegalBirth, tables: Tables) -> tuple[int, int | None]:
    del birth
    if record.death_date is None:
        raise _missing("death_date", "the date on which the worker died")
    _after_birth(record.death_date, "death_date", record)
    if record.survivor is None:
        raise _missing("survivor", "whose benefit it is, like {relation: widow, birth_date: ...}")
    if record.entitlement is None:
        raise _missing("entitlement", "the survivor's first month of entitlement")
    entitled = read_month(record.entitlement)
    if entitled < month_of(record.death_date):
        raise InputError(
            "entitlement",
            "is before the worker died",
            value=record.entitlement,
            expected=f"{month_text(month_of(record.death_date))} or later",
            code="wrong_order",
        )
    share = tables.rules.shares.percents[record.survivor.relation]
    if share.from_age is not None:
        _from_age(record.survivor, share.from_age, record)
    if share.reduced_for_age:
        if record.survivor.birth_date is None:
            raise _missing("survivor.birth_date", "needed for the age at entitlement")
        own = LegalBirth.of(record.survivor.birth_date)
        earliest = own.month_of_age(tables.rules.ages.survivor_earliest * 12)
        if entitled < earliest:
            raise InputError(
                "entitlement",
                "is before the survivor is 60; benefits of disabled survivors are not modelled",
                value=record.entitlement,
                expected=f"{month_text(earliest)} or later",
                code="too_early",
            )
    return entitled, None
