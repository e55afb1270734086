"""Loops that put together the facts of rows, compiled like those of `loops`.

The same mapping as `coverage.facts` makes for one work; what a column says is told as in `coding`.
A row that holds anything out of the ordinary is marked, and whatever is put down of it is put down
anew by who reads it with care.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from totalize.coverage.codes import NEVER, NOWHERE, US
from totalize.logic.expressions import OPEN
from totalize.rosters.coding import NULL
from totalize.rosters.loops import UNKNOWN, Ints, Mask, compiled

Three = tuple[Ints, Ints, Ints]

_NO_COUNTRY: Final = 10_000  # sorts behind every country
_UNCONCERNED: Final = 1_000  # and this behind those that have a side in the work


class Told(NamedTuple):
    """What the columns say of which facts are made, a number a row."""

    activity: Ints
    country: Ints
    start: Ints
    expected_end: Ints
    end: Ints
    birth_date: Ints
    citizenships: Three
    also_in: Three
    residence: Ints
    worker_residence: Ints
    occupation: Ints
    sent_from: Ints
    government: Ints
    seat: Ints
    american: Ints
    affiliate_of: Ints
    section_3121l: Ints
    majority_owned: Ints
    issued_by: Ints
    issued_from: Ints
    issued_to: Ints


class Made(NamedTuple):
    """The facts that are made, under their names, and what else the answer needs (`facts.Rows`)."""

    start: Ints
    from_day: Ints
    expected_stop: Ints
    country: Ints
    residence: Ints
    occupation: Ints
    employment: Ints
    employment_in_us: Ints
    employment_in_partner: Ints
    employer_country: Ints
    american: Ints
    affiliate_of: Ints
    section_3121l: Ints
    majority_owned: Ints
    us_citizen: Ints
    citizenship_1: Ints
    citizenship_2: Ints
    citizenship_3: Ints
    also_in_us: Ints
    also_in_1: Ints
    also_in_2: Ints
    earlier_stay: Ints
    ever_sent_before: Ints
    earlier_start: Ints
    earlier_stop: Ints
    second_job_start: Ints
    stop: Ints
    held: Three
    residence_told: Mask
    unread: Mask


@compiled
def sort_three(one: int, two: int, three: int) -> tuple[int, int, int]:
    """Return three numbers in their order."""
    if two < one:
        one, two = two, one
    if three < two:
        two, three = three, two
    if two < one:
        one, two = two, one
    return one, two, three


@compiled
def rank_of(code: int, sides: tuple[int, int, int, int]) -> int:
    """Return by what a citizenship is sorted; that of the United States is told elsewhere."""
    if code in (NOWHERE, US):
        return _NO_COUNTRY
    return code if code in sides else code + _UNCONCERNED


@compiled
def rank_of_other(code: int, country: int) -> int:
    """Return by what a country beside the one of the work is sorted."""
    return _NO_COUNTRY if code <= US or code == country else code


@compiled
def country_of_rank(rank: int) -> int:
    """Return the country that was ranked, `NOWHERE` where there was none."""
    return NOWHERE if rank == _NO_COUNTRY else rank % _UNCONCERNED


@compiled
def make_days(told: Told, made: Made) -> None:
    """Put down first and last days."""
    for row in range(len(told.start)):
        start, expected, end = told.start[row], told.expected_end[row], told.end[row]
        made.start[row] = made.from_day[row] = start
        stop = expected + 1 if expected >= 0 else UNKNOWN
        made.expected_stop[row] = OPEN if expected == NULL else stop
        last = expected if end == UNKNOWN else end
        made.stop[row] = last + 1 if last >= 0 else UNKNOWN
        in_order = not (0 <= expected < start or 0 <= end < start)
        made.unread[row] |= start < 0 or not in_order or told.birth_date[row] >= start


@compiled
def make_employers(told: Told, made: Made) -> None:
    """Put down what is told of an employer; of one of the self-employed nothing is looked at."""
    for row in range(len(told.start)):
        activity, seat, sent_from = told.activity[row], told.seat[row], told.sent_from[row]
        made.employment[row] = activity
        made.employment_in_us[row] = made.employment_in_partner[row] = activity
        made.unread[row] |= activity < 0
        if activity != 1:
            made.employer_country[row] = made.affiliate_of[row] = NOWHERE
            made.american[row] = 0
            made.section_3121l[row] = made.majority_owned[row] = UNKNOWN
            continue
        made.employer_country[row] = seat
        american = told.american[row]
        if american < 0:
            american = UNKNOWN if seat == UNKNOWN else int(seat == US)
            if told.government[row] == US:
                american = 1
        made.american[row] = american
        affiliate = told.affiliate_of[row]
        own = sent_from == NOWHERE or (sent_from == seat and seat != UNKNOWN)
        if affiliate == UNKNOWN and own:
            affiliate = NOWHERE  # as `coverage.facts` concludes where it is left out
        made.affiliate_of[row] = affiliate
        made.section_3121l[row] = told.section_3121l[row]
        made.majority_owned[row] = told.majority_owned[row]


@compiled
def make_people(told: Told, made: Made) -> None:
    """Put down what is told of the person: those citizenships first that concern the work."""
    first, second, third = told.citizenships
    for row in range(len(told.start)):
        country, home = told.country[row], told.residence[row]
        made.country[row] = country
        made.residence[row] = told.worker_residence[row] if home == UNKNOWN else home
        made.residence_told[row] = told.worker_residence[row] != UNKNOWN
        occupation = told.occupation[row]
        made.occupation[row] = 0 if occupation == UNKNOWN else occupation
        codes = first[row], second[row], third[row]
        made.unread[row] |= country < 0 or codes[0] < 0
        american = codes[0] == US or codes[1] == US or codes[2] == US
        made.us_citizen[row] = int(american)
        made.citizenship_1[row] = NOWHERE if codes[0] == US else codes[0]
        made.citizenship_2[row] = made.citizenship_3[row] = NOWHERE
        if codes[1] == NOWHERE:
            continue
        sides = country, told.sent_from[row], told.government[row], home
        one, two, three = sort_three(
            rank_of(codes[0], sides), rank_of(codes[1], sides), rank_of(codes[2], sides)
        )
        made.citizenship_1[row] = country_of_rank(one)
        made.citizenship_2[row] = country_of_rank(two)
        made.citizenship_3[row] = country_of_rank(three)


@compiled
def make_elsewhere(told: Told, made: Made) -> None:
    """Put down where else the same work is done: of other countries than these two the first."""
    first, second, third = told.also_in
    for row in range(len(told.start)):
        country = told.country[row]
        codes = first[row], second[row], third[row]
        if codes[0] == UNKNOWN:
            made.also_in_us[row] = made.also_in_1[row] = made.also_in_2[row] = UNKNOWN
            continue
        american = codes[0] == US or codes[1] == US or codes[2] == US
        made.also_in_us[row] = int(american and country != US)
        one, two, _ = sort_three(
            rank_of_other(codes[0], country),
            rank_of_other(codes[1], country),
            rank_of_other(codes[2], country),
        )
        made.also_in_1[row] = country_of_rank(one)
        made.also_in_2[row] = country_of_rank(two)


@compiled
def make_certificates(told: Told, made: Made) -> None:
    """Put down the certificate that is held."""
    issuer, since, until = made.held
    for row in range(len(told.start)):
        country, first, last = told.issued_by[row], told.issued_from[row], told.issued_to[row]
        issuer[row], since[row] = country, first
        stop = last + 1 if last >= 0 else UNKNOWN
        until[row] = OPEN if last == NULL else stop
        whole = (country != UNKNOWN) == (first != UNKNOWN) == (last != UNKNOWN)
        made.unread[row] |= not whole or 0 <= last < first


@compiled
def make_facts(told: Told, made: Made) -> None:
    """Put together the facts of some rows.

    Args:
        told: what their columns say.
        made: filled, but for `unread`, to which rows are added that must be read with care.
    """
    make_days(told, made)
    make_employers(told, made)
    make_people(told, made)
    make_elsewhere(told, made)
    make_certificates(told, made)
    # What other works of the same person tell comes later, from elsewhere.
    made.earlier_stay[:] = made.ever_sent_before[:] = NOWHERE
    made.earlier_start[:] = made.earlier_stop[:] = NOWHERE
    made.second_job_start[:] = NEVER
