"""Ways to complete a work whose facts are partly unknown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from totalize.coverage.codes import COUNTRY_CODES, NOWHERE, REGION_CODES, US
from totalize.coverage.columns import FACT_TYPES
from totalize.logic.expressions import DAYS_IN_A_STEP, OPEN, Value

Facts = dict[str, Value]

# Facts that one answer of a person tells together.
ALSO = ("also_in_us", "also_in_1", "also_in_2")
EARLIER = ("earlier_stay", "ever_sent_before", "earlier_start", "earlier_stop")
ANSWER_OF = dict.fromkeys(ALSO, "also_in") | dict.fromkeys(EARLIER, "earlier_stay")
# Where nobody, or nowhere, is an answer.
_NULLABLE = frozenset({"sent_from", "via", "insured_before", "elects", "affiliate_of"})
_THIRD = COUNTRY_CODES["IN"]


def unknown_answers(facts: Facts) -> list[str]:
    """Return the names of the answers that are unknown, facts told together as one."""
    return list(dict.fromkeys(ANSWER_OF.get(n, n) for n, value in facts.items() if value is None))


def ways(answer: str, facts: Facts, partner: int) -> list[Facts]:
    """Return the facts that each possible answer tells: every kind of answer there is.

    Args:
        answer: one of `unknown_answers`.
        facts: the work.
        partner: the other country it is about.
    """
    start = facts["start"]
    assert start is not None
    if answer == "also_in":
        found = [(False, NOWHERE, NOWHERE), (False, COUNTRY_CODES["HK"], NOWHERE)]
        here = (False, partner, NOWHERE) if facts["country"] == US else (True, NOWHERE, NOWHERE)
        return [dict(zip(ALSO, values, strict=True)) for values in (*found, here)]
    if answer == "earlier_stay":
        return [dict(zip(EARLIER, values, strict=True)) for values in _stays(facts, start)]
    if answer == "expected_stop":
        months = (1, 12, 24, 36, 48, 60, 84)
        return [{answer: start + month * DAYS_IN_A_STEP} for month in months] + [{answer: OPEN}]
    if answer == "insured_since":
        return [{answer: start - 3 * DAYS_IN_A_STEP}, {answer: start - 12 * DAYS_IN_A_STEP}]
    if answer == "region":
        return [{answer: 0}, *({answer: code} for code in REGION_CODES.values())]
    if FACT_TYPES[answer].__name__ == "Boolean":
        return [{answer: True}, {answer: False}]
    codes = dict.fromkeys((US, partner, _THIRD, *((NOWHERE,) if answer in _NULLABLE else ())))
    return [{answer: code} for code in codes]


def _stays(facts: Facts, start: int) -> list[tuple[Value, ...]]:
    """Return what may turn out of earlier stays; what is already known of them stays."""
    chains = [
        (True, True, start - first * DAYS_IN_A_STEP, start - last * DAYS_IN_A_STEP)
        for first, last in ((30, 3), (70, 3), (12, 7), (12, 11), (1, 0))
    ]
    if facts["earlier_start"] is not None:
        chains = [(True, True, facts["earlier_start"], facts["earlier_stop"])]
    elif facts["earlier_stop"] is not None:
        stop = facts["earlier_stop"]
        starts = {stop - DAYS_IN_A_STEP, *(chain[2] for chain in chains if chain[2] < stop)}
        chains = [(True, True, first, stop) for first in sorted(starts)]
    if facts["earlier_stay"]:
        return [*chains]
    long_ago = [(False, True, NOWHERE, NOWHERE)]
    never = [] if facts["ever_sent_before"] else [(False, False, NOWHERE, NOWHERE)]
    return [*never, *long_ago, *chains]


def completions(facts: Facts, answers: list[str], partner: int) -> Iterator[Facts]:
    """Yield the facts with some answers given, in every way."""
    for chosen in product(*(ways(answer, facts, partner) for answer in answers)):
        completed = dict(facts)
        for told in chosen:
            completed |= told
        yield completed
