"""Beginning the applications that people lack."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.employers.asking import works_lacking
from totalize.web.employers.bundles import Kind, dossiers_for, order
from totalize.web.employers.views.shared import organisation_for, page


@require_http_methods(["GET", "POST"])
@act("employer.manage")
def start(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Say how many applications would be begun, and begin them."""
    organisation = organisation_for(request, organisation_id, "employer.manage")
    if request.method == "POST":
        try:
            bundle = order(organisation=organisation, by=request.user, kind=Kind.APPLICATIONS)
        except InputError:
            messages.warning(request, "Nobody lacks an application.")
            return redirect("employers:ask", organisation.id)
        return redirect("employers:bundle", organisation.id, bundle.id)
    return page(
        request,
        "employers/ask.html",
        organisation,
        {
            "works": works_lacking(organisation),
            "people": dossiers_for(organisation, Kind.APPLICATIONS).count(),
        },
    )
