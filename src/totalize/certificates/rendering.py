"""Set pages with Typst: tagged, PDF/UA-1, the same bytes for the same input.

Typst refuses to set a letter for which no font is at hand, so nothing is printed as an empty box.
Fonts that come with Typst are used first; a name in another script is tried with the fonts of
the machine.
"""

from __future__ import annotations

import json
import threading
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from totalize.kernel.errors import InputError

TEMPLATES = Path(__file__).parent / "templates"
BODY_FONTS = ("Libertinus Serif",)
STANDARD: Final = "ua-1"
_ONE_AT_A_TIME = threading.Lock()


class CannotSetError(InputError):
    """A letter for which no font is at hand."""


def render(
    template: str, page: dict[str, Any], moment: datetime, inputs: dict[str, str] | None = None
) -> bytes:
    """Return a page or pages as PDF/UA-1.

    Args:
        template: name of a file in the templates folder.
        page: everything that is written, as plain values.
        moment: written as the time of creation.
        inputs: further texts the template reads (`qr`, `twin`).

    Raises:
        CannotSetError: no font at hand has a letter that occurs.
    """
    given = dict(inputs or {})
    fonts: tuple[str, ...] = BODY_FONTS
    try:
        return _compile(template, page, fonts, given, moment, system=False)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
    try:
        return _compile(template, page, (*fonts, *_other_fonts()), given, moment, system=True)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        raise CannotSetError(
            "",
            f"no font on this machine can print this: {error.message.split('the text ')[-1][:20]}",
            expected="a font with these letters, for example Noto Sans CJK",
            code="no_font",
        ) from None


def _compile(
    template: str,
    page: dict[str, Any],
    fonts: tuple[str, ...],
    inputs: dict[str, str],
    moment: datetime,
    *,
    system: bool,
) -> bytes:
    text = json.dumps({**page, "fonts": fonts}, ensure_ascii=False)
    # A compiler refuses to be used by two threads at once.
    with _ONE_AT_A_TIME:
        result = _compiler(system).compile(
            input=str(TEMPLATES / template),
            format="pdf",
            pdf_standards=[STANDARD],
            sys_inputs={"page": text, **inputs},
            timestamp=moment.replace(microsecond=0),
        )
    if not isinstance(result, bytes):
        raise TypeError(type(result).__name__)
    return result


@cache
def _compiler(system: bool) -> typst.Compiler:
    # The compiler keeps fonts and parsed templates: making one costs as much as a page.
    return typst.Compiler(root=str(TEMPLATES), ignore_system_fonts=not system)


@cache
def _other_fonts() -> tuple[str, ...]:
    bundled = set(typst.Fonts(include_system_fonts=False).families())
    return tuple(name for name in typst.Fonts().families() if name not in bundled)
