"""Where a value of the law comes from, when it was last checked and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec


class Sure(StrEnum):
    """How sure a value is, from the best to none."""

    OFFICIAL_TEXT = "official_text"
    OFFICIAL_GUIDANCE = "official_guidance"
    SECONDARY = "secondary"
    UNREAD = "unread"


class Citation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One place where a value can be read.

    Attributes:
        ref: the provision or section in the field's own notation (`Art. 6(2)`, `RS 02001.115`).
        url: where it was read; None for a printed source.
        checked_on: the day on which somebody last compared the value with the source.
        sure: how good the source is.
        note: what the reader should know about it.
    """

    ref: str
    checked_on: date
    sure: Sure
    url: str | None = None
    note: str | None = None


def places_of(refs: Iterable[str]) -> tuple[str, ...]:
    """Return the places that references name, each once: two sources may name the same article.

    >>> places_of(["Art. 6(2)", "Art. 6(2); RS 02001.115 B-C"])
    ('Art. 6(2)', 'RS 02001.115 B-C')
    """
    return tuple(dict.fromkeys(place for ref in refs for place in ref.split("; ")))
