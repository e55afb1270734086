"""Loops over the works of people who have several, compiled like those of `loops`.

They tell what `coverage.history` tells of one case; a test holds the two equal.
"""

from __future__ import annotations

import numpy as np

from totalize.coverage.codes import NEVER, NOWHERE
from totalize.rosters.careful import OPEN_FIELDS
from totalize.rosters.loops import Ints, Mask, Numbers, Positions, compiled

_OPEN_KINDS = len(OPEN_FIELDS)


@compiled
def find_odd(
    firsts: Positions,
    sizes: Positions,
    unread: Mask,
    said: Numbers,
    ids: Numbers,
    name: Positions,
    affiliate: Mask,
    described: Positions,
    most: int,
    found: Mask,
) -> None:
    """Find the people who are to be read with care.

    Args:
        firsts: where the works of each person begin.
        sizes: how many they are.
        unread: works with something that could not be read.
        said: a number for what each says of the person.
        ids: a number for each work's own id, 0 where it has none.
        name: a number for the employer's name, 0 where there is none.
        affiliate: the employer is a group company of the one that sent the worker.
        described: a number for what else is told of the employer.
        most: works of one person that are compared by columns.
        found: filled with what was found; people with one work are never odd.
    """
    for person in range(len(firsts)):
        first, size = firsts[person], sizes[person]
        odd = size > most
        with_id = with_name = 0
        renamed = redescribed = affiliated = False
        for work in range(first, first + size):
            odd |= unread[work] or said[work] != said[first]
            with_id += int(ids[work] != 0)
            with_name += int(name[work] != 0)
            renamed |= name[work] != name[first]
            redescribed |= described[work] != described[first]
            affiliated |= affiliate[work]
            if not odd and ids[work] != 0:
                for other in range(first, work):
                    odd |= ids[other] == ids[work]
        odd |= 0 < with_id < size
        # Whether the employers are the same is in doubt.
        odd |= 0 < with_name < size or (with_name == 0 and redescribed) or (affiliated and renamed)
        found[person] = size > 1 and odd


@compiled
def add_months(day: int, months: int, month_lengths: Ints) -> int:
    """Return the encoded day some months later, the month's last one where it has no such day."""
    month = (day >> 5) + months
    return (month << 5) + min(day & 31, int(month_lengths[month]))


@compiled
def lies_between(stop: int, start: int, months: int, exceeded: bool, month_lengths: Ints) -> bool:
    """Tell whether a break of so many months lies between two stays."""
    end = add_months(stop, months, month_lengths)
    return start > end or (start == end and not exceeded)


@compiled
def may_count(
    start: Ints, employed: Ints, sent_from: Ints, name: Positions, mine: int, other: int
) -> bool:
    """Tell whether another work in the same country may be an earlier stay of the same kind.

    People whose employers may or may not be the same don't come here.
    """
    theirs = sent_from[other]
    return bool(
        start[other] < start[mine]
        and employed[other] == employed[mine]
        and sent_from[mine] > NOWHERE
        and (theirs < 0 or theirs == sent_from[mine])
        and (name[mine] == name[other] or employed[mine] == 0)
    )


@compiled
def insert(stays: Positions, count: int, begin: int, end: int) -> None:
    """Put a stay among so many others, in the order of first days and then of last ones."""
    place = count
    while place > 0 and (
        stays[place - 1, 0] > begin or (stays[place - 1, 0] == begin and stays[place - 1, 1] > end)
    ):
        stays[place] = stays[place - 1]
        place -= 1
    stays[place, 0], stays[place, 1] = begin, end


@compiled
def last_chain(
    stays: Positions, months: int, exceeded: bool, month_lengths: Ints
) -> tuple[int, int]:
    """Return where the last stays without a break between them begin and end, -1 without one."""
    first = last = -1
    for number in range(len(stays)):
        begin, end = stays[number]
        if last < 0 or lies_between(last, begin, months, exceeded, month_lengths):
            first, last = begin, end
        else:
            last = max(last, end)
    return first, last


@compiled
def review(
    firsts: Positions,
    sizes: Positions,
    start: Ints,
    stop: Ints,
    country: Ints,
    employed: Ints,
    sent_from: Ints,
    name: Positions,
    gap_months: Ints,
    exceeded: Mask,
    month_lengths: Ints,
    first: Ints,
    last: Ints,
    second_job: Ints,
    open_code: Ints,
    over: Mask,
) -> None:
    """Tell what the works of each person say of one another.

    Args:
        firsts: where the works of each person begin.
        sizes: how many they are; 0 for people who are not to be looked at.
        start: encoded first day of each work.
        stop: encoded day after its last, negative where it is open.
        country: where it is done.
        employed: 1 for employment.
        sent_from: from where the worker was sent, negative where that is unknown.
        name: a number for the employer's name, 0 where there is none.
        gap_months: the break after which stays no longer count together.
        exceeded: it must be longer than that.
        month_lengths: days of every month.
        first: filled with where the last chain of earlier stays begins, -1 without one.
        last: filled with where it ends.
        second_job: filled with the first day on which another work is done in the same country.
        open_code: filled with what leaves the history open, as in `facts.Rows`; -1 where nothing
            does.
        over: filled with whether a break lies between the chain and the work.
    """
    first[:] = last[:] = open_code[:] = -1
    second_job[:] = NEVER
    over[:] = False
    for person in range(len(firsts)):
        begin, end = firsts[person], firsts[person] + sizes[person]
        stays = np.empty((sizes[person], 2), dtype=np.int64)
        for mine in range(begin, end):
            count = 0
            for other in range(begin, end):
                if other == mine or country[other] != country[mine]:
                    continue
                together = stop[other] < 0 or start[mine] < stop[other]
                if together and (stop[mine] < 0 or start[other] < stop[mine]):
                    second_job[mine] = min(second_job[mine], max(start[mine], start[other]))
                if not may_count(start, employed, sent_from, name, mine, other):
                    continue
                if sent_from[other] >= 0 and stop[other] >= 0:
                    insert(stays, count, start[other], min(stop[other], start[mine]))
                    count += 1
                else:
                    code = (other - begin) * _OPEN_KINDS + int(sent_from[other] >= 0)
                    if open_code[mine] < 0 or code < open_code[mine]:
                        open_code[mine] = code
            months, longer = gap_months[mine], exceeded[mine]
            first[mine], last[mine] = last_chain(stays[:count], months, longer, month_lengths)
            if count:
                over[mine] = lies_between(last[mine], start[mine], months, longer, month_lengths)
