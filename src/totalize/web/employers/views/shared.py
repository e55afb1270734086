"""What the pages of an organisation share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import may, owns, require_in, roles_in
from totalize.web.accounts.models import Organisation
from totalize.web.accounts.places import places_of
from totalize.web.accounts.requests import SignedInRequest


def organisation_for(request: SignedInRequest, organisation_id: UUID, act: str) -> Organisation:
    """Return an organisation to somebody who may do an act in it.

    Raises:
        Http404: it is none of theirs.
        PermissionDenied: they may only look.
    """
    require_in(request.user, act, organisation_id)
    return Organisation.objects.get(id=organisation_id)


def page(
    request: SignedInRequest,
    template: str,
    organisation: Organisation,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Draw a page of an organisation; a viewer sees no buttons."""
    manages = may(roles_in(request.user, organisation.id, manage=True), "employer.manage")
    return render(
        request,
        template,
        {
            "organisation": organisation,
            "manages": manages,
            "owns": owns(request.user, organisation.id),
            "belongs": any(
                place.organisation_id == organisation.id for place in places_of(request.user)
            ),
            **context,
        },
        status=status,
    )


def in_words(error: InputError) -> str:
    """Return what is wrong with a field beside which it is shown."""
    words = f"It {error.problem}."
    return f"{words} Expected: {error.expected}." if error.expected else words
