"""The board, a person's card on it, and its export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from uuid import UUID

import xlsxwriter
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from totalize.rosters.formulas import guard
from totalize.web.accounts.access import act, mandates_held
from totalize.web.accounts.models import Organisation
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.accounts.selectors import members_of
from totalize.web.audit.services import record
from totalize.web.employers import board
from totalize.web.employers.forms import BoardForm, CareForm
from totalize.web.employers.savings import reckon_savings
from totalize.web.employers.views.shared import organisation_for, page
from totalize.web.follow.models import Dossier

FORMS = ("csv", "xlsx")


@require_GET
@act("account")
def start(request: SignedInRequest) -> HttpResponse:
    """Lead to the board, or let somebody with several organisations choose."""
    by_name = Organisation.objects.order_by("name", "id")
    own = list(by_name.filter(memberships__user=request.user, kind="employer"))
    clients = list(by_name.filter(mandates_given__in=mandates_held(request.user)).distinct())
    if len(own) + len(clients) == 1:
        return redirect("employers:board", (own or clients)[0].id)
    return render(request, "employers/start.html", {"own": own, "clients": clients})


@require_GET
@act("employer.read")
def show(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Show everyone abroad."""
    organisation = organisation_for(request, organisation_id, "employer.read")
    today = timezone.localdate()
    later = request.GET.get("when") == board.LATER
    counted = board.summary(organisation, today, later=later)
    form = BoardForm(
        request.GET,
        countries=list(counted.countries),
        members=list(members_of(organisation)),
    )
    filters = board.Filters.read(form.cleaned_data if form.is_valid() else {})
    spells = board.narrow(board.spells_of(organisation, today, later=later), filters)
    whole = None if filters.narrows else sum(counted.counts.values())
    shown, rows = board.rows_of(spells, today, request.GET.get("page"), whole)
    requests = board.requests_of(rows, today)
    query = request.GET.copy()
    query.pop("page", None)
    return page(
        request,
        "employers/board.html",
        organisation,
        {
            "form": form,
            "summary": counted,
            "tiles": [(each, board.WORDS[each], counted.counts[each]) for each in board.Standing],
            "page": shown,
            "rows": [
                (
                    spell,
                    board.WORDS[board.Standing(spell.standing)],
                    requests.get(spell.dossier.person_id),
                )
                for spell in rows
            ],
            "query": query.urlencode(),
            "today": today,
            "later": later,
        },
    )


@require_GET
@act("employer.read")
def download(request: SignedInRequest, organisation_id: UUID, form: str) -> HttpResponse:
    """Give the board, narrowed as it is shown, as a file."""
    organisation = organisation_for(request, organisation_id, "employer.read")
    if form not in FORMS:
        raise Http404
    filters = board.Filters.read(request.GET)
    spells = board.spells_of(organisation, timezone.localdate(), later=filters.when == board.LATER)
    rows = board.export(board.narrow(spells, filters))
    if form == "xlsx":
        data = _workbook(rows)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    else:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([guard(cell) for cell in row] for row in rows)
        # The mark tells spreadsheets that the text is UTF-8.
        data, kind = text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8"
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="board.{form}"'
    return response


@require_http_methods(["GET", "POST"])
@act("employer.read")
def person(request: SignedInRequest, organisation_id: UUID, dossier_id: UUID) -> HttpResponse:
    """Show who looks after a person, and change it."""
    needed = "employer.manage" if request.method == "POST" else "employer.read"
    organisation = organisation_for(request, organisation_id, needed)
    dossier = get_object_or_404(
        Dossier.objects.select_related("person"), id=dossier_id, organisation=organisation
    )
    form = CareForm(request.POST or None, instance=dossier, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            reckon_savings([dossier])
            record(
                "dossier.cared",
                actor=request.user,
                subject=f"dossier:{dossier.id}",
                facts={"fields": sorted(form.changed_data)},
            )
        messages.success(request, "Saved.")
        return redirect("employers:board", organisation.id)
    return page(
        request,
        "employers/person.html",
        organisation,
        {"dossier": dossier, "form": form, "spells": list(dossier.spells.all())},
    )


def _workbook(rows: Iterable[tuple[str, ...]]) -> bytes:
    data = io.BytesIO()
    # Text stays text: nothing that somebody typed is run as a formula.
    book = xlsxwriter.Workbook(
        data,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    sheet = book.add_worksheet("board")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()
    return data.getvalue()
