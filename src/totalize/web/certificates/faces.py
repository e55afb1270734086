"""The birth date and the ending of the number that stand on a certificate, sealed with the person.

Together they are most of what somebody needs to pass for another person; the rest of the register
can be read without them.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any
from uuid import UUID

from totalize.certificates.register import Record
from totalize.web.certificates.models import Issued
from totalize.web.people.models import Person
from totalize.web.people.vault import seal, unseal

_SEALED = ("birth_date", "number_ending")


def part(person: Person, identifier: UUID, record: Record) -> tuple[dict[str, Any], bytes]:
    """Return a record without what is sealed, and what is sealed."""
    plain = deepcopy(record.to_dict())
    worker = plain["certificate"]["worker"]
    taken = {name: worker.pop(name) for name in _SEALED if name in worker}
    return plain, seal(person, _purpose(identifier), json.dumps(taken).encode())


def join(issued: Issued) -> dict[str, Any]:
    """Return the whole record; what was sealed stays out once the person is erased."""
    plain: dict[str, Any] = deepcopy(issued.record)
    if issued.face is not None:
        sealed = unseal(issued.person, _purpose(issued.id), bytes(issued.face))
        plain["certificate"]["worker"].update(json.loads(sealed))
    return plain


def _purpose(identifier: UUID) -> str:
    return f"certificate:{identifier}:face"
