"""What a request for a certificate needs beyond each agreement's list: schema and loader."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from totalize.law.loading import DATA, load
from totalize.law.sources import Citation

Cites = Annotated[list[Citation], msgspec.Meta(min_length=1)]
When = Literal[
    "always",
    "employment",
    "election",
    "affiliate_without_3121l",
    "issued_by_us",
    "foreign_employment",
    "foreign_self_employment",
    "presented_in_france",
    "refusal",
    "exception",
]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record that refuses fields it does not know."""


class Section(_Record, frozen=True, kw_only=True):
    """A part of a form: its title and the keys whose answers it takes, in order."""

    title: str
    keys: Annotated[list[str], msgspec.Meta(min_length=1)]


class OnlineForm(_Record, frozen=True, kw_only=True):
    """The online request form of an office."""

    office: str
    address: str
    help: str
    note: str
    sections: list[Section]
    cite: Cites


class PaperForm(_Record, frozen=True, kw_only=True):
    """A named form whose boxes were read."""

    form: str
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    boxes: list[Section]
    note: str | None = None
    cite: Cites


class Earliest(_Record, frozen=True, kw_only=True):
    """How long before the work begins an office takes requests."""

    issuer: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    months: Annotated[int, msgspec.Meta(ge=1)]
    cite: Cites


class Notice(_Record, frozen=True, kw_only=True):
    """What must be said before somebody asks."""

    code: str
    when: When
    text: str
    cite: Cites

    @property
    def checked_on(self) -> date:
        """The day on which its sources were last compared."""
        return max(item.checked_on for item in self.cite)


class SubstituteOffice(_Record, frozen=True, kw_only=True):
    """The office that writes a letter where no certificate is to be had."""

    name: str
    address: str
    cite: Cites


class Requests(_Record, frozen=True, kw_only=True):
    """Everything in this room of the law."""

    online_form: OnlineForm
    forms: list[PaperForm]
    earliest: list[Earliest]
    notices: list[Notice]
    substitute_office: SubstituteOffice


@cache
def load_requests(root: Path = DATA) -> Requests:
    """Read the data.

    Raises:
        LawError: the file is missing or doesn't fit the schema.
    """
    return load("requests/general.yaml", Requests, root)
