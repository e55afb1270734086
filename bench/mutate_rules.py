"""Change the provisions one node at a time and count how many changes the law cases notice.

Provisions are data of the program, not statements, so a mutation tester that edits statements
passes them by. Here every test, connective, day and choice below a provision is changed in the
tree itself, and the cases under `tests/law` are decided with it until one comes out otherwise.
A change that no case notices is looked at twice more: whether two provisions then hold at once,
or none does (the proofs under `tests/property` notice that), and whether it changes any answer
for works drawn at random. One that changes none is no change of the law.

    python bench/mutate_rules.py [--sample N] [--seed S] [--show]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from totalize.api import law
from totalize.coverage import conditions as c
from totalize.coverage import reading
from totalize.coverage.determine import Determiner
from totalize.coverage.door import read_case
from totalize.coverage.provisions import PROVISIONS, order_provisions
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import LawError
from totalize.kernel.reading import parse_trusted
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
    Known,
    Later,
    Negation,
    Shifted,
    Specialiser,
    all_of,
    any_of,
    walk,
)

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests" / "law"), str(ROOT / "tests" / "equivalence")]

from explained import Explained, Facts, day_of
from population import draw_population
from test_law_cases import _compare

Put = Callable[[Specialiser], Expression]
_EXACT = Specialiser


def changes(node: Expression) -> Iterator[tuple[str, Put]]:
    """Yield every change of one node: its name, and what stands in the node's place."""

    def instead(other: Expression) -> Put:
        return lambda put_in: put_in(other)

    match node:
        case AllOf(parts) | AnyOf(parts):
            join, name = (all_of, "all") if isinstance(node, AllOf) else (any_of, "any")
            other = any_of if join is all_of else all_of
            yield f"{name} becomes {'any' if join is all_of else 'all'}", instead(other(*parts))
            for number in range(len(parts)):
                rest = parts[:number] + parts[number + 1 :]
                neutral = TRUE if join is all_of else FALSE
                yield f"{name} loses part {number}", instead(join(*rest) if rest else neutral)
        case Negation(part):
            yield "negation is lost", instead(part)
        case Condition(_, part, _):
            yield "condition is negated", instead(Negation(part))
        case Equal(left, right):
            yield "equality is negated", instead(Negation(Equal(left, right)))
        case AtMost(left, right):
            yield "at most becomes before", instead(Negation(AtMost(right, left)))
            yield "at most is turned round", instead(Negation(AtMost(left, right)))
        case Later(left, right):
            yield "later becomes the first", instead(left)
            yield "later becomes the second", instead(right)
        case Shifted(day, months):
            yield "a month more", instead(Shifted(Shifted(day, months), Constant(1)))
            yield "not shifted", instead(day)
        case Choice(test, then, otherwise):
            yield "branches change places", instead(Choice(test, otherwise, then))
            yield "always the first branch", instead(then)
            yield "always the second branch", instead(otherwise)
        case Known():
            yield "always known", instead(TRUE)
            yield "never known", instead(FALSE)
        case _:
            return


def all_changes() -> list[tuple[Expression, str, Put]]:
    """Return the changes of all nodes below the provisions, claims and ends of stays."""
    roots = [*order_provisions(law().order()).values(), c.us_would_claim, c.partner_would_claim]
    for provision in PROVISIONS:
        if provision.move is not None:
            roots += [provision.move.ends, provision.move.over_limit]
    seen: dict[int, Expression] = {}
    for root in roots:
        seen |= {id(node): node for node in walk(root)}
    return [(node, name, put) for node in seen.values() for name, put in changes(node)]


class _Changed(_EXACT):
    """A specialiser that puts something else in one node's place."""

    target: Expression
    put: Put

    def __call__(self, node: Expression) -> Expression:
        if node is type(self).target:
            return type(self).put(self)
        return super().__call__(node)


class Cases:
    """The law cases, those that noticed the last change first."""

    def __init__(self) -> None:
        self._cases: list[dict[str, Any]] = [
            case | {"typed": read_case(case["case"]), "day": parse_date(case["as_of"], "as_of")}
            for path in sorted((ROOT / "tests" / "law").glob("*/*.yaml"))
            for case in parse_trusted(path.read_text(encoding="utf-8"))
        ]
        random.Random(1).shuffle(self._cases)

    def __len__(self) -> int:
        return len(self._cases)

    def notice(self, determiner: Determiner) -> bool:
        """Tell whether a case comes out otherwise than its source says."""
        for position, case in enumerate(self._cases):
            if not _as_expected(determiner, case):
                self._cases.insert(0, self._cases.pop(position))
                return True
        return False


class Drawn:
    """Works drawn at random, with the answers of the law as it stands.

    Args:
        each: how many works for each agreement.
    """

    def __init__(self, each: int) -> None:
        self._works: list[tuple[Facts, int | None]] = []
        for number, country in enumerate([*sorted(law().countries()), "IN"]):
            agreement = law().agreement(country)
            around = reading.changes_of(agreement) if agreement is not None else ()
            frame = draw_population(country, each, number, around)
            self._works += [
                (dict(facts), facts.pop("stop")) for facts in frame.iter_rows(named=True)
            ]
        self._right = [self._answers(Explained(law()), *work) for work in self._works]

    def _answers(self, explained: Explained, facts: Facts, stop: int | None) -> object:
        last = None if stop is None else day_of(stop)
        return [answer[1:5] for answer in explained.stretches(0, dict(facts), last)]

    def verdict(self) -> str:
        """Tell what the changed law does to them."""
        explained = Explained(law(), count_conflicts=True)
        differs = False
        for (facts, stop), right in zip(self._works, self._right, strict=True):
            try:
                differs |= self._answers(explained, facts, stop) != right
            except (AssertionError, TypeError, ValueError):
                return PROOF
            if differs and explained.conflicts:
                return PROOF
        if explained.conflicts:
            return PROOF
        return MISSED if differs else SAME


CASES, PROOF, MISSED, SAME = "law cases", "proofs", "nobody", "changes nothing"


def _as_expected(determiner: Determiner, case: Mapping[str, Any]) -> bool:
    try:
        answer = determiner.decide(case["typed"], case["day"]).to_dict()
        for result in answer["results"]:
            expected = case["expect"].get(result["work"])
            if expected is None:
                continue
            if len(expected) != len(result["periods"]):
                return False
            for wanted, period in zip(expected, result["periods"], strict=True):
                _compare(wanted, period, case["name"])
    except (AssertionError, LawError, TypeError, ValueError):
        return False
    return True


def _told(node: Expression) -> str:
    facts = sorted({found.name for found in walk(node) if isinstance(found, Fact)})
    codes = [found.code for found in walk(node) if isinstance(found, Condition)]
    return f"{type(node).__name__} of {', '.join((codes or facts)[:6])}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=0, help="how many changes; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--works", type=int, default=600, help="drawn for each agreement")
    parser.add_argument("--show", action="store_true", help="list the changes nobody noticed")
    options = parser.parse_args()
    cases, found = Cases(), all_changes()
    assert not cases.notice(Determiner(law())), "the law cases fail before anything is changed"
    total = len(found)
    if options.sample:
        found = random.Random(options.seed).sample(found, min(options.sample, total))
    drawn = Drawn(options.works)
    started = time.perf_counter()
    verdicts: dict[str, Counter[str]] = {}
    for node, name, put in found:
        _Changed.target, _Changed.put = node, staticmethod(put)
        reading.Specialiser = _Changed
        verdict = CASES if cases.notice(Determiner(law())) else drawn.verdict()
        verdicts.setdefault(name.split(" part")[0], Counter())[verdict] += 1
        if options.show and verdict in {MISSED, PROOF}:
            print(f"{verdict}: {name}: {_told(node)}", flush=True)
    reading.Specialiser = _EXACT
    columns = (CASES, PROOF, MISSED, SAME)
    print(f"{'noticed by':<28}" + "".join(f"{column:>17}" for column in columns))
    whole: Counter[str] = sum(verdicts.values(), Counter())
    for kind, counts in [*sorted(verdicts.items()), ("all", whole)]:
        print(f"{kind:<28}" + "".join(f"{counts[column]:>17,}" for column in columns))
    real = whole.total() - whole[SAME]
    print(
        f"score {(whole[CASES] + whole[PROOF]) / real:.1%} of {real:,} changes that matter; "
        f"{total:,} possible; {len(cases):,} cases; {time.perf_counter() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
