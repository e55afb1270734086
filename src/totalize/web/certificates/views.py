"""A certificate for its parties and for the desk; the status list for everybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from totalize.certificates.authority import NotAnAuthorityError
from totalize.certificates.keys import to_pem
from totalize.kernel.countries import country_name
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import DESK, act, public, require
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.certificates import services
from totalize.web.certificates.forms import AmendForm, KeepForm, WithdrawForm
from totalize.web.certificates.models import Issued, Withdrawal
from totalize.web.certificates.publishing import digest_of
from totalize.web.certificates.selectors import open_withdrawals, role_towards

MINUTE = "public, max-age=60, must-revalidate"


@require_GET
@public
def status(request: HttpRequest) -> HttpResponse:
    """Publish the status list; nobody is asked who they are or which certificate they mean."""
    try:
        text = services.status_list()
    except NotAnAuthorityError:
        raise Http404 from None
    etag = f'"{digest_of(text)}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(text, content_type="application/statuslist+jwt")
    response.headers["ETag"] = etag
    return _open_to_all(response)


@require_GET
@public
def anchors(request: HttpRequest) -> HttpResponse:
    """Publish the roots under which this office's signatures are checked."""
    found = services.setting()
    if found is None or found.anchors is None:
        raise Http404
    pem = to_pem([*found.anchors.roots, *found.anchors.others])
    response = HttpResponse(pem, content_type="application/pem-certificate-chain")
    response.headers["Content-Disposition"] = 'attachment; filename="anchors.pem"'
    return _open_to_all(response)


@require_GET
@act("certificate.read")
def show(request: SignedInRequest, issued_id: UUID) -> HttpResponse:
    """Show a certificate to its parties: what it says, where it stands, who has a copy."""
    issued = _issued(request, issued_id)
    record = services.record_of(issued)
    certificate = record.certificate
    at_desk = bool(require(request.user, "certificate.read", issued.application) & DESK)
    return render(
        request,
        "certificates/show.html",
        {
            "issued": issued,
            "certificate": certificate,
            "covered_by": country_name(certificate.covered_by),
            "exempt_in": country_name(certificate.exempt_in),
            "record": record if at_desk else None,
            "successor": getattr(issued, "followed_by", None),
            "copies": issued.copies.select_related("by").order_by("-at", "-id"),
            "at_desk": at_desk,
            "withdrawal": issued.withdrawals.filter(closed_at__isnull=True).first(),
        },
    )


@require_GET
@act("certificate.read")
def pdf(request: SignedInRequest, issued_id: UUID) -> HttpResponse:
    """Give out the signed file; who has it is on record."""
    issued = _issued(request, issued_id)
    data = services.pdf_of(issued)
    _note(request, issued, "download")
    response = HttpResponse(data, content_type="application/pdf")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="certificate-{issued.reference}.pdf"'
    )
    return response


@require_GET
@act("certificate.read")
def credential(request: SignedInRequest, issued_id: UUID) -> HttpResponse:
    """Give out the verifiable credential; who has it is on record."""
    issued = _issued(request, issued_id)
    text = services.credential_of(issued)
    _note(request, issued, "credential")
    response = HttpResponse(text, content_type="application/dc+sd-jwt")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="certificate-{issued.reference}.sd-jwt"'
    )
    return response


@require_http_methods(["GET", "POST"])
@act("certificate.change")
def amend(request: SignedInRequest, issued_id: UUID) -> HttpResponse:
    """Correct a certificate, or end it earlier."""
    issued = _issued(request, issued_id, "certificate.change")
    form = AmendForm(request.POST or None, now=_now(issued))
    if request.method == "POST" and form.is_valid():
        try:
            fresh = services.amend(
                issued.id, form.changes(), request.user, form.cleaned_data["reason"]
            )
        except InputError as error:
            field = error.path.replace(".", "-")
            form.add_error(field if field in form.fields else None, f"This {error.problem}.")
        else:
            messages.success(request, "The new certificate is issued; the old one says so.")
            return redirect("certificates:show", fresh.id)
    context = {
        "issued": issued,
        "form": form,
        "title": "Correct the certificate, or end it earlier",
        "hint": "Change only what is wrong. It may become shorter, never longer: more days, "
        "another country or another rule need a new decision.",
        "button": "Issue the corrected certificate",
    }
    return _page(request, context, form)


@require_http_methods(["GET", "POST"])
@act("certificate.change")
def withdraw(request: SignedInRequest, issued_id: UUID) -> HttpResponse:
    """Ask that a certificate be withdrawn."""
    issued = _issued(request, issued_id, "certificate.change")
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(issued.id, request.user, form.cleaned_data["reason"])
        except InputError as error:
            form.add_error("reason" if error.path == "reason" else None, f"This {error.problem}.")
        else:
            messages.success(request, "The withdrawal waits for a second person.")
            return redirect("certificates:show", issued.id)
    context = {
        "issued": issued,
        "form": form,
        "title": "Withdraw the certificate",
        "hint": "No day of it will hold any more. If the work ended early, correct it instead.",
        "button": "Ask for the withdrawal",
    }
    return _page(request, context, form)


@require_GET
@act("certificate.change")
def withdrawals(request: SignedInRequest) -> HttpResponse:
    """Show which withdrawals wait for a second person."""
    require(request.user, "desk.read")
    context = {
        "withdrawals": list(open_withdrawals()[:100]),
        "may_second": request.user.office_role == "supervisor",
    }
    return render(request, "certificates/withdrawals.html", context)


@require_POST
@act("desk.second")
def second(request: SignedInRequest, withdrawal_id: UUID) -> HttpResponse:
    """Carry out a withdrawal that somebody else asked for."""
    get_object_or_404(Withdrawal, id=withdrawal_id)
    issued = services.second_withdrawal(withdrawal_id, request.user)
    messages.success(request, "The certificate is withdrawn, and its parties are told.")
    return redirect("certificates:show", issued.id)


@require_http_methods(["GET", "POST"])
@act("desk.second")
def send_back(request: SignedInRequest, withdrawal_id: UUID) -> HttpResponse:
    """Decline a withdrawal."""
    asked = get_object_or_404(Withdrawal.objects.select_related("issued"), id=withdrawal_id)
    form = KeepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.send_back_withdrawal(asked.id, request.user, form.cleaned_data["note"])
        except InputError as error:
            form.add_error("note" if error.path == "note" else None, f"This {error.problem}.")
        else:
            messages.success(request, "The certificate stays in force.")
            return redirect("certificates:show", asked.issued_id)
    context = {
        "issued": asked.issued,
        "form": form,
        "title": "Leave the certificate in force",
        "button": "Leave it in force",
    }
    return _page(request, context, form)


def _page(request: HttpRequest, context: dict[str, Any], form: Any) -> HttpResponse:
    return render(request, "certificates/form.html", context, status=400 if form.errors else 200)


def _issued(request: SignedInRequest, issued_id: UUID, name: str = "certificate.read") -> Issued:
    issued = get_object_or_404(
        Issued.objects.select_related("application", "person", "follows", "followed_by"),
        id=issued_id,
    )
    require(request.user, name, issued.application)
    return issued


def _note(request: SignedInRequest, issued: Issued, how: str) -> None:
    role = role_towards(request.user, issued)
    services.note_copy(issued, str(request.user), role, how, request.user)


def _now(issued: Issued) -> dict[str, Any]:
    """Return what a certificate says now, by the paths that may be corrected."""
    plain = services.record_of(issued).certificate.to_dict()
    found: dict[str, Any] = {}
    for part, value in plain.items():
        if isinstance(value, dict):
            found |= {f"{part}.{name}": inner for name, inner in value.items()}
        else:
            found[part] = value
    return found


def _open_to_all(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = MINUTE
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
