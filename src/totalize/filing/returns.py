"""Box one: the tests that require an income tax return, each with its row, and its dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from totalize.filing.comparisons import Comparison, agreed, any_met, reached_65
from totalize.filing.dependents import dependent_tests
from totalize.filing.documents import Activity
from totalize.filing.due_dates import DueDay, due_date
from totalize.filing.facts import FilingFacts, Status
from totalize.filing.result import Deadline, IncomeTaxReturn, Outcome, Said, Test
from totalize.filing.wording import figure_used, percent, say, status_name
from totalize.kernel.dates import written_day
from totalize.law.filing import SELF_EMPLOYMENT_SOURCE, Figure, FilingLaw


def assess_return(facts: FilingFacts, law: FilingLaw) -> IncomeTaxReturn:
    """Read every test that requires a return for the tax year.

    Source: IRC 6012(a)(1), 6017; Publication 501, Tables 1 to 3.
    """
    tests = (
        *_income_tests(facts, law),
        *_self_employment_tests(facts, law),
        *_special_tests(facts, law),
    )
    outcome, missing = _outcome(facts, tests)
    code, values = outcome.value, {"year": facts.tax_year, "missing": _asked(law, missing)}
    if outcome is Outcome.OPEN and facts.us_person is None:
        code = "other_rules_unknown"
    return IncomeTaxReturn(
        outcome=outcome,
        text=say(law, code, **values).text,
        tests=() if outcome is Outcome.OTHER_RULES else tests,
        missing=missing,
        deadlines=() if outcome is Outcome.OTHER_RULES else _deadlines(facts, law),
        exclusion_limit=figure_used(law, law.year.exclusion_limit),
        notes=tuple(_notes(facts, law, tests, outcome)),
    )


def _income_tests(facts: FilingFacts, law: FilingLaw) -> list[Test]:
    if facts.dependent:
        return dependent_tests(facts, law)
    ordinary = _ordinary_tests(facts, law)
    # Nobody may have said whether the person is somebody's dependent. It is asked only where the
    # ordinary test is not met and a dependent's could be.
    # Who files jointly is nobody's dependent (Publication 501, joint return test).
    joint = facts.status is Status.MARRIED_JOINT
    if facts.dependent is False or joint or any_met(ordinary):
        return ordinary
    dependent = [test for test in dependent_tests(facts, law) if test.met is not False]
    return [
        *ordinary,
        *(replace(test, met=None, missing=("dependent", *test.missing)) for test in dependent),
    ]


def _ordinary_tests(facts: FilingFacts, law: FilingLaw) -> list[Test]:
    rows = law.year.thresholds[facts.status]
    ages, missing = _ages(facts, law)
    met = agreed(facts.income >= rows[aged].value for aged in ages)
    # With an unknown age the row shown is the one that decides: the highest met, the lowest not.
    aged = max(ages) if met else min(ages)
    income = Comparison(
        code="income_test",
        figure=rows[aged],
        amount=facts.income,
        met=met,
        row=f"{status_name(law, facts.status)}, {_age_words(facts, ages, aged)}, {facts.tax_year}",
        missing=missing,
    )
    if facts.status is not Status.MARRIED_JOINT or facts.lived_with_spouse:
        return [income.test(law)]
    reached = facts.income >= law.year.joint_apart.value
    apart = Comparison(
        code="joint_apart",
        figure=law.year.joint_apart,
        amount=facts.income,
        met=None if reached and facts.lived_with_spouse is None else reached,
        row=f"{status_name(law, facts.status)}, lived apart, {facts.tax_year}",
        missing=("lived_with_spouse",),
    )
    return [income.test(law), apart.test(law)]


def _ages(facts: FilingFacts, law: FilingLaw) -> tuple[set[int], tuple[str, ...]]:
    """Return how many on the return may be 65 or older, and which birth dates are missing."""
    if facts.status is Status.MARRIED_SEPARATE:
        return {0}, ()
    people = {"worker.birth_date": facts.birth_date}
    if facts.status is Status.MARRIED_JOINT:
        people["spouse_birth_date"] = facts.spouse_birth_date
    counts, missing = {0}, []
    for path, born in people.items():
        if born is None:
            missing.append(path)
            counts = {count + extra for count in counts for extra in (0, 1)}
        elif reached_65(born, facts.tax_year, law.rules.age.years):
            counts = {count + 1 for count in counts}
    return counts, tuple(missing)


def _age_words(facts: FilingFacts, ages: set[int], aged: int) -> str:
    if facts.status is Status.MARRIED_SEPARATE:
        return "any age"
    if facts.status is Status.MARRIED_JOINT:
        words = ("both under 65", "one 65 or older", "both 65 or older")[aged]
    else:
        words = ("under 65", "65 or older")[aged]
    return words if len(ages) == 1 else f"{words}, age not known"


def _self_employment_tests(facts: FilingFacts, law: FilingLaw) -> list[Test]:
    """Compare net earnings after the factor with the floor, as Schedule SE line 4c does.

    Source: IRC 6017, 1402(a)(12).
    """
    rule, profit = law.self_employment, facts.self_employment
    if profit is None and not any(
        work.activity is Activity.SELF_EMPLOYMENT for work in facts.works
    ):
        return []
    net = None if profit is None else profit * rule.share
    comparison = Comparison(
        code="self_employment_test",
        figure=Figure(value=rule.floor, source=SELF_EMPLOYMENT_SOURCE),
        amount=net,
        met=None if net is None else net >= rule.floor,
        row=f"net earnings, {facts.tax_year}",
        missing=("self_employment",),
    )
    return [comparison.test(law, share=percent(rule.share))]


def _special_tests(facts: FilingFacts, law: FilingLaw) -> list[Test]:
    if facts.special_items is None:
        said = say(law, "special_items_unanswered")
        return [
            Test(
                "special_items", said.text, None, None, None, None, ("special_items",), said.sources
            )
        ]
    tests = []
    for item in sorted(facts.special_items):
        said = say(law, "special_item", item=law.rules.special_items[item])
        tests.append(Test(item, said.text, True, None, None, None, (), said.sources))
    return tests


def _outcome(facts: FilingFacts, tests: Iterable[Test]) -> tuple[Outcome, tuple[str, ...]]:
    if facts.us_person is False:
        return Outcome.OTHER_RULES, ()
    if facts.us_person is None:
        return Outcome.OPEN, ("worker.us_resident",)
    tests = tuple(tests)
    together = any_met(tests)
    if together:
        return Outcome.REQUIRED, ()
    if together is False:
        return Outcome.NO_TEST_MET, ()
    return Outcome.OPEN, tuple(dict.fromkeys(name for test in tests for name in test.missing))


def _asked(law: FilingLaw, missing: Sequence[str]) -> str:
    """Write missing facts as they are asked for, each with its name."""
    words = [law.sentences[f"fact_{name.replace('.', '_')}"].text for name in missing]
    return "; ".join(f"{text} ({name})" for text, name in zip(words, missing, strict=True))


def _notes(
    facts: FilingFacts, law: FilingLaw, tests: tuple[Test, ...], outcome: Outcome
) -> Iterable[Said]:
    if outcome is Outcome.OTHER_RULES:
        yield say(law, "other_rules_covered")
        return
    yield say(law, "whole_income")
    yield say(law, "certificate_no_effect")
    year = facts.tax_year
    for test in tests:
        used = test.threshold
        if test.code == "income_test" and used is not None and used.derived is not None:
            yield say(law, "derived_figure", threshold=used.value, how=used.derived, year=year)
    for earlier in law.year.standard_deduction.single.earlier:
        new = law.year.standard_deduction.single.value
        yield say(law, "mid_year_change", earlier.source, year=year, old=earlier.value, new=new)
    profit, rule = facts.self_employment, law.self_employment
    if profit is not None and profit >= rule.floor > profit * rule.share:
        yield say(law, "near_400", profit=profit, threshold=rule.floor, share=percent(rule.share))
    if facts.status is Status.MARRIED_SEPARATE:
        threshold = law.year.thresholds[facts.status][0].value
        yield say(law, "separate_spouse", threshold=threshold)
    if outcome is not Outcome.REQUIRED:
        yield say(law, "refund_reason")
    limit = law.year.exclusion_limit
    yield say(law, "exclusion_on_return", limit.source, limit=limit.value, year=year)


def _deadlines(facts: FilingFacts, law: FilingLaw) -> tuple[Deadline, ...]:
    regular = due_date(law, "regular")
    after = due_date(law, "form_4868")
    found = [
        _deadline(law, "due_regular", regular),
        _deadline(law, "due_abroad", due_date(law, "abroad")),
        _deadline(law, "due_form_4868", after),
        _deadline(law, "due_december_letter", due_date(law, "december_letter"), before=after.day),
    ]
    for code in ("due_form_2350", "interest", _abroad_code(facts), _spouses_code(facts)):
        if code is not None:
            said = say(law, code, day=regular.day)
            day = regular.day if code == "interest" else None
            found.append(Deadline(code, day, said.text, None, said.sources))
    return tuple(found)


def _abroad_code(facts: FilingFacts) -> str | None:
    if facts.abroad_on_due_date is None:
        return "abroad_unknown"
    if not facts.abroad_from_case:
        return None
    return "abroad_yes" if facts.abroad_on_due_date else "abroad_no"


def _spouses_code(facts: FilingFacts) -> str | None:
    return {
        Status.MARRIED_JOINT: "joint_two_months",
        Status.MARRIED_SEPARATE: "separate_two_months",
    }.get(facts.status)


def _deadline(law: FilingLaw, code: str, due: DueDay, **values: object) -> Deadline:
    said = say(law, code, **values)
    return Deadline(code, due.day, said.text, moved_words(due), said.sources)


def moved_words(due: DueDay) -> str | None:
    """Say why a date is not the day the law names; None when it is."""
    if not due.moved_by:
        return None
    return f"moved from {written_day(due.written)}: {', then '.join(due.moved_by)}"
