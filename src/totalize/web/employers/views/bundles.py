"""Files made for many people: order them, see how far they are, fetch them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.employers.bundles import Kind, dossiers_for, fetch, order
from totalize.web.employers.models import Bundle
from totalize.web.employers.views.shared import organisation_for, page

SHOWN = 100


@require_http_methods(["GET", "POST"])
@act("employer.manage")
def index(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Show what was made, and have more made."""
    organisation = organisation_for(request, organisation_id, "employer.manage")
    if request.method == "POST":
        try:
            bundle = order(
                organisation=organisation, by=request.user, kind=request.POST.get("kind", "")
            )
        except InputError as error:
            words = "Nobody needs it." if error.code == "nobody" else "Choose what to make."
            messages.warning(request, words)
            return redirect("employers:bundles", organisation.id)
        return redirect("employers:bundle", organisation.id, bundle.id)
    return page(
        request,
        "employers/bundles.html",
        organisation,
        {
            "lacking": dossiers_for(organisation, Kind.PACKS).count(),
            "people": dossiers_for(organisation, Kind.AUDIT).count(),
            "bundles": organisation.bundles.select_related("by").annotate(
                all_parts=Count("parts"), done_parts=Count("parts", filter=Q(parts__done=True))
            )[:30],
        },
    )


@require_GET
@act("employer.manage")
def show(request: SignedInRequest, organisation_id: UUID, bundle_id: UUID) -> HttpResponse:
    """Show how far a bundle is, and what became of it."""
    organisation = organisation_for(request, organisation_id, "employer.manage")
    bundle = get_object_or_404(Bundle, id=bundle_id, organisation=organisation)
    counted = bundle.parts.aggregate(
        people=Count("id"),
        done=Count("id", filter=Q(done=True)),
        made=Sum("made", default=0),
    )
    context = {
        "bundle": bundle,
        **counted,
        "percent": 100 * counted["done"] // max(1, counted["people"]),
    }
    busy = bundle.made_at is None
    if request.htmx and busy:
        return render(request, "employers/bundle_progress.html", context)
    if request.htmx:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    problems = bundle.parts.exclude(problem="").select_related("dossier__person")
    return page(
        request,
        "employers/bundle.html",
        organisation,
        {
            **context,
            "busy": busy,
            "problems": problems.defer("data")[:SHOWN],
            "problem_count": problems.count(),
        },
    )


@require_GET
@act("employer.manage")
def download(request: SignedInRequest, organisation_id: UUID, bundle_id: UUID) -> HttpResponseBase:
    """Give a bundle as one file."""
    organisation = organisation_for(request, organisation_id, "employer.manage")
    bundle = get_object_or_404(Bundle, id=bundle_id, organisation=organisation)
    if bundle.made_at is None or bundle.kind == Kind.APPLICATIONS:
        messages.warning(request, "There is no file to fetch yet.")
        return redirect("employers:bundle", organisation.id, bundle.id)
    name = f"{bundle.kind}-{bundle.started_at:%Y-%m-%d}.zip"
    file = fetch(bundle, by=request.user)
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
