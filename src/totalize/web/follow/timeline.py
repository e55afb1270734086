"""The time line of a person: what happened when, as bars in lanes, for the picture and its twin.

Works stand above, then what proves them, then what was asked for, then the clock of each
agreement. Gaps in the proof and works that overlap are found here, once, for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from totalize.coverage.clock import Clock
from totalize.kernel.countries import country_name, in_sentence
from totalize.kernel.dates import written_day

DAY = timedelta(days=1)


class Lane(StrEnum):
    """What a bar tells of, in the order in which lanes are drawn."""

    WORK = "work"
    PROOF = "proof"
    REQUEST = "request"
    GAP = "gap"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasts.

    Attributes:
        words: what it is, for the picture and for its text.
        last: last day, None when it goes on.
        tone: `covered`, `foreign`, `open`, `proof`, `asked`, `gap`, `over` or `clock`.
        link: address of the page that tells more.
    """

    lane: Lane
    words: str
    first: date
    last: date | None
    tone: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the time line needs to know of a spell.

    Attributes:
        covered_by: countries, empty unless determined.
        proof: `needed`, `held`, `not_needed` or `unavailable`; None when nothing was determined.
        proven_until: last day that certificates cover without a gap; `date.max` without an end.
    """

    work: str
    country: str
    first: date
    last: date | None
    covered_by: tuple[str, ...]
    issued_by: str
    proof: str | None
    proven_until: date | None


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A person's time line.

    Attributes:
        bars: in lanes, each in order of time.
        overlaps: works that go on beside one another, with the days on which they do.
        begins: first day of the picture.
        ends: last day of the picture.
    """

    bars: tuple[Bar, ...]
    overlaps: tuple[tuple[str, str, date, date | None], ...]
    begins: date
    ends: date

    def lane(self, lane: Lane) -> tuple[Bar, ...]:
        """Return the bars of one lane."""
        return tuple(bar for bar in self.bars if bar.lane is lane)


def build(
    stretches: Sequence[Stretch],
    others: Iterable[Bar],
    clocks: Iterable[tuple[Stretch, Clock]],
    today: date,
) -> TimeLine | None:
    """Put a time line together, None for a person without any work.

    Args:
        stretches: the works, by stretch.
        others: bars of proof and of requests.
        clocks: the clock of each work that has one.
        today: always lies inside the picture.
    """
    if not stretches:
        return None
    bars = [_work(stretch) for stretch in stretches]
    bars += others
    bars += [gap for stretch in stretches if (gap := gap_of(stretch)) is not None]
    bars += _clocks(clocks)
    lanes = list(Lane)
    bars.sort(key=lambda bar: (lanes.index(bar.lane), bar.first, bar.words))
    known = [bar.last for bar in bars if bar.last is not None]
    begins = min([today, *(bar.first for bar in bars)])
    ends = max([today + 365 * DAY, *known])
    return TimeLine(tuple(bars), overlaps_of(stretches), begins, ends)


def gap_of(stretch: Stretch) -> Bar | None:
    """Return the time of a stretch that asks for a certificate and has none, None when none."""
    if stretch.proof not in {"needed", "held"}:
        return None
    first = stretch.first
    if stretch.proven_until is not None:
        if stretch.proven_until == date.max:
            return None
        first = max(first, stretch.proven_until + DAY)
    if stretch.last is not None and first > stretch.last:
        return None
    words = f"{stretch.work}: no certificate of {in_sentence(stretch.issued_by)} is held"
    return Bar(Lane.GAP, words, first, stretch.last, "gap")


def overlaps_of(
    stretches: Sequence[Stretch],
) -> tuple[tuple[str, str, date, date | None], ...]:
    """Return the pairs of works that go on at the same time, and when."""
    found = []
    for number, one in enumerate(stretches):
        for other in stretches[number + 1 :]:
            if one.work == other.work:
                continue
            first = max(one.first, other.first)
            ends = [last for last in (one.last, other.last) if last is not None]
            last = min(ends) if ends else None
            if last is None or first <= last:
                found.append((one.work, other.work, first, last))
    return tuple(found)


def _work(stretch: Stretch) -> Bar:
    place = country_name(stretch.country)
    if not stretch.covered_by:
        return Bar(
            Lane.WORK,
            f"{stretch.work} in {place}: not settled",
            stretch.first,
            stretch.last,
            "open",
        )
    systems = " and ".join(map(country_name, stretch.covered_by))
    tone = "covered" if stretch.covered_by == ("US",) else "foreign"
    words = f"{stretch.work} in {place}: {systems}"
    return Bar(Lane.WORK, words, stretch.first, stretch.last, tone)


def _clocks(clocks: Iterable[tuple[Stretch, Clock]]) -> list[Bar]:
    """Return one bar a clock: stays that count together share it."""
    found: dict[tuple[str, date, date | None], Bar] = {}
    for stretch, clock in clocks:
        name = in_sentence(clock.agreement)
        limit = clock.limit_months
        words = (
            f"Agreement with {name}: no limit"
            if limit is None
            else f"Agreement with {name}: {limit} months from {written_day(clock.runs_from)}"
        )
        over = clock.within(stretch.last) is False
        key = (clock.agreement, clock.runs_from, clock.last_day)
        if key not in found or over:
            tone = "over" if over else "clock"
            found[key] = Bar(Lane.CLOCK, words, clock.runs_from, clock.last_day, tone)
    return list(found.values())
