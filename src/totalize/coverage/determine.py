"""Decide a case: for each work, stretch by stretch, which system covers it and what proves it."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import Struct, UnsetType, structs

from totalize.coverage.case import Case, Work
from totalize.coverage.codes import NO_PARTNER
from totalize.coverage.conditions import OTHER_COUNTRY
from totalize.coverage.determination import (
    CoveragePeriod,
    Determination,
    Outcome,
    Rule,
    WorkResult,
)
from totalize.coverage.explanation import citations_for, explain
from totalize.coverage.facts import gather_facts, path_of
from totalize.coverage.history import USUAL_GAP, History, review
from totalize.coverage.places import place
from totalize.coverage.proof import state_of_proof
from totalize.coverage.provisions import Provision, Side
from totalize.coverage.reading import Plan, Plans, Reading, gap_on, unanswered
from totalize.coverage.situation import Situation, partner_of
from totalize.coverage.warnings import Adviser, Answer
from totalize.kernel.dates import Period
from totalize.law.agreements import Agreement
from totalize.law.book import LawBook
from totalize.logic.explain import Reader
from totalize.logic.expressions import Value, encode_day


class _Question(Struct, frozen=True):
    """What stays the same for all stretches of a work."""

    case: Case
    position: int
    history: History
    facts: dict[str, Value]
    agreement: Agreement | None
    as_of: date
    full: bool


class Determiner:
    """Decide cases under one law book. Safe to keep and to use for many cases."""

    def __init__(self, book: LawBook) -> None:
        self._book = book
        self._plans = Plans(book)
        self._other_country = Reader().compile(OTHER_COUNTRY)
        self._territories = book.territories()

    def decide(self, case: Case, as_of: date, *, full: bool = False) -> Determination:
        """Return the answer for every work of a case.

        Args:
            case: the case, checked.
            as_of: the day on which the decision is made; deadlines are seen from it.
            full: give every test that was made, not only those that decided.
        """
        return Determination(
            as_of=as_of,
            law=self._book.version,
            results=tuple(
                WorkResult(case.work_id(position), self._decide_work(case, position, as_of, full))
                for position in range(len(case.work))
            ),
        )

    def _decide_work(
        self, case: Case, position: int, as_of: date, full: bool
    ) -> tuple[CoveragePeriod, ...]:
        work = case.work[position]
        facts, history, agreement = self._facts(case, position)
        stop = _stop(work)
        entry = agreement.in_force if agreement is not None else None
        periods: list[CoveragePeriod] = []
        start = work.start
        if entry is not None and start < entry:
            before = Period(start, entry if stop is None or entry < stop else stop)
            periods += self._decide_stretch(
                _Question(case, position, history, facts, agreement, as_of, full),
                before,
                in_force=False,
            )
            if stop is not None and stop <= entry:
                return tuple(periods)
            start = entry
        periods += self._decide_stretch(
            _Question(case, position, history, facts, agreement, as_of, full),
            Period(start, stop),
            in_force=entry is not None,
        )
        return tuple(_merge(periods))

    def _facts(
        self, case: Case, position: int
    ) -> tuple[dict[str, Value], History, Agreement | None]:
        placed = place(case, self._territories)
        work = placed.work[position]
        history = review(placed, position)
        facts = gather_facts(placed, position, history)
        facts["partner"] = self._other_country(facts) or NO_PARTNER
        country = partner_of(facts["partner"] or NO_PARTNER)
        agreement = self._book.agreement(country) if country is not None else None
        gap = gap_on(
            agreement,
            work.start,
            to_us=work.country == "US",
            employed=work.activity == "employment",
        )
        if gap != USUAL_GAP:
            history = review(placed, position, gap)
            again = gather_facts(placed, position, history)
            facts |= {name: value for name, value in again.items() if name != "partner"}
        return facts, history, agreement

    def _decide_stretch(
        self, question: _Question, stretch: Period, *, in_force: bool
    ) -> list[CoveragePeriod]:
        day = stretch.start
        plan = self._plans.find(question.agreement, day, question.facts, in_force=in_force)
        situation = Situation(
            book=self._book,
            case=question.case,
            position=question.position,
            history=question.history,
            facts=question.facts,
            agreement=question.agreement if in_force else None,
            partner=partner_of(question.facts["partner"] or NO_PARTNER),
            day=day,
            memo=plan.memo,
        )
        periods: list[CoveragePeriod] = []
        start = stretch.start
        while True:
            facts = question.facts | {"from_day": encode_day(start)}
            here = structs.replace(situation, facts=facts)
            reading = plan.read(facts)
            test = reading.test
            end = plan.end_of(test.provision, facts) if test is not None else None
            if end is None or end <= start or (stretch.stop is not None and stretch.stop <= end):
                rest = Period(start, stretch.stop)
                periods.append(self._answer(here, plan, reading, question, rest))
                return periods
            periods.append(self._answer(here, plan, reading, question, Period(start, end)))
            start = end

    def _answer(
        self,
        situation: Situation,
        plan: Plan,
        reading: Reading,
        question: _Question,
        stretch: Period,
    ) -> CoveragePeriod:
        facts, test = situation.facts, reading.test
        provision = test.provision if test is not None else None
        missing: tuple[str, ...] = ()
        if provision is None:
            waiting = plan.waiting_for(facts)
            if not waiting:
                raise unanswered(facts)
            missing = tuple(
                dict.fromkeys(
                    path_of(name, situation.position, situation.case, situation.history)
                    for name in waiting
                )
            )
        outcome = provision.outcome if provision is not None else Outcome.NEEDS_FACTS
        covered_by = _covered_by(provision, situation)
        otherwise = _otherwise(reading, situation)
        rule = _rule(provision)
        proof, certificate = state_of_proof(situation, outcome, covered_by, otherwise, stretch)
        adviser = Adviser(situation, plan, Answer(reading, missing, proof, question.as_of))
        return CoveragePeriod(
            first=stretch.start,
            last=stretch.last,
            outcome=outcome,
            covered_by=covered_by,
            otherwise=otherwise,
            agreement=situation.agreement.country if situation.agreement is not None else None,
            rule=rule,
            proof=proof,
            certificate=certificate,
            missing=missing,
            citations=citations_for(situation, provision.rule if provision is not None else None),
            reasons=explain(
                situation,
                plan.explain(test, facts, full=True) if question.full else reading.traces,
                provision.rule if provision is not None else None,
            ),
            warnings=adviser.collect(),
        )


def _stop(work: Work) -> date | None:
    """Return the day after the work's last one, None when it is open-ended or unknown."""
    last = work.expected_end if isinstance(work.end, UnsetType) else work.end
    return last + timedelta(days=1) if isinstance(last, date) else None


def _covered_by(provision: Provision | None, situation: Situation) -> tuple[str, ...] | None:
    if provision is None or provision.outcome is not Outcome.DETERMINED:
        return None
    partner = (situation.partner,) if situation.partner is not None else ()
    match provision.side:
        case Side.US:
            return ("US",)
        case Side.PARTNER:
            return partner
        case Side.BOTH:
            return ("US", *partner)
        case Side.NEITHER:
            return ()
        case Side.OPEN:
            return None


def _otherwise(reading: Reading, situation: Situation) -> tuple[str, ...] | None:
    us, other = reading.claims
    if us is None or other is None:
        return None
    partner = (situation.partner,) if situation.partner is not None else ()
    return (("US",) if us else ()) + (partner if other else ())


def _rule(provision: Provision | None) -> Rule | None:
    return provision.rule if provision is not None else None


def _merge(periods: list[CoveragePeriod]) -> list[CoveragePeriod]:
    """Join neighbours that say the same; the later one's law stands for both."""
    merged: list[CoveragePeriod] = []
    for period in periods:
        if merged and _says(merged[-1]) == _says(period):
            merged[-1] = structs.replace(period, first=merged[-1].first)
        else:
            merged.append(period)
    return merged


def _says(period: CoveragePeriod) -> tuple[object, ...]:
    return (
        period.outcome,
        period.covered_by,
        period.otherwise,
        period.rule,
        period.proof,
        period.missing,
    )
