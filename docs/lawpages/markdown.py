"""Small pieces of Markdown, escaped so that no text of the law data can change a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|$#~^])")


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def link(text: str, url: str | None) -> str:
    """Return a link, or the text alone where there is no address."""
    if url is None:
        return escape(text)
    return f"[{escape(text)}](<{url.replace('<', '%3C').replace('>', '%3E')}>)"


def day(value: date) -> str:
    """Return a date in words: 1 May 1996."""
    return f"{value.day} {value:%B} {value.year}"


def heading(level: int, text: str) -> list[str]:
    """Return a heading and the empty line after it."""
    return [f"{'#' * level} {escape(text)}", ""]


def paragraph(text: str) -> list[str]:
    """Return a paragraph of finished Markdown."""
    return [text, ""]


def bullets(items: Iterable[str]) -> list[str]:
    """Return a list of finished Markdown, nothing when it is empty."""
    lines = [f"* {item}" for item in items]
    return [*lines, ""] if lines else []


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table of finished Markdown cells.

    Raises:
        ValueError: a row has more or fewer cells than the head.
    """
    lines = [_row(head), _row(["---"] * len(head))]
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"{len(row)} cells below {len(head)} headings: {row}")
        lines.append(_row(row))
    return [*lines, ""]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell or "–" for cell in cells) + " |"  # noqa: RUF001 - an empty cell
