"""Lay out text for a terminal: 80 columns or as few as it has, colour only where it is seen."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import TextIO

WIDTH = 80
NARROWEST = 40  # below that, words would stand one by one
_STYLES = {"bold": "1", "dim": "2", "yes": "32", "no": "31", "open": "33", "heading": "1;36"}


class Page:
    """Lines of text, wrapped and indented, with colour or without.

    Args:
        colour: whether styles become escape sequences; plain text otherwise.
        width: columns of a line.
    """

    def __init__(self, *, colour: bool = False, width: int = WIDTH) -> None:
        self._colour = colour
        self._width = width
        self._lines: list[str] = []

    def add(self, text: str = "", *, indent: int = 0, hang: int = 0, style: str = "") -> None:
        """Add a paragraph.

        Args:
            text: one paragraph; what a terminal would obey is shown, not sent.
            indent: columns before every line.
            hang: further columns before every line but the first.
            style: one of the styles; empty: none.
        """
        self.add_after("", text, indent=indent, hang=hang, style=style)

    def add_after(
        self, mark: str, text: str, *, indent: int = 0, hang: int = 0, style: str = ""
    ) -> None:
        """Add a paragraph behind a mark, which alone takes the style where there is one."""
        if not mark and not text:
            self._lines.append("")
            return
        first = " " * indent + mark
        lines = textwrap.wrap(
            printable(text.replace("\n", " ")),
            self._width,
            initial_indent=first,
            subsequent_indent=" " * (indent + hang),
            break_on_hyphens=False,
        ) or [first]
        if style and mark:
            lines[0] = " " * indent + self.paint(mark, style) + lines[0][len(first) :]
        elif style:
            lines = [
                line[: len(line) - len(line.lstrip())] + self.paint(line.lstrip(), style)
                for line in lines
            ]
        self._lines.extend(lines)

    def add_link(self, address: str, *, indent: int = 0) -> None:
        """Add an address, moved to the left where it would not fit otherwise."""
        self.add(address, indent=max(0, min(indent, self._width - len(address))), style="dim")

    def add_row(self, text: str, *, style: str = "") -> None:
        """Add one line as it stands, its columns already counted."""
        text = printable(text).rstrip()
        self._lines.append(self.paint(text, style) if style else text)

    def heading(self, text: str, *, indent: int = 0) -> None:
        """Add a heading with an empty line before it."""
        if self._lines and self._lines[-1]:
            self._lines.append("")
        self.add(text, indent=indent, style="heading")

    def paint(self, text: str, style: str) -> str:
        """Return text in a style, unchanged where there is no colour."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._colour else text

    def __str__(self) -> str:
        return "\n".join(line.rstrip() for line in self._lines)


def printable(text: str) -> str:
    """Return text with what a terminal would obey (escapes, controls) written out."""
    if text.isprintable():
        return text
    import unicodedata

    return "".join(
        mark if mark.isprintable() or unicodedata.category(mark) == "Zs" else ascii(mark)[1:-1]
        for mark in text
    )


def wants_colour(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal whose owner has nothing against colour."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def page_for_output() -> Page:
    """Return a page for standard output."""
    return Page(colour=wants_colour(sys.stdout), width=_width_of(sys.stdout))


def _width_of(stream: TextIO) -> int:
    """Return how many columns a line may take: fewer than usual only on a narrow terminal."""
    if not stream.isatty():
        return WIDTH
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return WIDTH
    return max(NARROWEST, min(columns, WIDTH)) if columns else WIDTH
