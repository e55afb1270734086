"""The clock of an agreement: how long a stay abroad may last, since when it runs, when it ends.

It decides nothing: an answer comes from the provisions. It shows where a stay stands in the time
that they allow, earlier stays that count together with it included.
"""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import Struct, UnsetType

from totalize.coverage.case import Case
from totalize.coverage.history import review
from totalize.coverage.reading import gap_on
from totalize.kernel.countries import US
from totalize.kernel.dates import add_months, months_between
from totalize.law.agreements import Agreement, version_on


class Clock(Struct, frozen=True):
    """Where a stay stands in the time that its agreement allows.

    Attributes:
        agreement: the agreement's country.
        runs_from: first day that counts; the entry into force for stays that began before it,
            where the agreement says so. Where that was not read, the sooner day.
        limit_months: calendar months, None where the agreement sets no limit.
        last_day: last day within the limit, None without one.
        earlier_stays: earlier stays count together with this one; None when that is unknown.
        extension: the agreement speaks of prolonging the stay when both authorities agree.
        extension_months: for how long at most, None when it does not say.
        citations: where the limit was read.
    """

    agreement: str
    runs_from: date
    limit_months: int | None
    last_day: date | None
    earlier_stays: bool | None
    extension: bool
    extension_months: int | None
    citations: tuple[str, ...]

    def used_months(self, on: date) -> int:
        """Return the whole months that have run up to and with a day, none before the first."""
        return max(0, months_between(self.runs_from, on + timedelta(days=1)))

    def within(self, last: date | None) -> bool | None:
        """Tell whether a stay that lasts to a day keeps within the limit; None: no end known."""
        if self.last_day is None:
            return True
        return None if last is None else last <= self.last_day


def read_clock(case: Case, position: int, agreement: Agreement) -> Clock | None:
    """Return the clock of one work, None where the agreement has no rule for stays like it.

    Args:
        case: the whole case, with the earlier stays.
        position: which work.
        agreement: the one that decides the work; it must be in force.
    """
    work = case.work[position]
    entry = agreement.in_force
    directions = (
        agreement.coverage.detached_worker
        if work.activity == "employment"
        else agreement.coverage.self_employed_transfer
    )
    sent = work.activity != "employment" or isinstance(work.sent_from, str | UnsetType)
    if directions is None or entry is None or not sent:
        return None
    to_us = work.country == US
    version = version_on(
        directions.foreign_to_us if to_us else directions.us_to_foreign, max(work.start, entry)
    )
    gap = gap_on(agreement, work.start, to_us=to_us, employed=work.activity == "employment")
    history = review(case, position, gap)
    first = history.first_start if history.first_start is not None else work.start
    runs_from = max(first, entry) if version.clock == "later_of_start_and_entry" else first
    limit = version.max_months
    extension = version.extension
    return Clock(
        agreement=agreement.country,
        runs_from=runs_from,
        limit_months=limit,
        last_day=None if limit is None else add_months(runs_from, limit) - timedelta(days=1),
        earlier_stays=history.earlier_stay,
        extension=extension is not None,
        extension_months=None if extension is None else extension.max_months,
        citations=tuple(cite.ref for cite in version.cite),
    )
