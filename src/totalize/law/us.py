"""US domestic law on who owes contributions, as cited sentences by the name of the test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec

from totalize.law.loading import DATA, load
from totalize.law.sources import Citation


class UsProvision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What US law says on one test, and where."""

    what: str
    cite: Annotated[list[Citation], msgspec.Meta(min_length=1)]


class UsCoverage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """US domestic coverage law, and what of it is left out."""

    provisions: dict[str, UsProvision]
    not_modelled: list[str]


@cache
def load_us_coverage(root: Path = DATA) -> UsCoverage:
    """Read US domestic coverage law.

    Raises:
        LawError: the file does not fit the schema.
    """
    return load("us/coverage.yaml", UsCoverage, root)
