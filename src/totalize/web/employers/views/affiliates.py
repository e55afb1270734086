"""The register of affiliates."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.audit.services import record
from totalize.web.employers.forms import AffiliateForm
from totalize.web.employers.models import Affiliate
from totalize.web.employers.register import postings_without_agreement, redecide
from totalize.web.employers.views.shared import organisation_for, page


@require_GET
@act("employer.read")
def register(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Show the group's companies, and who is posted to one without an agreement."""
    organisation = organisation_for(request, organisation_id, "employer.read")
    return page(
        request,
        "employers/affiliates.html",
        organisation,
        {
            "affiliates": organisation.affiliates.all(),
            "postings": postings_without_agreement(organisation),
        },
    )


@require_http_methods(["GET", "POST"])
@act("employer.manage")
def change(
    request: SignedInRequest, organisation_id: UUID, affiliate_id: UUID | None = None
) -> HttpResponse:
    """Add or change one."""
    organisation = organisation_for(request, organisation_id, "employer.manage")
    affiliate = (
        Affiliate(organisation=organisation)
        if affiliate_id is None
        else get_object_or_404(Affiliate, id=affiliate_id, organisation=organisation)
    )
    form = AffiliateForm(request.POST or None, instance=affiliate)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            record("affiliate.saved", actor=request.user, subject=f"affiliate:{saved.id}")
            redecide.enqueue(str(organisation.id))
        messages.success(request, "Saved. Everybody's answer is being worked out anew.")
        return redirect("employers:affiliates", organisation.id)
    return page(
        request,
        "employers/affiliate.html",
        organisation,
        {"form": form, "affiliate": None if affiliate_id is None else affiliate},
        status=400 if form.is_bound else 200,
    )


@require_POST
@act("employer.manage")
def remove(request: SignedInRequest, organisation_id: UUID, affiliate_id: UUID) -> HttpResponse:
    """Take one off the register."""
    organisation = organisation_for(request, organisation_id, "employer.manage")
    affiliate = get_object_or_404(Affiliate, id=affiliate_id, organisation=organisation)
    with transaction.atomic():
        record("affiliate.removed", actor=request.user, subject=f"affiliate:{affiliate.id}")
        affiliate.delete()
        redecide.enqueue(str(organisation.id))
    return redirect("employers:affiliates", organisation.id)
