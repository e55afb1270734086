"""Proofs: no two provisions of an agreement hold at once, and none leaves a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product

import msgspec
import pytest
import z3
from population import draw_population
from z3_cases import FLAGS, CaseFacts, in_words
from z3_reader import Truth, Z3Reader

from totalize.coverage.codes import COUNTRY_CODES, NO_PARTNER, OCCUPATIONS, US
from totalize.coverage.parameters import build_parameters
from totalize.coverage.provisions import PROVISIONS, order_provisions
from totalize.coverage.reading import Plan, Plans, changes_of
from totalize.law.agreements import Agreement
from totalize.law.book import LawBook
from totalize.logic.expressions import Expression, Specialiser, Value

BOOK = LawBook()
# Agreements that were only signed, as they will decide once they are in force.
SIGNED = {
    country: msgspec.structs.replace(agreement, status="in_force", in_force=date(2030, 1, 1))
    for country in sorted(BOOK.countries())
    if (agreement := BOOK.agreement(country)) is not None and agreement.status == "signed"
}
TO_COME = LawBook(amended=SIGNED)
NOBODY = "nobody"
ELSEWHERE = "IN"  # a country without an agreement
AGREEMENTS = sorted(BOOK.countries())


def _plans(partner: str, book: LawBook = BOOK) -> Iterator[tuple[str, dict[str, Value], Plan]]:
    """Yield each plan with a partner: direction, kind of work, version, in force or not yet."""
    agreement = book.agreement(partner) if partner in book.countries() else None
    plans = Plans(book)
    for to_us, in_us, in_partner, occupation in product(
        (False, True), (True, False), (True, False), OCCUPATIONS
    ):
        code = COUNTRY_CODES.get(partner, NO_PARTNER)
        if code == NO_PARTNER and not to_us:
            continue
        shaping: dict[str, Value] = {
            "country": US if to_us else code,
            "partner": code,
            "employment_in_us": in_us,
            "employment_in_partner": in_partner,
            "occupation": OCCUPATIONS[occupation],
        }
        for day, in_force in _times(agreement):
            plan = plans.find(agreement, day, shaping, in_force=in_force)
            kind = (
                f"{partner}, work in {'the US' if to_us else partner}, {occupation}, "
                f"employed for the US: {in_us}, for the partner: {in_partner}, "
                f"law of {day}, in force: {in_force}"
            )
            yield kind, shaping, plan


def _times(agreement: Agreement | None) -> list[tuple[date, bool]]:
    if agreement is None:
        return [(date(2000, 1, 1), False)]
    days = changes_of(agreement)
    times = [(days[0], False)]
    if agreement.in_force is not None:
        times += [(day, True) for day in days]
    return times


@pytest.mark.parametrize(
    ("partner", "book"),
    [
        *(pytest.param(partner, BOOK, id=partner) for partner in [*AGREEMENTS, ELSEWHERE, NOBODY]),
        *(pytest.param(partner, TO_COME, id=f"{partner}-in-force") for partner in SIGNED),
    ],
)
def test_no_two_provisions_hold_at_once_and_no_case_is_left_without_one(
    partner: str, book: LawBook
) -> None:
    plans = list(_plans(partner, book))
    assert plans
    for kind, shaping, plan in plans:
        prove(kind, shaping, plan)


def prove(kind: str, shaping: dict[str, Value], plan: Plan) -> None:
    """Prove it for cases with all their facts and for cases with some of them.

    Raises:
        AssertionError: there is a counterexample; the message tells it.
    """
    found = counterexample(shaping, plan)
    if found is not None:
        holding = [test.provision.code for test in plan.tests if test.holds(found) is True]
        waiting = [test.provision.code for test in plan.tests if test.holds(found) is None]
        pytest.fail(f"{kind}\n{in_words(found)}\nhold: {holding}\nwait: {waiting}")


def counterexample(shaping: dict[str, Value], plan: Plan) -> dict[str, Value] | None:
    """Return the facts of a case for which two provisions hold, or all are false; None: no case."""
    reader = Z3Reader(FLAGS)
    case = CaseFacts(reader, shaping)
    solver = z3.Solver()
    solver.add(*case.possible())
    assert solver.check() == z3.sat, f"no case at all: {shaping}"
    read = [reader.truth(test.expression) for test in plan.tests]
    conflict = z3.Not(z3.AtMost(*(truth.true for truth in read), 1))
    gap = z3.And([truth.false for truth in read])
    solver.add(z3.Or(conflict, gap))
    found = solver.check()
    assert found != z3.unknown, f"z3 gave up on {shaping}"
    return case.facts(solver.model()) if found == z3.sat else None


def test_the_proof_finds_a_conflict_where_the_order_is_taken_away() -> None:
    """Detached work without its order: it and the general rule hold at once."""
    rules = dict(BOOK.order())
    rules["detached_worker"] = msgspec.structs.replace(rules["detached_worker"], overrides=[])
    shaping, plan = _german_plan(order_provisions(rules))
    facts = counterexample(shaping, plan)
    assert facts is not None
    holding = {test.provision.code for test in plan.tests if test.holds(facts) is True}
    assert holding == {"territorial_partner", "detached_worker_us"}


def test_the_proof_finds_a_gap_where_a_provision_is_taken_away() -> None:
    shaping, plan = _german_plan(order_provisions(BOOK.order()))
    plan.tests = [test for test in plan.tests if test.provision.code != "territorial_partner"]
    facts = counterexample(shaping, plan)
    assert facts is not None
    assert [test.holds(facts) for test in plan.tests] == [False] * len(plan.tests)


def _german_plan(final: dict[str, Expression]) -> tuple[dict[str, Value], Plan]:
    shaping: dict[str, Value] = {
        "country": COUNTRY_CODES["DE"],
        "partner": COUNTRY_CODES["DE"],
        "employment_in_us": True,
        "employment_in_partner": True,
        "occupation": OCCUPATIONS["general"],
    }
    parameters = build_parameters(
        BOOK.agreement("DE"), date(2026, 1, 1), to_us=False, in_force=True
    )
    return shaping, Plan(Specialiser(parameters, shaping), final)


def test_every_provision_holds_for_some_case_of_some_agreement() -> None:
    wanted = {provision.code for provision in PROVISIONS}
    for partner in dict.fromkeys([ELSEWHERE, "IT", "DE", "FR", "AU", *SIGNED, *AGREEMENTS]):
        for _, shaping, plan in _plans(partner, TO_COME):
            for test in plan.tests:
                if test.provision.code in wanted and _can_hold(shaping, test.expression):
                    wanted.discard(test.provision.code)
        if not wanted:
            return
    pytest.fail(f"provisions for nobody: {sorted(wanted)}")


def _can_hold(shaping: dict[str, Value], expression: Expression) -> bool:
    reader = Z3Reader(FLAGS)
    solver = z3.Solver()
    solver.add(*CaseFacts(reader, shaping).possible(), reader.truth(expression).true)
    return bool(solver.check() == z3.sat)


@pytest.mark.parametrize("partner", ["DE", "IT", "FR", "AU", ELSEWHERE])
def test_the_third_reader_reads_what_the_first_one_reads(partner: str) -> None:
    """Formulas, with a work's facts put in, are as true, false or unknown as the tests."""
    plans = [(shaping, plan) for _, shaping, plan in _plans(partner)]
    rows = draw_population(partner, 3 * len(plans), seed=7).to_dicts()
    for number, (shaping, plan) in enumerate(plans):
        reader = Z3Reader(FLAGS)
        read = [(test, reader.truth(test.expression)) for test in plan.tests]
        for row in rows[3 * number : 3 * number + 3]:
            facts = {**row, **shaping}
            solver = z3.Solver()
            solver.add(*(_is(reader, name, facts[name]) for name in reader.facts))
            assert solver.check() == z3.sat
            model = solver.model()
            for test, truth in read:
                is_true = z3.is_true(model.eval(truth.true, model_completion=True))
                is_false = z3.is_true(model.eval(truth.false, model_completion=True))
                expected = test.holds(facts)
                assert (is_true, is_false) == (expected is True, expected is False), (
                    f"{test.provision.code}\n{in_words(facts)}"
                )


def _is(reader: Z3Reader, name: str, value: Value) -> z3.BoolRef:
    fact = reader.fact(name)
    if isinstance(fact, Truth):
        if value is None:
            return z3.Not(z3.Or(fact.true, fact.false))
        return fact.true if value else fact.false
    return z3.Not(fact.known) if value is None else z3.And(fact.known, fact.value == value)
