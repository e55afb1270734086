"""The page behind the link that the terminal shows on the first run."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from totalize.web.accounts.access import act
from totalize.web.jobs.administrator import is_open, make_first
from totalize.web.jobs.forms import FirstAdministrator


@act("public")
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of the link become the administrator."""
    if not is_open(token):
        raise Http404
    form = FirstAdministrator(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        if make_first(given["email"], given["full_name"], given["password"]) is None:
            form.add_error("email", "There is an account with this address already.")
        else:
            messages.success(request, "You administer this installation now. Please sign in.")
            return redirect("account_login")
    status = 200 if request.method == "GET" else 400
    return render(request, "jobs/first_administrator.html", {"form": form}, status=status)
