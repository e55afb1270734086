"""The other side: asked by one party, confirming or declining by a link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from totalize.kernel.errors import InputError
from totalize.web.accounts.access import act, roles_in
from totalize.web.accounts.fields import choice_field
from totalize.web.accounts.models import Organisation, OrganisationKind, User
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.applications import services
from totalize.web.applications.forms import OtherSideForm, problem_in_words
from totalize.web.applications.models import Confirmation, Party
from totalize.web.applications.parties import facts_to_confirm, is_current
from totalize.web.applications.views.common import find, show
from totalize.web.applications.wording import CONFIRM

NEW = "new"


@act("application.fill")
def other_side(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Ask the other side to confirm, and show what came of it."""
    application = find(request, application_id, "application.fill")
    party = Party.WORKER if application.worker_id is None else Party.EMPLOYER
    form = OtherSideForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.ask_confirmation(
                    application, party, form.cleaned_data["email"], request.user
                )
            except InputError as error:
                form.add_error("email", problem_in_words(error))
            else:
                messages.success(request, f"The link is on its way to the {party}.")
                return redirect("applications:other-side", application.id)
    asked = [
        {"item": item, "current": bool(item.confirmed_at) and is_current(item)}
        for item in application.confirmations.order_by("-asked_at", "-id")
    ]
    context = {
        "form": form,
        "party": party,
        "asked": asked,
        "facts": facts_to_confirm(application),
        "complete": application.employer_id is not None and application.worker_id is not None,
    }
    return show(request, application, "other_side", context, status=status)


class ConfirmForm(forms.Form):
    """For the employer's side: which employer; and the answer itself."""

    employer = forms.ChoiceField(label="Which employer are you?", widget=forms.RadioSelect)
    new_employer = forms.CharField(label="Name of the employer", required=False, max_length=200)
    true = forms.BooleanField(
        label="", error_messages={"required": "Tick the box if the facts are true."}
    )

    def __init__(self, party: str, own: list[Organisation], *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields["true"].label = CONFIRM[party]
        if party != Party.EMPLOYER:
            del self.fields["employer"], self.fields["new_employer"]
            return
        choices = [(str(item.id), item.name) for item in own]
        employer = choice_field(self, "employer")
        employer.choices = [*choices, (NEW, "An employer that is not here yet")]
        employer.initial = choices[0][0] if choices else NEW

    def clean(self) -> dict[str, Any]:
        """Want a name for a new employer."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("employer") == NEW and not given.get("new_employer", "").strip():
            self.add_error("new_employer", "Enter the name of the employer.")
        return given


@act("application.confirm")
def confirm(request: SignedInRequest, token: str) -> HttpResponse:
    """Show the facts to whoever holds the link, and take the answer."""
    user = request.user
    try:
        confirmation = services.find_confirmation(token)
    except InputError:
        return render(request, "applications/link_ended.html", status=410)
    if request.method == "POST" and "decline" in request.POST:
        services.decline(token, user, request.POST.get("words", ""))
        return render(request, "applications/declined.html")
    form = _confirm_form(request, confirmation, user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                application = services.confirm(token, user, **_employer_of(form))
            except InputError as error:
                form.add_error(None, problem_in_words(error))
            else:
                messages.success(request, "Thank you. The facts are confirmed.")
                return redirect("applications:detail", application.id)
    context = {
        "form": form,
        "confirmation": confirmation,
        "facts": facts_to_confirm(confirmation.application),
    }
    return render(request, "applications/confirm.html", context, status=status)


def _confirm_form(request: SignedInRequest, confirmation: Confirmation, user: User) -> ConfirmForm:
    application = confirmation.application
    employers = Organisation.objects.filter(kind=OrganisationKind.EMPLOYER)
    candidates = employers.order_by("name", "id")
    if application.employer_id is not None:
        candidates = candidates.filter(id=application.employer_id)
    else:
        candidates = candidates.filter(memberships__user=user)
    own = [item for item in candidates.distinct() if roles_in(user, item.id, manage=True)]
    named = application.details.get("employer_home")
    name = named.get("name", "") if isinstance(named, dict) else (named or "")
    return ConfirmForm(
        confirmation.party, own, request.POST or None, initial={"new_employer": name}
    )


def _employer_of(form: ConfirmForm) -> dict[str, Any]:
    chosen = form.cleaned_data.get("employer")
    if chosen is None:
        return {}
    if chosen == NEW:
        return {"new_employer": form.cleaned_data["new_employer"]}
    return {"employer": Organisation.objects.get(id=chosen)}
