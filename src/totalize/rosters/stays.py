"""Loops over the works of people who have several, compiled like those of `loops`.

They tell what `coverage.history` tells of one case; a test holds the two equal.

A work is a record (`WORK`):

    row               where it stands in the roster
    key, second_key   numbers of the worker's id; together no two people have the same
    said              a number for what the row says of the person
    id                a number for the work's own id, 0 where it has none
    name              a number for the employer's name, 0 where there is none
    described         a number for what else is told of the employer
    country           where it is done
    partner           the other country, negative where there is none or it is unknown
    employed          1 for employment
    sent_from         from where the worker was sent, negative where that is unknown
    start, stop       encoded first day, and the day after the last, negative where it is open
    affiliate         the employer is a group company of the one that sent the worker
    unread            with something that could not be read

What the works of a person tell of one another is a record, too (`HISTORY`):

    row               where the work stands in the roster
    position          which of the person's works it is
    open_code         what leaves the history open, as in `facts.Rows`; -1 where nothing does
    earlier_stay ...  facts of history, -1 where they are unknown
"""

from __future__ import annotations

from typing import Final

import numpy as np

from totalize.coverage.codes import NEVER, NOWHERE
from totalize.rosters.careful import OPEN_FIELDS
from totalize.rosters.loops import Ints, Mask, Positions, Records, compiled

WORK: Final = np.dtype(
    [
        *((name, np.int64) for name in ("row", "name", "described")),
        *((name, np.uint64) for name in ("key", "second_key", "said", "id")),
        *(
            (name, np.int32)
            for name in ("country", "partner", "employed", "sent_from", "start", "stop")
        ),
        *((name, np.bool_) for name in ("affiliate", "unread")),
    ],
    align=True,
)
HISTORY_FACTS: Final = (
    "earlier_stay",
    "ever_sent_before",
    "earlier_start",
    "earlier_stop",
    "second_job_start",
)
HISTORY: Final = np.dtype(
    [
        ("row", np.int64),
        *((name, np.int32) for name in ("position", "open_code", *HISTORY_FACTS)),
    ],
    align=True,
)

_OPEN_KINDS = len(OPEN_FIELDS)
_SENT_FROM, _END, _SAME_EMPLOYER = map(
    OPEN_FIELDS.index, ("sent_from", "end", "same_employer_as_before")
)


@compiled
def find_odd(works: Records, firsts: Positions, sizes: Positions, most: int, found: Mask) -> None:
    """Find the people who are to be read with care.

    Args:
        works: person by person.
        firsts: where the works of each person begin.
        sizes: how many they are.
        most: works of one person that are compared by columns.
        found: filled with what was found; people with one work are never odd.
    """
    unread, said, ids = works["unread"], works["said"], works["id"]
    for person in range(len(firsts)):
        first, size = firsts[person], sizes[person]
        odd = size > most
        with_id = 0
        for work in range(first, first + size):
            odd |= unread[work] or said[work] != said[first]
            with_id += int(ids[work] != 0)
            if not odd and ids[work] != 0:
                for other in range(first, work):
                    odd |= ids[other] == ids[work]
        found[person] = size > 1 and (odd or 0 < with_id < size)


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
def first_day_of_both(start: Ints, stop: Ints, mine: int, other: int) -> int:
    """Return the first day on which two works go on side by side, `NEVER` without one."""
    if stop[other] >= 0 and start[mine] >= stop[other]:
        return NEVER
    if stop[mine] >= 0 and start[other] >= stop[mine]:
        return NEVER
    return max(int(start[mine]), int(start[other]))


@compiled
def may_count(start: Ints, employed: Ints, sent_from: Ints, mine: int, other: int) -> bool:
    """Tell whether another work in the same country may be an earlier stay of the same kind."""
    theirs = sent_from[other]
    return bool(
        start[other] < start[mine]
        and employed[other] == employed[mine]
        and sent_from[mine] > NOWHERE
        and (theirs < 0 or theirs == sent_from[mine])
    )


@compiled
def same_employer(
    employed: Ints, name: Positions, affiliate: Mask, described: Positions, mine: int, other: int
) -> int:
    """Tell whether one employer sent the person both times: 1, 0, or -1 where it is unknown."""
    if employed[mine] == 0:
        return 1
    if name[mine] == 0 and name[other] == 0:
        return 1 if described[mine] == described[other] else -1
    if name[mine] == 0 or name[other] == 0:
        return -1
    if name[mine] == name[other]:
        return 1
    # The name of a group company says nothing of the company that sent the person.
    return -1 if affiliate[mine] or affiliate[other] else 0


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
def together(
    stays: Positions, start: int, months: int, exceeded: bool, month_lengths: Ints
) -> tuple[int, int, int, int]:
    """Return what some earlier stays tell of a work that starts on a day.

    Returns:
        Whether there is an earlier stay that counts, whether there ever was one, and where the
        last chain of them begins and ends, -1 where none counts.
    """
    first = last = -1
    for number in range(len(stays)):
        begin, end = stays[number]
        if last < 0 or lies_between(last, begin, months, exceeded, month_lengths):
            first, last = begin, end
        else:
            last = max(last, end)
    if last < 0:
        return 0, 0, -1, -1
    if lies_between(last, start, months, exceeded, month_lengths):
        return 0, 1, -1, -1
    return 1, 1, first, last


@compiled
def between(
    surely: tuple[int, int, int, int], perhaps: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    """Return what is known where some stays may count or not, all of them together."""
    if not surely[0]:
        # If any stay counts, it is the chain with all of them that does.
        return -perhaps[0], 1 if surely[1] else -1, perhaps[2], perhaps[3]
    first = surely[2] if surely[2] == perhaps[2] else -1
    last = surely[3] if surely[3] == perhaps[3] else -1
    return surely[0], surely[1], first, last


@compiled
def put_stays(history: Records, work: int, counts: int, ever: int, first: int, last: int) -> None:
    """Put down what earlier stays tell of a work, as `together` returns it."""
    history[work]["earlier_stay"] = counts
    history[work]["ever_sent_before"] = ever
    history[work]["earlier_start"] = first
    history[work]["earlier_stop"] = last


@compiled
def review(
    works: Records,
    firsts: Positions,
    sizes: Positions,
    gap_months: Ints,
    exceeded: Mask,
    month_lengths: Ints,
    history: Records,
) -> None:
    """Tell what the works of each person say of one another.

    Args:
        works: person by person.
        firsts: where the works of each person begin.
        sizes: how many they are; 0 for people who are not to be looked at.
        gap_months: of each work the break after which stays no longer count together.
        exceeded: it must be longer than that.
        month_lengths: days of every month.
        history: filled for each work of those who are looked at.
    """
    start, stop = works["start"], works["stop"]
    country, employed, sent_from = works["country"], works["employed"], works["sent_from"]
    name, affiliate, described = works["name"], works["affiliate"], works["described"]
    open_code, second_job = history["open_code"], history["second_job_start"]
    for person in range(len(firsts)):
        begin, end = firsts[person], firsts[person] + sizes[person]
        sure = np.empty((sizes[person], 2), dtype=np.int64)
        possible = np.empty((sizes[person], 2), dtype=np.int64)
        for mine in range(begin, end):
            count = all_of_them = 0
            history[mine]["row"] = works[mine]["row"]
            history[mine]["position"] = mine - begin
            open_code[mine] = -1
            second_job[mine] = NEVER
            for other in range(begin, end):
                if other == mine or country[other] != country[mine]:
                    continue
                second_job[mine] = min(
                    second_job[mine], first_day_of_both(start, stop, mine, other)
                )
                if open_code[mine] >= 0 or not may_count(start, employed, sent_from, mine, other):
                    continue
                same = same_employer(employed, name, affiliate, described, mine, other)
                if same == 0:
                    continue
                if sent_from[other] < 0 or stop[other] < 0:
                    field = _SENT_FROM if sent_from[other] < 0 else _END
                    open_code[mine] = (other - begin) * _OPEN_KINDS + field
                    continue
                their_stop = min(stop[other], start[mine])
                insert(possible, all_of_them, start[other], their_stop)
                all_of_them += 1
                if same == 1:
                    insert(sure, count, start[other], their_stop)
                    count += 1
            if open_code[mine] >= 0:
                put_stays(history, mine, -1, -1, -1, -1)
                continue
            months, longer = gap_months[mine], exceeded[mine]
            found = together(sure[:count], start[mine], months, longer, month_lengths)
            if all_of_them > count:
                perhaps = together(
                    possible[:all_of_them], start[mine], months, longer, month_lengths
                )
                if perhaps != found:
                    found = between(found, perhaps)
                    open_code[mine] = (mine - begin) * _OPEN_KINDS + _SAME_EMPLOYER
            # Where no stay counts there is no chain; that is known, too.
            first, last = (found[2], found[3]) if found[0] else (NOWHERE, NOWHERE)
            put_stays(history, mine, found[0], found[1], first, last)
