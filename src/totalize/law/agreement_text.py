"""An agreement in sentences: what holds since when, where it was read, how sure it is.

Every face of the product shows the same sentences from the same data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import msgspec

from totalize.kernel.countries import country_name, in_sentence
from totalize.kernel.dates import written_day
from totalize.law.agreements import (
    Agreement,
    Crew,
    DetachedWorker,
    Government,
    HostClaim,
    Nationality,
    Note,
    Scope,
    SelfEmployed,
    Territorial,
    Transfer,
    Version,
)
from totalize.law.book import LawBook
from totalize.law.loading import load
from totalize.law.offices import Office, Offices
from totalize.law.sources import Citation, Sure

# What is no law: what offices do, and what the other side takes.
NOT_LAW = ("practice", "acceptance")


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: dict[str, str]
    headings: dict[str, str]
    lines: dict[str, str]
    kinds: dict[str, str]


@cache
def _words() -> _Words:
    return load("messages/agreements.en.yaml", _Words)


@dataclass(frozen=True, slots=True)
class Row:
    """An agreement in a list: limits for employees sent, and the rule for the self-employed.

    Attributes:
        in_force: None while it is signed only; then it decides nothing and has no limits.
    """

    country: str
    name: str
    in_force: date | None
    sent: str
    self_employed: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What was read in one place: a provision in a stretch of time, an office, a note.

    Attributes:
        title: the stretch, or the office; None for a note.
        website: of an office.
    """

    title: str | None
    sentences: tuple[str, ...]
    cited: Sequence[Citation] = ()
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an agreement. The key is stable."""

    key: str
    title: str
    entries: tuple[Entry, ...]


class AgreementText:
    """Say agreements of one law book.

    Args:
        book: the law.
    """

    def __init__(self, book: LawBook) -> None:
        self._book = book
        self._words = _words()
        self._tests = book.sentences().reasons
        self._limits = book.sentences().limits

    @property
    def lines(self) -> dict[str, str]:
        """Further lines, by key."""
        return self._words.lines

    def rows(self) -> tuple[Row, ...]:
        """Return all agreements, by name."""
        return tuple(
            self._row(agreement)
            for country in sorted(self._book.countries(), key=country_name)
            if (agreement := self._book.agreement(country)) is not None
        )

    def none_with(self, country: str) -> str:
        """Say that there is no agreement."""
        return self.lines["none"].format(country=in_sentence(country))

    def dates(self, agreement: Agreement) -> tuple[Entry, ...]:
        """Return since when it is in force, and its amendments."""
        lines = self.lines
        signed = None if agreement.signed is None else written_day(agreement.signed)
        if agreement.in_force is None:
            text = lines["signed"].format(day=signed or "?")
        elif signed is None:
            text = lines["in_force"].format(day=written_day(agreement.in_force))
        else:
            text = lines["in_force_signed"].format(
                in_force=written_day(agreement.in_force), signed=signed
            )
        found = [Entry(None, (text,), agreement.cite)]
        for amendment in agreement.amendments:
            when = amendment.in_force or amendment.signed
            said = lines["amended"].format(day=written_day(when)) if when is not None else ""
            found.append(Entry(None, (f"{said} {amendment.what}".strip(),), amendment.cite))
        return tuple(found)

    def sections(self, agreement: Agreement) -> Iterator[Section]:
        """Yield its parts: provisions, exceptions, offices, what is no law, what is uncertain."""
        country = agreement.country
        for name, versions in _provisions(agreement):
            if versions:
                home = "US" if name.endswith("us_to_foreign") else country
                host = country if home == "US" else "US"
                entries = [
                    Entry(self._when(version), tuple(self._say(version, home, host)), version.cite)
                    for version in versions
                ]
                yield self._section(name, entries)
        found = agreement.special_exception
        if found is not None:
            texts = (found.applicant, found.us_authority, found.foreign_authority, found.note)
            said = tuple(text for text in texts if text)
            yield self._section("special_exception", [Entry(None, said, found.cite)])
        offices = self._book.offices(country)
        if offices is not None:
            yield self._section(
                "offices", [self._office(office, offices) for office in offices.offices]
            )
        notes: tuple[tuple[str, Sequence[Note]], ...] = (
            ("practice", agreement.practice),
            ("acceptance", agreement.acceptance),
        )
        for name, some in notes:
            if some:
                yield self._section(name, [Entry(None, (note.text,), note.cite) for note in some])
        if agreement.uncertain:
            yield self._section("uncertain", [Entry(None, (text,)) for text in agreement.uncertain])

    def cited(self, item: Citation) -> str:
        """Say where something was read, how sure that is and when it was last looked at."""
        return self.lines["checked"].format(
            refs=item.ref, sure=item.sure.value.replace("_", " "), day=item.checked_on
        )

    def _section(self, key: str, entries: Sequence[Entry]) -> Section:
        return Section(key, self._words.headings[key], tuple(entries))

    def _row(self, agreement: Agreement) -> Row:
        country, name = agreement.country, country_name(agreement.country)
        if agreement.in_force is None:
            return Row(country, name, None, "", "")
        rule = agreement.coverage.self_employed[-1].rule
        return Row(
            country,
            name,
            agreement.in_force,
            self._short_limit(agreement),
            self.lines[f"short.{rule}"],
        )

    def _when(self, version: Version) -> str:
        first = written_day(version.first)
        if version.last is None:
            return self.lines["from"].format(first=first)
        return self.lines["from_to"].format(first=first, last=written_day(version.last))

    def _office(self, office: Office, offices: Offices) -> Entry:
        lines, kinds = self.lines, self._words.kinds
        place = "" if office.address is None else f", {office.address}"
        country = in_sentence("US" if office.issues == "us" else offices.country)
        served = ", ".join([*(kinds[kind] for kind in office.kinds), *office.regions])
        said = [lines["issues"].format(country=country, kinds=served)]
        if office.form:
            said.append(lines["form"].format(form=office.form))
        if office.note:
            said.append(office.note)
        return Entry(f"{office.name}{place}", tuple(said), office.cite, office.website)

    def _short_limit(self, agreement: Agreement) -> str:
        lines = self.lines
        detached = agreement.coverage.detached_worker
        if detached is None:
            return lines["short.no_rule"]
        there, back = (
            self._short_transfer(version)
            for version in (detached.us_to_foreign[-1], detached.foreign_to_us[-1])
        )
        return there if there == back else lines["short.two"].format(there=there, back=back)

    def _short_transfer(self, version: Transfer) -> str:
        if version.sure is Sure.UNREAD:
            return self.lines["short.unread"]
        if version.max_months is None:
            return self.lines["short.no_limit"]
        return self._limit(version.max_months)

    def _limit(self, months: int) -> str:
        if months % 12 == 0:
            return self._limits["years"].format(years=months // 12)
        return self._limits["months"].format(months=months)

    def _say(self, version: Version, home: str, host: str) -> Iterator[str]:
        say: dict[type[Version], Callable[[Any], Iterator[str]]] = {
            SelfEmployed: self._say_self_employed,
            Crew: self._say_crew,
            Government: self._say_government,
            Nationality: self._say_nationality,
            HostClaim: self._say_host_claim,
            Scope: self._say_scope,
            Territorial: self._say_territorial,
        }
        if isinstance(version, Transfer):
            yield from self._say_transfer(version, home, host)
        else:
            yield from say[type(version)](version)

    def _say_territorial(self, version: Territorial) -> Iterator[str]:
        yield self.lines["territorial"]
        if version.residents_working_in_both:
            yield self._words.words["residents_working_in_both"]

    def _say_transfer(self, version: Transfer, home: str, host: str) -> Iterator[str]:
        words = self._words.words
        names = {
            "home": in_sentence(home),
            "host": in_sentence(host),
            "partner": in_sentence(host if home == "US" else home),
        }
        if version.max_months is None:
            yield words["limit_unread" if version.sure is Sure.UNREAD else "no_limit"]
        else:
            yield words["limit"].format(limit=self._limit(version.max_months))
            yield words[f"measured.{version.measured}"]
            if version.clock == "unread":
                yield words["clock.unread"]
        for condition in version.conditions:
            yield self._tests[condition]["true"].format_map(names)
        for condition in version.unread_conditions:
            text = self._tests[condition]["true"].format_map(names)
            yield words["unread_condition"].format(text=text)
        if isinstance(version, DetachedWorker):
            yield words[f"third_country.{version.third_country}"].format_map(names)
            yield words[f"affiliate.{version.affiliate}"]
            if version.whatever_nationality:
                yield words["whatever_nationality"]
        if version.repeat is not None:
            yield words["repeat"].format(
                gap=version.repeat.or_gap_months,
                months=version.repeat.within_months_of_first_start,
            )
        if version.extension is not None:
            yield words["extension"].format(text=version.extension.text)

    def _say_self_employed(self, version: SelfEmployed) -> Iterator[str]:
        words = self._words.words
        yield words[f"self_employed.{version.rule}"]
        if not version.needs_double_claim:
            yield words["needs_double_claim"]
        if version.rule == "place_of_activity":
            yield words[f"in_both_countries.{version.in_both_countries}"]
        if version.elsewhere == "us":
            yield words["elsewhere.us"]
        yield words[f"classed_differently.{version.classed_differently}"]

    def _say_crew(self, version: Crew) -> Iterator[str]:
        yield self._words.words[f"crew.{version.rule}"]
        if version.rule != "unread" and len(version.sides) == 1:
            yield self._words.words[f"sides.{version.sides[0]}"]
        if version.own_flags_only:
            yield self._words.words["own_flags_only"]

    def _say_government(self, version: Government) -> Iterator[str]:
        words = self._words.words
        yield words["government.for_us"].format(rule=words[f"government.{version.us}"])
        yield words["government.for_foreign"].format(rule=words[f"government.{version.foreign}"])

    def _say_nationality(self, version: Nationality) -> Iterator[str]:
        yield self._words.words["nationality"].format(months=version.election_months)

    def _say_host_claim(self, version: HostClaim) -> Iterator[str]:
        words = self._words.words
        if not version.employment:
            yield words["host_claim.employment"]
        if not version.self_employment:
            yield words["host_claim.self_employment"]
        if version.nationals_abroad_for_own_employers:
            yield words["host_claim.nationals"]
        if not version.certifies_own_coverage:
            yield words["host_claim.letter"]

    def _say_scope(self, version: Scope) -> Iterator[str]:
        words = self._words.words
        yield words["programs"].format(
            us=_list(version.us), foreign=_list(version.foreign_covered) or "-"
        )
        if version.foreign_not_covered:
            yield words["programs_not"].format(programs=_list(version.foreign_not_covered))
        if version.note:
            yield version.note


def _provisions(agreement: Agreement) -> Iterator[tuple[str, Sequence[Version]]]:
    coverage = agreement.coverage
    yield "territorial", coverage.territorial
    for name, directions in (
        ("detached_worker", coverage.detached_worker),
        ("self_employed_transfer", coverage.self_employed_transfer),
    ):
        if directions is not None:
            yield f"{name}.us_to_foreign", directions.us_to_foreign
            yield f"{name}.foreign_to_us", directions.foreign_to_us
    yield "self_employed", coverage.self_employed
    yield "seafarer", coverage.seafarer
    yield "aircrew", coverage.aircrew
    yield "government", coverage.government
    yield "nationality", coverage.nationality
    yield "host_claim", coverage.host_claim
    yield "scope", agreement.scope


def _list(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)
