"""Box two: what each coverage means for the tax, and what to write where for a certificate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from totalize.filing.documents import (
    Activity,
    CoverageInYear,
    WorkInYear,
    unproven_days,
)
from totalize.filing.due_dates import due_date
from totalize.filing.facts import FilingFacts
from totalize.filing.result import Entry, Said, SelfEmploymentTax, SocialSecurityTax, WorkPeriod
from totalize.filing.self_employment import describe_tax
from totalize.filing.wording import countries, say, written_days
from totalize.kernel.countries import US
from totalize.law.filing import FilingLaw


def assess_social_security(facts: FilingFacts, law: FilingLaw) -> SocialSecurityTax:
    """Say for each work of the year what its coverage means for FICA or self-employment tax.

    Source: IRC 1401(c), 3101(c), 3111(c); Instructions for Schedule SE; RS 02001.005.
    """
    periods = tuple(
        _work_period(law, work, period) for work in facts.works for period in work.periods
    )
    tax = _tax(facts, law)
    return SocialSecurityTax(
        periods=periods,
        entry=_entry(facts, law),
        self_employment_tax=tax,
        notes=tuple(_notes(facts, law, tax)),
    )


def lifts_us_tax(period: CoverageInYear) -> bool:
    """Tell whether an agreement takes the work out of a US system that would claim it."""
    claims = period.otherwise is None or US in period.otherwise
    return _foreign_only(period) and claims


def exempt_periods(facts: FilingFacts) -> Iterator[tuple[WorkInYear, CoverageInYear]]:
    """Yield the stretches of self-employment that a foreign certificate frees."""
    for work in facts.works:
        if work.activity is Activity.SELF_EMPLOYMENT:
            for period in work.periods:
                if lifts_us_tax(period):
                    yield work, period


def _foreign_only(period: CoverageInYear) -> bool:
    return bool(period.covered_by) and US not in (period.covered_by or ())


def _work_period(law: FilingLaw, work: WorkInYear, period: CoverageInYear) -> WorkPeriod:
    gaps = unproven_days(period, work.certificate)
    lifted = lifts_us_tax(period)
    prefix = "se" if work.activity is Activity.SELF_EMPLOYMENT else "fica"
    return WorkPeriod(
        work=work.work,
        activity=work.activity.value,
        country=work.country,
        first=period.first,
        last=period.last,
        covered_by=period.covered_by,
        certificate_from=period.covered_by[0] if lifted and period.covered_by else None,
        proven=not gaps if lifted else None,
        findings=tuple(_findings(law, prefix, work, period, gaps)),
    )


def _findings(
    law: FilingLaw,
    prefix: str,
    work: WorkInYear,
    period: CoverageInYear,
    gaps: tuple[tuple[date, date], ...],
) -> Iterator[Said]:
    covered = period.covered_by
    if period.outcome == "out_of_scope":
        yield say(law, "out_of_scope")
    elif covered is None:
        yield say(law, f"{prefix}_undecided")
        if period.outcome == "needs_consent":
            yield say(law, "needs_consent")
        if period.missing:
            yield say(law, "se_undecided_missing", missing=", ".join(period.missing))
    elif not covered:
        yield say(law, f"{prefix}_none")
    elif covered == (US,):
        yield say(law, f"{prefix}_us")
        others = [system for system in period.otherwise or () if system != US]
        if others or (period.otherwise is None and work.country != US):
            yield say(law, f"{prefix}_us_certificate", country=countries(others or [work.country]))
    elif US in covered:
        yield say(law, f"{prefix}_both", systems=countries(covered))
    else:
        yield from _foreign_findings(law, prefix, period, gaps)


def _foreign_findings(
    law: FilingLaw,
    prefix: str,
    period: CoverageInYear,
    gaps: tuple[tuple[date, date], ...],
) -> Iterator[Said]:
    country = countries(period.covered_by or ())
    if not lifts_us_tax(period):
        other = "se_foreign_person" if prefix == "se" else "fica_foreign_employer"
        yield say(law, other, country=country)
        return
    if gaps:
        yield say(law, f"{prefix}_exempt_unproven", country=country, days=written_days(gaps))
        if period.unavailable:
            yield say(law, "certificate_unavailable")
    else:
        yield say(law, f"{prefix}_exempt_proven", country=country)
    if prefix == "fica":
        yield say(law, "fica_wage_statement")
        yield say(law, "fica_withheld")


def _entry(facts: FilingFacts, law: FilingLaw) -> Entry | None:
    """Say what goes where on the return for a foreign certificate; None when none frees."""
    freed = list(exempt_periods(facts))
    if not freed:
        return None
    entry, words, year = law.entry(), law.rules.words, facts.tax_year
    systems = dict.fromkeys(system for _, period in freed for system in period.covered_by or ())
    country = countries(systems)
    proven = not any(unproven_days(period, work.certificate) for work, period in freed)
    steps = [
        *([] if proven else [say(law, "step_statement", country=country), say(law, "step_letter")]),
        say(law, "step_no_schedule"),
        say(
            law,
            "step_words",
            entry.source,
            words=words,
            form=entry.form,
            line=entry.line,
            box=f" (box {entry.box})" if entry.box else "",
        ),
        say(law, "step_attach"),
        say(law, "step_every_year"),
    ]
    notes = [
        say(law, "step_words_other_form"),
        say(law, "handbook_differs"),
        say(law, "no_form_8833"),
    ]
    if entry.inferred:
        notes.append(say(law, "entry_inferred", entry.source, year=year, how=entry.inferred))
    if entry.box:
        notes.append(say(law, "entry_box", entry.source, box=entry.box, year=year))
    notes.append(_already_paid(law, country))
    return Entry(words, entry.form, entry.line, entry.box, proven, tuple(steps), tuple(notes))


def _already_paid(law: FilingLaw, country: str) -> Said:
    """Say how long tax that was paid too much can be asked back.

    Source: IRC 6511(a), 6513(a).
    """
    # Not moved off weekends: a claim that is a day or two early harms nobody.
    due = due_date(law, "regular").written
    years = int(law.rules.refund_years.value)
    last = due.replace(year=due.year + years)
    return say(
        law,
        "se_already_paid",
        country=country,
        years=years,
        payment_years=int(law.rules.refund_years_from_payment.value),
        due=due,
        last=last,
    )


def _us_tax_due(facts: FilingFacts) -> bool:
    """Tell whether all self-employment of the year is, or may stay, under the US tax."""
    periods = [
        (work, period)
        for work in facts.works
        if work.activity is Activity.SELF_EMPLOYMENT
        for period in work.periods
    ]
    return bool(periods) and all(_may_owe(facts, period) for _, period in periods)


def _may_owe(facts: FilingFacts, period: CoverageInYear) -> bool:
    if period.covered_by is not None:
        return US in period.covered_by
    return facts.us_person is True and period.outcome != "out_of_scope"


def _tax(facts: FilingFacts, law: FilingLaw) -> SelfEmploymentTax | None:
    profit, lines = facts.self_employment, facts.tax_on_profit
    if profit is None or lines is None or not _us_tax_due(facts):
        return None
    return describe_tax(profit, lines, law)


def _notes(facts: FilingFacts, law: FilingLaw, tax: SelfEmploymentTax | None) -> Iterator[Said]:
    if not facts.works:
        yield say(law, "no_work_in_year", year=facts.tax_year)
    yield from _own_work_notes(facts, law, tax)
    if facts.us_person is not False:
        yield from _contribution_notes(facts, law)


def _contribution_notes(facts: FilingFacts, law: FilingLaw) -> Iterator[Said]:
    """Say what the foreign contributions are on the income tax return.

    Source: Public Law 95-216 section 317(b)(4).
    """
    partners = dict.fromkeys(
        period.agreement
        for work in facts.works
        for period in work.periods
        if period.agreement is not None and _foreign_only(period)
    )
    for partner in partners:
        yield say(law, "contributions_no_credit", country=countries([partner]))
        found = law.rules.creditable_levies.get(partner)
        if found is not None:
            yield say(
                law,
                "levies_creditable",
                found.source,
                country=countries([partner]),
                levies=found.levies,
            )


def _own_work_notes(
    facts: FilingFacts, law: FilingLaw, tax: SelfEmploymentTax | None
) -> Iterator[Said]:
    own = [work for work in facts.works if work.activity is Activity.SELF_EMPLOYMENT]
    reaches = facts.us_person is not False or any(
        US in (period.covered_by or ()) for work in own for period in work.periods
    )
    if not own or not reaches:
        return
    periods = [period for work in own for period in work.periods]
    if len({_kind(period) for period in periods}) > 1:
        yield say(law, "mixed_year", year=facts.tax_year)
    yield say(law, "exclusion_not_se")
    yield say(law, "credit_not_se")
    if tax is None or tax.total == 0:
        return
    limit = law.year.exclusion_limit
    if facts.qualifies_abroad is not False:
        code = "zero_and_due" if tax.net_profit <= limit.value else "part_excluded"
        yield say(law, code, limit.source, profit=tax.net_profit, tax=tax.total, limit=limit.value)
    yield say(law, "estimate_wages")
    if tax.additional_medicare:
        yield say(law, "additional_separate", tax=tax.additional_medicare)


def _kind(period: CoverageInYear) -> str:
    if period.covered_by is None:
        return period.outcome or "undecided"
    return "us" if US in period.covered_by else "foreign"
