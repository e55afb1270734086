"""Copies noted, links shared: made, opened, ended, each of it on record."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import may, require, roles_towards
from totalize.web.accounts.models import User
from totalize.web.applications.models import Application, Upload
from totalize.web.applications.services import read_upload
from totalize.web.audit.services import record
from totalize.web.certificates.models import Copy, Foreign, Issued, State
from totalize.web.certificates.services import note_copy, pdf_of
from totalize.web.follow.models import Dossier, Share, Use
from totalize.web.follow.selectors import foreign_in, issued_in
from totalize.web.sealing import digest_of

LONGEST = timedelta(days=90)
MOST_AN_HOUR = 60


class TooOftenError(Exception):
    """A link is opened more often than people do."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file to hand out."""

    content: bytes
    media_type: str
    name: str


def proof_in(dossier: Dossier, proof_id: UUID) -> Issued | Foreign:
    """Return a certificate that belongs to a dossier.

    Raises:
        Http404: there is none.
    """
    found = issued_in(dossier).filter(id=proof_id).first()
    if found is not None:
        return found
    other = foreign_in(dossier).filter(id=proof_id).first()
    if other is None:
        raise Http404
    return other


@transaction.atomic
def note(proof: Issued | Foreign, *, holder: str, role: str, how: str, by: User) -> Copy:
    """Note that somebody has a copy of a certificate."""
    require(by, "certificate.share", proof.application)
    if isinstance(proof, Issued):
        return note_copy(proof, holder, role, how, by)
    copy = Copy.objects.create(
        foreign=proof, holder=holder, role=role, how=how, by=by, at=timezone.now()
    )
    record(
        "certificate.copied",
        actor=by,
        subject=f"foreign:{proof.id}",
        facts={"role": role, "how": how},
    )
    return copy


@transaction.atomic
def make(
    dossier: Dossier, proof: Issued | Foreign, *, for_whom: str, role: str, days: int, by: User
) -> tuple[Share, str]:
    """Make a link to one certificate.

    Returns:
        What is kept, and the token that nothing but the link holds.

    Raises:
        InputError: it would last too long.
    """
    require(by, "certificate.share", proof.application)
    lasts = timedelta(days=days)
    if not timedelta() < lasts <= LONGEST:
        raise InputError(
            "days", "is too long", value=days, expected=f"1 to {LONGEST.days}", code="too_long"
        )
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    share = Share.objects.create(
        dossier=dossier,
        issued=proof if isinstance(proof, Issued) else None,
        foreign=proof if isinstance(proof, Foreign) else None,
        token_digest=digest_of(token),
        for_whom=for_whom,
        role=role,
        made_by=by,
        made_at=now,
        ends_at=now + lasts,
    )
    record(
        "share.made",
        actor=by,
        subject=f"share:{share.id}",
        facts={"certificate": str(proof.id), "role": role, "days": days},
    )
    return share, token


@transaction.atomic
def end(share_id: UUID, *, by: User) -> Share:
    """End a link before its day.

    Raises:
        Http404: it does not exist for them.
    """
    share = Share.objects.select_related("issued", "foreign", "dossier").filter(id=share_id).first()
    if share is None:
        raise Http404
    require(by, "certificate.share", application_of(share))
    if share.revoked_at is None:
        share.revoked_at = timezone.now()
        share.save(update_fields=["revoked_at"])
        record("share.ended", actor=by, subject=f"share:{share.id}")
    return share


@transaction.atomic
def open_link(token: str, what: str, at: datetime) -> Share:
    """Open a link, and write down that it was opened.

    Args:
        token: of the link.
        what: `page` or `document`.
        at: the moment.

    Raises:
        Http404: there is no such link, it has ended, or whoever made it may not share any more;
            which of them is not said.
        TooOftenError: it was opened too often in the last hour.
    """
    share = (
        Share.objects.select_for_update(of=("self",))
        .select_related("issued", "foreign", "dossier", "dossier__person", "made_by")
        .filter(token_digest=digest_of(token), revoked_at__isnull=True, ends_at__gt=at)
        .first()
    )
    if share is None or not _still_theirs(share):
        raise Http404
    uses = share.uses.filter(at__gt=at - timedelta(hours=1)).count()
    if uses >= MOST_AN_HOUR:
        raise TooOftenError
    Use.objects.create(share=share, at=at, what=what)
    record("share.opened", actor=None, subject=f"share:{share.id}", facts={"what": what})
    return share


@transaction.atomic
def hand_out(token: str, at: datetime) -> Document:
    """Give the document behind a link; the first time it is noted as a copy.

    Args:
        token: of the link.
        at: the moment.

    Raises:
        Http404: as `open_link`, or the certificate is not in force any more.
        TooOftenError: as `open_link`.
    """
    share = open_link(token, "document", at)
    proof = share.issued or share.foreign
    found = None if proof is None else document_of(proof, share.made_by)
    if found is None:
        raise Http404
    if share.uses.filter(what="document").count() == 1:
        Copy.objects.create(
            issued=share.issued,
            foreign=share.foreign,
            holder=share.for_whom,
            role=share.role,
            how="share_link",
            by=share.made_by,
            at=at,
        )
    return found


def document_of(proof: Issued | Foreign, by: User) -> Document | None:
    """Return the file of a certificate; None when it is not in force any more or none is kept."""
    if isinstance(proof, Issued):
        if proof.state != State.VALID:
            return None
        return Document(pdf_of(proof), "application/pdf", f"certificate-{proof.reference}.pdf")
    if proof.upload_id is None:
        return None
    upload = Upload.objects.filter(id=proof.upload_id).first()
    if upload is None:
        return None
    return Document(read_upload(upload, by), upload.media_type, upload.name)


def application_of(share: Share) -> Application:
    """Return the application that a shared certificate hangs on."""
    proof = share.issued or share.foreign
    if proof is None:
        raise TypeError("a share is of a certificate")
    return proof.application


def _still_theirs(share: Share) -> bool:
    maker = share.made_by
    roles = roles_towards(maker, application_of(share), manage=True)
    return maker.is_active and may(roles, "certificate.share")
