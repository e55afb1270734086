"""What follows for one work from the person's other works.

An earlier stay counts towards a repeat assignment when the same employer sent the same worker
to the same country before. Stays with breaks shorter than the agreement asks for form a chain;
its first start and its latest end are the facts that provisions look at.
"""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import Struct, UnsetType

from totalize.coverage.case import Case, Employer, Work
from totalize.kernel.dates import add_months

USUAL_GAP_MONTHS = 12  # the longest break that any agreement read asks for


class History(Struct, frozen=True):
    """Facts about one work that other works of the same person tell.

    Attributes:
        earlier_stay: an earlier stay counts together with this one; None when unknown.
        first_start: first day of the chain of stays.
        last_stop: day after the latest earlier stay ended.
        ever_sent_before: there is an earlier stay at all, however long ago; None when unknown.
        second_job_start: first day on which another work in the same country goes on beside it.
        unknown_path: the fact that leaves `earlier_stay` open, by path.
    """

    earlier_stay: bool | None = False
    first_start: date | None = None
    last_stop: date | None = None
    ever_sent_before: bool | None = False
    second_job_start: date | None = None
    unknown_path: str | None = None


NONE = History()


class Gap(Struct, frozen=True):
    """The break after which stays no longer count together.

    Attributes:
        months: its length.
        exceeded: it has to be longer than that; otherwise as long is enough.
    """

    months: int = USUAL_GAP_MONTHS
    exceeded: bool = False

    def lies_between(self, stop: date, start: date) -> bool:
        """Tell whether the break from one stay's stop to the next one's start is long enough."""
        ends = add_months(stop, self.months)
        return start > ends if self.exceeded else start >= ends


USUAL_GAP = Gap()


def review(case: Case, position: int, gap: Gap = USUAL_GAP) -> History:
    """Return the history of one work of a case.

    Args:
        case: the whole case.
        position: which work.
        gap: the break that the agreement asks for.
    """
    if len(case.work) == 1:
        return NONE
    work = case.work[position]
    second_job = min(
        (
            max(work.start, other.start)
            for other in case.work
            if other is not work and _runs_beside(work, other)
        ),
        default=None,
    )
    stays: list[tuple[date, date]] = []
    for number, other in enumerate(case.work):
        if other is work or other.start >= work.start or not _may_count(work, other):
            continue
        if isinstance(other.sent_from, UnsetType):
            return _unknown(second_job, f"work[{number}].sent_from")
        stop = _stop(other)
        if stop is None:
            return _unknown(second_job, f"work[{number}].end")
        stays.append((other.start, min(stop, work.start)))
    chain_start, chain_stop = _chain(sorted(stays), gap)
    if chain_start is None or chain_stop is None:
        return History(second_job_start=second_job)
    if gap.lies_between(chain_stop, work.start):
        return History(ever_sent_before=True, second_job_start=second_job)
    return History(
        earlier_stay=True,
        first_start=chain_start,
        last_stop=chain_stop,
        ever_sent_before=True,
        second_job_start=second_job,
    )


def _unknown(second_job: date | None, path: str) -> History:
    return History(
        earlier_stay=None, ever_sent_before=None, second_job_start=second_job, unknown_path=path
    )


def _chain(stays: list[tuple[date, date]], gap: Gap) -> tuple[date | None, date | None]:
    first: date | None = None
    last: date | None = None
    for start, stop in stays:
        if last is None or gap.lies_between(last, start):
            first, last = start, stop
        else:
            last = max(last, stop)
    return first, last


def _may_count(work: Work, other: Work) -> bool:
    if other.country != work.country or other.activity != work.activity:
        return False
    if other.sent_from != work.sent_from and not isinstance(other.sent_from, UnsetType):
        return False
    if work.sent_from is None or isinstance(work.sent_from, UnsetType):
        return False
    mine, theirs = _employer_name(work), _employer_name(other)
    return mine is None or theirs is None or mine == theirs


def _employer_name(work: Work) -> str | None:
    if isinstance(work.employer, Employer) and isinstance(work.employer.name, str):
        return work.employer.name.casefold().strip()
    return None


def _stop(work: Work) -> date | None:
    last = work.end if isinstance(work.end, date) else work.expected_end
    return last + timedelta(days=1) if isinstance(last, date) else None


def _runs_beside(work: Work, other: Work) -> bool:
    if other.country != work.country:
        return False
    mine, theirs = _stop(work), _stop(other)
    return (theirs is None or work.start < theirs) and (mine is None or other.start < mine)
