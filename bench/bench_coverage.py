"""Coverage: one explained case, and a million works in columns, beside two other rule engines.

The two others are given one decision of ten rules (is somebody sent from the US to one of ten
countries still covered by the US?), written as each of them asks for. totalize decides by the
whole law: every agreement, direction, kind of work, version, history, reasons and warnings.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "equivalence"))

from population import draw_population

from totalize.api import law
from totalize.coverage.case import Case
from totalize.coverage.columns import ColumnDeterminer
from totalize.coverage.determine import Determiner
from totalize.coverage.door import read_case
from totalize.kernel.reading import parse_trusted

ROWS = 1_000_000
SECONDS = 2.0
ROUNDS = 5
AS_OF = date(2026, 11, 22)
COUNTRIES = ("AT", "BE", "CH", "DE", "DK", "FR", "GB", "IT", "JP", "NL")
LIMITS = {
    country: agreement.coverage.detached_worker.us_to_foreign[-1].max_months or 0
    for country in COUNTRIES
    if (agreement := law().agreement(country)) and agreement.coverage.detached_worker
}
SENT = {
    "worker": {"citizenships": ["US"], "residence": "DE"},
    "work": [
        {
            "activity": "employment",
            "country": "DE",
            "start": "2026-03-01",
            "expected_end": "2029-02-28",
            "employer": {"name": "Acme", "country": "US"},
            "sent_from": "US",
            "via": None,
            "employed_before_transfer": True,
        }
    ],
}
FACTS = {
    "us_citizen": True,
    "american": True,
    "employed_before": True,
    "direct": True,
    "in_force": True,
    "country": 3,
    "months": 36,
}


def per_second(act: Callable[[], object], count: int = 1) -> tuple[float, float]:
    """Return how many things are done in a second, and in a second of one processor's time.

    Args:
        act: does them.
        count: how many it does.

    Returns:
        The medians of some rounds. On a busy machine the second says more than the first.
    """
    act()
    calls = 1
    while True:
        started = time.perf_counter()
        for _ in range(calls):
            act()
        if (spent := time.perf_counter() - started) > SECONDS / ROUNDS / 2:
            break
        calls *= 2
    calls = max(1, int(calls * SECONDS / ROUNDS / spent))
    by_clock, by_processor = [], []
    for _ in range(ROUNDS):
        started, worked = time.perf_counter(), time.process_time()
        for _ in range(calls):
            act()
        by_clock.append(calls * count / (time.perf_counter() - started))
        by_processor.append(calls * count / (time.process_time() - worked))
    return statistics.median(by_clock), statistics.median(by_processor)


def law_cases() -> list[Case]:
    return [
        read_case(case["case"])
        for path in sorted((ROOT / "tests" / "law").glob("*/*.yaml"))
        for case in parse_trusted(path.read_text(encoding="utf-8"))
    ]


def mixed_works() -> pl.DataFrame:
    """Draw works of all agreements and of none, well mixed."""
    countries = [*sorted(law().countries()), "IN"]
    share = ROWS // len(countries) + 1
    frames = [draw_population(country, share, n) for n, country in enumerate(countries)]
    return pl.concat(frames).sample(ROWS, shuffle=True, seed=1)


def openfisca_simulation(size: int, *, trace: bool) -> Callable[[], object]:
    """Write the ten rules for OpenFisca and return one run over `size` persons."""
    from openfisca_core import entities, periods, variables
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem

    person = entities.build_entity(key="person", plural="persons", label="A worker", is_person=True)
    limits = np.array(list(LIMITS.values()), dtype=np.int32)
    limit_of = np.resize(limits, len(COUNTRIES))

    def variable(name: str, kind: type, rule: Callable[..., object] | None = None) -> type:
        fields = {
            "value_type": kind,
            "entity": person,
            "definition_period": periods.MONTH,
            "label": name,
        }
        if rule is not None:
            fields["formula"] = rule
        return type(name, (variables.Variable,), fields)

    rules: dict[str, Callable[..., object]] = {
        "us_would_claim": lambda p, t: p("us_citizen", t) & p("american", t),
        "host_would_claim": lambda p, t: p("country", t) >= 0,
        "both_would_claim": lambda p, t: p("us_would_claim", t) & p("host_would_claim", t),
        "decides": lambda p, t: p("both_would_claim", t) & p("in_force", t),
        "within_limit": lambda p, t: (
            (limit_of[p("country", t)] == 0) | (p("months", t) <= limit_of[p("country", t)])
        ),
        "sent": lambda p, t: p("american", t) & p("employed_before", t) & p("direct", t),
        "detached": lambda p, t: p("decides", t) & p("sent", t) & p("within_limit", t),
        "territorial": lambda p, t: p("decides", t) & ~p("detached", t),
        "both_due": lambda p, t: p("both_would_claim", t) & ~p("in_force", t),
    }
    system = TaxBenefitSystem([person])
    for name, value in FACTS.items():
        system.add_variable(variable(name, bool if isinstance(value, bool) else int))
    for name, rule in rules.items():
        system.add_variable(variable(name, bool, rule))
    system.add_variable(
        variable(
            "covered_by",
            int,
            lambda p, t: p("detached", t) * 1 + p("territorial", t) * 2 + p("both_due", t) * 3,
        )
    )
    rng = np.random.default_rng(3)
    inputs = {
        name: np.full(size, value)
        if size == 1
        else (rng.random(size) < 0.8 if isinstance(value, bool) else rng.integers(0, 10, size) * 7)
        for name, value in FACTS.items()
    }
    if size > 1:
        inputs["country"] = rng.integers(0, len(COUNTRIES), size)

    def run() -> object:
        simulation = SimulationBuilder().build_default_simulation(system, count=size)
        simulation.trace = trace
        for name, values in inputs.items():
            simulation.set_input(name, "2026-03", values)
        return simulation.calculate("covered_by", "2026-03")

    return run


def zen_decision() -> Callable[[], object]:
    """Write the ten rules for zen-engine and return one traced evaluation."""
    import zen

    limits = ", ".join(str(LIMITS.get(country, 0)) for country in COUNTRIES)
    expressions = {
        "us_would_claim": "us_citizen and american",
        "host_would_claim": "country >= 0",
        "both_would_claim": "$.us_would_claim and $.host_would_claim",
        "decides": "$.both_would_claim and in_force",
        "limit": f"[{limits}][country]",
        "within_limit": "$.limit == 0 or months <= $.limit",
        "sent": "american and employed_before and direct",
        "detached": "$.decides and $.sent and $.within_limit",
        "territorial": "$.decides and not $.detached",
        "covered_by": '$.detached ? "US" : ($.territorial ? "host" : "both")',
    }
    content = {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "out", "name": "out", "type": "outputNode"},
            {
                "id": "rules",
                "name": "rules",
                "type": "expressionNode",
                "content": {
                    "expressions": [
                        {"id": key, "key": key, "value": value}
                        for key, value in expressions.items()
                    ]
                },
            },
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "2", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(content))
    found = decision.evaluate(FACTS)["result"]
    assert found["covered_by"] == "US", found
    return lambda: decision.evaluate(FACTS, {"trace": True})


def told(works: pl.DataFrame) -> pl.DataFrame:
    """Keep the works of which every fact is told; days may be open."""
    asked = [name for name in works.columns if name not in {"stop", "insured_since"}]
    same = pl.col("employment_in_us") == pl.col("employment_in_partner")
    plain = works.filter(same & pl.all_horizontal(pl.col(asked).is_not_null()))
    return pl.concat([plain] * (ROWS // plain.height + 1)).head(ROWS).rechunk()


def column_rate(all_told: bool) -> tuple[float, float]:
    """Return how many works one process decides in a second, and in a second of its own time."""
    works = mixed_works()
    frame = told(works) if all_told else works
    columns = ColumnDeterminer(law())
    columns.decide(frame)
    started, worked, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - started < 3 * SECONDS:
        columns.decide(frame)
        done += frame.height
    return done / (time.perf_counter() - started), done / (time.process_time() - worked)


def two_processes(all_told: bool) -> tuple[float, float]:
    """Return what two processes decide together in a second, and each in one of its own time."""
    with get_context("spawn").Pool(2) as pool:
        rates = pool.map(column_rate, [all_told] * 2, chunksize=1)
    return sum(clock for clock, _ in rates), statistics.mean(own for _, own in rates)


def main() -> None:
    determiner = Determiner(law())
    typed = read_case(SENT)
    cases = law_cases()
    periods = determiner.decide(typed, AS_OF).results[0].periods
    assert periods[0].covered_by == ("US",)
    assert periods[0].reasons
    for case in cases:
        determiner.decide(case, AS_OF)
    gc.collect()
    gc.freeze()

    def add(what: str, rates: tuple[float, float]) -> None:
        print(f"{what:<58} {rates[0]:>12,.0f} {rates[1]:>14,.0f}", flush=True)

    what = "one core, one case at a time, reasons included"
    print(f"{what:<58} {'a second':>12} {'a CPU second':>14}")
    add(
        "totalize, sent to Germany, typed",
        per_second(lambda: determiner.decide(typed, AS_OF)),
    )
    add(
        "totalize, the same, from a document to a dictionary",
        per_second(lambda: determiner.decide(read_case(SENT), AS_OF).to_dict()),
    )
    add(
        f"totalize, the {len(cases):,} law cases in turn",
        per_second(lambda: [determiner.decide(case, AS_OF) for case in cases], len(cases)),
    )
    openfisca = openfisca_simulation(1, trace=True)
    assert int(np.asarray(openfisca())[0]) == 1
    add("OpenFisca-core, ten rules, traced", per_second(openfisca))
    add("zen-engine, ten rules, traced", per_second(zen_decision()))

    print(f"{ROWS:,} works in memory, {pl.thread_pool_size()} threads")
    columns = ColumnDeterminer(law())
    frame = mixed_works()
    decided = columns.decide(frame)
    load = os.getloadavg()[0]
    add(
        f"totalize, whole law, {decided.height:,} answers",
        per_second(lambda: columns.decide(frame), ROWS),
    )
    few = frame.head(10)
    add("totalize, whole law, ten works at a time", per_second(lambda: columns.decide(few), 10))
    add(
        "OpenFisca-core, ten rules (one thread)",
        per_second(openfisca_simulation(ROWS, trace=False), ROWS),
    )
    plain = told(frame)
    add(
        "totalize, whole law, works of which every fact is told",
        per_second(lambda: columns.decide(plain), ROWS),
    )
    for what, all_told in (("every fact told", True), ("one work in seven lacks a fact", False)):
        add(f"totalize, two processes, {what}", two_processes(all_told))
    print(f"{os.cpu_count()} cores, load of the machine {load:.1f}")


if __name__ == "__main__":
    main()
