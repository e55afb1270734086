"""Drawing a time line as SVG: lanes of bars over years, today as a line, every bar with its text.

Colours are presentation attributes, because the pages forbid inline style. No colour tells
anything alone: each bar bears its words, and the page has the same as a table.
"""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import Element, SubElement, tostring

from totalize.kernel.dates import written_day
from totalize.web.follow.timeline import Bar, Lane, TimeLine

WIDTH = 960
LEFT = 12
RIGHT = 12
BAR = 20
ROW = 44
HEAD = 44
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif"
FILLS = {
    "covered": "#0b5c5c",
    "foreign": "#9a4f06",
    "open": "#7b8784",
    "proof": "#0f6b3a",
    "asked": "#3b6ea5",
    "gap": "#fcebea",
    "over": "#a51d1d",
    "clock": "#c9d6d3",
}
OUTLINED = {"gap": "#a51d1d"}
TITLES = {
    Lane.WORK: "Work",
    Lane.PROOF: "Certificates held",
    Lane.REQUEST: "Requests",
    Lane.GAP: "Not proven",
    Lane.CLOCK: "Clocks",
}


def draw(line: TimeLine, today: date, title: str) -> str:
    """Return the picture.

    Args:
        line: what to draw.
        today: marked by a line.
        title: what the picture shows, read out in its place.
    """
    lanes = [(lane, line.lane(lane)) for lane in Lane if line.lane(lane)]
    height = HEAD + sum(28 + ROW * len(bars) for _, bars in lanes) + 8
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "role": "img",
            "aria-labelledby": "timeline-title",
            "font-family": FONT,
            "font-size": "14",
        },
    )
    SubElement(svg, "title", {"id": "timeline-title"}).text = title
    scale = _Scale(line.begins, line.ends)
    _years(svg, scale, height)
    top = float(HEAD)
    for lane, bars in lanes:
        _text(svg, LEFT, top + 18, TITLES[lane], weight="700")
        top += 28
        for bar in bars:
            _bar(svg, bar, scale, top)
            top += ROW
    x = scale.x(today)
    SubElement(
        svg,
        "line",
        {"x1": x, "x2": x, "y1": "18", "y2": str(height), "stroke": "#a51d1d", "stroke-width": "2"},
    )
    _text(svg, float(x) + 4, 14, "today", fill="#a51d1d", near_end=float(x) > WIDTH - 60)
    return tostring(svg, encoding="unicode")


class _Scale:
    def __init__(self, begins: date, ends: date) -> None:
        self.begins, self.ends = begins, ends
        self.step = (WIDTH - LEFT - RIGHT) / max(1, (ends - begins).days)

    def x(self, day: date) -> str:
        inside = min(max(day, self.begins), self.ends)
        return f"{LEFT + (inside - self.begins).days * self.step:.1f}"


def _years(svg: Element, scale: _Scale, height: int) -> None:
    first, last = scale.begins.year + 1, scale.ends.year
    every = max(1, -(-(last - first + 1) // 16))
    for year in range(first, last + 1, every):
        x = scale.x(date(year, 1, 1))
        SubElement(
            svg, "line", {"x1": x, "x2": x, "y1": "36", "y2": str(height), "stroke": "#dde4e2"}
        )
        _text(svg, float(x) + 4, 32, str(year), fill="#4b5a57", near_end=float(x) > WIDTH - 50)


def _bar(svg: Element, bar: Bar, scale: _Scale, top: float) -> None:
    last = scale.ends if bar.last is None else bar.last
    left, right = float(scale.x(bar.first)), float(scale.x(last))
    group = SubElement(svg, "g")
    until = "without an end" if bar.last is None else f"to {written_day(bar.last)}"
    SubElement(group, "title").text = f"{bar.words}, {written_day(bar.first)} {until}"
    attributes = {
        "x": f"{left:.1f}",
        "y": f"{top + 18:.1f}",
        "width": f"{max(3.0, right - left):.1f}",
        "height": str(BAR),
        "rx": "3",
        "fill": FILLS[bar.tone],
    }
    if bar.tone in OUTLINED:
        attributes |= {"stroke": OUTLINED[bar.tone], "stroke-width": "2", "stroke-dasharray": "6 3"}
    SubElement(group, "rect", attributes)
    if bar.last is None:
        SubElement(
            group,
            "path",
            {"d": f"M{right:.1f} {top + 18:.1f}l10 10-10 10z", "fill": FILLS[bar.tone]},
        )
    # The words stand above their bar, and end at the edge where they would run out of the picture.
    room = WIDTH - RIGHT - left
    wide = 7.2 * len(bar.words)
    _text(group, left if wide < room else WIDTH - RIGHT, top + 13, bar.words, near_end=wide >= room)


def _text(
    parent: Element,
    x: float,
    y: float,
    words: str,
    *,
    fill: str = "#14211f",
    weight: str = "400",
    near_end: bool = False,
) -> None:
    attributes = {"x": f"{x:.1f}", "y": f"{y:.1f}", "fill": fill, "font-weight": weight}
    if near_end:
        attributes["text-anchor"] = "end"
    SubElement(parent, "text", attributes).text = words
