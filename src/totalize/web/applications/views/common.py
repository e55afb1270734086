"""What the pages share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from totalize.web.accounts.access import require
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.applications.models import Application
from totalize.web.applications.readiness import Readiness, assess
from totalize.web.applications.sections import (
    DOCUMENTS,
    FACTS,
    SEND,
    SIDES,
    WORK,
    Section,
    sections_of,
)
from totalize.web.applications.states import Kind, State

FILLED = frozenset({State.DRAFT, State.ASKED})
# Pages with an address of their own, because they take more than a form.
OWN_ROUTES = {DOCUMENTS: "documents", SIDES: "other-side", SEND: "send"}
CONFLICT = (
    "Somebody else changed this application while you were typing. What you typed is still here: "
    "look at it, then save again."
)


def find(
    request: SignedInRequest, application_id: UUID, act: str = "application.read"
) -> Application:
    """Return an application, to whoever may do this with it.

    Raises:
        Http404: it does not exist for them.
    """
    found = (
        Application.objects.select_related("person", "employer").filter(id=application_id).first()
    )
    if found is None:
        raise Http404
    require(request.user, act, found)
    return found


def identifier(text: str) -> UUID:
    """Read the identifier of an application that an address or a form names.

    Raises:
        Http404: it is none, so there is nothing of that name.
    """
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def find_draft(request: SignedInRequest, application_id: UUID) -> Application:
    """Return an application whose facts may be changed now.

    Raises:
        Http404: it does not exist for them, or was sent.
    """
    found = find(request, application_id, "application.fill")
    if State(found.state) not in FILLED:
        raise Http404
    return found


def pages_of(application: Application, found: Readiness) -> list[Section]:
    """Return the pages of a draft."""
    employed = found.subject is not None and found.subject.work.activity == "employment"
    return sections_of(
        found.asked,
        sides=employed,
        exception=application.kind in (Kind.EXCEPTION, Kind.EXTENSION),
    )


def go_on(application: Application, slug: str, seen: Collection[str] | None = None) -> HttpResponse:
    """Lead from a page that was saved to the next one with something to give.

    Args:
        application: which.
        slug: the page that was saved.
        seen: what was missing before; a page that asks something new is shown again.
    """
    application.refresh_from_db()
    found = assess(application)
    if seen is not None:
        fresh = {item.page for item in found.missing if item.field not in seen}
        for again in (WORK, FACTS):
            if again in fresh:
                return redirect("applications:page", application.id, again)
    lacking = {item.page for item in found.missing}
    slugs = [section.slug for section in pages_of(application, found)]
    after = slugs[slugs.index(slug) + 1 :] if slug in slugs else slugs
    following = next((item for item in [*after, *slugs] if item in lacking), None)
    if following == slug:
        return redirect("applications:page", application.id, slug)
    if following is None:
        return redirect("applications:detail", application.id)
    return redirect("applications:page", application.id, following)


def version_of(request: SignedInRequest) -> int | None:
    """Return the version that a form was made for."""
    return number_in(request, "version")


def number_in(request: SignedInRequest, name: str) -> int | None:
    """Return the whole number in a field of a form, None where there is none of a sensible size."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def show(
    request: SignedInRequest,
    application: Application,
    name: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render a page of an application."""
    full = {"application": application, **(context or {})}
    return render(request, f"applications/{name}.html", full, status=status)


def download(data: bytes, name: str, media_type: str) -> HttpResponse:
    """Send a file to be kept, never to be shown by the browser."""
    response = HttpResponse(data, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=name
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
