"""What payroll is told."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from totalize.rosters.formulas import guard
from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.employers.payroll_flags import flag_rows, people_paid
from totalize.web.employers.views.shared import organisation_for, page

COLUMNS = ("worker_id", "full_name", "work", "from", "to", "flag", "reason", "proof")
PEOPLE = 50  # a page
REASONS = {
    "us_covers": "the United States cover this work",
    "proven": "the other country covers it, and its certificate is held",
    "not_proven": "the other country covers it, but no certificate proves it",
    "no_us_claim": "no FICA is due on this work",
    "not_settled": "which country covers it is not settled",
}


@require_GET
@act("employer.read")
def show(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Show from which day FICA stops or starts for whom."""
    organisation = organisation_for(request, organisation_id, "employer.read")
    today = timezone.localdate()
    people = people_paid(organisation, today).values_list("id", flat=True)
    shown = Paginator(people, PEOPLE).get_page(request.GET.get("page"))
    rows = flag_rows(organisation, today, shown.object_list)
    return page(
        request,
        "employers/payroll.html",
        organisation,
        {"page": shown, "rows": [(row, REASONS[row.flag.reason]) for row in rows]},
    )


@require_GET
@act("employer.read")
def download(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Give all flags as a file for a payroll system."""
    organisation = organisation_for(request, organisation_id, "employer.read")
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in flag_rows(organisation, timezone.localdate()):
        cells = (
            row.dossier.key,
            row.dossier.person.full_name,
            row.flag.work,
            row.flag.first.isoformat(),
            "" if row.flag.last is None else row.flag.last.isoformat(),
            row.flag.flag.value,
            row.flag.reason,
            row.flag.proof,
        )
        writer.writerow([guard(cell) for cell in cells])
    response = HttpResponse(
        text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="payroll.csv"'
    return response
