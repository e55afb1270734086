"""Insured status: fully, currently, for disability; on US quarters alone and combined."""

from __future__ import annotations

from dataclasses import dataclass

from totalize.benefits.ages import LegalBirth
from totalize.benefits.claim import Claim
from totalize.benefits.credits import UsQuarters
from totalize.benefits.months import quarter_of_month
from totalize.benefits.tables import Tables


@dataclass(frozen=True, slots=True)
class Test:
    """One test of insured status and its result."""

    name: str
    needed: int
    found: int
    window: tuple[int, int] | None = None

    @property
    def met(self) -> bool:
        """Tell whether it is passed."""
        return self.found >= self.needed


@dataclass(frozen=True, slots=True)
class Status:
    """The result of all tests that a benefit asks for."""

    tests: tuple[Test, ...]

    @property
    def met(self) -> bool:
        """Tell whether all are passed."""
        return all(test.met for test in self.tests)

    @property
    def missing(self) -> int:
        """How many quarters the test that lacks most lacks."""
        return max(max(0, test.needed - test.found) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Combined:
    """US quarters together with some foreign ones."""

    us: UsQuarters
    foreign: frozenset[int] = frozenset()

    def between(self, first: int, last: int) -> int:
        """Return how many lie from one calendar quarter through another."""
        own = self.us.between(first, last, self.foreign)
        return own + sum(first <= quarter <= last for quarter in self.foreign)


def required_quarters(
    birth: LegalBirth, tables: Tables, death_year: int | None, onset_year: int | None
) -> int:
    """Return the quarters needed to be fully insured.

    One for each year after 1950 or, if later, after the year of age 21, and before the year of 62,
    disability or death, whichever is first; within 6 and 40.

    Source: 42 USC 414(a); 20 CFR 404.110, 404.115.
    """
    rule = tables.rules.insured_status
    after = max(birth.year + 21, rule.first_year_after)
    ends = [birth.year + 62, *(year for year in (death_year, onset_year) if year is not None)]
    return min(rule.most, max(rule.fewest, min(ends) - 1 - after))


def check_status(claim: Claim, quarters: Combined) -> Status:
    """Return the tests of insured status for a claim's benefit.

    Source: 42 USC 414, 423(c)(1); 20 CFR 404.110 to 404.132.
    """
    fully = Test(
        "fully_insured",
        required_quarters(claim.birth, claim.tables, claim.death_year, claim.onset_year),
        quarters.between(0, claim.last_quarter),
    )
    if claim.share is not None:
        if fully.met or claim.share.insured == "fully":
            return Status((fully,))
        rule = claim.tables.rules.insured_status.currently
        window = (claim.last_quarter - rule.of + 1, claim.last_quarter)
        currently = Test("currently_insured", rule.quarters, quarters.between(*window), window)
        return Status((currently,)) if currently.met else Status((fully,))
    if claim.onset_quarter is None or claim.record.blind:
        return Status((fully,))
    return Status((fully, _recent(claim, quarters, claim.onset_quarter)))


def _recent(claim: Claim, quarters: Combined, onset: int) -> Test:
    """Return the test of recent quarters, ending in any quarter from onset to the waiting period.

    Source: 42 USC 423(c)(1)(B); 20 CFR 404.130.
    """
    rule = claim.tables.rules.insured_status.disability
    young = claim.tables.rules.insured_status.disability_under_31
    last = onset if claim.waiting is None else max(onset, quarter_of_month(claim.waiting))
    after_21 = claim.birth.quarter + 21 * 4 + 1
    window = (last - rule.of + 1, last)
    found = Test("recent_quarters", rule.quarters, quarters.between(*window), window)
    for end in range(last - 1, onset - 1, -1):
        if found.met:
            return found
        window = (end - rule.of + 1, end)
        found = Test("recent_quarters", rule.quarters, quarters.between(*window), window)
    for end in range(onset, last + 1):
        if found.met:
            return found
        if end - rule.of + 1 >= after_21:
            continue
        length = max(end - after_21 + 1, young.fewest_of)
        window = (end - length + 1, end)
        needed = max(young.fewest_quarters, length // 2)
        found = Test("recent_quarters_under_31", needed, quarters.between(*window), window)
    return found
