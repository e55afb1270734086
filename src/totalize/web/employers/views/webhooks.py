"""Pages about webhooks, for the owners of an organisation."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.employers import webhooks
from totalize.web.employers.forms import EndpointForm
from totalize.web.employers.models import Delivery, Endpoint
from totalize.web.employers.views.shared import in_words, organisation_for, page


@require_http_methods(["GET", "POST"])
@act("employer.own")
def show(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Show the endpoints and what was sent to them, and register another one."""
    organisation = organisation_for(request, organisation_id, "employer.own")
    form = EndpointForm(request.POST or None)
    secret = ""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                _, secret = webhooks.add_endpoint(
                    organisation=organisation,
                    by=request.user,
                    url=form.cleaned_data["url"],
                    events=form.cleaned_data["events"],
                )
            except InputError as error:
                form.add_error("url", in_words(error))
            else:
                form, status = EndpointForm(), 200
    return page(
        request,
        "employers/webhooks.html",
        organisation,
        {
            "form": form,
            "secret": secret,
            "endpoints": organisation.endpoints.all(),
            "deliveries": Delivery.objects.filter(
                endpoint__organisation=organisation
            ).select_related("endpoint")[:50],
        },
        status=status,
    )


@require_POST
@act("employer.own")
def remove(request: SignedInRequest, organisation_id: UUID, endpoint_id: UUID) -> HttpResponse:
    """Stop telling an endpoint."""
    organisation = organisation_for(request, organisation_id, "employer.own")
    endpoint = get_object_or_404(Endpoint, id=endpoint_id, organisation=organisation)
    webhooks.remove_endpoint(endpoint, by=request.user)
    return redirect("employers:webhooks", organisation.id)


@require_POST
@act("employer.own")
def replay(request: SignedInRequest, organisation_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Send a delivery once more."""
    organisation = organisation_for(request, organisation_id, "employer.own")
    delivery = get_object_or_404(Delivery, id=delivery_id, endpoint__organisation=organisation)
    webhooks.replay(delivery.id, by=request.user)
    messages.success(request, "It is sent again within a minute.")
    return redirect("employers:webhooks", organisation.id)
