"""Places with a country code of their own that belong to a side of an agreement."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec

from totalize.kernel.countries import NAMES
from totalize.kernel.errors import LawError
from totalize.law.loading import DATA, load
from totalize.law.sources import Citation


class Territory(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One such place."""

    code: str
    belongs_to: str
    cite: Annotated[list[Citation], msgspec.Meta(min_length=1)]


class UnreadTerritory(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place of which it was not read whether a country's agreement reaches it."""

    code: str
    perhaps_under: str
    cite: Annotated[list[Citation], msgspec.Meta(min_length=1)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    territories: list[Territory]
    unread: list[UnreadTerritory] = []


@cache
def load_territories(root: Path = DATA) -> dict[str, str]:
    """Return, by code, the country to which each place belongs.

    Raises:
        LawError: a code is none of ISO 3166-1, or stands twice.
    """
    found: dict[str, str] = {}
    for item in load("territories.yaml", _File, root).territories:
        if item.code not in NAMES or item.belongs_to not in NAMES or item.code in found:
            raise LawError("territories.yaml", f"{item.code} is unknown or stands twice")
        found[item.code] = item.belongs_to
    return found


@cache
def load_unread_territories(root: Path = DATA) -> dict[str, str]:
    """Return, by code, the country whose agreement may reach each place that is not decided so.

    Raises:
        LawError: a code is none of ISO 3166-1, stands twice, or is decided as well.
    """
    decided = load_territories(root)
    found: dict[str, str] = {}
    for item in load("territories.yaml", _File, root).unread:
        if not {item.code, item.perhaps_under} <= NAMES.keys() or item.code in {*found, *decided}:
            raise LawError("territories.yaml", f"{item.code} is unknown or stands twice")
        found[item.code] = item.perhaps_under
    return found
