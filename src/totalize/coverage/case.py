"""The case: one person and their work, frozen. `coverage.door` reads and checks it.

Shapes are those of section 1 of the contract. A field left out is `UNSET`, which means unknown;
`None` means what the contract says of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

Country = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{2}$"})]

Activity = Literal["employment", "self_employment"]
Occupation = Literal["general", "seafarer", "aircrew", "government"]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record that refuses fields it does not know."""


class Worker(_Record, frozen=True, kw_only=True):
    """The person.

    Attributes:
        citizenships: all of them, alpha-2.
        us_resident: resident alien for US tax; matters only for non-citizens.
        residence: country of ordinary residence.
        birth_date: decides nothing in coverage; requests need it.
    """

    citizenships: list[Country]
    us_resident: bool | UnsetType = UNSET
    residence: Country | UnsetType = UNSET
    birth_date: date | UnsetType = UNSET


class Employer(_Record, frozen=True, kw_only=True):
    """The legal employer during the work.

    Attributes:
        country: its seat.
        american: American employer (IRC 3121(h)); when left out: whether the seat is in the US.
        affiliate_of: seat of the group company that sent the worker; None: no affiliate.
        section_3121l: an IRC 3121(l) agreement covers the affiliate.
        majority_owned: the affiliate belongs wholly or by majority to the sending group.
    """

    name: str | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    american: bool | UnsetType = UNSET
    affiliate_of: Country | UnsetType | None = UNSET
    section_3121l: bool | UnsetType = UNSET
    majority_owned: bool | UnsetType = UNSET


class HealthInsurance(_Record, frozen=True, kw_only=True):
    """Private health cover during the stay."""

    worker: bool | UnsetType = UNSET
    family: bool | UnsetType = UNSET


class HeldCertificate(_Record, frozen=True, kw_only=True):
    """Proof already held."""

    issued_by: Country
    first: date = msgspec.field(name="from")
    last: date | None = msgspec.field(name="to")


class Work(_Record, frozen=True, kw_only=True):
    """One work: who works where, for whom, from when to when. Fields as in the contract.

    Beyond the contract's first list:
        activity_in: how each country classes the work, where they differ.
        region: part of the work's country with its own scheme (`QC`).
        same_work_as_before: it is the work for which the person was sent before.
        same_employer_as_before: the employer that sends the person is the one that sent them
            before; needed only where names do not tell.
        us_contract_or_port: on an American vessel or aircraft: the contract was made in the US,
            or it touches a US port or airport during the work.
    """

    id: str | UnsetType = UNSET
    activity: Activity
    occupation: Occupation = "general"
    country: Country
    also_in: list[Country] | UnsetType = UNSET
    principal_country: Country | UnsetType = UNSET
    start: date
    expected_end: date | UnsetType | None = UNSET
    end: date | UnsetType | None = UNSET
    employer: Employer | UnsetType = UNSET
    sent_from: Country | UnsetType | None = UNSET
    via: Country | UnsetType | None = UNSET
    employed_before_transfer: bool | UnsetType = UNSET
    insured_before: Country | UnsetType | None = UNSET
    insured_before_since: date | UnsetType = UNSET
    residence: Country | UnsetType = UNSET
    business_before_transfer: bool | UnsetType = UNSET
    health_insurance: HealthInsurance | UnsetType = UNSET
    family_accompanies: bool | UnsetType = UNSET
    vessel_flag: Country | UnsetType = UNSET
    employer_headquarters: Country | UnsetType = UNSET
    government: Country | UnsetType = UNSET
    elects: Country | UnsetType | None = UNSET
    certificate: HeldCertificate | UnsetType | None = UNSET
    activity_in: dict[Country, Activity] | UnsetType = UNSET
    region: str | UnsetType = UNSET
    same_work_as_before: bool | UnsetType = UNSET
    same_employer_as_before: bool | UnsetType = UNSET
    us_contract_or_port: bool | UnsetType = UNSET


class Case(_Record, frozen=True, kw_only=True):
    """One person and their work, earlier stays included."""

    contract: Literal[1] = 1
    worker: Worker
    work: list[Work]

    def work_id(self, position: int) -> str:
        """Return the id of a work, `w1`, `w2`, ... when it has none of its own."""
        own = self.work[position].id
        return _nameless(position) if isinstance(own, UnsetType) else own


def works_by_id(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the works of a case in plain values, in order, by the ids that `Case.work_id` gives.

    A draft may have no works yet. The works are the document's own, no copies.
    """
    works = document.get("work") or ()
    return {work.get("id", _nameless(position)): work for position, work in enumerate(works)}


def _nameless(position: int) -> str:
    return f"w{position + 1}"
