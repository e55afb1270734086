"""Laws that hold for every expression, whatever it says, and for all of its readers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from z3_reader import Number, Truth, Z3Reader

from totalize.logic.column_steps import Block, unpack
from totalize.logic.columns import ColumnCompiler, LawColumns, Question, Steps
from totalize.logic.explain import Reader, walk
from totalize.logic.expressions import (
    FALSE,
    TRUE,
    AllOf,
    AnyOf,
    AtMost,
    Choice,
    Condition,
    Constant,
    Equal,
    Expression,
    Fact,
    FirstOther,
    Known,
    Later,
    Parameter,
    Shifted,
    Specialiser,
    Value,
    all_of,
    any_of,
    facts_in,
    implies,
    is_one_of,
    negate,
)

FLAGS = ("a", "b", "c")
CODES = ("x", "y", "z")
PARAMETERS: dict[str, Value] = {"on": True, "off": False, "months": 2}

flag = st.sampled_from([Fact(name) for name in FLAGS])
code = st.one_of(st.sampled_from([Fact(name) for name in CODES]), st.integers(0, 3).map(Constant))
day = st.recursive(
    code,
    lambda inner: st.one_of(
        st.builds(Later, inner, inner),
        st.builds(Shifted, inner, st.sampled_from([Constant(0), Constant(1), Parameter("months")])),
        st.builds(
            lambda items: FirstOther(tuple(items), frozenset({0})),
            st.lists(inner, min_size=1, max_size=3),
        ),
        st.builds(Choice, st.one_of(flag, st.builds(Equal, code, code)), inner, inner),
    ),
    max_leaves=4,
)
leaf = st.one_of(
    flag,
    st.sampled_from([TRUE, FALSE, Parameter("on"), Parameter("off")]),
    st.builds(Equal, day, day),
    st.builds(AtMost, day, day),
    st.sampled_from([Known(Fact(name)) for name in (*FLAGS, *CODES)]),
)
test = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.builds(negate, inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: all_of(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: any_of(*parts)),
        st.builds(Choice, inner, inner, inner),
        st.builds(Condition, st.sampled_from(["p", "q", "r"]), inner, st.booleans()),
    ),
    max_leaves=12,
)
facts = st.fixed_dictionaries(
    {name: st.sampled_from([True, False, None]) for name in FLAGS}
    | {name: st.sampled_from([0, 1, 2, 3, 40, None]) for name in CODES}
)
PUT_IN = Specialiser(PARAMETERS)


def read(node: Expression, given_facts: Mapping[str, Value]) -> Value:
    return Reader([node]).value(node, dict(given_facts))


@given(test, test, facts)
def test_truth_has_three_values_as_kleene_has_them(
    one: Expression, other: Expression, given_facts: dict[str, Value]
) -> None:
    one, other = PUT_IN(one), PUT_IN(other)
    first, second = read(one, given_facts), read(other, given_facts)
    rank = {False: 0, None: 1, True: 2}
    back = {0: False, 1: None, 2: True}
    assert read(one & other, given_facts) is back[min(rank[first], rank[second])]
    assert read(one | other, given_facts) is back[max(rank[first], rank[second])]
    assert read(~one, given_facts) is back[2 - rank[first]]
    assert read(~~one, given_facts) is first
    assert read(~(one & other), given_facts) is read(~one | ~other, given_facts)
    assert read(implies(one, other), given_facts) is read(~one | other, given_facts)


@given(test, facts, facts)
def test_what_is_known_stays_known_when_more_is_told(
    node: Expression, given_facts: dict[str, Value], more: dict[str, Value]
) -> None:
    node = PUT_IN(node)
    told = {k: more[k] if value is None else value for k, value in given_facts.items()}
    for name in _guarded(node):
        told[name] = given_facts[name]  # what is read as "no" while unknown may change its mind
    before = read(node, given_facts)
    if before is not None:
        assert read(node, told) is before


@given(test, facts)
def test_what_keeps_a_test_unknown_is_unknown_and_looked_at(
    node: Expression, given_facts: dict[str, Value]
) -> None:
    node = PUT_IN(node)
    reader = Reader([node])
    waiting = reader.waiting_for([node], dict(given_facts))
    assert (reader.value(node, dict(given_facts)) is None) == bool(waiting)
    assert all(given_facts[name] is None for name in waiting)
    assert waiting <= facts_in(node)


@given(test, facts)
def test_facts_may_be_put_in_before_reading(
    node: Expression, given_facts: dict[str, Value]
) -> None:
    known = {name: value for name, value in given_facts.items() if value is not None}
    assert read(Specialiser(PARAMETERS, known)(node), given_facts) is read(
        PUT_IN(node), given_facts
    )


@given(test, facts)
def test_an_explanation_names_conditions_with_the_results_they_have(
    node: Expression, given_facts: dict[str, Value]
) -> None:
    node = Condition("whole", PUT_IN(node))
    reader = Reader([node])
    (trace,) = reader.explain(node, dict(given_facts))
    assert trace.code == "whole"
    assert trace.result is reader.value(node, dict(given_facts))
    looked_at = {name for found in walk(trace) for name in found.facts}
    assert looked_at <= facts_in(node)
    if facts_in(node) and trace.result is not None:
        # What was looked at is enough: all the rest may be unknown.
        only = {n: v if n in looked_at else None for n, v in given_facts.items()}
        for name in _guarded(node):
            only[name] = given_facts[name]
        assert reader.value(node, dict(only)) is trace.result


@settings(max_examples=150)
@given(st.lists(test, min_size=1, max_size=3), st.lists(facts, min_size=1, max_size=20))
def test_columns_hold_what_the_explaining_reader_reads(
    nodes: list[Expression], rows: list[dict[str, Value]]
) -> None:
    block = Block(
        len(rows),
        {
            name: np.array([-1 if row[name] is None else row[name] for row in rows], np.int32)
            for name in (*FLAGS, *CODES)
        },
    )
    # Two sets of law, so that parameters are looked up; the works are under the second.
    other: dict[str, Value] = {"on": False, "off": True, "months": 5}
    law = LawColumns("law", {name: [other[name], PARAMETERS[name]] for name in PARAMETERS})
    block.positions["law"] = np.ones(len(rows), dtype=np.intp)
    compiler = ColumnCompiler(Steps(), law)
    for node in nodes:
        step = compiler.truth(node)
        sure, possible = (unpack(bits, len(rows)).tolist() for bits in step.read(block))
        asked = Question([step]).ask(block, block.everywhere(truth=True))
        waiting = {name: unpack(bits, len(rows)).tolist() for name, bits in asked.items()}
        expected = PUT_IN(node)
        reader = Reader([expected])
        for place, row in enumerate(rows):
            value = reader.value(expected, dict(row))
            assert (sure[place], possible[place]) == (value is True, value is not False)
            named = {name for name, cases in waiting.items() if cases[place]}
            assert named == reader.waiting_for([expected], dict(row))


def test_equal_parts_are_read_once() -> None:
    steps = Steps()
    test = Fact("a") & Equal(Fact("x"), Constant(1))
    again = Fact("a") & Equal(Fact("x"), Constant(1))
    first = ColumnCompiler(steps).truth(test)
    assert ColumnCompiler(steps).truth(again) is first
    assert ColumnCompiler(steps, names={"x": "y"}).truth(again) is not first


@pytest.mark.parametrize("node", [Later(Fact("x"), Fact("y")), Shifted(Fact("x"), Constant(1))])
def test_a_day_is_no_test(node: Expression) -> None:
    with pytest.raises(TypeError, match="is not a test"):
        ColumnCompiler(Steps()).truth(node)
    with pytest.raises(TypeError, match="is not a number"):
        ColumnCompiler(Steps()).number(Equal(node, node))


@settings(max_examples=150)
@given(test, facts)
def test_formulas_are_true_where_the_explaining_reader_reads_true(
    node: Expression, given_facts: dict[str, Value]
) -> None:
    node = PUT_IN(node)
    reader = Z3Reader(frozenset(FLAGS))
    truth = reader.truth(node)
    solver = z3.Solver()
    for name in reader.facts:
        fact, value = reader.fact(name), given_facts[name]
        if isinstance(fact, Number):
            solver.add(
                z3.Not(fact.known) if value is None else z3.And(fact.known, fact.value == value)
            )
        elif isinstance(fact, Truth):
            unknown = z3.Not(z3.Or(fact.true, fact.false))
            solver.add(unknown if value is None else (fact.true if value else fact.false))
    assert solver.check() == z3.sat
    model = solver.model()
    is_true = z3.is_true(model.eval(truth.true, model_completion=True))
    is_false = z3.is_true(model.eval(truth.false, model_completion=True))
    expected = read(node, given_facts)
    assert (is_true, is_false) == (expected is True, expected is False)


def test_a_code_is_one_of_several() -> None:
    node = is_one_of(Fact("x"), 1, 3)
    assert [read(node, {"x": value}) for value in (1, 2, 3, None)] == [True, False, True, None]


@pytest.mark.parametrize("node", [Parameter("on"), Choice(Fact("a"), Parameter("on"), TRUE)])
def test_an_expression_with_law_left_in_it_is_refused(node: Expression) -> None:
    with pytest.raises(TypeError, match="specialised"):
        Reader().compile(node)


def _nodes(node: Expression) -> list[Expression]:
    return [node, *(found for child in node.children() for found in _nodes(child))]


def _guarded(node: Expression) -> set[str]:
    return {found.fact.name for found in _nodes(node) if isinstance(found, Known)}


def test_one_part_stands_for_itself() -> None:
    assert all_of(Fact("a")) is not None
    assert isinstance(all_of(Fact("a"), Fact("b")), AllOf)
    assert isinstance(any_of(Fact("a"), Fact("b")), AnyOf)
