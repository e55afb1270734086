"""What a certificate says: the facts on its face, which its machine twin repeats word for word.

A specimen and a proof of request have the same shape and another `kind`, which stands in the
heading, the metadata, the twin, the QR code and the credential's type.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from totalize.kernel.typed import decode

MEDIA_TYPE = "application/vnd.totalize.certificate+json"
TWIN_NAME = "certificate.json"
CHECK_RECORD_NAME = "check.json"
SEALED_NAME = "sealed-number.jwe"


class Kind(StrEnum):
    """What the document is."""

    CERTIFICATE = "certificate"
    PROOF_OF_REQUEST = "proof_of_request"
    SPECIMEN = "specimen"


class State(StrEnum):
    """Where a certificate stands in its life; the status list carries the later ones."""

    VALID = "valid"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the document. Fields of later versions are read over, not refused."""


class Party(_Part, frozen=True, kw_only=True):
    """The worker.

    Attributes:
        number_ending: last four digits of the Social Security number, of which no number has
            0000; never more on the face.
    """

    full_name: str
    birth_date: date | None = None
    citizenships: tuple[str, ...] = ()
    number_ending: Annotated[str, msgspec.Meta(pattern="^(?!0000)[0-9]{4}$")] | None = None


class Employer(_Part, frozen=True, kw_only=True):
    """The employer whose work is covered, or the worker's own business."""

    name: str
    address: str | None = None
    country: str | None = None


class Work(_Part, frozen=True, kw_only=True):
    """The work that is covered."""

    id: str
    activity: Literal["employment", "self_employment"]
    occupation: str = "general"
    country: str
    place: str | None = None


class Ground(_Part, frozen=True, kw_only=True):
    """The provision the certificate rests on.

    Attributes:
        rule: the rule of the determination (`detached_worker`).
        citations: provisions as cited there.
        law: version of the law data that decided.
        as_of: the day as of which it was decided.
    """

    rule: str
    citations: tuple[str, ...]
    law: str
    as_of: date


class Authority(_Part, frozen=True, kw_only=True):
    """The office in whose name the document is made.

    Attributes:
        address: postal.
        check_address: where anybody can check the document (an https address), None offline.
    """

    name: str
    country: str
    address: str | None = None
    check_address: str | None = None


class StatusEntry(_Part, frozen=True, kw_only=True):
    """The document's place in a status list."""

    uri: str
    index: Annotated[int, msgspec.Meta(ge=0)]


class Certificate(_Part, frozen=True, kw_only=True):
    """A certificate of coverage, a proof of request or a specimen.

    Attributes:
        reference: at least 128 random bits, printed in groups.
        fact: short word printed on the face; asked for before anything is shown by reference.
        covered_by: country whose system covers the work.
        exempt_in: country whose contributions the document lifts.
        lifts: contributions of the exempting country that fall away (`pension`, `health`);
            None when that was not read.
        first: first day covered.
        last: last day covered, None when the agreement sets none.
        decided_on: day of the decision.
        made_on: moment this document was made, which may be later.
        amends: reference of the certificate that this one corrects.
        replaces: reference of the certificate that this one takes the place of.
    """

    kind: Kind
    reference: str
    fact: str
    state: State = State.VALID
    worker: Party
    employer: Employer
    host: Employer | None = None
    work: Work
    covered_by: str
    exempt_in: str
    lifts: tuple[str, ...] | None = None
    first: date = msgspec.field(name="from")
    last: date | None = msgspec.field(name="to")
    ground: Ground
    authority: Authority
    decided_on: date
    made_on: datetime
    amends: str | None = None
    replaces: str | None = None
    status: StatusEntry | None = None
    contract: Literal[1] = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the machine twin as plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def twin(self) -> bytes:
        """Return the machine twin: JSON with sorted keys, UTF-8."""
        return msgspec.json.encode(self, order="sorted")


def read_twin(data: bytes) -> Certificate:
    """Read a machine twin back.

    Raises:
        msgspec.DecodeError: it is not one.
    """
    return decode(data, Certificate)
