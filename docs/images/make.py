"""Draw the picture of the README from what the program prints; run it to draw it again.

The picture is the real output of `totalize check`, line by line. A test compares the two.
"""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from xml.sax.saxutils import escape

from totalize.cli.main import main as totalize

HERE = Path(__file__).parent
PICTURE = HERE / "check.svg"
CASE = "examples/cases/berlin.yaml"
SHOWN = f"totalize check {CASE}"
COLUMNS, LINE, CHARACTER, MARGIN, BAR = 80, 19, 8.43, 18, 34
BACKGROUND, TEXT, QUIET, TITLE = "#0d1117", "#e6edf3", "#8b949e", "#79c0ff"
# A test that is met, one that is not, one that is open.
MARKS = {"+": "#3fb950", "-": "#ff7b72", "?": "#d29922"}
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace"
HEADINGS = {"What to get", "Why", "What would change it", "Sources"}
# The command, addresses, and facts by their paths.
QUIET_LINE = re.compile(r"\$ |https?://|[a-z_.]+: \S")
# The digest of the law data changes with every edit of it; the picture need not.
FOOTER = "Decided as of"


def output() -> list[str]:
    """Return what the program prints for the case, without the line that names the law data.

    Raises:
        RuntimeError: the program refuses the case.
    """
    printed = io.StringIO()
    with redirect_stdout(printed):
        status = totalize(["check", str(HERE.parents[1] / CASE), "--as-of", "2026-02-01"])
    if status:
        raise RuntimeError(f"totalize check ended with {status}")
    text = printed.getvalue().split(FOOTER, maxsplit=1)[0]
    return text.rstrip().splitlines()


def draw(lines: list[str]) -> str:
    """Return lines of a terminal as an SVG picture."""
    shown = [f"$ {SHOWN}", "", *lines]
    width = round(COLUMNS * CHARACTER) + 2 * MARGIN
    height = BAR + len(shown) * LINE + 2 * MARGIN
    title = escape(f"{SHOWN}: {' '.join(' '.join(lines[:4]).split())}")
    about = f'width="{width}" height="{height}" role="img" aria-labelledby="title"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {about}>',
        f'<title id="title">{title}</title>',
        f'<rect width="{width}" height="{height}" rx="10" fill="{BACKGROUND}"/>',
        *(
            f'<circle cx="{22 + 20 * number}" cy="20" r="6" fill="{colour}"/>'
            for number, colour in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))
        ),
        f'<g font-family="{FONTS}" font-size="14">',
    ]
    for number, line in enumerate(shown):
        if line:
            top = BAR + MARGIN + (number + 1) * LINE - 5
            parts.append(_line(line, top))
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _line(line: str, top: int) -> str:
    """Return one line; its length is fixed, so that every font keeps the columns."""
    bare = line.strip()
    start = len(line) - len(line.lstrip())
    left = f"{MARGIN + start * CHARACTER:.1f}"
    length = f"{len(bare) * CHARACTER:.1f}"
    fixed = f'x="{left}" y="{top}" textLength="{length}" lengthAdjust="spacingAndGlyphs"'
    weight = ' font-weight="bold"' if bare in HEADINGS or start == 0 else ""
    colour = TEXT if start == 0 and not bare.startswith("$") else _colour(bare)
    return f'<text {fixed} fill="{colour}"{weight}>{_marked(bare)}</text>'


def _colour(bare: str) -> str:
    if bare in HEADINGS:
        return TITLE
    return QUIET if QUIET_LINE.match(bare) else TEXT


def _marked(bare: str) -> str:
    # Several spaces in a row would be drawn as one.
    text = escape(bare).replace("  ", "\N{NO-BREAK SPACE}" * 2)
    mark, _, rest = text.partition(" ")
    if mark in MARKS and rest:
        return f'<tspan fill="{MARKS[mark]}" font-weight="bold">{mark}</tspan> {rest}'
    return text


if __name__ == "__main__":
    PICTURE.write_text(draw(output()), encoding="utf-8")
    sys.stdout.write(f"{PICTURE.name}: {len(output())} lines\n")
