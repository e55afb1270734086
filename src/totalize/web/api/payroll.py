"""What payroll systems ask for."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.params import functions

from totalize.web.accounts.access import require_in
from totalize.web.accounts.models import Organisation
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.api.calling import Bearer, acts, answer, described
from totalize.web.employers.payroll_flags import FlagRow, flag_rows, people_paid

router = Router()
READ = Bearer("payroll:read")
PEOPLE = 200  # a page


@router.get(
    "/employers/{organisation_id}/payroll",
    auth=READ,
    summary="From which day FICA stops or starts for whom",
    openapi_extra=described({200: "PayrollFlags"}, token=True, refusals=(403, 404, 422)),
)
@acts("employer.read")
def flags(
    request: SignedInRequest,
    organisation_id: UUID,
    page: Annotated[int, functions.Query(ge=1, le=100_000)] = 1,
) -> HttpResponse:
    """Give the flags of a page of people, as they stand today; `next` is the page after it."""
    require_in(request.user, "employer.read", organisation_id)
    organisation = Organisation.objects.get(id=organisation_id)
    today = timezone.localdate()
    paginator = Paginator(people_paid(organisation, today).values_list("id", flat=True), PEOPLE)
    people = paginator.page(page).object_list if page <= paginator.num_pages else []
    rows = flag_rows(organisation, today, people)
    return answer(
        {
            "on": today.isoformat(),
            "items": [_item(row) for row in rows],
            "next": page + 1 if page < paginator.num_pages else None,
        }
    )


def _item(row: FlagRow) -> dict[str, Any]:
    flag = row.flag
    return {
        "worker_id": row.dossier.key,
        "work": flag.work,
        "from": flag.first.isoformat(),
        "to": None if flag.last is None else flag.last.isoformat(),
        "flag": flag.flag.value,
        "reason": flag.reason,
        "proof": flag.proof or None,
    }
