"""Find the provision that holds for a work in one stretch of time.

The tree of provisions is put into shape for an agreement, a direction and a kind of work once,
and kept: what the law or the kind of work has already decided is no longer looked at.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import Struct

from totalize.coverage import conditions as c
from totalize.coverage.codes import NEVER, US
from totalize.coverage.facts import PATHS
from totalize.coverage.history import USUAL_GAP, Gap
from totalize.coverage.parameters import build_parameters
from totalize.coverage.provisions import PROVISIONS, Provision, order_provisions
from totalize.kernel.errors import LawError
from totalize.law.agreements import Agreement, version_on
from totalize.law.book import LawBook
from totalize.logic.explain import Facts, Read, Reader, Trace, walk
from totalize.logic.expressions import (
    Constant,
    Expression,
    Specialiser,
    Value,
    atoms_in,
    decode_day,
)

_KEPT_READINGS = 4096

# Facts that every case tells and that shape the tree: they are put into it before it is read.
_SHAPING = ("country", "partner", "employment_in_us", "employment_in_partner", "occupation")


class Test(Struct, frozen=True):
    """A provision with its final test, ready to be read."""

    provision: Provision
    expression: Expression
    holds: Read


class Reading(Struct, frozen=True):
    """What the provisions say of a case.

    Attributes:
        test: the provision that applies, None when that turns on unknown facts.
        claims: whether US law and the other country's law would claim without agreement.
        traces: why, as little as decides it.
    """

    test: Test | None
    claims: tuple[bool | None, bool | None]
    traces: tuple[Trace, ...]


class Plan:
    """The provisions as one agreement has them, for one kind of work in one direction."""

    def __init__(self, specialise: Specialiser, final: dict[str, Expression]) -> None:
        self._specialise = specialise
        candidates = [(provision, specialise(final[provision.code])) for provision in PROVISIONS]
        possible = [
            (provision, expression)
            for provision, expression in candidates
            if not (isinstance(expression, Constant) and expression.value is False)
        ]
        self.reader = Reader([expression for _, expression in possible])
        self.tests = [
            Test(provision, expression, self.reader.compile(expression))
            for provision, expression in possible
        ]
        self._other_country = specialise(c.other_country_known)
        # What is said about answers under this plan, put together once (see Situation.remember).
        self.memo: dict[tuple[object, ...], Any] = {}
        self._values: dict[int, Read] = {}
        self._readings: dict[tuple[Value, ...], Reading] = {}
        self._us = self._compile(c.us_would_claim)
        self._partner = self._compile(c.partner_would_claim)

        claims = [specialise(c.us_would_claim), specialise(c.partner_would_claim)]
        atoms = atoms_in([*claims, *(expression for _, expression in possible)])
        self._atoms = [self.reader.compile(atom) for atom in atoms]

    def _compile(self, expression: Expression) -> Read:
        return self.reader.compile(self._specialise(expression))

    def value(self, expression: Expression, facts: Facts) -> Value:
        """Return the value of any expression under this law."""
        read = self._values.get(id(expression))
        if read is None:
            read = self._values[id(expression)] = self._compile(expression)
        return read(facts)

    def read(self, facts: Facts) -> Reading:
        """Return the provision that applies, the claims, and why.

        All of it turns on which elementary tests are true, false or unknown, so what was found
        for one pattern of them is kept for the next case with the same.
        """
        pattern = tuple([read(facts) for read in self._atoms])
        reading = self._readings.get(pattern)
        if reading is None:
            test = self.find(facts)
            reading = Reading(test, self.claims(facts), self.explain(test, facts, full=False))
            if len(self._readings) >= _KEPT_READINGS:
                self._readings.clear()
            self._readings[pattern] = reading
        return reading

    def find(self, facts: Facts) -> Test | None:
        """Return the provision that applies, None when that turns on unknown facts."""
        for test in self.tests:
            if test.holds(facts) is True:
                return test
        return None

    def claims(self, facts: Facts) -> tuple[bool | None, bool | None]:
        """Return whether US law and the other country's law would claim without agreement."""
        us, partner = self._us(facts), self._partner(facts)
        return (None if us is None else bool(us), None if partner is None else bool(partner))

    def waiting_for(self, facts: Facts) -> list[str]:
        """Return the unknown facts that the answer turns on, most decisive first."""
        # Which agreement is to be read comes first; what it asks for can be known only then.
        found = self.reader.waiting_for([self._other_country], facts)
        if not found:
            found = self.reader.waiting_for([test.expression for test in self.tests], facts)
        return [name for name in PATHS if name in found]

    def explain(self, test: Test | None, facts: Facts, *, full: bool) -> tuple[Trace, ...]:
        """Return why a provision applies or, without one, what is still open."""
        if test is not None:
            return self.reader.explain(test.expression, facts, full=full)
        traces: list[Trace] = []
        for candidate in self.tests:
            if candidate.holds(facts) is None:
                traces.extend(self.reader.explain(candidate.expression, facts, full=full))
        nested = {
            inner.code for trace in traces for below in trace.because for inner in walk(below)
        }
        by_code = {trace.code: trace for trace in traces}
        return tuple(trace for code, trace in by_code.items() if code not in nested)

    def end_of(self, provision: Provision, facts: Facts) -> date | None:
        """Return the day on which a stay abroad ends by itself, None where none is set."""
        if provision.move is None:
            return None
        day = self.value(provision.move.ends, facts)
        return None if day is None or day >= NEVER else decode_day(day)


class Plans:
    """All plans of one law book, made when first needed."""

    def __init__(self, book: LawBook) -> None:
        self._book = book
        self._final = order_provisions(book.order())
        self._plans: dict[tuple[object, ...], Plan] = {}

    def find(self, agreement: Agreement | None, day: date, facts: Facts, *, in_force: bool) -> Plan:
        """Return the plan for a work on a day.

        Args:
            agreement: the agreement with the other country, None without one.
            day: the day whose version of the law holds.
            facts: the facts of the work, the partner among them.
            in_force: the agreement is in force in the stretch looked at.
        """
        key = (
            agreement.country if agreement is not None else None,
            in_force,
            _version_number(agreement, day),
            *(facts[name] for name in _SHAPING),
        )
        plan = self._plans.get(key)
        if plan is None:
            parameters = build_parameters(
                agreement, day, to_us=facts["country"] == US, in_force=in_force
            )
            shaping = {name: facts[name] for name in _SHAPING}
            plan = self._plans[key] = Plan(Specialiser(parameters, shaping), self._final)
        return plan


def _version_number(agreement: Agreement | None, day: date) -> int:
    """Return how many changes of the law had come by a day."""
    if agreement is None:
        return 0
    return sum(1 for change in changes_of(agreement) if change <= day)


_changes: dict[int, tuple[Agreement, tuple[date, ...]]] = {}


def changes_of(agreement: Agreement) -> tuple[date, ...]:
    """Return the days on which any provision of coverage changed, in order."""
    kept = _changes.get(id(agreement))
    if kept is None:
        coverage = agreement.coverage
        versions = [
            *coverage.self_employed,
            *coverage.seafarer,
            *coverage.aircrew,
            *coverage.government,
            *coverage.nationality,
            *coverage.host_claim,
            *coverage.territorial,
        ]
        for directions in (coverage.detached_worker, coverage.self_employed_transfer):
            if directions is not None:
                versions += [*directions.us_to_foreign, *directions.foreign_to_us]
        days = tuple(sorted({version.first for version in versions}))
        kept = _changes[id(agreement)] = (agreement, days)
    return kept[1]


def gap_on(agreement: Agreement | None, day: date, *, to_us: bool, employed: bool) -> Gap:
    """Return the break after which stays no longer count together, the usual one if unread."""
    if agreement is None:
        return USUAL_GAP
    coverage = agreement.coverage
    directions = coverage.detached_worker if employed else coverage.self_employed_transfer
    if directions is None:
        return USUAL_GAP
    version = version_on(directions.foreign_to_us if to_us else directions.us_to_foreign, day)
    if version.repeat is None:
        return USUAL_GAP
    return Gap(version.repeat.or_gap_months, version.repeat.gap_exceeded)


def unanswered(facts: Facts) -> LawError:
    """Return the error for a case that no provision fits although all its facts are known."""
    known = {name: value for name, value in facts.items() if value is not None and "#" not in name}
    return LawError("provisions", f"no provision applies to {known}")
