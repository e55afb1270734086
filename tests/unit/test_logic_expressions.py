"""Expressions: how they are built, put into shape and explained."""

from __future__ import annotations

from itertools import product

from totalize.logic.explain import Reader, Trace
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
    Negation,
    Parameter,
    Shifted,
    Specialiser,
    Value,
    all_of,
    any_of,
    facts_in,
    implies,
    negate,
)

A, B, C = Fact("a"), Fact("b"), Fact("c")


def explain(node: Expression, *, full: bool = False, **facts: Value) -> tuple[Trace, ...]:
    return Reader([node]).explain(node, dict(facts), full=full)


def test_two_negations_are_none() -> None:
    assert negate(negate(A)) is A
    assert all_of(A) is A
    assert any_of(A) is A


def test_facts_are_found_once_wherever_they_stand() -> None:
    node = Choice(A, Equal(B, Parameter("p")), Known(C) | Equal(B, Constant(1)))
    assert facts_in(node) == {"a", "b", "c"}
    assert facts_in(Parameter("p")) == frozenset()


def test_law_that_decides_a_test_takes_its_place() -> None:
    put_in = Specialiser({"on": True, "off": False, "months": 12, "code": 7})
    assert _value(put_in(Parameter("off") & A)) is False
    assert _value(put_in(Parameter("on") | A)) is True
    assert put_in(Parameter("on") & A) is A
    assert put_in(Parameter("off") | A) is A
    assert put_in(Choice(Parameter("on"), A, B)) is A
    assert put_in(Choice(Parameter("off"), A, B)) is B
    assert _value(put_in(negate(Parameter("on")))) is False
    assert _value(put_in(Equal(Parameter("code"), Constant(7)))) is True
    assert _value(put_in(AtMost(Parameter("months"), Constant(11)))) is False
    assert _value(put_in(Later(Parameter("months"), Constant(11)))) == 12
    assert _value(put_in(Shifted(Constant(1), Parameter("months")))) == 1 + 12 * 32
    assert _value(put_in(all_of(Parameter("on"), Parameter("on")))) is True
    assert _value(put_in(any_of(Parameter("off"), Parameter("off")))) is False


def _value(node: Expression) -> Value:
    assert isinstance(node, Constant)
    return node.value


def test_facts_put_in_may_be_unknown() -> None:
    put_in = Specialiser({}, {"a": None, "b": True})
    assert _value(put_in(A)) is None
    assert _value(put_in(negate(A))) is None
    assert _value(put_in(Known(A))) is False
    assert _value(put_in(Known(B))) is True
    assert _value(put_in(Equal(A, Constant(1)))) is None
    combined = put_in(A & C)
    assert isinstance(combined, AllOf)
    assert isinstance(put_in(A | C), AnyOf)


def test_shared_parts_stay_shared() -> None:
    shared = A & B
    put_in = Specialiser({})
    first, second = put_in(negate(shared)), put_in(Condition("named", shared))
    assert isinstance(first, Negation)
    assert isinstance(second, Condition)
    assert first.part is second.part


def test_a_condition_that_the_law_alone_fulfils_is_named_only_where_it_is_kept() -> None:
    put_in = Specialiser({"on": True})
    assert isinstance(put_in(Condition("named", Parameter("on"))), Constant)
    kept = put_in(Condition("named", Parameter("on"), kept=True))
    assert isinstance(kept, Condition)
    assert isinstance(put_in(Condition("named", negate(Parameter("on")), kept=True)), Constant)


def test_the_first_other_code_that_is_not_excluded_counts() -> None:
    node = FirstOther((A, B, C), frozenset((0, 1)))
    read = Reader([node])
    assert read.value(node, {"a": 1, "b": 5, "c": None}) == 5
    assert read.value(node, {"a": 1, "b": None, "c": 6}) is None
    assert read.value(node, {"a": 1, "b": 0, "c": 1}) == node.none
    assert read.waiting_for([node], {"a": 1, "b": None, "c": None}) == {"b"}


def test_a_failed_conjunction_is_explained_by_the_first_part_that_fails() -> None:
    node = Condition("p", A) & Condition("q", B) & Condition("r", C)
    assert [trace.code for trace in explain(node, a=True, b=False, c=False)] == ["q"]
    assert [trace.code for trace in explain(node, a=True, b=True, c=True)] == ["p", "q", "r"]
    assert [trace.code for trace in explain(node, a=None, b=True, c=None)] == ["p", "r"]
    assert [trace.code for trace in explain(node, full=True, a=True, b=False, c=False)] == [
        "p",
        "q",
        "r",
    ]


def test_a_condition_explained_as_a_whole_names_every_part_that_fails() -> None:
    node = Condition("whole", Condition("p", A) & Condition("q", B) & Condition("r", C), whole=True)

    def failed(**facts: bool | None) -> list[str]:
        (trace,) = explain(node, **facts)
        return [below.code for below in trace.because]

    assert failed(a=False, b=True, c=False) == ["p", "r"]
    assert failed(a=None, b=True, c=False) == ["r"]
    assert failed(a=True, b=True, c=True) == ["p", "q", "r"]
    assert failed(a=None, b=True, c=None) == ["p", "r"]


def test_behind_a_gate_that_fails_no_further_part_is_looked_at() -> None:
    node = Condition(
        "whole", Condition("p", A, gate=True) & Condition("q", B) & Condition("r", C), whole=True
    )
    (trace,) = explain(node, a=False, b=False, c=False)
    assert [below.code for below in trace.because] == ["p"]
    (trace,) = explain(node, a=True, b=False, c=False)
    assert [below.code for below in trace.because] == ["q", "r"]


def test_a_fulfilled_disjunction_is_explained_by_the_first_part_that_holds() -> None:
    node = Condition("p", A) | Condition("q", B)
    assert [trace.code for trace in explain(node, a=False, b=True)] == ["q"]
    assert [trace.code for trace in explain(node, a=False, b=False)] == ["p", "q"]
    assert [trace.code for trace in explain(node, a=None, b=False)] == ["p"]


def test_a_condition_names_its_own_facts_and_leaves_the_rest_to_those_inside() -> None:
    node = Condition("outer", A & Condition("inner", negate(B)))
    (outer,) = explain(node, a=True, b=False)
    assert (outer.code, outer.result, outer.facts) == ("outer", True, ("a",))
    (inner,) = outer.because
    assert (inner.code, inner.result, inner.facts) == ("inner", True, ("b",))


def test_a_choice_is_explained_by_its_test_and_the_branch_taken() -> None:
    node = Condition("whole", Choice(A, Condition("then", B), Condition("else", C)))
    (trace,) = explain(node, a=True, b=False, c=True)
    assert trace.facts == ("a",)
    assert [below.code for below in trace.because] == ["then"]
    (trace,) = explain(node, a=None, b=False, c=True)
    assert (trace.result, trace.facts, trace.because) == (None, ("a",), ())


def test_a_consequence_is_asked_for_only_where_its_test_may_hold() -> None:
    node = implies(A, B)
    reader = Reader([node])
    assert reader.value(node, {"a": False, "b": None}) is True
    assert reader.waiting_for([node], {"a": None, "b": None}) == {"a", "b"}
    assert reader.waiting_for([node], {"a": True, "b": None}) == {"b"}
    assert reader.waiting_for([node], {"a": None, "b": True}) == frozenset()


def test_what_several_wait_for_is_what_each_waits_for() -> None:
    shared = A & B
    nodes = [shared, negate(shared) & C, Choice(shared, C, A)]
    reader = Reader(nodes)
    for facts in ({"a": x, "b": y, "c": z} for x, y, z in product((True, False, None), repeat=3)):
        apart = [reader.waiting_for([node], facts) for node in nodes]
        assert reader.waiting_for(nodes, facts) == frozenset().union(*apart)


def test_a_choice_waits_for_its_test_first() -> None:
    node = Choice(A, B, C)
    reader = Reader([node])
    assert reader.waiting_for([node], {"a": None, "b": None, "c": None}) == {"a"}
    assert reader.waiting_for([node], {"a": False, "b": None, "c": None}) == {"c"}


def test_truth_stands_by_itself() -> None:
    assert Reader().value(TRUE, {}) is True
    assert Reader().value(FALSE, {}) is False
    assert explain(TRUE & A, a=True) == ()


def test_what_is_negated_is_explained_by_what_decides_inside() -> None:
    node = negate(Condition("p", A) | Condition("q", B))
    assert [trace.code for trace in explain(node, a=True, b=False)] == ["p"]
    assert [trace.code for trace in explain(node, a=False, b=False)] == ["p", "q"]
    assert [trace.code for trace in explain(node, a=False, b=None)] == ["q"]


def test_the_test_of_a_choice_and_the_branch_taken_carry_their_own_results() -> None:
    node = Choice(Condition("t", A), Condition("u", B), Condition("v", C))
    for facts, expected in (
        ({"a": True, "b": False, "c": True}, [("t", True), ("u", False)]),
        ({"a": False, "b": False, "c": True}, [("t", False), ("v", True)]),
        ({"a": None, "b": False, "c": True}, [("t", None)]),
    ):
        assert [(trace.code, trace.result) for trace in explain(node, **facts)] == expected


def test_codes_are_equal_only_when_both_are_known() -> None:
    node = Equal(A, B)
    read = Reader([node])
    assert read.value(node, {"a": 3, "b": 3}) is True
    assert read.value(node, {"a": 3, "b": None}) is None
    assert read.value(node, {"a": None, "b": None}) is None
    assert read.waiting_for([Choice(A, B, C)], {"a": True, "b": None, "c": True}) == {"b"}
