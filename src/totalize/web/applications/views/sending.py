"""Looking at everything once more, sending it, and the papers for another country's office."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from totalize.certificates.pack.cover import notices_of
from totalize.certificates.pack.facts import in_words, office_of
from totalize.certificates.wording import ENGLISH, catalogue
from totalize.kernel.countries import in_sentence
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.applications import services
from totalize.web.applications.facts import known_numbers
from totalize.web.applications.forms import label_of, problem_in_words
from totalize.web.applications.readiness import Readiness, assess
from totalize.web.applications.sections import NUMBER_KEYS, page_of
from totalize.web.applications.states import Kind, State
from totalize.web.applications.views.common import (
    CONFLICT,
    download,
    find,
    find_draft,
    show,
    version_of,
)


@act("application.submit")
def send(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Show everything once more and send it, or prepare the papers."""
    application = find(request, application_id, "application.submit")
    if State(application.state) is not State.DRAFT:
        return redirect("applications:detail", application.id)
    found = assess(application)
    problem, status = None, 200
    if request.method == "POST":
        try:
            if found.issues_here:
                services.submit(application.id, request.user, version_of(request))
                messages.success(request, "The application is sent. You can save the proof below.")
            else:
                services.prepare(application, request.user, version_of(request))
                messages.success(request, "The papers are ready. Save them and send them.")
            return redirect("applications:detail", application.id)
        except services.ConflictError:
            problem, status = CONFLICT, 409
        except InputError as error:
            problem, status = problem_in_words(error), 422
        application.refresh_from_db()
        found = assess(application)
    context = {"found": found, "rows": answers_of(found, known_numbers(application))}
    if found.subject is not None:
        office = office_of(found.subject)
        exceptional = found.subject.exceptional is not None
        context["notices"] = notices_of(found.subject, exception=exceptional)
        context["office"] = None if office is None else office.name
        context["exempt_in"] = in_sentence(found.subject.need.presented_in)
        context["covered_by"] = in_sentence(found.subject.issuer)
    return show(request, application, "send", {"problem": problem, **context}, status=status)


@act("application.submit")
def pack(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Send the papers for another country's office as one file."""
    application = find(request, application_id, "application.submit")
    data = services.prepare_pack(application, request.user)
    return download(
        data, f"request-{application.issuing_country or 'draft'}.zip", "application/zip"
    )


@act("application.fill")
@require_POST
def exception(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Ask for an exception with the same facts."""
    application = find_draft(request, application_id)
    services.change_kind(application, Kind.EXCEPTION, request.user)
    return redirect("applications:page", application.id, "reasons")


def answers_of(found: Readiness, numbers: frozenset[str]) -> list[dict[str, str]]:
    """Return every question with its answer in words; numbers are only said to be there."""
    words = catalogue(ENGLISH)
    rows = []
    for item in found.asked:
        if item.statement:
            continue
        if item.key in NUMBER_KEYS:
            there = item.key in numbers or item.value is not None
            value = "given, kept sealed" if there else ""
        else:
            value = in_words(item.value, words) or ""
        page = page_of(item)
        rows.append({"label": label_of(item), "value": value, "page": page})
    return rows
