"""The answers of the explaining reader for facts, stretch by stretch, without the words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from totalize.coverage.codes import COUNTRIES, NO_PARTNER
from totalize.coverage.columns import MISSING_BITS
from totalize.coverage.conditions import OTHER_COUNTRY
from totalize.coverage.provisions import PROVISIONS
from totalize.coverage.reading import Plan, Plans
from totalize.law.agreements import Agreement
from totalize.law.book import LawBook
from totalize.logic.explain import Reader
from totalize.logic.expressions import Value, decode_day, encode_day

Facts = dict[str, Value]
# Row, first day, stop, partner, provision (-1: unknown), both claims, missing facts as bits.
Answer = tuple[int, date, date | None, int, int, bool | None, bool | None, int]

day_of = cache(decode_day)
_code = cache(encode_day)
_NUMBER = {provision.code: number for number, provision in enumerate(PROVISIONS)}


class Explained:
    """Decide facts as `coverage.determine` decides cases.

    Args:
        book: the law.
        count_conflicts: look at every provision, also when one was found.

    Attributes:
        conflicts: how often another provision held beside the one that was found.
    """

    def __init__(self, book: LawBook, *, count_conflicts: bool = False) -> None:
        self.conflicts = 0
        self._count = count_conflicts
        self._book = book
        self._plans = Plans(book)
        self._other_country = Reader().compile(OTHER_COUNTRY)

    def stretches(self, row: int, facts: Facts, stop: date | None) -> Iterator[Answer]:
        """Yield the answer for each stretch of a work in which nothing changes."""
        code = self._other_country(facts)
        partner = facts["partner"] = code or NO_PARTNER
        country = COUNTRIES.get(partner)
        agreement = self._book.agreement(country) if country is not None else None
        start = day_of(facts["start"])
        entry = agreement.in_force if agreement is not None else None
        if entry is not None and start < entry:
            ends = entry if stop is None or entry < stop else stop
            yield from self._stretch(row, facts, agreement, start, ends, in_force=False)
            if stop is not None and stop <= entry:
                return
            start = entry
        in_force = entry is not None
        yield from self._stretch(row, facts, agreement, start, stop, in_force=in_force)

    def _stretch(
        self,
        row: int,
        given: Facts,
        agreement: Agreement | None,
        start: date,
        stop: date | None,
        *,
        in_force: bool,
    ) -> Iterator[Answer]:
        plan = self._plans.find(agreement, start, given, in_force=in_force)
        while True:
            # A reader remembers in the facts what it has found: new facts, new dictionary.
            facts = {**given, "from_day": _code(start)}
            test = plan.find(facts)
            if self._count:
                self.conflicts += sum(other.holds(facts) is True for other in plan.tests) > 1
            end = None if test is None else plan.end_of(test.provision, facts)
            if end is None or end <= start or (stop is not None and stop <= end):
                end = stop
            provision = -1 if test is None else _NUMBER[test.provision.code]
            missing = self._missing(plan, facts) if test is None else 0
            partner = facts["partner"]
            assert isinstance(partner, int)
            yield row, start, end, partner, provision, *plan.claims(facts), missing
            if end is stop:
                return
            assert end is not None
            start = end

    def _missing(self, plan: Plan, facts: Facts) -> int:
        names = plan.waiting_for(facts)
        assert names, f"nothing is missing and no provision holds: {facts}"
        return sum(1 << MISSING_BITS[name] for name in names)
