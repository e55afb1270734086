"""What follows for one work from the person's other works.

An earlier stay counts towards a repeat assignment when the same employer sent the same worker
to the same country before. Stays with breaks shorter than the agreement asks for form a chain;
its first start and its latest end are the facts that provisions look at.

Whether the employers are the same is told, or follows from their names. Works whose employers have
no name and are described alike are taken for works of one employer, because earlier stays are
listed in order to count; the answer says so. Where only one has a name, or a group company stands
in for the sender, it stays unknown.
"""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import Struct, UnsetType, structs

from totalize.coverage.case import Case, Employer, Work
from totalize.kernel.dates import add_months

_UNDESCRIBED = Employer()
USUAL_GAP_MONTHS = 12  # the longest break that any agreement read asks for


class History(Struct, frozen=True):
    """Facts about one work that other works of the same person tell.

    Attributes:
        earlier_stay: an earlier stay counts together with this one; None when unknown.
        first_start: first day of the chain of stays.
        last_stop: day after the latest earlier stay ended.
        ever_sent_before: there is an earlier stay at all, however long ago; None when unknown.
        second_job_start: first day on which another work in the same country goes on beside it.
        unknown_path: the fact that leaves some of this open, by path. Where only the employer is
            in doubt, `first_start` and `last_stop` are those of the chain if it is the same.
        same_employer_presumed: a stay counts although no employer is named.
    """

    earlier_stay: bool | None = False
    first_start: date | None = None
    last_stop: date | None = None
    ever_sent_before: bool | None = False
    second_job_start: date | None = None
    unknown_path: str | None = None
    same_employer_presumed: bool = False


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
    doubtful: list[tuple[date, date]] = []
    presumed = False
    for number, other in enumerate(case.work):
        if other is work or other.start >= work.start or not _may_count(work, other):
            continue
        same = _same_employer(work, other)
        if same is False:
            continue
        if isinstance(other.sent_from, UnsetType):
            return _unknown(second_job, f"work[{number}].sent_from")
        stop = _stop(other)
        if stop is None:
            return _unknown(second_job, f"work[{number}].end")
        (doubtful if same is None else stays).append((other.start, min(stop, work.start)))
        presumed |= same is True and _is_presumed(work, other)
    found = _together(stays, work.start, gap)
    if doubtful:
        perhaps = _together(stays + doubtful, work.start, gap)
        found = _between(found, perhaps, f"work[{position}].same_employer_as_before")
    return structs.replace(
        found,
        second_job_start=second_job,
        same_employer_presumed=presumed and found.earlier_stay is True,
    )


def _unknown(second_job: date | None, path: str) -> History:
    return History(
        earlier_stay=None, ever_sent_before=None, second_job_start=second_job, unknown_path=path
    )


def _together(stays: list[tuple[date, date]], start: date, gap: Gap) -> History:
    """Return what some earlier stays tell of a work that starts on a day."""
    first, last = _chain(sorted(stays), gap)
    if first is None or last is None:
        return NONE
    if gap.lies_between(last, start):
        return History(ever_sent_before=True)
    return History(earlier_stay=True, first_start=first, last_stop=last, ever_sent_before=True)


def _between(surely: History, perhaps: History, path: str) -> History:
    """Return what is known where some stays may count or not, all of them together."""
    if surely == perhaps:
        return surely
    if not surely.earlier_stay:
        # If any stay counts, it is the chain with all of them that does.
        ever = True if surely.ever_sent_before else None
        earlier = None if perhaps.earlier_stay else False
        return structs.replace(
            perhaps, earlier_stay=earlier, ever_sent_before=ever, unknown_path=path
        )
    one_start, one_stop = surely.first_start, surely.last_stop
    return structs.replace(
        surely,
        first_start=one_start if one_start == perhaps.first_start else None,
        last_stop=one_stop if one_stop == perhaps.last_stop else None,
        unknown_path=path,
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
    return not (work.sent_from is None or isinstance(work.sent_from, UnsetType))


def _same_employer(work: Work, other: Work) -> bool | None:
    """Tell whether the same employer sends the person as before; None when it is not known."""
    if work.activity == "self_employment":
        return True
    if isinstance(work.same_employer_as_before, bool):
        return work.same_employer_as_before
    mine, theirs = _employer_name(work), _employer_name(other)
    if mine is None and theirs is None:
        return True if _description(work) == _description(other) else None
    if mine is None or theirs is None:
        return None
    if mine == theirs:
        return True
    # The name of a group company says nothing of the company that sent the person.
    return None if _is_affiliate(work) or _is_affiliate(other) else False


def _is_presumed(work: Work, other: Work) -> bool:
    """Tell whether the employer is taken for the same only because none is named."""
    told = work.activity == "self_employment" or isinstance(work.same_employer_as_before, bool)
    return not told and _employer_name(work) is None and _employer_name(other) is None


def _description(work: Work) -> tuple[object, object]:
    employer = work.employer if isinstance(work.employer, Employer) else _UNDESCRIBED
    sender = employer.affiliate_of if isinstance(employer.affiliate_of, str) else None
    return employer.country, sender


def _is_affiliate(work: Work) -> bool:
    return isinstance(work.employer, Employer) and isinstance(work.employer.affiliate_of, str)


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
