"""Lay out an agreement for a terminal, version by version, each with where it was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from totalize.cli.answer import day
from totalize.cli.layout import Page
from totalize.kernel.countries import country_name, in_sentence
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
    Transfer,
    Version,
)
from totalize.law.book import LawBook
from totalize.law.loading import load
from totalize.law.offices import Offices
from totalize.law.sources import Citation, Sure


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: dict[str, str]
    headings: dict[str, str]
    lines: dict[str, str]
    kinds: dict[str, str]


class AgreementPages:
    """Show agreements of one law book.

    Args:
        book: the law.
    """

    def __init__(self, book: LawBook) -> None:
        self._book = book
        self._words = load("messages/agreements.en.yaml", _Words)
        self._tests = book.sentences().reasons
        self._limits = book.sentences().limits

    def list_all(self, page: Page) -> None:
        """Add one line for each agreement."""
        lines = self._words.lines
        row = "{:<4}{:<17}{:<18}{:<20}{}"
        page.add_row(
            row.format(
                "",
                lines["col_country"],
                lines["col_since"],
                lines["col_sent"],
                lines["col_self"],
            ),
            style="heading",
        )
        in_force = signed = 0
        for country in sorted(self._book.countries(), key=country_name):
            agreement = self._book.agreement(country)
            if agreement is None:
                continue
            name = country_name(country)
            if agreement.in_force is None:
                signed += 1
                page.add_row(row.format(country, name, lines["col_not"], "", ""))
                continue
            in_force += 1
            page.add_row(
                row.format(
                    country,
                    name,
                    day(agreement.in_force),
                    self._short_limit(agreement),
                    lines[f"short.{agreement.coverage.self_employed[-1].rule}"],
                )
            )
        page.add()
        page.add(lines["list"].format(count=in_force, signed=signed), style="dim")

    def show(self, page: Page, country: str) -> None:
        """Add everything read of one agreement."""
        lines, headings = self._words.lines, self._words.headings
        agreement = self._book.agreement(country)
        if agreement is None:
            page.add(lines["none"].format(country=in_sentence(country)))
            return
        page.add(f"{country_name(country)} ({country})", style="heading")
        self._dates(page, agreement)
        self._cited(page, agreement.cite, 2)
        coverage = agreement.coverage
        blocks: list[tuple[str, Sequence[Version]]] = [("territorial", coverage.territorial)]
        for name, directions in (
            ("detached_worker", coverage.detached_worker),
            ("self_employed_transfer", coverage.self_employed_transfer),
        ):
            if directions is not None:
                blocks.append((f"{name}.us_to_foreign", directions.us_to_foreign))
                blocks.append((f"{name}.foreign_to_us", directions.foreign_to_us))
        blocks += [
            ("self_employed", coverage.self_employed),
            ("seafarer", coverage.seafarer),
            ("aircrew", coverage.aircrew),
            ("government", coverage.government),
            ("nationality", coverage.nationality),
            ("host_claim", coverage.host_claim),
            ("scope", agreement.scope),
        ]
        for name, versions in blocks:
            if versions:
                page.heading(headings[name], indent=2)
                home = "US" if name.endswith("us_to_foreign") else country
                for version in versions:
                    self._version(page, version, home, country if home == "US" else "US")
        self._exception(page, agreement)
        offices = self._book.offices(country)
        if offices is not None:
            self._offices(page, offices)
        for name, notes in (("practice", agreement.practice), ("acceptance", agreement.acceptance)):
            self._notes(page, name, notes)
        if agreement.uncertain:
            page.heading(headings["uncertain"], indent=2)
            for text in agreement.uncertain:
                page.add_after("- ", text, indent=4, hang=2)
        page.add()
        page.add(lines["footer"].format(law=self._book.version, country=country), style="dim")

    def _dates(self, page: Page, agreement: Agreement) -> None:
        lines = self._words.lines
        signed = None if agreement.signed is None else day(agreement.signed)
        if agreement.in_force is None:
            page.add(lines["signed"].format(day=signed or "?"), indent=2)
        elif signed is None:
            page.add(lines["in_force"].format(day=day(agreement.in_force)), indent=2)
        else:
            text = lines["in_force_signed"].format(in_force=day(agreement.in_force), signed=signed)
            page.add(text, indent=2)
        for amendment in agreement.amendments:
            when = amendment.in_force or amendment.signed
            said = lines["amended"].format(day=day(when)) if when is not None else ""
            page.add(f"{said} {amendment.what}".strip(), indent=2, hang=2)

    def _short_limit(self, agreement: Agreement) -> str:
        lines = self._words.lines
        detached = agreement.coverage.detached_worker
        if detached is None:
            return lines["short.no_rule"]
        there, back = (
            lines["short.no_limit"] if months is None else self._limit(months)
            for months in (
                detached.us_to_foreign[-1].max_months,
                detached.foreign_to_us[-1].max_months,
            )
        )
        return there if there == back else lines["short.two"].format(there=there, back=back)

    def _limit(self, months: int) -> str:
        if months % 12 == 0:
            return self._limits["years"].format(years=months // 12)
        return self._limits["months"].format(months=months)

    def _version(self, page: Page, version: Version, home: str, host: str) -> None:
        lines = self._words.lines
        first = day(version.first)
        when = lines["from"].format(first=first)
        if version.last is not None:
            when = lines["from_to"].format(first=first, last=day(version.last))
        page.add(when, indent=4, style="bold")
        for text in self._say(version, home, host):
            page.add_after("- ", text, indent=4, hang=2)
        self._cited(page, version.cite, 6)

    def _say(self, version: Version, home: str, host: str) -> Iterator[str]:
        say: dict[type[Version], Callable[[Any], Iterator[str]]] = {
            SelfEmployed: self._say_self_employed,
            Crew: self._say_crew,
            Government: self._say_government,
            Nationality: self._say_nationality,
            HostClaim: self._say_host_claim,
            Scope: self._say_scope,
        }
        if isinstance(version, Transfer):
            yield from self._say_transfer(version, home, host)
        elif type(version) in say:
            yield from say[type(version)](version)
        else:
            yield self._words.lines["territorial"]

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
        for condition in version.conditions:
            yield self._tests[condition]["true"].format_map(names)
        for condition in version.unread_conditions:
            text = self._tests[condition]["true"].format_map(names)
            yield words["unread_condition"].format(text=text)
        if isinstance(version, DetachedWorker):
            yield words[f"third_country.{version.third_country}"].format_map(names)
            yield words[f"affiliate.{version.affiliate}"]
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
        yield words[f"classed_differently.{version.classed_differently}"]

    def _say_crew(self, version: Crew) -> Iterator[str]:
        yield self._words.words[f"crew.{version.rule}"]
        if version.rule != "unread" and len(version.sides) == 1:
            yield self._words.words[f"sides.{version.sides[0]}"]

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

    def _exception(self, page: Page, agreement: Agreement) -> None:
        found = agreement.special_exception
        if found is None:
            return
        page.heading(self._words.headings["special_exception"], indent=2)
        for text in (found.applicant, found.us_authority, found.foreign_authority, found.note):
            if text:
                page.add_after("- ", text, indent=4, hang=2)
        self._cited(page, found.cite, 6)

    def _offices(self, page: Page, offices: Offices) -> None:
        lines, kinds = self._words.lines, self._words.kinds
        page.heading(self._words.headings["offices"], indent=2)
        for office in offices.offices:
            place = "" if office.address is None else f", {office.address}"
            page.add(f"{office.name}{place}", indent=4, hang=2, style="bold")
            country = in_sentence("US" if office.issues == "us" else offices.country)
            served = ", ".join([*(kinds[kind] for kind in office.kinds), *office.regions])
            page.add_after(
                "- ", lines["issues"].format(country=country, kinds=served), indent=4, hang=2
            )
            if office.form:
                page.add_after("- ", lines["form"].format(form=office.form), indent=4, hang=2)
            if office.note:
                page.add_after("- ", office.note, indent=4, hang=2)
            self._cited(page, office.cite, 6)

    def _notes(self, page: Page, name: str, notes: Sequence[Note]) -> None:
        if not notes:
            return
        page.heading(self._words.headings[name], indent=2)
        for note in notes:
            page.add_after("- ", note.text, indent=4, hang=2)
            self._cited(page, note.cite, 6)

    def _cited(self, page: Page, citations: Sequence[Citation], indent: int) -> None:
        for item in citations:
            text = self._words.lines["checked"].format(
                refs=item.ref, sure=item.sure.value.replace("_", " "), day=item.checked_on
            )
            page.add(text, indent=indent, hang=2, style="dim")
            if item.note:
                page.add(item.note, indent=indent + 2, style="dim")
            if item.url:
                page.add_link(item.url, indent=indent + 2)


def _list(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)
