"""What a service calls: one function a step, everything that has to be stored in one value.

Storage, clock and accounts stay with the service. It keeps the records (`register.Record`), the
files and, for each status list, which places are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey

from totalize.certificates import authority, register
from totalize.certificates.authority import NotAnAuthorityError, Setting
from totalize.certificates.credential import issue_credential
from totalize.certificates.draft import Subject
from totalize.certificates.model import Certificate, State, StatusEntry
from totalize.certificates.offline import qr_text
from totalize.certificates.qr import qr_svg
from totalize.certificates.register import Record
from totalize.certificates.statuslist import (
    DEFAULT_SIZE,
    GOOD_FOR,
    new_index,
    status_list_token,
)


@dataclass(frozen=True, slots=True)
class Issued:
    """Everything that one decision brings forth. Store all of it together or none of it.

    Attributes:
        record: what was certified, in force.
        pdf: the signed file.
        code: what the QR code holds: the check address with the signed facts behind `#`.
        qr: the QR code as SVG.
        credential: SD-JWT VC for a wallet.
        former: the record whose place it took, in its new state; None for a first certificate.
    """

    record: Record
    pdf: bytes
    code: str
    qr: str
    credential: str
    former: Record | None = None

    @property
    def status_index(self) -> int:
        """Its place in the status list."""
        index = self.record.index
        if index is None:
            raise TypeError("an issued certificate has a place in a status list")
        return index


def issue(
    subject: Subject,
    setting: Setting,
    made_on: datetime,
    taken: Callable[[int], bool],
    *,
    decided_on: date | None = None,
    holder: ECKey | None = None,
    sealed: str | None = None,
    replaces: Record | None = None,
    reason: str | None = None,
    size: int = DEFAULT_SIZE,
) -> Issued:
    """Issue everything for a decided certificate; with `replaces`, in the place of another.

    Args:
        subject: the work and its determination, from `draft.choose`.
        setting: the installation's.
        made_on: the moment, with a time zone.
        taken: tells whether a place in the status list is in use.
        decided_on: day of the decision; default: the day as of which the law was read.
        holder: public key of the wallet; without one the credential is bound to nobody.
        sealed: an encrypted number to attach (`sealing.seal`).
        replaces: the record of the certificate that this one takes the place of.
        reason: why it is replaced.
        size: places in the status list.

    Raises:
        NotAnAuthorityError: the installation isn't set up for issuing; it lists why.
        InputError: the determination calls for no certificate of this authority, or the old
            one can't be replaced any more.
    """
    index = new_index(taken, size)
    certificate = authority.prepare(subject, setting, made_on, index, decided_on=decided_on)
    former = None
    if replaces is not None:
        succession = register.replace(replaces, certificate, reason or "")
        former, certificate = succession.former, succession.successor
    return _sign(certificate, setting, former, holder, sealed)


def issue_amendment(
    record: Record,
    changes: Mapping[str, Any],
    setting: Setting,
    made_on: datetime,
    taken: Callable[[int], bool],
    *,
    reason: str,
    holder: ECKey | None = None,
    size: int = DEFAULT_SIZE,
) -> Issued:
    """Issue a corrected or shortened certificate in the place of another (`register.amend`).

    Raises:
        NotAnAuthorityError: the installation isn't set up for issuing; it lists why.
        InputError: the change isn't one that an amendment may make.
    """
    own = authority.ready(setting, made_on)
    if record.certificate.authority.country != own.office.country:
        authority.refuse_other(record.certificate.authority.country, own.office.country)
    entry = StatusEntry(uri=own.status_uri, index=new_index(taken, size))
    succession = register.amend(record, changes, made_on, reason, entry, authority=own.office)
    return _sign(succession.successor, setting, succession.former, holder, None)


def publish_statuses(
    states: Mapping[int, State],
    setting: Setting,
    made_on: datetime,
    *,
    good_for: timedelta = GOOD_FOR,
    size: int = DEFAULT_SIZE,
) -> str:
    """Return the signed status list, to be served at `setting.status_uri`.

    Serve it as `application/statuslist+jwt`, to anybody, without asking who. Make a new one with
    every change of a state, and before the last one runs out.

    Args:
        states: state by place, from `register.states_of`; the others are in force.
        setting: the installation's.
        made_on: the moment, with a time zone.
        good_for: after that the list proves nothing any more.
        size: places in the list; the same for as long as the list lives.

    Raises:
        NotAnAuthorityError: there is no key or no address.
    """
    if setting.key is None or setting.status_uri is None:
        raise NotAnAuthorityError(authority.missing_for_issuing(setting, made_on))
    return status_list_token(
        states, setting.status_uri, setting.key, made_on, good_for=good_for, size=size
    )


def _sign(
    certificate: Certificate,
    setting: Setting,
    former: Record | None,
    holder: ECKey | None,
    sealed: str | None,
) -> Issued:
    made = authority.sign(certificate, setting, sealed=sealed)
    code = qr_text(certificate, made.token)
    if setting.key is None:
        raise TypeError("what was signed has a key")
    return Issued(
        record=Record(certificate=certificate),
        pdf=made.pdf,
        code=code,
        qr=qr_svg(code),
        credential=issue_credential(certificate, setting.key, holder),
        former=former,
    )
