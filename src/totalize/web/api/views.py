"""The page of an account on which tokens are made, shown once and ended."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.api import tokens
from totalize.web.api.forms import NewToken


@act("account")
def show(request: SignedInRequest) -> HttpResponse:
    """List the tokens; make one and show it."""
    form, secret = NewToken(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        _, secret = tokens.make(request.user, given["name"], given["scopes"], given["days"])
        form = NewToken()
    return render(
        request,
        "api/tokens.html",
        {
            "form": form,
            "secret": secret,
            "tokens": [
                {"token": token, "scopes": [tokens.SCOPES.get(item, item) for item in token.scopes]}
                for token in tokens.of(request.user)
            ],
        },
        status=400 if form.errors else 200,
    )


@act("account")
@require_POST
def revoke(request: SignedInRequest, token_id: UUID) -> HttpResponse:
    """End a token."""
    tokens.revoke(request.user, token_id)
    messages.success(request, "The token is ended. Programs that use it are refused from now on.")
    return redirect("tokens:list")
