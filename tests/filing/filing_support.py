"""Build a year by hand, and look into an answer by path."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from totalize.api import _tax_on_profit
from totalize.filing.assess import assess_filing
from totalize.filing.facts import FilingFacts, read_facts
from totalize.law.filing import FilingLaw

WORKER = {"citizenships": ["US"], "residence": "FR", "birth_date": "1990-05-01"}


def facts_of(given: dict[str, Any]) -> tuple[FilingFacts, FilingLaw]:
    """Read `worker`, `work` and options; each work carries the answer for it under `covered`."""
    given = dict(given)
    works = [dict(work) for work in given.pop("work", [])]
    results = []
    for position, work in enumerate(works):
        work.setdefault("id", f"w{position + 1}")
        results.append({"work": work["id"], "periods": work.pop("covered")})
    case = {"worker": {**WORKER, **given.pop("worker", {})}, "work": works}
    if not works:
        case["work"] = [{"id": "none", "activity": "employment", "country": "FR"}]
        period = {"from": "1999-01-01", "to": "1999-12-31", "covered_by": ["FR"]}
        results = [{"work": "none", "periods": [period]}]
    facts, law = read_facts(case, {"results": results}, given)
    if facts.self_employment is not None:
        tax = _tax_on_profit(facts.tax_year, facts.self_employment, facts.status.value)
        facts = replace(facts, tax_on_profit=tax)
    return facts, law


def answer(given: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON of the answer."""
    facts, law = facts_of(given)
    return assess_filing(facts, law).to_dict()


def look(value: Any, path: str) -> Any:
    """Follow `a.b[code].c`: in a list, brackets pick by position, code, or form."""
    for name, pick in re.findall(r"([^.\[\]]+)|\[([^\]]+)\]", path):
        if name:
            value = value[name]
        elif pick.isdigit():
            value = value[int(pick)]
        else:
            found = [item for item in value if pick in {item.get("code"), item.get("form")}]
            if len(found) != 1:
                codes = [item.get("code", item.get("form")) for item in value]
                raise AssertionError(f"{path}: {pick} among {codes}")
            value = found[0]
    return value
