"""Write a case as the text of a file that the door reads back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from totalize.coverage.case import Case, Employer, HealthInsurance, Work, Worker


def write_case(document: Mapping[str, Any], *, as_json: bool) -> str:
    """Return a case as the text of a file, its fields in the order of the contract."""
    works = []
    for work in document["work"]:
        plain = _ordered(work, Work)
        for name, model in (("employer", Employer), ("health_insurance", HealthInsurance)):
            if name in plain:
                plain[name] = _ordered(plain[name], model)
        works.append(plain)
    worker = _ordered(document["worker"], Worker)
    case = _ordered({**document, "worker": worker, "work": works}, Case)
    if as_json:
        return f"{json.dumps(case, indent=2, ensure_ascii=False)}\n"
    for work in works:
        for name in ("start", "expected_end", "end", "insured_before_since"):
            if isinstance(work.get(name), str):
                # As a date, so that it is written without quotation marks.
                work[name] = date.fromisoformat(work[name])
    return yaml.safe_dump(case, sort_keys=False, allow_unicode=True, default_flow_style=None)


def _ordered(mapping: Mapping[str, Any], model: Any) -> dict[str, Any]:
    return {name: mapping[name] for name in model.__struct_encode_fields__ if name in mapping}
