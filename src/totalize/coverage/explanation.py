"""Put the tests that decided into sentences, each with the facts it looked at and its provision."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from msgspec import UNSET, Struct

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
    "on_american_craft": "on_american_craft",
    "on_foreign_craft": "on_foreign_craft",
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
    wordings: _Wordings = situation.remember(("wordings",), dict)
    return tuple([_reason(situation, trace, rule, wordings) for trace in traces])


_Wordings = dict[tuple[str, bool | None, Rule | None], tuple[str, str | None]]


def _reason(situation: Situation, trace: Trace, rule: Rule | None, wordings: _Wordings) -> Reason:
    code, result = trace.code, trace.result
    inner = _RULE_OF_TEST.get(code, rule)
    key = (code, result, inner)
    wording = wordings.get(key)
    if wording is None:
        wording = wordings[key] = _wording(situation, code, result, inner)
    text, citation = wording
    return Reason(
        code=code,
        text=text,
        result=result,
        facts=_facts(situation, trace) if trace.facts else {},
        because=tuple([_reason(situation, below, inner, wordings) for below in trace.because])
        if trace.because
        else (),
        citation=citation,
    )


def _wording(
    situation: Situation, code: str, result: bool | None, rule: Rule | None
) -> tuple[str, str | None]:
    key = {True: "true", False: "false", None: "unknown"}[result]
    try:
        sentence = situation.book.sentences().reasons[code][key]
    except KeyError:
        raise LawError("messages", f"no sentence for {code} when {key}") from None
    return sentence.format_map(situation.words()), _citation(situation, code, rule)


def _facts(situation: Situation, trace: Trace) -> dict[str, object]:
    """Return the facts behind a test as the case gives them, None for what it leaves out."""
    shown: dict[str, object] = {}
    for name in trace.facts:
        if name in HISTORICAL:
            shown |= _earlier_stay(situation, name)
            continue
        place = _PLACES.get(name)
        if place is None:
            continue
        value = place.value(situation.case, situation.position)
        if name == "american" and value is None:
            place = _PLACES["employer_country"]
            value = place.value(situation.case, situation.position)
        if name == "residence":
            path = path_of(name, situation.position, situation.case, situation.history)
        else:
            path = _path_at(place.path, situation.position)
        shown[path] = value
    return shown


def _earlier_stay(situation: Situation, name: str) -> dict[str, object]:
    """Return what leaves earlier stays open or, where nothing does, when the first one began."""
    history, works = situation.history, situation.case.work
    if history.unknown_path is not None:
        return {history.unknown_path: None}
    first = history.first_start
    if name != "earlier_start" or first is None:
        return {}
    number = next(number for number, work in enumerate(works) if work.start == first)
    return {f"work[{number}].start": first.isoformat()}


@lru_cache(maxsize=4096)
def _path_at(path: str, position: int) -> str:
    return path.format(position)


class _Place(Struct, frozen=True):
    """Where a fact stands in a case."""

    path: str
    of_work: bool
    steps: tuple[str, ...]

    def value(self, case: Case, position: int) -> object:
        """Return the fact as the case gives it: `none` for a null that is an answer."""
        value: object = case.work[position] if self.of_work else case.worker
        for step in self.steps:
            value = getattr(value, step, None)
        if value is UNSET:
            # Whose ordinary residence is not overridden lives where the worker does.
            return self._default(case)
        if value is None:
            return "none" if self.steps[-1] in _NULL_MEANS_NONE else None
        return value.isoformat() if isinstance(value, date) else value

    def _default(self, case: Case) -> object:
        residence = case.worker.residence
        return residence if self.steps == ("residence",) and isinstance(residence, str) else None


def _place(path: str) -> _Place:
    owner, *steps = path.split(".")
    return _Place(path, owner != "worker", tuple(steps))


_PLACES: Final = {name: _place(path) for name, path in (PATHS | _OTHER_PATHS).items()}
_RULE_OF_TEST: Final = {
    "detached_worker": Rule.DETACHED_WORKER,
    "detached_worker_unread": Rule.DETACHED_WORKER,
    "self_employed_transfer": Rule.SELF_EMPLOYED_TRANSFER,
    "self_employed_transfer_unread": Rule.SELF_EMPLOYED_TRANSFER,
    "elects_us": Rule.ELECTION,
    "elects_partner": Rule.ELECTION,
    "seafarer_us": Rule.SEAFARER,
    "seafarer_partner": Rule.SEAFARER,
    "aircrew_us": Rule.AIRCREW,
    "aircrew_partner": Rule.AIRCREW,
    "sent_by_government": Rule.GOVERNMENT,
    "in_named_region": Rule.GOVERNMENT,
}


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
    return situation.remember(("citations", rule), lambda: _citations_for(situation, rule))


def _citations_for(situation: Situation, rule: Rule | None) -> tuple[Cited, ...]:
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
