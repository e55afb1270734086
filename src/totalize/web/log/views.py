"""The log for auditors, and its checkpoints for everybody."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from totalize.web.accounts.access import act, public
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.audit import selectors
from totalize.web.audit.models import Checkpoint
from totalize.web.audit.notes import verifier_key
from totalize.web.audit.published import origin, signing_key
from totalize.web.audit.services import make_checkpoint, record, verify
from totalize.web.log.forms import FilterForm

_ON_A_PAGE = 50


@act("log.read")
@require_GET
def log(request: SignedInRequest) -> HttpResponse:
    """Show the entries, newest first."""
    form = FilterForm(request.GET)
    pages = Paginator(selectors.entries(form.filters()), _ON_A_PAGE)
    asked = request.GET.copy()
    asked.pop("page", None)
    return render(
        request,
        "log/log.html",
        {
            "form": form,
            "page": pages.get_page(request.GET.get("page")),
            "asked": asked.urlencode(),
            "checkpoint": selectors.latest_checkpoint(),
        },
    )


@act("log.read")
@require_POST
def check(request: SignedInRequest) -> HttpResponse:
    """Check the whole log now, after signing where it stands."""
    report = verify()
    if report.whole:
        record("log.checked", actor=request.user, subject="log", facts={"entries": report.entries})
        make_checkpoint()
    return render(request, "log/report.html", {"report": report})


@act("log.read")
@require_GET
def proof(request: SignedInRequest, sequence: int) -> HttpResponse:
    """Give the proof that an entry is in the log, as a file."""
    answer = JsonResponse(selectors.prove(sequence), json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="entry-{sequence}.json"'
    return answer


@public
@require_GET
def checkpoint(request: HttpRequest, size: int | None = None) -> HttpResponse:
    """Give a signed checkpoint, the last one unless a size is named: keep it and compare later."""
    rows = Checkpoint.objects.order_by("-size")
    row = (rows if size is None else rows.filter(size=size)).first()
    if row is None:
        raise Http404
    return HttpResponse(row.note, content_type="text/plain; charset=utf-8")


@public
@require_GET
def key(request: HttpRequest) -> HttpResponse:
    """Give the public key that checks the checkpoints."""
    line = verifier_key(origin(), signing_key().public_key())
    return HttpResponse(f"{line}\n", content_type="text/plain; charset=utf-8")
