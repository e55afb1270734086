"""A case in words: its facts, its answer, and the law that holds for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from totalize import api
from totalize.coverage.determination import CoveragePeriod, Determination, Notice, Outcome
from totalize.coverage.words import Words
from totalize.kernel.countries import NAMES, US, country_name
from totalize.kernel.dates import written_day
from totalize.kernel.typed import convert
from totalize.law.agreement_text import AgreementText, Section
from totalize.law.agreements import Agreement
from totalize.law.messages import load_sentences
from totalize.law.offices import load_offices
from totalize.law.wording import load_answers, load_wording
from totalize.web.applications.models import Application

# The parts of an agreement that stand beside a case, by the rule that decided it.
_BESIDE = {
    "detached_worker": ("detached_worker",),
    "territorial": ("territorial", "detached_worker"),
    "self_employed_residence": ("self_employed",),
    "self_employed_activity": ("self_employed",),
    "self_employed_transfer": ("self_employed_transfer",),
    "nationality": ("nationality",),
    "election": ("nationality",),
    "seafarer": ("seafarer",),
    "aircrew": ("aircrew",),
    "government": ("government",),
}
_ALWAYS = ("special_exception", "practice", "acceptance", "uncertain")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the case, in words."""

    label: str
    value: str
    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine says of a stretch of the work."""

    headline: str
    when: str
    paper: str | None
    period: CoveragePeriod
    missing: tuple[str, ...]
    warnings: tuple[Notice, ...]


@cache
def _words() -> Words:
    return Words(load_answers(), load_wording(), load_sentences())


@cache
def agreement_text() -> AgreementText:
    """Return who says agreements in sentences."""
    return AgreementText(api.law())


def read_determination(application: Application) -> Determination | None:
    """Return the answer that an application was sent with."""
    if application.determination is None:
        return None
    return convert(application.determination, Determination)


def answers(application: Application) -> list[Answer]:
    """Return what the engine said of the work, stretch by stretch."""
    determination = read_determination(application)
    if determination is None:
        return []
    words = _words()
    return [
        Answer(
            headline=words.headline(period),
            when=words.when(period),
            paper=words.paper(period),
            period=period,
            missing=tuple(words.label(path) for path in period.missing),
            warnings=period.warnings,
        )
        for period in determination.for_work(application.work).periods
    ]


def calls_for_ours(application: Application, found: Sequence[Answer]) -> bool:
    """Tell whether the answer calls for a certificate of this office."""
    return any(
        answer.period.outcome is Outcome.DETERMINED
        and answer.period.certificate is not None
        and answer.period.certificate.issued_by == application.issuing_country
        for answer in found
    )


def facts(application: Application) -> list[Fact]:
    """Return the facts of the work that is applied for, in the words of the questions."""
    found = []
    worker = application.case.get("worker") or {}
    for path, value in _leaves(worker, "worker"):
        found.append(_fact(path, value))
    for work in application.case.get("work") or ():
        if work.get("id", application.work) == application.work:
            found += [
                _fact(path, value) for path, value in _leaves(work, "work") if path != "work.id"
            ]
    return found


def other_works(application: Application) -> list[list[Fact]]:
    """Return the facts of the earlier stays that the case names."""
    return [
        [_fact(path, value) for path, value in _leaves(work, "work") if path != "work.id"]
        for work in application.case.get("work") or ()
        if work.get("id", application.work) != application.work
    ]


def paths(application: Application) -> list[tuple[str, str]]:
    """Return the facts that may be asked for, as choices of a form."""
    asked = [(fact.path, fact.label) for fact in facts(application)]
    for answer in answers(application):
        asked += [(path, _words().label(path)) for path in answer.period.missing]
    return list(dict(asked).items())


def beside(application: Application, found: Sequence[Answer]) -> list[Section]:
    """Return the parts of the agreement that hold for the case: the rule's first.

    Args:
        application: the case.
        found: its answers.
    """
    agreement = api.law().agreement(application.partner) if application.partner else None
    if agreement is None:
        return []
    rules = {str(answer.period.rule) for answer in found if answer.period.rule is not None}
    wanted = [name for rule in sorted(rules) for name in _BESIDE.get(rule, ())]
    wanted += [name for name in ("detached_worker", "self_employed") if not wanted]
    way = "us_to_foreign" if application.issuing_country == US else "foreign_to_us"
    keys = {*wanted, *(f"{name}.{way}" for name in wanted)}
    sections = _sections(agreement.country)
    first = [_as_it_held(item, agreement, application) for item in sections if item.key in keys]
    return first + [item for item in sections if item.key in _ALWAYS]


@cache
def _sections(country: str) -> tuple[Section, ...]:
    """Return an agreement in sentences; they are the same for as long as the law data are."""
    agreement = api.law().agreement(country)
    return () if agreement is None else tuple(agreement_text().sections(agreement))


def _as_it_held(section: Section, agreement: Agreement, application: Application) -> Section:
    """Keep what held on the first day of the work, and what came after."""
    name, _, way = section.key.partition(".")
    versions = getattr(agreement.coverage, name)
    if way:
        versions = getattr(versions, way)
    day = application.first_day
    kept = tuple(
        entry
        for entry, version in zip(section.entries, versions, strict=True)
        if day is None or version.last is None or version.last >= day
    )
    return replace(section, entries=kept)


def detail_facts(application: Application) -> list[Fact]:
    """Return the details of the request that are no secrets, as the agreement calls them."""
    asked = {}
    if application.partner:
        items = load_offices(application.partner).required_information.items
        asked = {item.key: item.label for item in items}
    return [
        Fact(asked.get(key, key.replace("_", " ")), say(value), f"details.{key}")
        for key, value in application.details.items()
    ]


def say(value: object) -> str:
    """Return a value of a case in words."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(say(item) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(say(item) for item in value.values() if item is not None)
    text = str(value)
    if text in NAMES:
        return country_name(text)
    try:
        return written_day(date.fromisoformat(text))
    except ValueError:
        return text.replace("_", " ") if text.islower() else text


def _fact(path: str, value: object) -> Fact:
    return Fact(_words().label(path), say(value), path)


def _leaves(plain: Mapping[str, Any], path: str) -> Iterator[tuple[str, object]]:
    for name, value in plain.items():
        here = f"{path}.{name}"
        if isinstance(value, dict):
            yield from _leaves(value, here)
        else:
            yield here, value
