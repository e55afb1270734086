"""Taking rosters in, page by page."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from totalize.kernel.errors import InputError
from totalize.rosters.formulas import guard
from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.employers import importing
from totalize.web.employers.forms import UploadForm
from totalize.web.employers.models import Batch, Phase
from totalize.web.employers.views.shared import in_words, organisation_for, page

BUSY = (Phase.CHECKING.value, Phase.TAKING.value, Phase.UNDOING.value)
SHOWN = 50


@require_http_methods(["GET", "POST"])
@act("employer.manage")
def upload(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Take a file and have it checked."""
    organisation = organisation_for(request, organisation_id, "employer.manage")
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            batch = importing.read_batch(
                organisation=organisation, by=request.user, file_name=given.name, data=given.read()
            )
        except InputError as error:
            form.add_error("file", in_words(error))
        else:
            return redirect("employers:batch", organisation.id, batch.id)
    return page(
        request,
        "employers/upload.html",
        organisation,
        {"form": form, "batches": organisation.batches.select_related("by")[:20]},
        status=400 if form.is_bound else 200,
    )


@require_GET
@act("employer.manage")
def batch(request: SignedInRequest, organisation_id: UUID, batch_id: UUID) -> HttpResponse:
    """Show how far an import has come, what it found, and what can be done with it."""
    organisation = organisation_for(request, organisation_id, "employer.manage")
    found = get_object_or_404(Batch, id=batch_id, organisation=organisation)
    busy = found.phase in BUSY
    if request.htmx and busy:
        return render(request, "employers/progress.html", _progress(found))
    if request.htmx:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    bad = found.entries.exclude(errors=[])
    told = found.entries.exclude(notes=[])
    return page(
        request,
        "employers/batch.html",
        organisation,
        {
            **_progress(found),
            "busy": busy,
            "bad": Paginator(bad, SHOWN).get_page(request.GET.get("page")),
            "told": Paginator(told, SHOWN).get_page(request.GET.get("told")),
            "unread": importing.unread_columns(found),
            "sample": found.entries.filter(errors=[])[:10],
            "good": found.people - found.bad,
            "kept": found.entries.filter(kept_at_undo=True).count(),
        },
    )


@require_GET
@act("employer.manage")
def errors(request: SignedInRequest, organisation_id: UUID, batch_id: UUID) -> HttpResponse:
    """Give the bad rows back as they came, with what is wrong, to be mended and sent again."""
    organisation = organisation_for(request, organisation_id, "employer.manage")
    found = get_object_or_404(Batch, id=batch_id, organisation=organisation)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*found.columns, "error"])
    for entry in found.entries.exclude(errors=[]).iterator():
        words: dict[int, list[str]] = {}
        for error in entry.errors:
            words.setdefault(error["row"], []).append(_in_words(error))
        for row in entry.rows:
            cells = {**row["others"], **row["texts"]}
            line = [cells.get(name, "") for name in found.columns]
            wrong = ". ".join(words.get(row["number"], []))
            writer.writerow([guard(cell) for cell in [*line, wrong]])
    response = HttpResponse(
        text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="to-mend.csv"'
    return response


@require_POST
@act("employer.manage")
def take(request: SignedInRequest, organisation_id: UUID, batch_id: UUID) -> HttpResponse:
    """Take the good people in."""
    return _turn(request, organisation_id, batch_id, "take")


@require_POST
@act("employer.manage")
def undo(request: SignedInRequest, organisation_id: UUID, batch_id: UUID) -> HttpResponse:
    """Undo what was taken in."""
    return _turn(request, organisation_id, batch_id, "undo")


def _turn(
    request: SignedInRequest, organisation_id: UUID, batch_id: UUID, name: str
) -> HttpResponse:
    organisation = organisation_for(request, organisation_id, "employer.manage")
    found = get_object_or_404(Batch, id=batch_id, organisation=organisation)
    turn = {"take": importing.take, "undo": importing.undo}[name]
    try:
        turn(found.id, by=request.user)
    except InputError:
        messages.warning(request, "That was done already.")
    return redirect("employers:batch", organisation.id, found.id)


def _progress(found: Batch) -> dict[str, object]:
    percent = 100 if not found.rows else min(100, round(100 * found.done / found.rows))
    return {"batch": found, "percent": percent}


def _in_words(error: Mapping[str, str | None]) -> str:
    text = f"{error['column']}: {error['problem']}" if error["column"] else str(error["problem"])
    if error["found"]:
        text += f" (found {error['found']})"
    return f"{text}; expected {error['expected']}" if error["expected"] else text
