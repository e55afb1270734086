"""One work under one agreement in one stretch of time: what answers are written about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from msgspec import Struct

from totalize.coverage.case import Case, Work
from totalize.coverage.codes import COUNTRIES, US
from totalize.coverage.determination import Rule
from totalize.coverage.history import History
from totalize.kernel.countries import in_sentence
from totalize.law.agreements import Agreement, Transfer, Version, version_on
from totalize.law.book import LawBook
from totalize.logic.explain import Facts

Made = TypeVar("Made")


class Situation(Struct, frozen=True):
    """A work, its facts, and the law read for it.

    Attributes:
        agreement: the agreement in force in this stretch of time, None without one.
        partner: the other country (alpha-2), None when none is known.
        day: the day whose version of the law holds.
        memo: what was already put together for the same law and kind of work.
    """

    book: LawBook
    case: Case
    position: int
    history: History
    facts: Facts
    agreement: Agreement | None
    partner: str | None
    day: date
    memo: dict[tuple[object, ...], Any]

    def remember(self, key: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """Return what `make` gives, made once for all cases that share the law and the key.

        What is made may depend on the plan (agreement, direction, kind of work, version of the
        law), on the country of work, which is part of every key, and on the key; nothing else.
        """
        full = (self.work.country, *key)
        made: Made
        if full in self.memo:
            made = self.memo[full]
        else:
            made = self.memo[full] = make()
        return made

    @property
    def work(self) -> Work:
        """The work spoken about."""
        return self.case.work[self.position]

    @property
    def host(self) -> str:
        """The country where the work is done."""
        return self.work.country

    @property
    def to_us(self) -> bool:
        """Whether the work is done in the United States."""
        return self.facts["country"] == US

    @property
    def home(self) -> str | None:
        """The other side of the agreement than the host."""
        return self.partner if self.to_us else "US"

    @property
    def employed(self) -> bool:
        """Whether the rules for employees are the ones to look at."""
        return bool(self.facts["employment"])

    def move(self) -> Transfer | None:
        """Return the conditions of a stay abroad in this direction, None where there are none."""
        return self.remember(("move",), self._move)

    def _move(self) -> Transfer | None:
        if self.agreement is None:
            return None
        coverage = self.agreement.coverage
        directions = coverage.detached_worker if self.employed else coverage.self_employed_transfer
        if directions is None:
            return None
        versions: Sequence[Transfer] = (
            directions.foreign_to_us if self.to_us else directions.us_to_foreign
        )
        return version_on(versions, self.day)

    def block(self, rule: Rule | None) -> Version | None:
        """Return the part of the agreement that states a rule, None where it states none."""
        return self.remember(("block", rule), lambda: self._block(rule))

    def _block(self, rule: Rule | None) -> Version | None:
        if self.agreement is None:
            return None
        coverage = self.agreement.coverage
        if rule in {Rule.DETACHED_WORKER, Rule.SELF_EMPLOYED_TRANSFER}:
            return self.move()
        versions: dict[Rule, Sequence[Version]] = {
            Rule.TERRITORIAL: coverage.territorial,
            Rule.SEAFARER: coverage.seafarer,
            Rule.AIRCREW: coverage.aircrew,
            Rule.GOVERNMENT: coverage.government,
            Rule.NATIONALITY: coverage.nationality,
            Rule.ELECTION: coverage.nationality,
            Rule.SELF_EMPLOYED_ACTIVITY: coverage.self_employed,
            Rule.SELF_EMPLOYED_RESIDENCE: coverage.self_employed,
        }
        found = versions.get(rule) if rule is not None else coverage.self_employed
        return version_on(found, self.day) if found else None

    def words(self) -> dict[str, str]:
        """Return the names that sentences are filled in with."""
        return self.remember(("words",), self._words)

    def _words(self) -> dict[str, str]:
        partner = in_sentence(self.partner) if self.partner else "the other country"
        home = in_sentence(self.home) if self.home else "the other country"
        host = in_sentence(self.host)
        return {
            "partner": partner,
            "Partner": partner[0].upper() + partner[1:],
            "host": host,
            "Host": host[0].upper() + host[1:],
            "home": home,
            "limit": self._limit(),
        }

    def _limit(self) -> str:
        limits = self.book.sentences().limits
        move = self.move()
        if move is None or move.max_months is None:
            return limits["none"]
        if move.max_months % 12 == 0:
            return limits["years"].format(years=move.max_months // 12)
        return limits["months"].format(months=move.max_months)


def partner_of(code: int) -> str | None:
    """Return the other country of an encoded partner, None when none is known."""
    return COUNTRIES.get(code)
