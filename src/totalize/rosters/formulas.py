"""Make harmless what a spreadsheet would run as a formula."""

from __future__ import annotations

from typing import Final

MARKS: Final = "=+-@\t\r"  # a cell that begins with one of them is run


def guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula."""
    if text and text[0] in MARKS and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    return text[1:].replace(".", "", 1).isdigit() and text[0] in "+-"
