"""Put the tests that decided into sentences, each with the facts it looked at and its provision."""

from __future__ import annotations

from datetime import date
from typing import Final

from msgspec import UNSET

from totalize.coverage.case import Case
from totalize.coverage.determination import Cited, Reason, Rule
from totalize.coverage.facts import HISTORICAL, PATHS, path_of
from totalize.coverage.situation import Situation
from totalize.kernel.errors import LawError
from totalize.law.sources import Citation
from totalize.logic.explain import Trace

_OTHER_PATHS: Final = {
    "us_citizen": "worker.citizenships",
    "citizenship_1": "worker.citizenships",
    "citizenship_2": "worker.citizenships",
    "citizenship_3": "worker.citizenships",
    "country": "work[{}].country",
    "start": "work[{}].start",
    "occupation": "work[{}].occupation",
}

# The US provision behind a test; tests that are not here belong to the agreement.
_US_TESTS: Final = {
    "us_would_claim": "us_citizen_or_resident",
    "american_employer": "american_employer",
    "covered_affiliate": "covered_affiliate",
    "us_citizen_or_resident": "us_citizen_or_resident",
    "foreign_government_staff": "foreign_government_staff",
    "on_american_vessel": "on_american_vessel",
    "partner_would_claim": "host_law",
    "sent_and_still_insured": "host_law",
    "affiliate_counts": "covered_affiliate",
}
# Fields in which null is an answer: nobody, nowhere, open-ended.
_NULL_MEANS_NONE: Final = frozenset(
    {"sent_from", "via", "affiliate_of", "insured_before", "elects", "expected_end"}
)
_UNCITED: Final = frozenset({"has_us_side", "both_would_claim", "partner_citizen"})


def explain(
    situation: Situation, traces: tuple[Trace, ...], rule: Rule | None
) -> tuple[Reason, ...]:
    """Return the tests in words, in the order in which they were made."""
    words = situation.words()
    return tuple(_reason(situation, trace, rule, words) for trace in traces)


def _reason(situation: Situation, trace: Trace, rule: Rule | None, words: dict[str, str]) -> Reason:
    sentences = situation.book.sentences().reasons
    key = {True: "true", False: "false", None: "unknown"}[trace.result]
    try:
        text = sentences[trace.code][key].format_map(words)
    except KeyError:
        raise LawError("messages", f"no sentence for {trace.code} when {key}") from None
    inner = rule
    if trace.code in {"detached_worker", "detached_worker_unread"}:
        inner = Rule.DETACHED_WORKER
    elif trace.code in {"self_employed_transfer", "self_employed_transfer_unread"}:
        inner = Rule.SELF_EMPLOYED_TRANSFER
    return Reason(
        code=trace.code,
        text=text,
        result=trace.result,
        facts=_facts(situation, trace),
        because=tuple(_reason(situation, below, inner, words) for below in trace.because),
        citation=_citation(situation, trace.code, inner),
    )


def _facts(situation: Situation, trace: Trace) -> dict[str, object]:
    """Return the facts behind a test as the case gives them, None for what it leaves out."""
    shown: dict[str, object] = {}
    for name in trace.facts:
        if name in HISTORICAL and situation.history.earlier_stay is False:
            continue
        if name in PATHS:
            path = path_of(name, situation.position, situation.case, situation.history)
        elif name in _OTHER_PATHS:
            path = _OTHER_PATHS[name].format(situation.position)
        else:
            continue
        value = _value_at(situation.case, path)
        if name == "american" and value is None:
            path = PATHS["employer_country"].format(situation.position)
            value = _value_at(situation.case, path)
        shown[path] = value
    return shown


def _value_at(case: Case, path: str) -> object:
    value: object = case
    for step in path.replace("[", ".").replace("]", "").split("."):
        value = value[int(step)] if isinstance(value, list) else getattr(value, step, None)
    if value is None and path.rsplit(".", 1)[-1] in _NULL_MEANS_NONE:
        return "none"
    if value is UNSET:
        return None
    return value.isoformat() if isinstance(value, date) else value


def _citation(situation: Situation, code: str, rule: Rule | None) -> str | None:
    if code in _US_TESTS:
        return situation.book.us_coverage().provisions[_US_TESTS[code]].cite[0].ref
    if code in _UNCITED:
        return None
    block = situation.block(rule)
    return block.cite[0].ref if block is not None else None


def cite(citations: list[Citation]) -> tuple[Cited, ...]:
    """Return citations as an answer shows them."""
    return tuple(
        Cited(ref=item.ref, url=item.url, read_on=item.checked_on, sure=item.sure.value)
        for item in citations
    )


def citations_for(situation: Situation, rule: Rule | None) -> tuple[Cited, ...]:
    """Return the provisions that an answer rests on."""
    block = situation.block(rule) if rule not in {Rule.DOMESTIC, None} else None
    if block is not None:
        return cite(block.cite)
    us = situation.book.us_coverage().provisions
    if rule is Rule.BEFORE_AGREEMENT and situation.partner is not None:
        agreement = situation.book.agreement(situation.partner)
        if agreement is not None:
            return cite(agreement.cite)
    if situation.employed:
        key = "work_in_us" if situation.to_us else "american_employer"
    else:
        key = "us_citizen_or_resident"
    return cite([*us[key].cite, *us["host_law"].cite])
