"""What the result page shows, in its order: answer, paper, steps, reasons, what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from totalize import api
from totalize.certificates.draft import choose
from totalize.certificates.pack.cover import deadline_of
from totalize.coverage.determination import (
    Cited,
    CoveragePeriod,
    Determination,
    Outcome,
    Proof,
    Reason,
)
from totalize.coverage.door import read_case
from totalize.coverage.words import Turn, Words, capital, each_once, english, is_letter
from totalize.kernel.countries import NAMES, country_name, in_sentence
from totalize.kernel.dates import written_day
from totalize.kernel.errors import InputError
from totalize.law.agreement_text import AgreementText, Section
from totalize.web.check.wording import page_words

_OPEN = frozenset({Outcome.UNSETTLED, Outcome.NEEDS_CONSENT})


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, with its day where it has one.

    Attributes:
        code: stable name of the step.
        past: the day is over.
    """

    code: str
    text: str
    day: date | None = None
    past: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """One test in words, the facts that decided it, and the tests below."""

    text: str
    result: bool | None
    citation: str
    facts: tuple[tuple[str, str], ...]
    because: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The answer for a stretch of time.

    Attributes:
        tone: `good`, `warn` or `plain`, for the look; the words say the same.
        means: what an answer that is not plain means for somebody.
        to_get: the paper to get, as titles and texts; `to_say`: what the request must say.
    """

    headline: str
    when: str
    tone: str
    means: str | None
    paper: str | None
    paper_tone: str
    otherwise: str | None
    missing: tuple[tuple[str, str], ...]
    to_get: tuple[tuple[str, str], ...]
    to_say: tuple[str, ...]
    rule: str | None
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that the page shows of an answer.

    Attributes:
        partner: country of the agreement that was read, None without one.
        can_ask: a certificate can be asked for.
        practice: what offices do and take, which is no law.
        whom: offices to turn to.
        is_open: no rule gives the answer, so that an office has to.
    """

    as_of: date
    law: str
    work: str
    partner: str | None
    partner_name: str
    host: str
    headline: str
    can_ask: bool
    stretches: tuple[Stretch, ...]
    steps: tuple[Step, ...]
    turns: tuple[tuple[str, Turn], ...]
    warnings: tuple[str, ...]
    practice: tuple[str, ...]
    sources: tuple[tuple[Cited, str], ...]
    whom: tuple[Section, ...]
    is_open: bool
    determination: Determination


def result_of(document: Mapping[str, Any], as_of: date) -> Result:
    """Decide a case and put the answer for its last work together.

    Raises:
        InputError: the case cannot be used.
    """
    work = document["work"][-1]
    words = english(self_employment=work.get("activity") == "self_employment")
    determination = api.check(document, as_of)
    answer = determination.results[-1]
    periods = answer.periods
    nearby = api.nearby(document, determination).get(answer.work, ())
    notices = {notice.code: notice.text for period in periods for notice in period.warnings}
    partner = next((period.agreement for period in periods if period.agreement), None)
    not_law = _codes_of_practice(partner)
    cited = dict.fromkeys(item for period in periods for item in period.citations)
    return Result(
        as_of=as_of,
        law=determination.law,
        work=answer.work,
        partner=partner,
        partner_name=country_name(partner) if partner else "",
        host=in_sentence(work["country"]),
        headline=words.headline(periods[0]),
        can_ask=any(
            period.proof is Proof.NEEDED and period.certificate is not None for period in periods
        ),
        stretches=tuple(_stretch(period, words) for period in periods),
        steps=tuple(_steps(document, determination, as_of, words)),
        turns=tuple((item.path, words.turn(item)) for item in nearby),
        warnings=tuple(text for code, text in notices.items() if code not in not_law),
        practice=tuple(text for code, text in notices.items() if code in not_law),
        sources=tuple((item, words.answers.sure[item.sure]) for item in cited),
        whom=_whom(partner),
        is_open=any(period.outcome in _OPEN for period in periods),
        determination=determination,
    )


def _stretch(period: CoveragePeriod, words: Words) -> Stretch:
    return Stretch(
        headline=words.headline(period),
        when=words.when(period),
        tone=_tone(period),
        means=_means(period),
        paper=words.paper(period),
        paper_tone="warn" if period.proof in {Proof.NEEDED, Proof.UNAVAILABLE} else "good",
        otherwise=words.without_agreement(period),
        missing=tuple((path, words.label(path)) for path in period.missing),
        to_get=tuple(row for row in words.to_get(period) if row[0] != words.lines["say"]),
        to_say=() if period.certificate is None else period.certificate.required_information,
        rule=words.rule(period),
        tests=tuple(_test(reason, words, "") for reason in each_once(period.reasons)),
    )


def _tone(period: CoveragePeriod) -> str:
    if period.outcome is Outcome.DETERMINED:
        return "good" if period.covered_by is not None and len(period.covered_by) == 1 else "warn"
    return "plain" if period.outcome is Outcome.OUT_OF_SCOPE else "warn"


def _means(period: CoveragePeriod) -> str | None:
    outcomes = page_words().outcomes
    if period.outcome is not Outcome.DETERMINED:
        return outcomes[period.outcome.value]
    match len(period.covered_by or ()):
        case 0:
            return outcomes["none"]
        case 1:
            return _only_one_issues(period)
    return outcomes["both"]


def _only_one_issues(period: CoveragePeriod) -> str | None:
    """Say that the other country's paper cannot be had, which is what many are asked for."""
    need = period.certificate
    if need is None or is_letter(period) or period.proof is not Proof.NEEDED:
        return None
    return (
        page_words()
        .outcomes["only_one_issues"]
        .format(issuer=capital(need.issued_by), other=in_sentence(need.presented_in))
    )


def _test(reason: Reason, words: Words, above: str) -> Test:
    cited = reason.citation or ""
    facts = tuple((words.label(path), named(value)) for path, value in words.facts(reason).items())
    return Test(
        text=reason.text,
        result=reason.result,
        citation=cited if cited != above else "",
        facts=facts,
        because=tuple(_test(below, words, cited or above) for below in each_once(reason.because)),
    )


def named(value: str) -> str:
    """Return a value with the codes of countries in it as names."""
    parts = value.split(", ")
    return ", ".join(country_name(part) if part in NAMES else part for part in parts)


def _codes_of_practice(partner: str | None) -> frozenset[str]:
    agreement = None if partner is None else api.law().agreement(partner)
    if agreement is None:
        return frozenset()
    return frozenset(note.code for note in (*agreement.practice, *agreement.acceptance))


@cache
def _whom(partner: str | None) -> tuple[Section, ...]:
    """Return whom to turn to, where an agreement names offices."""
    agreement = None if partner is None else api.law().agreement(partner)
    if agreement is None:
        return ()
    sections = AgreementText(api.law()).sections(agreement)
    return tuple(item for item in sections if item.key in {"special_exception", "offices"})


def _steps(
    document: Mapping[str, Any], determination: Determination, as_of: date, words: Words
) -> Iterable[Step]:
    said = page_words().steps
    answer = determination.results[-1]
    for period in answer.periods:
        if period.outcome is Outcome.NEEDS_FACTS:
            label = words.label(period.missing[0])
            yield Step("answer", said["answer"].format(label=label))
        elif period.outcome is Outcome.NEEDS_CONSENT:
            yield Step("exception", said["exception"])
        elif period.outcome is Outcome.UNSETTLED:
            yield Step("write", said["write"])
        elif period.proof is Proof.UNAVAILABLE and len(period.covered_by or ()) > 1:
            yield Step("both", said["both"])
        need = period.certificate
        if need is None:
            continue
        lifted = in_sentence(need.presented_in)
        if period.proof is Proof.HELD:
            yield Step("show", said["show"].format(lifted=lifted))
        elif period.proof is Proof.NEEDED:
            yield from _asking(document, determination, period, as_of)
            yield Step("open_until", said["open_until"].format(lifted=lifted))
        if as_of < period.first:
            yield Step("begin", said["begin"].format(lifted=lifted), period.first)
        if period.last is not None:
            yield Step("last", said["last"], period.last, past=period.last < as_of)
        yield Step("change", said["change"])


def _asking(
    document: Mapping[str, Any], determination: Determination, period: CoveragePeriod, as_of: date
) -> Iterable[Step]:
    words, said = page_words(), page_words().steps
    need = period.certificate
    if need is None:
        return
    work = determination.results[-1].work
    try:
        subject = choose(read_case(document), determination, work, from_day=period.first)
    except InputError:
        return
    deadline = deadline_of(subject)
    yield Step(
        "ask",
        said["ask"].format(
            applicant=words.applicants[need.applicant],
            office=need.office or words.offices["unknown"],
        ),
    )
    if as_of >= period.first:
        yield Step("ask_begun", said["ask_begun"])
    elif deadline.latest is None:
        yield Step("ask_soon", said["ask_soon"])
    elif as_of > deadline.latest:
        latest = written_day(deadline.latest)
        yield Step("ask_late", said["ask_late"].format(latest=latest))
    else:
        text = said["ask_by"].format(days=deadline.processing_days)
        yield Step("ask_by", text, deadline.latest)
    if deadline.earliest is not None and as_of < deadline.earliest:
        yield Step("not_before", said["not_before"], deadline.earliest)
