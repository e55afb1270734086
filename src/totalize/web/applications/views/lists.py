"""The list of somebody's applications, and starting one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from totalize.kernel.countries import country_name
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import act, mandates_held
from totalize.web.accounts.fields import choice_field
from totalize.web.accounts.models import MemberRole, Organisation, OrganisationKind, User
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.applications import hooks, selectors, services
from totalize.web.applications.forms import problem_in_words
from totalize.web.applications.states import Kind
from totalize.web.applications.views.common import find, identifier

PER_PAGE = 25
SESSION_KEY = "start_from"
ME = "me"


@act("account")
def index(request: SignedInRequest) -> HttpResponse:
    """List the applications somebody is a party to."""
    page = Paginator(selectors.mine(request.user), PER_PAGE).get_page(request.GET.get("page"))
    fates = hooks.fates_of([item.id for item in page], timezone.localdate())
    rows = [
        {
            "application": item,
            "fate": fates.get(item.id),
            "country": country_name(item.partner) if item.partner else "",
            "expected": selectors.next_of(item)[:1],
        }
        for item in page
    ]
    return render(request, "applications/list.html", {"page": page, "rows": rows})


@dataclass(frozen=True, slots=True)
class Side:
    """On whose behalf an application is started; on nobody's, who starts it is the worker."""

    words: str
    employer: Organisation | None = None
    worker: User | None = None


class StartForm(forms.Form):
    """For whom an application is started."""

    on_behalf = forms.ChoiceField(
        label="Whose request is it?",
        widget=forms.RadioSelect,
    )

    def __init__(self, user: User, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.sides = sides_of(user)
        on_behalf = choice_field(self, "on_behalf")
        on_behalf.choices = [(key, side.words) for key, side in self.sides.items()]
        if len(self.sides) == 1:
            on_behalf.initial = ME


def sides_of(user: User) -> dict[str, Side]:
    """Return for whom somebody may start an application, by the key that a form sends."""
    found = {ME: Side("Mine: I do the work")}
    own = Organisation.objects.filter(
        kind=OrganisationKind.EMPLOYER, memberships__user=user
    ).exclude(memberships__user=user, memberships__role=MemberRole.VIEWER)
    for organisation in own.order_by("name", "id"):
        words = f"My company's: {organisation.name} employs the worker"
        found[str(organisation.id)] = Side(words, employer=organisation)
    held = mandates_held(user, manage=True).select_related("worker", "employer")
    for mandate in held.order_by("employer__name", "worker__full_name", "id"):
        if mandate.employer is not None:
            words = f"A client's: {mandate.employer.name} employs the worker"
            found[str(mandate.employer_id)] = Side(words, employer=mandate.employer)
        elif mandate.worker is not None:
            words = f"A client's: {mandate.worker} does the work"
            found[str(mandate.worker_id)] = Side(words, worker=mandate.worker)
    return found


@act("application.start")
def start(request: SignedInRequest) -> HttpResponse:
    """Start an application: from the check, from an earlier one, or with nothing."""
    user = request.user
    begun = request.session.get(SESSION_KEY)
    follows = request.POST.get("follows") or request.GET.get("follows")
    earlier = find(request, identifier(follows)) if follows else None
    kind = request.POST.get("kind") or request.GET.get("kind") or Kind.CERTIFICATE
    form = StartForm(user, request.POST or None)
    if earlier is not None:
        del form.fields["on_behalf"]
    if request.method == "POST" and (earlier is not None or form.is_valid()):
        given: dict[str, Any] = {}
        if earlier is None:
            side = form.sides[form.cleaned_data["on_behalf"]]
            given = {"employer": side.employer, "worker": side.worker}
            if begun:
                given |= {"case": begun["case"], "work": begun.get("work", "work")}
        try:
            if kind not in Kind.values:
                raise InputError("kind", "is none", expected=", ".join(Kind.values))
            if earlier is None and not begun:
                empty = services.untouched(by=user, kind=kind, **given)
                if empty is not None:
                    messages.info(request, "You had begun this one. Nothing is filled in yet.")
                    return redirect("applications:detail", empty.id)
            made = services.start(by=user, kind=kind, follows=earlier, **given)
        except InputError as error:
            form.add_error(None, problem_in_words(error))
        else:
            request.session.pop(SESSION_KEY, None)
            return redirect("applications:detail", made.id)
    context = {
        "form": form,
        "begun": bool(begun) and earlier is None,
        "follows": earlier,
        "kind": kind,
        "kinds": [(value, label) for value, label in Kind.choices if value != Kind.CERTIFICATE],
    }
    return render(request, "applications/start.html", context)
