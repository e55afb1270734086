"""Who must have a copy, who has one, links, and the pack for an inspection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from totalize.certificates.authority import NotAnAuthorityError
from totalize.certificates.inspection.pack import as_zip, inspection_pack
from totalize.certificates.keys import to_pem
from totalize.certificates.pack.languages import language_of
from totalize.certificates.verification.pdf import read_facts
from totalize.kernel.countries import in_sentence
from totalize.kernel.errors import InputError
from totalize.law.requests import Notice
from totalize.web.accounts.access import act, may, roles_towards
from totalize.web.accounts.models import User
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.applications.services.submission import proof_of
from totalize.web.audit.services import record
from totalize.web.certificates.models import Copy, Foreign, Issued
from totalize.web.certificates.services import pdf_of, record_of, setting, status_list
from totalize.web.follow import shares
from totalize.web.follow.copies import (
    Need,
    has_copy,
    is_checked,
    needs_of,
    notice,
    rechecks,
)
from totalize.web.follow.forms import CopyForm, PackForm, ShareForm
from totalize.web.follow.models import Dossier, Share
from totalize.web.follow.proofs import other_side
from totalize.web.follow.selectors import (
    find,
    foreign_in,
    issued_in,
    name_of,
    spell_proven_by,
)
from totalize.web.follow.wording import words


@dataclass(frozen=True, slots=True)
class Card:
    """A certificate on the page, with its copies and links.

    Attributes:
        proof: the certificate.
        reference: its number, empty where none stood on it.
        issued: it was issued here, not uploaded.
        title: how it is called.
        needs: who must have a copy: in words, whether one is noted, and the source.
        sources: of those needs, each once.
        copies: those noted, the latest first, each with how it was got.
        shares: links, each with whether it stands, how often it was opened, and when last.
        rechecks: days on which a client looks at it again; empty where no law asks for it.
        may_share: who looks may make links and note copies.
        copy: notes a copy.
        share: makes a link.
        pack: asks for the pack for an inspection.
        today: the day of the page.
        made: the link that was made just now.
    """

    proof: Issued | Foreign
    reference: str
    issued: bool
    title: str
    needs: list[tuple[str, bool, Notice | None]]
    sources: list[Notice]
    copies: list[tuple[Copy, str]]
    shares: list[tuple[Share, bool, int, datetime | None]]
    rechecks: tuple[date, ...]
    may_share: bool
    copy: CopyForm
    share: ShareForm
    pack: PackForm
    today: date
    made: Share | None = None


@require_http_methods(["GET", "POST"])
@act("follow.read")
def index(request: SignedInRequest, dossier_id: UUID) -> HttpResponse:
    """Show the copies of each certificate; note one, or make a link."""
    posts = request.method == "POST"
    dossier = find(request.user, dossier_id, "follow.change" if posts else "follow.read")
    user = request.user
    chosen = request.POST.get("proof", "")
    token, status = "", 200
    cards = []
    proofs: list[Issued | Foreign] = [*issued_in(dossier), *foreign_in(dossier)]
    for proof in proofs:
        card = _card(dossier, proof, user, request.POST if chosen == str(proof.id) else None)
        if posts and chosen == str(proof.id):
            form = card.share if "share" in request.POST else card.copy
            if not form.is_valid():
                status = 400
            elif "share" in request.POST:
                made, token = shares.make(dossier, proof, by=user, **form.cleaned_data)
                card = replace(_card(dossier, proof, user, None), made=made)
            else:
                shares.note(proof, by=user, **form.cleaned_data)
                messages.success(request, "Noted.")
                return redirect("follow:copies", dossier.id)
        cards.append(card)
    address = request.build_absolute_uri(reverse("follow:shared", args=[token])) if token else ""
    context = {"dossier": dossier, "name": name_of(dossier), "cards": cards, "address": address}
    return render(request, "follow/copies.html", context, status=status)


@require_POST
@act("certificate.share")
def end(request: SignedInRequest, share_id: UUID) -> HttpResponse:
    """End a link."""
    share = shares.end(share_id, by=request.user)
    messages.success(request, "The link leads nowhere now.")
    return redirect("follow:copies", share.dossier_id)


@require_POST
@act("follow.read")
def pack(request: SignedInRequest, dossier_id: UUID, proof_id: UUID) -> HttpResponse:
    """Give what an inspector wants to see, in the inspector's language."""
    dossier = find(request.user, dossier_id)
    proof = shares.proof_in(dossier, proof_id)
    form = PackForm(request.POST)
    if not form.is_valid():
        raise Http404
    user = request.user
    data = _inspection(proof, form.cleaned_data["language"], user)
    record(
        "inspection.packed",
        actor=user,
        subject=f"dossier:{dossier.id}",
        facts={"certificate": str(proof.id), "language": form.cleaned_data["language"]},
    )
    response = HttpResponse(data, content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="inspection.zip"'
    return response


def _inspection(proof: Issued | Foreign, language: str, user: User) -> bytes:
    made_on = timezone.now()
    try:
        request_proof: bytes | None = proof_of(proof.application, user)
    except InputError:
        request_proof = None
    if isinstance(proof, Issued):
        found = setting()
        anchors = statuses = None
        if found is not None:
            if found.anchors is not None:
                anchors = to_pem([*found.anchors.roots, *found.anchors.others])
            try:
                statuses = status_list()
            except NotAnAuthorityError:
                statuses = None
        files = inspection_pack(
            record_of(proof).certificate,
            pdf_of(proof),
            language,
            made_on,
            proof=request_proof,
            anchors=anchors,
            status_list=statuses,
        )
        return as_zip(files, made_on)
    facts = None if request_proof is None else read_facts(request_proof)
    if facts is None:
        raise InputError(
            "proof", "of the request is not here, and the pack is made from it", code="too_early"
        )
    document = shares.document_of(proof, user)
    pdf = document.content if document and document.media_type == "application/pdf" else None
    files = inspection_pack(facts, pdf, language, made_on, proof=request_proof)
    return as_zip(files, made_on)


def _sides(proof: Issued | Foreign) -> tuple[str, str]:
    """Return whose certificate it is, and in which country it is shown."""
    if isinstance(proof, Issued):
        certificate = record_of(proof).certificate
        return certificate.authority.country, certificate.exempt_in
    return proof.issuer, other_side(proof.issuer, proof.application.partner)


def _card(
    dossier: Dossier, proof: Issued | Foreign, user: User, given: Mapping[str, Any] | None
) -> Card:
    """Put together what the page says of a certificate.

    Args:
        dossier: whose.
        proof: the certificate.
        user: who looks.
        given: what was sent in one of the card's forms, None for another card or for none.
    """
    today = timezone.localdate()
    issuer, shown_in = _sides(proof)
    spell = spell_proven_by(dossier, issuer, shown_in, proof.last_day or date.max)
    activity = spell.activity if spell is not None else "employment"
    needs = needs_of(
        issuer=issuer,
        shown_in=shown_in,
        activity=activity,
        first=proof.first_day,
        last=proof.last_day,
        today=today,
    )
    copies = list(proof.copies.select_related("by").order_by("-at", "-id"))
    held = [(copy.role, copy.holder) for copy in copies]
    if dossier.worker_id is not None:
        # It is in the worker's own hands here.
        held.append(("worker", str(dossier.worker)))
    checked = spell is not None and is_checked(spell.country, issuer, activity)
    may_share = may(roles_towards(user, proof.application, manage=True), "certificate.share")
    copy_given = given if given is not None and "note" in given else None
    share_given = given if given is not None and "share" in given else None
    same = str(proof.id)
    return Card(
        proof=proof,
        reference=proof.reference if isinstance(proof, Issued) else proof.number,
        issued=isinstance(proof, Issued),
        title=f"Certificate of {in_sentence(issuer)}",
        needs=[
            (need.who(shown_in), has_copy(need, held), notice(need.code) if need.code else None)
            for need in needs
        ],
        sources=_sources(needs),
        copies=[(copy, words().how.get(copy.how, copy.how)) for copy in copies],
        shares=[(share, *_state(share)) for share in _shares(proof)],
        rechecks=rechecks(proof.first_day, proof.last_day, today) if checked else (),
        may_share=may_share,
        copy=CopyForm(_roles(needs, shown_in), copy_given, auto_id=f"{same}-%s"),
        share=ShareForm(share_given, auto_id=f"{same}-%s"),
        pack=PackForm(auto_id=f"{same}-%s", initial={"language": language_of(shown_in)[0]}),
        today=today,
    )


def _roles(needs: tuple[Need, ...], host: str) -> list[tuple[str, str]]:
    found = [
        (f"tax_return:{need.year}" if need.year is not None else need.role, need.who(host))
        for need in needs
    ]
    known = {role for role, _ in found}
    rest = [(role, text) for role, text in words().roles.items() if role not in known]
    return [*found, *rest]


def _sources(needs: tuple[Need, ...]) -> list[Notice]:
    found = {need.code: notice(need.code) for need in needs if need.code}
    return [item for item in found.values() if item is not None]


def _shares(proof: Issued | Foreign) -> list[Share]:
    return list(proof.shares.select_related("made_by").prefetch_related("uses"))


def _state(share: Share) -> tuple[bool, int, datetime | None]:
    """Return whether a link stands, how often it was opened, and when last."""
    uses = list(share.uses.all())
    stands = share.revoked_at is None and share.ends_at > timezone.now()
    return stands, len(uses), uses[0].at if uses else None
