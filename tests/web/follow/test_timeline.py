"""The time line finds gaps and overlaps, and draws what its text twin says."""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import fromstring

from totalize.coverage.clock import Clock
from totalize.web.follow.drawing import draw
from totalize.web.follow.timeline import Lane, Stretch, build, gap_of, overlaps_of

TODAY = date(2026, 11, 22)
MUNICH = Stretch(
    "munich",
    "DE",
    date(2024, 3, 1),
    date(2027, 2, 28),
    ("US",),
    "US",
    "needed",
    date(2026, 2, 28),
)


def changed(**changes):
    fields = {name: getattr(MUNICH, name) for name in Stretch.__slots__}
    return Stretch(**{**fields, **changes})


def test_the_gap_begins_the_day_after_the_last_proven_one():
    gap = gap_of(MUNICH)
    assert (gap.first, gap.last) == (date(2026, 3, 1), date(2027, 2, 28))


def test_a_stretch_proven_to_its_last_day_has_no_gap():
    assert gap_of(changed(proven_until=date(2027, 2, 28))) is None
    assert gap_of(changed(last=None, proven_until=date.max)) is None


def test_where_no_certificate_is_asked_for_none_is_missing():
    assert gap_of(changed(proof="not_needed", proven_until=None)) is None


def test_works_that_go_on_at_once_are_named_with_the_days():
    tokyo = changed(work="tokyo", first=date(2027, 1, 1), last=None)
    assert overlaps_of([MUNICH, tokyo]) == (
        ("munich", "tokyo", date(2027, 1, 1), date(2027, 2, 28)),
    )
    after = changed(work="tokyo", first=date(2027, 3, 1), last=None)
    assert overlaps_of([MUNICH, after]) == ()


def test_stays_that_count_together_share_one_clock_and_one_that_is_over_shows_it():
    clock = Clock("DE", date(2024, 3, 1), 24, date(2026, 2, 28), True, True, None, ("Art. 6(2)",))
    early = changed(work="first", last=date(2024, 12, 31))
    line = build([early, MUNICH], [], [(early, clock), (MUNICH, clock)], TODAY)
    (bar,) = line.lane(Lane.CLOCK)
    assert bar.tone == "over"


def test_the_picture_bears_the_words_of_every_bar_and_no_inline_style():
    line = build([MUNICH], [], [], TODAY)
    svg = draw(line, TODAY, "Time line of <Ada>")
    words = {element.text for element in fromstring(svg).iter() if element.text}
    assert {bar.words for bar in line.bars} <= words
    assert "style=" not in svg
    assert "<Ada>" not in svg


def test_a_person_without_work_has_no_time_line():
    assert build([], [], [], TODAY) is None
