"""Who issues certificates, on which form, and what a request must say: schema and loader."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from totalize.kernel.errors import LawError
from totalize.law.loading import DATA, load
from totalize.law.sources import Citation

Cites = Annotated[list[Citation], msgspec.Meta(min_length=1)]
WorkerKind = Literal["employee", "self_employed", "seafarer", "aircrew", "government"]
Way = Literal["online", "mail", "fax", "email", "portal", "counter"]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record that refuses fields it does not know."""


class Office(_Record, frozen=True, kw_only=True):
    """An office that issues certificates.

    Attributes:
        code: short stable name (`ssa`, `cpam`, `msa`).
        issues: `us` for US coverage, `foreign` for the other country's.
        kinds: kinds of worker it serves.
        regions: regions it alone serves (ISO 3166-2 without the country, `QC`); empty: all.
        scheme: the scheme it serves where several stand side by side (`agricultural`), for
            people, None where it makes no difference.
        name: full name; address: postal address as read, None where none was found.
        letter_to: how a letter in the office's own language addresses it, lines parted by `;`,
            where name and address describe it in English.
        form: number of the form, None where none was found or none is used.
        how: ways to ask, best first.
        applicant: who asks, by kind of worker.
        processing_days: time to an answer as the office or a source gives it.
    """

    code: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]+$")]
    issues: Literal["us", "foreign"]
    kinds: Annotated[list[WorkerKind], msgspec.Meta(min_length=1)]
    regions: list[str] = []
    scheme: str | None = None
    name: str
    address: str | None = None
    letter_to: str | None = None
    website: str | None = None
    form: str | None = None
    how: list[Way] = []
    applicant: Literal["employer", "worker", "either"]
    processing_days: int | None = None
    note: str | None = None
    cite: Cites


class Item(_Record, frozen=True, kw_only=True):
    """One thing a request must say.

    Attributes:
        key: stable name, the field of the details file (`birth_place`).
        label: for people.
        issues: the certificates it is asked for.
        kinds: kinds of worker it is asked from; empty: all.
        when: only for an affiliate, only with family, or always.
        statement: True when it is a declaration to make, not a fact to give.
    """

    key: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]+$")]
    label: str
    issues: tuple[Literal["us", "foreign"], ...] = ("us", "foreign")
    kinds: list[WorkerKind] = []
    when: Literal["always", "affiliate", "family"] = "always"
    statement: bool = False


class RequiredInformation(_Record, frozen=True, kw_only=True):
    """What a request must say, and how sure the list is.

    Attributes:
        complete: False when the source was cut off or another country's list stands in.
    """

    items: list[Item]
    complete: bool
    note: str | None = None
    cite: Cites


class Offices(_Record, frozen=True, kw_only=True):
    """Offices and request data of one agreement.

    Attributes:
        retroactive: what is known about certificates for past periods.
    """

    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    offices: list[Office]
    required_information: RequiredInformation
    retroactive: str | None = None
    uncertain: list[str] = []


@cache
def load_offices(country: str, root: Path = DATA) -> Offices:
    """Read the offices of one agreement.

    Raises:
        LawError: the file is missing, does not fit the schema or leaves a worker without office.
    """
    where = f"agreements/{country.lower()}/offices.yaml"
    offices = load(where, Offices, root)
    for side in ("us", "foreign"):
        for kind in ("employee", "self_employed"):
            if not any(item.issues == side and kind in item.kinds for item in offices.offices):
                raise LawError(where, f"no office issues {side} certificates for {kind}")
    return offices
