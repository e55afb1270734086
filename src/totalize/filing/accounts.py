"""Box three: reports of foreign accounts and assets, which no certificate touches."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from totalize.filing.comparisons import Comparison, agreed, any_met
from totalize.filing.due_dates import due_date
from totalize.filing.facts import FilingFacts, Status
from totalize.filing.result import AccountReport, Deadline
from totalize.filing.returns import moved_words
from totalize.filing.wording import say
from totalize.law.filing import AssetLimits, Figure, FilingLaw


def assess_accounts(facts: FilingFacts, law: FilingLaw) -> tuple[AccountReport, ...]:
    """Compare the accounts and assets of the year with the limits of both reports.

    Source: 31 CFR 1010.350 (FBAR); IRC 6038D (Form 8938).
    """
    return (_fbar(facts, law), _form_8938(facts, law))


def _fbar(facts: FilingFacts, law: FilingLaw) -> AccountReport:
    limit, highest = law.rules.fbar_over, facts.foreign_accounts
    comparison = Comparison(
        code="fbar_test",
        figure=limit,
        amount=highest,
        met=None if highest is None else highest > limit.value,
        row=f"all accounts together, {facts.tax_year}",
        missing=("foreign_accounts",),
    )
    deadlines = []
    for code, name in (("fbar_due", "fbar"), ("fbar_due_automatic", "fbar_automatic")):
        due, words = due_date(law, name), say(law, code)
        deadlines.append(Deadline(code, due.day, words.text, moved_words(due), words.sources))
    tests = (comparison.test(law),)
    return _report(
        facts,
        law,
        AccountReport(
            "FinCEN Form 114", None, tests, (), tuple(deadlines), (say(law, "fbar_where"),)
        ),
    )


def _form_8938(facts: FilingFacts, law: FilingLaw) -> AccountReport:
    limits, row = _limits(facts, law)
    tests = tuple(
        _assets(code, [getattr(limit, name) for limit in limits], (path, value), row).test(law)
        for code, name, path, value in (
            (
                "form_8938_year_end",
                "year_end",
                "foreign_assets_year_end",
                facts.foreign_assets_year_end,
            ),
            (
                "form_8938_any_time",
                "any_time",
                "foreign_assets_highest",
                facts.foreign_assets_highest,
            ),
        )
    )
    notes = (say(law, "form_8938_where"), say(law, "form_8938_abroad"))
    return _report(facts, law, AccountReport("Form 8938", None, tests, (), (), notes))


def _limits(facts: FilingFacts, law: FilingLaw) -> tuple[list[AssetLimits], str]:
    """Return the limits that may apply, lowest first, and the row's name."""
    joint = facts.status is Status.MARRIED_JOINT
    table = law.rules.form_8938
    who = "joint return" if joint else "any other return"
    home, abroad = (
        side.joint if joint else side.other for side in (table.united_states, table.abroad)
    )
    if facts.qualifies_abroad is None:
        return [home, abroad], f"{who}, not known whether abroad"
    if facts.qualifies_abroad:
        return [abroad], f"{who}, abroad"
    return [home], f"{who}, in the United States"


def _assets(
    code: str, figures: list[Figure], stated: tuple[str, Decimal | None], row: str
) -> Comparison:
    path, value = stated
    met = None if value is None else agreed(value > figure.value for figure in figures)
    missing = ("qualifies_abroad",) if len(figures) > 1 else ()
    return Comparison(
        code=code,
        # With the row unknown the limit shown is the one that decides: the highest passed.
        figure=figures[-1] if met else figures[0],
        amount=value,
        met=met,
        row=row,
        missing=(path, *missing) if value is None else missing,
    )


def _report(facts: FilingFacts, law: FilingLaw, report: AccountReport) -> AccountReport:
    notes = report.notes
    if facts.us_person is not True:
        notes = (say(law, "accounts_us_person"), *notes)
    if facts.us_person is False:
        return replace(report, tests=(), deadlines=(), notes=notes)
    met = any_met(report.tests)
    missing = tuple(dict.fromkeys(name for test in report.tests for name in test.missing))
    if met is not None:
        missing = ()
    if facts.us_person is None:
        met, missing = None, ("worker.us_resident", *missing)
    return replace(report, met=met, missing=missing, notes=notes)
